package nosql

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Words that do not all come are not read, none of them; those that come are, in any case.
func TestAcceptIsAllOrNothing(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text  string
		words []string
		rest  string // what is left if the words were read
	}{
		{"create Container x", []string{"CREATE", "CONTAINER"}, "x"},
		{"if -- so\n not exists", []string{"IF", "NOT", "EXISTS"}, ""},
		{"a.b", []string{"A", "."}, "b"},
		{"(;", []string{"("}, ";"},
		{"x", nil, "x"},
	} {
		p := NewParser(tt.text, SQL)
		require.True(t, p.Accept(tt.words...), tt.text)
		require.Equal(t, tt.rest, p.Rest())
	}
	for text, words := range map[string][]string{
		"CREATE CONTAINER":  {"CREATE", "DATABASE"},
		"CREATE":            {"CREATE", "CONTAINER"},
		"CREATED CONTAINER": {"CREATE"},
		"'CREATE'":          {"CREATE"},
		`"CREATE" x`:        {"CREATE"},
		"@CREATE":           {"CREATE"},
		"1":                 {"1"},
		"<=":                {"<"},
		"":                  {"CREATE"},
	} {
		p := NewParser(text, SQL)
		require.False(t, p.Accept(words...), text)
		require.Equal(t, text, p.Rest(), "nothing is read")
		require.Zero(t, p.EndOfLast())
		require.NoError(t, p.Err(), "and nothing is wrong yet")
		p.Expect(words...)
		require.Error(t, p.Err(), text)
	}
}

// Peek looks at the token behind the next one and reads none; at the end there is the end.
func TestPeek(t *testing.T) {
	t.Parallel()
	p := NewParser("a = 'b' -- c", SQL)
	for _, want := range []struct{ next, after string }{{"a", "="}, {"=", "'b'"}, {"'b'", ""}, {"", ""}, {"", ""}} {
		require.Equal(t, want.next, p.Text(p.Token()))
		require.Equal(t, want.after, p.Text(p.Peek()))
		require.Equal(t, want.next, p.Text(p.Token()), "peeking reads nothing")
		require.Equal(t, want.next, p.Text(p.Advance()))
	}
	require.NoError(t, p.Err())
	p.End()
	require.NoError(t, p.Err())
}

// After an error a parser stands at the end and stays there: whatever else is asked of it neither reads nor panics, and
// the first error is the one that it has.
func TestParserAfterAnError(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"(SELECT 1 FROM c) rest", "'open", "\xff x", ";", "c.a = 1"} {
		for _, d := range []Dialect{Cosmos, SQL} {
			p := NewParser(text, d)
			p.FailAt(Span{0, 1}, "The first.")
			end := p.EndOfLast()
			require.Equal(t, EOF, p.Token().Kind)
			for range 2 {
				p.Query()
				p.Expr()
				p.Identifier()
				p.Word()
				p.Raw(len(text))
				p.Expect("SELECT", "(")
				p.Fail()
				p.FailAt(Span{0, len(text)}, "Another.")
				require.False(t, p.Accept("SELECT"))
				require.False(t, p.Is("("))
				require.Equal(t, EOF, p.Peek().Kind)
				require.Equal(t, EOF, p.Advance().Kind)
			}
			p.End()
			require.EqualError(t, p.Err(), "The first. (SC1001, line 1, column 1)")
			require.Equal(t, end, p.EndOfLast())
			require.Empty(t, p.Rest())
		}
	}
}

// The end may have one semicolon in front of it, in the SQL dialect.
func TestEndOfText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][2]string{ // what Cosmos and SQL say, "" for nothing
		"":         {"", ""},
		" -- note": {"", ""},
		";":        {"invalid token ';'", ""},
		" ; -- ;":  {"invalid token ';'", ""},
		";;":       {"invalid token ';'", "invalid token ';'"},
		"; x":      {"invalid token ';'", "near 'x'"},
		"x;":       {"near 'x'", "near 'x'"},
		"\x00":     {"near '\x00'", "near '\x00'"},
	} {
		for d, want := range want {
			p := NewParser(text, Dialect(d))
			p.End()
			if want == "" {
				require.NoError(t, p.Err(), text)
				continue
			}
			require.ErrorContains(t, p.Err(), want, "%q", text)
		}
	}
}

// A condition of a patch is FROM with WHERE: aliases and joins as in a query, no other clause, and no words of SQL's.
func TestConditions(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"FROM c WHERE c.a = 1 -- note":                     "FROM c WHERE c.a = 1",
		"from root r where r['a b'] in (1) and r.x":        `FROM root AS r WHERE r["a b"] IN (1) AND r.x`,
		"FROM c JOIN t IN c.t WHERE t = @p":                "FROM c JOIN t IN c.t WHERE t = @p",
		"FROM c WHERE EXISTS(SELECT 1 FROM t IN c.t)":      "FROM c WHERE EXISTS(SELECT 1 FROM t IN c.t)",
		"FROM c WHERE (c.a BETWEEN 1 AND 2) OR NOT c.b ":   "FROM c WHERE (c.a BETWEEN 1 AND 2) OR NOT c.b",
		"FROM c WHERE IS_DEFINED(c.a) ? c.b : c.c ?? true": "FROM c WHERE IS_DEFINED(c.a) ? c.b : (c.c ?? true)",
	} {
		q, err := ParseCondition(text)
		require.NoError(t, err, text)
		require.Equal(t, want, Print(q))
		require.NoError(t, Resolve(q))
		again, err := ParseCondition(Print(q))
		require.NoError(t, err)
		require.Equal(t, shape(q), shape(again))
	}
	for text, near := range map[string]string{
		"":                                   "end-of-file",
		"WHERE c.a = 1":                      "'WHERE'",
		"FROM c":                             "end-of-file",
		"FROM c WHERE":                       "end-of-file",
		"FROM c WHERE c.a = 1 AND":           "end-of-file",
		"FROM c WHERE c.a GROUP BY c.a":      "'GROUP'",
		"FROM c WHERE c.a OFFSET 0 LIMIT 1":  "'OFFSET'",
		"FROM c WHERE c.a;":                  "';'",
		"FROM c WHERE c.a IS NULL":           "'IS'",
		"FROM c WHERE c.a = ?":               "'?'",
		"FROM c WHERE c.a, c.b":              "','",
		"SELECT VALUE c FROM c WHERE c.a":    "'SELECT'",
		"FROM c WHERE c.a WHERE c.b":         "'WHERE'",
		"FROM (SELECT 1 FROM c) WHERE c.a }": "'}'",
	} {
		_, err := ParseCondition(text)
		var e *Error
		require.ErrorAs(t, err, &e, text)
		require.True(t, IsSyntax(e.Code), text)
		require.Contains(t, e.Message, near, text)
	}
}
