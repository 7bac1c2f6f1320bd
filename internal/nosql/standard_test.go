package nosql

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseSQL(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, in, out string
		alsoCosmos    bool // the strict dialect reads it too, some of them as something else
	}{
		{
			name: "is null",
			in:   "SELECT * FROM c WHERE c.a IS NULL OR c.b is not null",
			out: "SELECT * FROM c WHERE (NOT IS_DEFINED(c.a) OR IS_NULL(c.a)) OR (IS_DEFINED(c.b) " +
				"AND NOT IS_NULL(c.b))",
		},
		{
			name:       "an alias called is",
			in:         "SELECT c.a is FROM c",
			out:        "SELECT c.a AS is FROM c",
			alsoCosmos: true,
		},
		{
			name: "count star",
			in:   "SELECT COUNT(*), count(*) FROM c",
			out:  "SELECT COUNT(1), count(1) FROM c",
		},
		{
			name: "limit",
			in:   "SELECT * FROM c LIMIT 5",
			out:  "SELECT * FROM c OFFSET 0 LIMIT 5",
		},
		{
			name: "limit offset",
			in:   "SELECT * FROM c LIMIT 5 OFFSET ?;",
			out:  "SELECT * FROM c OFFSET ? LIMIT 5",
		},
		{
			name: "marks and conditionals",
			in:   "SELECT VALUE ? ? ? : c.a ?? ? FROM c",
			out:  "SELECT VALUE ? ? ? : (c.a ?? ?) FROM c",
		},
		{
			name: "numbered",
			in:   "SELECT VALUE [@1, $2, :3, @p4] FROM c",
			out:  "SELECT VALUE [@p1, @p2, @p3, @p4] FROM c",
		},
		{
			name: "a colon of a conditional",
			in:   "SELECT VALUE c.a ?:1::2 FROM c",
			out:  "SELECT VALUE c.a ? @p1 : @p2 FROM c",
		},
		{
			name: "quoted names",
			in:   `SELECT "o"."a b", o.x AS "y" FROM "my-orders" "o"`,
			out:  `SELECT "o"["a b"], o.x AS y FROM "my-orders" AS o`,
		},
		{
			name:       "a quoted word alone is a string",
			in:         `SELECT * FROM c WHERE c.a = "b"`,
			alsoCosmos: true,
		},
		{
			name: "doubled quotes",
			in:   `SELECT VALUE ['it''s', "say ""hi""", '''', '']`,
			out:  `SELECT VALUE ["it's", "say \"hi\"", "'", ""]`,
		},
		{
			name: "reserved words after a dot",
			in:   "SELECT c.order, c.value.group FROM c.join AS c",
			out:  `SELECT c["order"], c["value"]["group"] FROM c["join"] AS c`,
		},
		{
			name: "left and right",
			in:   "SELECT c.left, c.right.a, LEFT(c.a, 1) AS left FROM c",
			out:  `SELECT c["left"], c["right"].a, LEFT(c.a, 1) AS "left" FROM c`,
		},
		{
			name:       "literal words",
			in:         "SELECT VALUE [TRUE, False, Null, Null()]",
			out:        "SELECT VALUE [true, false, null, Null()]",
			alsoCosmos: true,
		},
		{
			name:       "not binds loosely",
			in:         "SELECT VALUE NOT c.a = 1 AND NOT NOT c.b IN (1) FROM c",
			out:        "SELECT VALUE NOT (c.a = 1) AND NOT (NOT (c.b IN (1))) FROM c",
			alsoCosmos: true,
		},
		{
			name:       "concat binds tightly",
			in:         "SELECT VALUE 'a' || 'b' = 'c'",
			out:        `SELECT VALUE ("a" || "b") = "c"`,
			alsoCosmos: true,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			q, err := Parse(c.in, SQL)
			require.NoError(t, err)
			want := c.out
			if want == "" {
				want = c.in
			}
			require.Equal(t, want, Print(q))
			_, err = Parse(c.in, Cosmos)
			require.Equal(t, c.alsoCosmos, err == nil, "the strict dialect: %v", err)
		})
	}
}

// What only the SQL dialect reads has errors of its own.
func TestErrorsOfStandardSQL(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"SELECT * FROM c WHERE c.a = $0": "Placeholders are numbered from 1. (SC1001, line 1," +
			" column 29)",
		"SELECT * FROM c WHERE c.a = :99999999999999999999": "Placeholders are numbered from 1. (SC1001, line 1," +
			" column 29)",
		`SELECT c.a AS "" FROM c`: "A name is not empty. (SC1001, line 1, column 15)",
		"SELECT c.a AS '' FROM c": "A name is not empty. (SC1001, line 1, column 15)",
	} {
		_, err := Parse(text, SQL)
		require.EqualError(t, err, want, text)
	}
	p := NewParser("INSERT c", SQL)
	p.Expect("INSERT", "INTO")
	require.ErrorContains(t, p.Err(), "incorrect syntax near 'c'")
}
