package dsl

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/nosql"
)

// FuzzText puts any text wherever text goes: it is refused, or the query is one that the service's grammar has, with a
// parameter for each argument and nothing of the text outside its place.
func FuzzText(f *testing.F) {
	for _, text := range []string{
		"c.a", "c.a AS x", "c.a = ?", "t IN c.tags", "c.a DESC", "c.a ?? 'x?'", "c.order", `c["a b"]`, "true) OR (true",
		"COUNT(*)", "c.a IS NULL", "? BETWEEN ? AND ?", "x -- y", "EXISTS(SELECT * FROM t IN c.ts WHERE t = ?)",
		"{a: ?}", "c.a ? ? : ?",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		base := Select("c.id").From("c").Where("c.first = ?", 1).OrderBy("c.last")
		for _, b := range []SelectBuilder{
			base.Columns(text), base.From(text), base.Join(text), base.Where(text), base.GroupBy(text),
			base.OrderBy(text), base.Where(text, 2), base.Where(Eq{text: 2}), base.Where(StartsWith(text, 2)),
			base.Column(As(text, "x")),
		} {
			out, args, err := b.ToSql()
			if err != nil {
				continue
			}
			q, err := nosql.Parse(out, nosql.SQL)
			require.NoError(t, err, out)
			require.Len(t, positionals(q), len(args), out)
			require.NotEmpty(t, q.From, out)
			require.NotNil(t, q.Where, out)
			require.Equal(t, "c.last", nosql.Print(q.OrderBy[0].X), out)
			require.Nil(t, q.Limit, out)
			require.Nil(t, q.Top, out)
		}
	})
}
