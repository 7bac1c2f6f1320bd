package option

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestUnguardedDefaults: of what a connection carries everything stays but what guards or narrows; the partition key
// stays, too, for a statement's own key goes before it.
func TestUnguardedDefaults(t *testing.T) {
	t.Parallel()
	ctx := WithDefaults(t.Context(), []Option{size(5), in("a"), New(IfNoneMatch, "e")})
	s := resolve(t, Unguarded(ctx, nil), ReadItem, nil, nil)
	require.Empty(t, s.IfNoneMatch, "a guard")
	s = resolve(t, Unguarded(ctx, []Option{into("c"), in("b")}), Select, nil, nil)
	require.Equal(t, 5, s.PageSize)
	require.Equal(t, "c", s.Container)
	require.Equal(t, in("a").value, s.PartitionKey, "the default, not the argument's")
	require.True(t, s.DefaultKey)
	require.Equal(t, "e", resolve(t, ctx, ReadItem, nil, nil).IfNoneMatch, "the context itself is as it was")
}

// TestNoConditionIsNone: an If-None-Match of no ETag asks for nothing, wherever it stands; one with an ETag is carried
// out or refused.
func TestNoConditionIsNone(t *testing.T) {
	t.Parallel()
	empty, etag := New(IfNoneMatch, ""), New(IfNoneMatch, "e")
	require.Empty(t, resolve(t, t.Context(), ReadItem, nil, []Option{empty}).IfNoneMatch)
	require.Equal(t, "e", resolve(t, t.Context(), ReadItem, nil, []Option{etag}).IfNoneMatch)
	for _, op := range []*Operation{ReadMany, PatchMany, TransactionalBatch} {
		_, err := Resolve(t.Context(), op, nil, []Option{empty})
		require.NoError(t, err, "it is no condition")
		_, err = Resolve(With(t.Context(), []Option{empty}), op, nil, nil)
		require.NoError(t, err)
		_, err = Resolve(t.Context(), op, nil, []Option{etag})
		require.ErrorContains(t, err, "IfNoneMatch")
		_, err = Resolve(With(t.Context(), []Option{etag}), op, nil, nil)
		require.ErrorContains(t, err, "IfNoneMatch", "a guard is not dropped")
	}
}
