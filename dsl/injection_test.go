package dsl

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/nosql"
)

// hostile returns n strings made of what could change the meaning of a statement.
func hostile(n int) []string {
	parts := []string{
		`"`, `'`, `\`, `\"`, "`", `]`, `[`, `)`, `(`, `}`, `{`, `;`, `--`, `/*`, `*/`, `?`, `??`, `:`, `@p1`, `@p2`,
		`$1`, `:1`, ` OR true `, ` AND false `, `c.x`, `SELECT * FROM c`, ` AS x`, `,`, `.`, "\x00", "\n", "\t",
		"\u2028", "é", "日本", "🙂", "\xff", `{documentdb-formattableorderbyquery-filter}`, `null`, `undefined`, `VALUE`,
		`a`, ` `, `=`, `1`,
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	out := append([]string{""}, parts...)
	for len(out) < n {
		var b strings.Builder
		for range 1 + rnd.IntN(6) {
			b.WriteString(parts[rnd.IntN(len(parts))])
		}
		out = append(out, b.String())
	}
	return out
}

// A thousand strings as values, keys and names: the statement's tree stays what it was, and what was put in comes out.
func TestHostileStringsStayData(t *testing.T) {
	t.Parallel()
	for _, s := range hostile(1000) {
		path := Path("c", s)
		text, args, err := SelectValue(Object{s: path}).
			From("c").
			Where(Eq{path: s}).
			Where(StartsWith(path, s)).
			Where(Exists(Select("*").From("t IN c.tags").Where(NotEq{"t": s}))).
			OrderBy(path + " DESC").
			ToSql()
		require.NoError(t, err, "%q", s)
		require.Equal(t, []any{s, s, s}, args)

		q, err := nosql.Parse(text, nosql.Cosmos)
		require.NoError(t, err, "%q", s)
		utf8 := string([]rune(s)) // JSON, and so the service, knows no other bytes
		object := q.Select.Items[0].X.(*nosql.Object)
		require.Len(t, object.Fields, 1)
		require.Equal(t, utf8, object.Fields[0].Name)
		require.Equal(t, utf8, object.Fields[0].Value.(*nosql.Member).Name)
		require.Equal(t, utf8, q.OrderBy[0].X.(*nosql.Member).Name)
		require.Equal(t,
			`((c["p q"] = @p1 AND STARTSWITH(c["p q"], @p2)) AND EXISTS(SELECT * FROM t IN c.tags WHERE t != @p3))`,
			shapeOf(q.Where), "%q", s)
	}
}

// shapeOf prints a condition with every member of c renamed "p q".
func shapeOf(x nosql.Expr) string {
	nosql.Walk(x, func(n nosql.Node) bool {
		if m, ok := n.(*nosql.Member); ok {
			if root, ok := m.X.(*nosql.Ident); ok && root.Name == "c" && m.Name != "tags" {
				m.Name = "p q"
			}
		}
		return true
	})
	if b, ok := x.(*nosql.Binary); ok && b.Op == "AND" {
		return fmt.Sprintf("(%s AND %s)", shapeOf(b.L), shapeOf(b.R))
	}
	return nosql.Print(x)
}

// Names that a statement takes as text are refused, or are nothing but the name.
func TestHostileNamesAreNamesOrErrors(t *testing.T) {
	t.Parallel()
	for _, s := range hostile(1000) {
		text, _, err := Select("*").From(s).Where("true").ToSql()
		if err == nil {
			q, err := nosql.Parse(text, nosql.SQL)
			require.NoError(t, err, "%q", s)
			require.Len(t, q.From, 1, "%q", s)
			require.Equal(t, "true", nosql.Print(q.Where), "%q", s)
		}
		text, _, err = Select().Column(As("c.a", s)).From("c").ToSql()
		if err == nil {
			require.Equal(t, "SELECT c.a AS "+s+" FROM c", text)
		}
		text, _, err = Select().Column(Call(s, "c.a")).From("c").ToSql()
		if err == nil {
			require.Regexp(t, `^SELECT (udf\.)?\w+\(c\.a\) FROM c$`, text)
		}
	}
}
