package nosql

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Names of databases and containers are words of a wider kind than the grammar's.
func TestWord(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, word, rest string }{
		{"plain", "orders o", "orders", "o"},
		{"dashes", "my-orders-2 o", "my-orders-2", "o"},
		{"a dash in front", "-x", "-x", ""},
		{"digits first", "2024-orders", "2024-orders", ""},
		{"reserved", "order.value", "order", ".value"},
		{"quoted", `"my orders".x`, "my orders", ".x"},
		{"up to a comment", "orders--all\n o", "orders", "o"},
		{"up to a dot", "shop.orders", "shop", ".orders"},
		{"up to a parenthesis", "orders(id)", "orders", "(id)"},
		{"after white space", " \t\norders", "orders", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := NewParser(c.text, SQL)
			require.Equal(t, c.word, p.Word())
			require.Equal(t, c.rest, p.Rest())
			require.NoError(t, p.Err())
		})
	}
	for text, message := range map[string]string{
		"":       "unexpected end-of-file",
		"(x)":    "incorrect syntax near '('",
		"'x'":    "incorrect syntax near ''x''",
		`""`:     "A name is not empty.",
		"--x":    "unexpected end-of-file",
		"\u00e4": "incorrect syntax near '\u00e4'",
	} {
		p := NewParser(text, SQL)
		require.Empty(t, p.Word(), text)
		require.ErrorContains(t, p.Err(), message, text)
		require.Empty(t, p.Rest(), "nothing is read after an error")
	}
	p := NewParser(`"x"`, Cosmos)
	require.Empty(t, p.Word(), "the service's grammar has no quoted names")
}

func TestRaw(t *testing.T) {
	t.Parallel()
	p := NewParser("ru=/a/b;c next", SQL)
	require.True(t, p.Accept("RU", "="))
	require.Equal(t, "/a/b;c", p.Raw(len("ru=/a/b;c")))
	require.Equal(t, "next", p.Rest())
	require.Equal(t, len("ru=/a/b;c"), p.EndOfLast())
	require.Empty(t, p.Raw(3), "an end that is behind")
	require.ErrorContains(t, p.Err(), "incorrect syntax near 'next'")
}

// A reserved word is a name after a dot, in quotes, and in front of the colon of an object; printing keeps it one.
func TestReservedWordsAsNames(t *testing.T) {
	t.Parallel()
	for _, group := range words {
		for _, w := range group {
			for _, name := range []string{w.text, strings.ToLower(w.text)} {
				q, err := Parse("SELECT c."+name+", c.x."+name+".y FROM c WHERE c."+name+" = 1 ORDER BY c."+name, SQL)
				require.NoError(t, err, name)
				require.NoError(t, Resolve(q))
				quoted := `["` + name + `"]`
				require.Equal(t, "SELECT c"+quoted+", c.x"+quoted+".y FROM c WHERE c"+quoted+" = 1 ORDER BY c"+quoted,
					Print(q))

				_, err = Parse(Print(q), Cosmos)
				require.NoError(t, err, "what is printed is the service's")
				q, err = Parse("SELECT VALUE {"+name+": 1}", SQL)
				require.NoError(t, err, name)
				require.Equal(t, `SELECT VALUE {"`+name+`": 1}`, Print(q))
				_, err = Parse("SELECT c."+name+" FROM c", Cosmos)
				require.Error(t, err, "which has no reserved words after a dot")
				_, err = Parse("SELECT 1 AS "+name+" FROM c", Cosmos)
				require.Error(t, err, "an alias of that name takes quotes")
				q, err = Parse("SELECT 1 AS "+name+" FROM c", SQL)
				require.NoError(t, err, name)
				require.Equal(t, `SELECT 1 AS "`+name+`" FROM c`, Print(q))
				_, err = Parse(`SELECT 1 AS "`+name+`" FROM c`, SQL)
				require.NoError(t, err)
			}
		}
	}
}

