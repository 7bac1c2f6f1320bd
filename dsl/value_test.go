package dsl

import (
	"database/sql"
	"encoding/json"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// digest is bytes under a name of its own, as hashes and keys of other packages are.
type digest []byte

// codes is a list that is one text by its pointer alone.
type codes []string

func (c *codes) MarshalText() ([]byte, error) { return json.Marshal([]string(*c)) }

// circle is a pointer that may lead to itself.
type circle *circle

// What a value of Eq is: nothing, one value or a list of them, whatever pointers and wrappers it comes in.
func TestValuesOfConditions(t *testing.T) {
	t.Parallel()
	const nothing, one, two = "NOT IS_DEFINED(c.a) OR IS_NULL(c.a)", "c.a = @p1", "c.a IN (@p1, @p2)"
	text, empty := "x", any(nil)
	pointer := &text
	list, address, when := codes{"x", "y"}, net.IPv4(10, 0, 0, 1), time.Unix(0, 0)
	var never *time.Time
	for _, tt := range []struct {
		name  string
		value any
		want  string
		args  []any
	}{
		{"a pointer to a pointer", &pointer, one, []any{"x"}},
		{"a pointer to a pointer that is nil", &never, nothing, nil},
		{"a pointer to an empty interface", &empty, nothing, nil},
		{"a pointer to a list", &[]int{1, 2}, two, []any{1, 2}},
		{"a time", when, one, []any{when}},
		{"a pointer to a time", &when, one, []any{&when}},
		{"no time", sql.NullTime{}, nothing, nil},
		{"bytes under another name", digest(`"ab"`), one, []any{digest(`"ab"`)}},
		{"an address, which is bytes that write themselves", address, one, []any{address}},
		{"a pointer to an address", &address, one, []any{&address}},
		{"a list that is a text by its pointer", &list, one, []any{&list}},
		{"a list that is a text by its pointer alone", list, two, []any{"x", "y"}},
		{"a number or null", sql.Null[int]{V: 7, Valid: true}, one, []any{7}},
		{"null in place of a number", sql.Null[int]{V: 7}, nothing, nil},
		{"a list or null", sql.Null[[]int]{V: []int{1, 2}, Valid: true}, two, []any{1, 2}},
		{"null in place of a list", &sql.Null[[]int]{}, nothing, nil},
		{"an object or null", sql.Null[Point]{V: Point{1, 2}, Valid: true}, one, []any{Point{1, 2}}},
		{"a pointer or null", sql.Null[*string]{V: pointer, Valid: true}, one, []any{"x"}},
		{"a list of what may be null", []sql.NullString{{String: "x", Valid: true}, {}}, two,
			[]any{sql.NullString{String: "x", Valid: true}, sql.NullString{}}},
		{"a list of expressions", []any{Expr("c.b + ?", 1), Value(2)}, "c.a IN (c.b + @p1, @p2)", []any{1, 2}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text, args, err := SelectValue("c").From("c").Where(Eq{"c.a": tt.value}).ToSql()
			require.NoError(t, err)
			require.Equal(t, "SELECT VALUE c FROM c WHERE "+tt.want, text)
			require.Equal(t, tt.args, args)
		})
	}
}

// A value that cannot be found is an error that names the key, and no endless search.
func TestValuesInACircle(t *testing.T) {
	t.Parallel()
	var round circle
	round = &round
	_, _, err := SelectValue("c").From("c").Where(And{Eq{"c.b": 1}, NotEq{"c.a": round}}).ToSql()
	require.EqualError(t, err, `cosmos: dsl: value of "c.a": its pointers go in a circle`)
}

// A list stands only behind = and !=, whatever wraps it.
func TestListsCompareByEquality(t *testing.T) {
	t.Parallel()
	for _, value := range []any{[]int{1}, &[]int{1}, [1]int{1}, sql.Null[[]int]{V: []int{1}, Valid: true}} {
		for _, cond := range []Sqlizer{
			Lt{"c.a": value}, LtOrEq{"c.a": value}, Gt{"c.a": value}, GtOrEq{"c.a": value}, Like{"c.a": value},
			NotLike{"c.a": value},
		} {
			_, _, err := SelectValue("c").From("c").Where(cond).ToSql()
			require.ErrorContains(t, err, "only = and != take nil or a list", "%T of %T", cond, value)
		}
	}
	for _, cond := range []Sqlizer{Lt{"c.a": digest("1")}, Like{"c.a": json.RawMessage(`"x%"`)}} {
		_, args, err := SelectValue("c").From("c").Where(cond).ToSql()
		require.NoError(t, err, "bytes are one value")
		require.Len(t, args, 1)
	}
}
