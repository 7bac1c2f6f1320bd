package dsl

import (
	"database/sql"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/nosql"
)

func TestWrites(t *testing.T) {
	t.Parallel()
	raw := json.RawMessage(`{"id":"1"}`)
	tests := []struct {
		name string
		s    Sqlizer
		want string
		args []any
	}{
		{"raw document", Insert("c").Document(raw), "INSERT INTO c VALUES (@p1)", []any{raw}},
		{"two documents", Insert("c").Document(1).Document(2), "INSERT INTO c VALUES (@p1), (@p2)", []any{1, 2}},
		{"container of a database", Insert("shop.orders").Document(1),
			"INSERT INTO shop.orders VALUES (@p1)", []any{1}},
		{"quoted container of a quoted database", Delete("my-shop.my-orders o").Where("true"),
			`DELETE FROM "my-shop"."my-orders" AS o WHERE true`, nil},
		{"quoted container of a database", Upsert("shop.my-orders").Document(1),
			`UPSERT INTO shop."my-orders" VALUES (@p1)`, []any{1}},
		{"texts keep their quotes", Upsert("c").Columns("a", "b").Values(Expr("'it''s'"), Expr(`{"k": "v"}`)),
			`UPSERT INTO c (a, b) VALUES ('it\'s', {"k": "v"})`, nil},
		{"texts of conditions keep their quotes", Delete("c x").Where(`x.a = 'v' AND "a b" = x.c`),
			`DELETE FROM c AS x WHERE x.a = 'v' AND "a b" = x.c`, nil},
		{"mark of IS NULL", Update("c x").Set("x.a", 1).Where("x[?] IS NULL AND x.b = ?", "n", 2),
			"UPDATE c AS x SET x.a = @p1 WHERE (NOT IS_DEFINED(x[@p2]) OR IS_NULL(x[@p2])) AND x.b = @p3",
			[]any{1, "n", 2}},
		{"slice is a value", Insert("c").Columns("tags").Values([]int{1, 2}), "INSERT INTO c (tags) VALUES (@p1)",
			[]any{[]int{1, 2}}},
		{"nil is a value", Insert("c").Columns("a").Values(nil), "INSERT INTO c (a) VALUES (@p1)", []any{nil}},
		{"reserved column", Insert("c").Columns("order", "a.value").Values(1, 2),
			`INSERT INTO c ("order", a["value"]) VALUES (@p1, @p2)`, []any{1, 2}},
		{"column of any name", Insert("c").Columns("a-b", `say "hi"`, "x)").Values(1, 2, 3),
			`INSERT INTO c ("a-b", "say \"hi\"", "x)") VALUES (@p1, @p2, @p3)`, []any{1, 2, 3}},
		{"path of any names", Insert("c").Columns(Path("", "a.b", "zip code"), `address["zip code"]`).Values(1, 2),
			`INSERT INTO c ("a.b"["zip code"], address["zip code"]) VALUES (@p1, @p2)`, []any{1, 2}},
		{"expression as value", Insert("c").Columns("a", "b").Values(1, Expr("@p1 + ?", 2, 3)),
			"INSERT INTO c (a, b) VALUES (@p1, @p2 + @p3)", []any{1, 2, 3}},
		{"options come last", Insert("c").Document(1).With("x").Returning("*"),
			"INSERT INTO c VALUES (@p1) RETURNING *", []any{1, "x"}},
		{"set a value", Update("c").Set("a", 1).Where("true"), "UPDATE c SET a = @p1 WHERE true", []any{1}},
		{"set an object", Update("c").Set("a.b", map[string]int{"x": 1}).Where("true"),
			"UPDATE c SET a.b = @p1 WHERE true", []any{map[string]int{"x": 1}}},
		{"set an element", Update("c x").Set("x.a[0]", 1).Where("true"),
			"UPDATE c AS x SET x.a[0] = @p1 WHERE true", []any{1}},
		{"increment an odd name", Update("c x").Increment(Path("x", "a b"), -1).Where("true"),
			`UPDATE c AS x SET x["a b"] = x["a b"] + @p1 WHERE true`, []any{-1}},
		{"remove several", Update("c").Remove("a", "b").Where("true"),
			"UPDATE c SET a = undefined, b = undefined WHERE true", nil},
		{"update where with a subquery", Update("c x").Set("x.a", 1).
			Where(Exists(Select("*").From("t IN x.ts").Where("t = ?", 2))).Where("x.b = ? OR x.c", 3).With("o"),
			"UPDATE c AS x SET x.a = @p1 WHERE EXISTS(SELECT * FROM t IN x.ts WHERE t = @p2) AND (x.b = @p3 OR x.c)",
			[]any{1, 2, 3, "o"}},
		{"delete", Delete("c").Where("c.a = ?", 1).With("o"), "DELETE FROM c WHERE c.a = @p1", []any{1, "o"}},
		{"delete returning", Delete("c").Where("c.a = ?", 1).Returning("id", "a b"),
			`DELETE FROM c WHERE c.a = @p1 RETURNING id, "a b"`, []any{1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text, args, err := tt.s.ToSql()
			require.NoError(t, err)
			require.Equal(t, tt.want, text)
			require.Equal(t, tt.args, args)
		})
	}
}

