package option

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

func size(n int) func(*Set)       { return func(s *Set) { s.PageSize = n } }
func into(c string) func(*Set)    { return func(s *Set) { s.Container = c } }
func broken(err error) func(*Set) { return func(s *Set) { s.Fail(err) } }

func TestResolveOrder(t *testing.T) {
	t.Parallel()
	ctx := With(t.Context(), []func(*Set){size(2), into("context"), nil})
	var none []func(*Set)
	for _, tt := range []struct {
		name           string
		ctx            context.Context
		defaults, args []func(*Set)
		size           int
		container      string
	}{
		{"nothing", t.Context(), none, none, 0, ""},
		{"defaults", t.Context(), []func(*Set){size(1), into("default")}, none, 1, "default"},
		{"context over defaults", ctx, []func(*Set){size(1), into("default")}, none, 2, "context"},
		{"arguments over all", ctx, []func(*Set){size(1)}, []func(*Set){nil, size(3)}, 3, "context"},
		{"the last argument wins", ctx, none, []func(*Set){size(3), size(4)}, 4, "context"},
		{"zero is a value too", ctx, none, []func(*Set){size(0)}, 0, "context"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := Resolve(tt.ctx, tt.defaults, tt.args)
			require.Equal(t, tt.size, s.PageSize)
			require.Equal(t, tt.container, s.Container)
			require.NoError(t, s.Err)
		})
	}
}

func TestContextsStack(t *testing.T) {
	t.Parallel()
	outer := With(t.Context(), []func(*Set){size(1), into("a")})
	inner := With(outer, []func(*Set){size(2)})
	sibling := With(outer, []func(*Set){into("b")})
	var none []func(*Set)
	require.Equal(t, 2, Resolve(inner, none, none).PageSize)
	require.Equal(t, "a", Resolve(inner, none, none).Container)
	require.Equal(t, 1, Resolve(sibling, none, none).PageSize, "siblings do not see each other")
	require.Equal(t, "b", Resolve(sibling, none, none).Container)
	require.Equal(t, 1, Resolve(outer, none, none).PageSize)
}

func TestFirstFailureStays(t *testing.T) {
	t.Parallel()
	first, second := errors.New("first"), errors.New("second")
	s := Resolve(t.Context(), []func(*Set){broken(first)}, []func(*Set){broken(second)})
	require.Equal(t, first, s.Err)
}
