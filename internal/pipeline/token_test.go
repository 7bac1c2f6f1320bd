package pipeline

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/queryplan"
	"github.com/cosmossql/cosmossql/internal/value"
)

func TestTokenRoundTrip(t *testing.T) {
	t.Parallel()
	left := int64(7)
	in := &token{Query: "q", Skip: &left, Takes: []int64{3, 4}, Last: []byte{1, 2}}
	in.addRange(&cursor{min: "1F", max: "FF"}, `{"token":"-RID:~a==#RT:1","range":{"min":"","max":"FF"}}`, 3)
	in.addRange(&cursor{min: "", max: "1F"}, "", 0)
	in.sort()
	object, err := value.Parse([]byte(`{"b":1,"a":[2]}`))
	require.NoError(t, err)
	in.addPosition(
		&position{keys: []value.Value{value.Undefined, value.Null, value.Float(1.5), value.String("é"), object},
			rid: []byte("DPZt"), min: "1F", max: "FF"}, 2)
	text, err := in.encode()
	require.NoError(t, err)
	for _, c := range []byte(text) {
		require.True(t, c > ' ' && c < 0x7F, "%q", text)
	}
	out, err := decode(text, "q")
	require.NoError(t, err)
	require.Equal(t, in, out)
	require.Equal(t, []savedRange{{"", "1F", nil, "", 0},
		{"1F", "FF", nil, `{"token":"-RID:~a==#RT:1","range":{"min":"","max":"FF"}}`, 3}}, out.Ranges)
	positions, err := out.positions()
	require.NoError(t, err)
	require.Len(t, positions[0].keys, 5)
	require.False(t, positions[0].keys[0].IsDefined())
	require.True(t, value.Equal(object, positions[0].keys[4]))
	require.Equal(t, 2, positions[0].left)
}

func TestBadTokens(t *testing.T) {
	t.Parallel()
	f := newFake(3, numbered(50, 50)).planned(sortedPlan(false))
	o := Options{Query: "SELECT a", Access: planned, PageSize: 5, Identity: "rid params"}
	rows := Open(f, o)
	batch, err := rows.Next(t.Context())
	require.NoError(t, err)
	require.NoError(t, rows.Close())
	good := batch.Continuation
	require.NotEmpty(t, good)

	change := func(to func(*Options)) Options {
		changed := o
		to(&changed)
		return changed
	}
	emptied, err := (&token{Query: fingerprint(o)}).encode()
	require.NoError(t, err)
	badKey := &token{Query: fingerprint(o),
		Order: []savedPosition{{Keys: [][]json.RawMessage{{json.RawMessage("1e400")}}}}}
	badKey.addRange(&cursor{max: "FF"}, "", 0)
	forged, err := badKey.encode()
	require.NoError(t, err)
	for _, tt := range []struct {
		name, token, want string
		options           Options
	}{
		{"the service's own", "-RID:~DPZtAKyOj5gKAAAAAAAAAA==#RT:1#TRC:10", "not made by this version", o},
		{"another version", "c2." + good[3:], "not made by this version", o},
		{"cut off", good[:len(good)-3], "damaged", o},
		{"nothing in it", "c1.", "damaged", o},
		{"not base64", "c1.%%%", "damaged", o},
		{"one letter changed", good[:20] + flip(good[20]) + good[21:], "damaged", o},
		{"no ranges", emptied, "damaged", o},
		{"a sort key that no value is", forged, "a sort key that is not JSON", o},
		{"random", "c1." + base64.RawURLEncoding.EncodeToString([]byte("hello, world")), "damaged", o},
		{"another text", good, "belongs to another query", change(func(o *Options) { o.Query = "SELECT b" })},
		{"other parameters", good, "belongs to another query", change(func(o *Options) { o.Identity = "rid others" })},
		{"another access path", good, "belongs to another query", change(func(o *Options) { o.Access = fanOut })},
		{"another feed range", good, "belongs to another query",
			change(func(o *Options) { o.Access.Feed = &queryplan.Range{Max: "1F"} })},
		{"another key", good, "belongs to another query",
			change(func(o *Options) { o.Access.Key = partition.Key{partition.Null} })},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.options.Continuation = tt.token
			rows := Open(f, tt.options)
			defer rows.Close()
			_, err := rows.Next(t.Context())
			require.ErrorIs(t, err, ErrContinuation)
			require.ErrorContains(t, err, tt.want)
		})
	}
}