// Columns of other databases have names that are reserved here. SQL takes them where the word can mean nothing else.
func TestReservedWordsAsColumns(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"SELECT value FROM t":                               `SELECT "value" FROM t`,
		"SELECT value, top, order FROM t":                   `SELECT "value", "top", "order" FROM t`,
		"SELECT DISTINCT value v FROM t":                    `SELECT DISTINCT VALUE v FROM t`,
		"SELECT value AS v, value * 2 AS w FROM t":          `SELECT "value" AS v, "value" * 2 AS w FROM t`,
		"SELECT id FROM t WHERE order = 3":                  `SELECT id FROM t WHERE "order" = 3`,
		"SELECT id FROM t WHERE 1 < value AND group IN (1)": `SELECT id FROM t WHERE 1 < "value" AND "group" IN (1)`,
		"SELECT id, from FROM t WHERE from = 'x'":           `SELECT id, "from" FROM t WHERE "from" = "x"`,
		"SELECT limit, offset FROM t ORDER BY desc DESC, order": `SELECT "limit", "offset" FROM t ` +
			`ORDER BY "desc" DESC, "order"`,
		"SELECT group, COUNT(1) FROM t GROUP BY group": `SELECT "group", COUNT(1) FROM t GROUP BY "group"`,
		"SELECT value":                         `SELECT "value"`,
		"SELECT id AS limit":                   `SELECT id AS "limit"`,
		"SELECT id FROM t WHERE limit = ?":     `SELECT id FROM t WHERE "limit" = ?`,
		"SELECT id FROM t WHERE a = offset":    `SELECT id FROM t WHERE a = "offset"`,
		"SELECT id FROM t WHERE a LIMIT ?":     `SELECT id FROM t WHERE a OFFSET 0 LIMIT ?`,
		"SELECT id FROM t WHERE a LIMIT $1":    `SELECT id FROM t WHERE a OFFSET 0 LIMIT @p1`,
		"SELECT id FROM t WHERE a LIMIT :1":    `SELECT id FROM t WHERE a OFFSET 0 LIMIT @p1`,
		"SELECT id FROM t WHERE a LIMIT @n":    `SELECT id FROM t WHERE a OFFSET 0 LIMIT @n`,
		"SELECT id FROM t LIMIT 5 OFFSET 1.5":  "",
		"SELECT id FROM t LIMIT 1e3":           "",
		"SELECT left, right FROM t":            `SELECT "left", "right" FROM t`,
		"SELECT LEFT(left, 1) FROM t":          `SELECT LEFT("left", 1) FROM t`,
		"SELECT id FROM t ORDER BY order":      `SELECT id FROM t ORDER BY "order"`,
		"SELECT id FROM t ORDER BY by, escape": `SELECT id FROM t ORDER BY "by", "escape"`,
		"SELECT VALUE -1":                      `SELECT VALUE -1`,
		"SELECT VALUE (1)":                     `SELECT VALUE 1`,
		"SELECT VALUE [1]":                     `SELECT VALUE [1]`,
		"SELECT VALUE value FROM t":            `SELECT VALUE "value" FROM t`,
		"SELECT TOP 5 id FROM t":               `SELECT TOP 5 id FROM t`,
		"SELECT FROM t":                        "",
		"SELECT id, FROM t":                    "",
		"SELECT id FROM t WHERE ORDER BY id":   "",
		"SELECT id AS FROM t":                  "",
		"SELECT id FROM t WHERE LIMIT 5":       "",
		"SELECT id FROM t WHERE a = AND b = 1": "",
	} {
		q, err := Parse(text, SQL)
		if want == "" {
			require.Error(t, err, text)
			continue
		}
		require.NoError(t, err, text)
		require.Equal(t, want, Print(q), text)
	}
}

// Rows are compared value by value, which is how gorm names documents by id and key.
func TestRows(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"(a, b) = (1, 2)":                            "a = 1 AND b = 2",
		"(c.a, b) IN ((1, 2))":                       "c.a = 1 AND b = 2",
		"x = 1 OR (a, b) IN ((1, 2), (?, 4))":        "x = 1 OR (a = 1 AND b = 2 OR a = ? AND b = 4)",
		"x AND (a, b) NOT IN ((1, 2), (3, 4)) AND y": "x AND NOT (a = 1 AND b = 2 OR a = 3 AND b = 4) AND y",
		"(a, b, c) = ('x', \"y\", [1])":              `a = "x" AND b = "y" AND c = [1]`,
	} {
		x, err := ParseExpr(text, SQL)
		require.NoError(t, err, text)
		printed := Print(x)
		want, err := ParseExpr(want, SQL)
		require.NoError(t, err)
		require.Equal(t, Print(want), printed)
		_, err = ParseExpr(text, Cosmos)
		require.Error(t, err, "it is SQL's")
	}
	for text, message := range map[string]string{
		"(a, b)":                "near ','",
		"(a, b) < (1, 2)":       "near ','",
		"(a, b) = 1":            "near '1'",
		"(a, b) IN (1, 2)":      "near '1'",
		"(a, b) IN ((1, 2, 3))": "The row has 3 values, not the 2 that it is compared with.",
		"(a, b) IN ()":          "near ')'",
		"(a, b) IN ((1, 2)":     "unexpected end-of-file",
		"(a, b":                 "unexpected end-of-file",
	} {
		_, err := ParseExpr(text, SQL)
		require.ErrorContains(t, err, message, text)
	}
}