func TestWriteErrors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		s    Sqlizer
		want string
	}{
		{"insert into nothing", InsertBuilder{}, "without a container"},
		{"insert nothing", Insert("c"), "insert without values"},
		{"upsert nothing", Upsert("c").Columns("a"), "upsert without values"},
		{"too few values", Insert("c").Columns("a", "b").Values(1), "row 1 has 1 value for 2 columns"},
		{"values without columns", Insert("c").Values(1, 2),
			"row 1 has 2 values and no columns: name the columns, or give one whole document"},
		{"container with more", Insert("c WHERE true").Document(1), "says more than its place"},
		{"two containers", Delete("c JOIN d IN c.ds").Where("true"), "is not the name of a container"},
		{"source of an array", Update("t IN c.tags").Set("a", 1).Where("true"), "is not the name of a container"},
		{"property of a property", Delete("a.b.c").Where("true"), "is not the name of a container"},
		{"column that is half a path", Insert("c").Columns("address.zip code").Values(1), `Path("", names…)`},
		{"nameless column", Insert("c").Columns("").Values(1), `"" is not the path of a property`},
		{"half a path to set", Update("c").Set("a.b c", 1).Where("true"), `"a.b c" is not the path`},
		{"element at a name", Update("c").Set("a[b]", 1).Where("true"), `"a[b]" is not the path`},
		{"element at a truth", Insert("c").Columns("a[true]").Values(1), `"a[true]" is not the path`},
		{"element of a call", Update("c").Remove("f(a)[0]").Where("true"), `"f(a)[0]" is not the path`},
		{"half a path to return", Delete("c").Where("true").Returning("a.b c"), `"a.b c" is not the path`},
		{"nothing to set", Update("c").Where("true"), "update without anything to set"},
		{"update everything", Update("c").Set("a", 1), "a statement without a condition"},
		{"delete everything", Delete("c").Where(nil), "a statement without a condition"},
		{"arguments of no text", Delete("c").Where("", 1), "an empty text"},
		{"arguments of nothing", Select("*").From("c").Where(nil, 1), "arguments beside a <nil>"},
		{"nothing in a map", Delete("c").Where(Eq{}), "a statement without a condition"},
		{"nothing in another map", Update("c").Set("a", 1).Where(NotLike{}), "a statement without a condition"},
		{"no text", Delete("c").Where(""), "a statement without a condition"},
		{"nothing within", Delete("c").Where(And{And{}, Eq{}}).Where(And{}),
			"a statement without a condition"},
		{"wrong value", Update("c").Set("a", Expr("c.")).Where("true"), `"c."`},
		{"wrong condition", Delete("c").Where("c.a = ?"), "has 1 placeholder and 0 arguments"},
		{"value that says more", Insert("c").Columns("a").Values(Expr("1), (2")), `"1), (2"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text, args, err := tt.s.ToSql()
			require.ErrorContains(t, err, tt.want)
			require.Empty(t, text)
			require.Empty(t, args)
		})
	}
}

func TestWritesAreValues(t *testing.T) {
	t.Parallel()
	insert := Insert("c").Columns("a").Values(1)
	update := Update("c").Set("a", 1).Where("c.b = ?", 2)
	remove := Delete("c").Where("c.b = ?", 2)
	before := []string{textOf(t, insert), textOf(t, update), textOf(t, remove)}

	_ = textOf(t, insert.Values(2).Returning("*").With(sql.Named("x", 1)))
	_ = textOf(t, update.Set("b", 2).Where("c.c = ?", 3).Returning("*"))
	_ = textOf(t, remove.Where("c.c = ?", 3).Returning("*"))
	require.Equal(t, before, []string{textOf(t, insert), textOf(t, update), textOf(t, remove)})
}

func textOf(t *testing.T, s Sqlizer) string {
	text, _, err := s.ToSql()
	require.NoError(t, err)
	return text
}

// Whatever the names of the columns, the statement keeps its shape, and the names arrive.
func TestHostileColumns(t *testing.T) {
	t.Parallel()
	for _, s := range hostile(1000) {
		column, err := property(Path("", s, s))
		require.NoError(t, err, "%q", s)
		require.Equal(t, []string{string([]rune(s)), string([]rune(s))}, namesOf(t, column))

		if column, err = property(s); err == nil {
			require.NotEmpty(t, namesOf(t, column), "%q became %q", s, column)
		}
	}
}

// namesOf reads a column back.
func namesOf(t *testing.T, column string) []string {
	p := nosql.NewParser(column, nosql.SQL)
	first := p.Token()
	root := column[first.Start:first.End]
	if root[0] == '"' {
		root = nosql.Unquote(root)
	}
	x, err := nosql.ParseExpr("x"+column[first.End:], nosql.SQL)
	require.NoError(t, err, column)
	var names []string
	for {
		switch y := x.(type) {
		case *nosql.Member:
			names = append([]string{y.Name}, names...)
			x = y.X
			continue
		case *nosql.Index:
			x = y.X
			continue
		}
		require.IsType(t, &nosql.Ident{}, x, column)
		return append([]string{root}, names...)
	}
}