func flip(c byte) string {
	if c == 'A' {
		return "B"
	}
	return "A"
}

func TestQueriesThatCannotResume(t *testing.T) {
	t.Parallel()
	count := "Count"
	for name, plan := range map[string]*queryplan.Plan{
		"distinct":  {Info: &queryplan.Info{DistinctType: queryplan.DistinctUnordered}},
		"groups":    {Info: &queryplan.Info{GroupByExpressions: []string{"c.g"}}},
		"aggregate": {Info: &queryplan.Info{AliasToAggregate: map[string]*string{"n": &count}}},
		"vector":    {Info: &queryplan.Info{OrderBy: []string{queryplan.Ascending}, NonStreamingOrderBy: true}},
		"hybrid":    {Hybrid: &queryplan.Hybrid{}},
	} {
		plan.Version, plan.Ranges = 2, queryplan.FullRange()
		f := newFake(1, nil).planned(plan)
		o := Options{Access: planned}
		forged := &token{Query: fingerprint(o)}
		forged.addRange(&cursor{max: "FF"}, "", 0)
		var err error
		o.Continuation, err = forged.encode()
		require.NoError(t, err)
		rows := Open(f, o)
		_, err = rows.Next(t.Context())
		require.ErrorIs(t, err, ErrContinuation, name)
		require.ErrorContains(t, err, "cannot be resumed", name)
		require.NoError(t, rows.Close())
	}
}

// TestResumable: a query that has rows left and no token says what to write; one that has one, or nothing left, does
// not.
func TestResumable(t *testing.T) {
	t.Parallel()
	distinct := &queryplan.Plan{Version: 2, Info: &queryplan.Info{DistinctType: queryplan.DistinctUnordered},
		Ranges: queryplan.FullRange()}
	for _, tt := range []struct {
		name string
		plan *queryplan.Plan
		size int
		want string
	}{
		{"sorted", sortedPlan(false), 5, ""},
		{"distinct", distinct, 5, "SELECT DISTINCT VALUE c.name FROM c ORDER BY c.name"},
		{"the last page of one", distinct, 0, ""},
	} {
		f := newFake(1, numbered(20, 20)).planned(tt.plan)
		rows := Open(f, Options{Access: planned, PageSize: tt.size})
		require.NoError(t, rows.Resumable(), "nothing has been handed out")
		require.True(t, rows.More())
		_, err := rows.Next(t.Context())
		require.NoError(t, err)
		if tt.want == "" {
			require.NoError(t, rows.Resumable(), tt.name)
		} else {
			require.ErrorIs(t, rows.Resumable(), ErrContinuation, tt.name)
			require.ErrorContains(t, rows.Resumable(), tt.want, tt.name)
		}
		require.NoError(t, rows.Close())
		require.False(t, rows.More())
		require.NoError(t, rows.Resumable(), "closed")
	}
}

func FuzzDecode(f *testing.F) {
	good := &token{Query: "q", Order: []savedPosition{{RID: "r"}}}
	good.addRange(&cursor{max: "FF"}, "x", 0)
	text, err := good.encode()
	require.NoError(f, err)
	f.Add(text)
	f.Add("c1.")
	f.Add(strings.Repeat("c1.A", 10))
	f.Fuzz(func(t *testing.T, text string) {
		if decoded, err := decode(text, "q"); err == nil {
			again, err := decoded.encode()
			require.NoError(t, err)
			_, err = decode(again, "q")
			require.NoError(t, err)
		}
	})
}
