package nosql

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// params is the parameters of x, each as its name, and its ordinal behind a # where it has one.
func params(x Node) string {
	var all []string
	Walk(x, func(n Node) bool {
		if p, ok := n.(*Param); ok {
			all = append(all, p.Name+strings.Repeat("#", p.Ordinal))
		}
		return true
	})
	return strings.Join(all, " ")
}

// A ? counts the ones before it; a number is its own count, and names the same parameter with any of the three marks.
func TestPlaceholders(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"[?, ?, ?]":                   "# ## ###",
		"[@1, $1, :1]":                "@p1# @p1# @p1#",
		"[$3, :2, @1]":                "@p3### @p2## @p1#",
		"[@p1, @name, @_2]":           "@p1 @name @_2",
		"[?, @name, ?]":               "# @name ##",
		"[$01, @002]":                 "@p1# @p2##",
		"? ? ? : ?":                   "# ## ###",
		"? ?? ? ?? ?":                 "# ## ###",
		"a ? ?:?":                     "# ##",
		"a ? :1 : :2":                 "@p1# @p2##",
		"a ?:1::2":                    "@p1# @p2##",
		"a ?? :1":                     "@p1#",
		"a BETWEEN ? AND ?":           "# ##",
		"a IN (?, $2) AND b LIKE ?":   "# @p2## ##",
		"{x: ?, 'y': :2, z: [@3]}":    "# @p2## @p3###",
		"f(?)[?].x":                   "# ##",
		"?.x":                         "#",
		"(SELECT TOP ? ? FROM t) + ?": "# ## ###",
		"'?' || \"$1\" || '@p'":       "",
	} {
		x, err := ParseExpr(text, SQL)
		require.NoError(t, err, text)
		require.Equal(t, want, params(x), text)
		if strings.ContainsAny(strings.NewReplacer(`'?'`, "", `"$1"`, "").Replace(text), "?$:") &&
			!strings.HasPrefix(text, "{") {
			_, err = ParseExpr(text, Cosmos)
			require.Error(t, err, "the service knows @name alone: %s", text)
		}
	}
	for text, want := range map[string]string{
		"@0":                   "Placeholders are numbered from 1.",
		":0":                   "Placeholders are numbered from 1.",
		"$00":                  "Placeholders are numbered from 1.",
		"@9999999999999999999": "Placeholders are numbered from 1.",
		"$ 1":                  "near '$'",
		": 1":                  "near ':'",
		"$x":                   "near '$'",
		"$1.5":                 "near '$'",
		"$0x1":                 "near '$'",
		":1a":                  "near ':'",
		"@ a":                  "near '@'",
		"@1a":                  "near '@1a'",
		"??":                   "near '??'",
	} {
		_, err := ParseExpr(text, SQL)
		require.ErrorContains(t, err, want, text)
	}
}

// A parameter stands for a value or a count. It is not a name, and the service's grammar has only named ones.
func TestPlacesOfParameters(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"SELECT TOP @n c[@i].a, @v AS v FROM c WHERE c.a IN (@a, @b) AND c.b LIKE @c " +
		"GROUP BY @g ORDER BY @o OFFSET @p LIMIT @q", "SELECT VALUE @v.a[@w]", "SELECT VALUE {a: @v}",
		"SELECT VALUE f(@v, udf.g(@w))"} {
		for _, d := range []Dialect{Cosmos, SQL} {
			q, err := Parse(text, d)
			require.NoError(t, err, text)
			require.Len(t, strings.Fields(params(q)), strings.Count(text, "@"))
		}
	}
	for _, text := range []string{"SELECT c.@a FROM c", "SELECT 1 AS @a", "SELECT * FROM @c", "SELECT * FROM c.@a",
		"SELECT * FROM c[@i]", "SELECT * FROM c AS @d", "SELECT * FROM @d IN c.d", "SELECT {@a: 1}", "SELECT @f(1)",
		"SELECT udf.@f(1)", "SELECT (LET @x = 1 IN 2)", "SELECT 'a' LIKE 'b' ESCAPE @e", "SELECT @@a",
		"SELECT TOP @n + 1 * FROM c", "SELECT * FROM c OFFSET -@n LIMIT 1"} {
		for _, d := range []Dialect{Cosmos, SQL} {
			_, err := Parse(text, d)
			require.ErrorContains(t, err, "Syntax error", text)
		}
	}
}
