package dsl

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/nosql"
	driver "github.com/cosmossql/cosmossql/internal/statement"
)

// constructors is every function that takes an operand, and the call that it stands for.
var constructors = []struct {
	name string
	make func(x any) Sqlizer
	want string // for the operand c.a
	args []any
}{
	{"IsDefined", func(x any) Sqlizer { return IsDefined(x) }, "IS_DEFINED(c.a)", nil},
	{"IsNull", func(x any) Sqlizer { return IsNull(x) }, "IS_NULL(c.a)", nil},
	{"HasValue", func(x any) Sqlizer { return HasValue(x) }, "IS_DEFINED(c.a) AND NOT IS_NULL(c.a)", nil},
	{"Not", func(x any) Sqlizer { return Not(x) }, "NOT c.a", nil},
	{"Between", func(x any) Sqlizer { return Between(x, 1, 2) }, "c.a BETWEEN @p1 AND @p2", []any{1, 2}},
	{"Coalesce", func(x any) Sqlizer { return Coalesce(x, "none") }, "c.a ?? @p1", []any{"none"}},
	{"If", func(x any) Sqlizer { return If(x, "yes", nil) }, "IIF(c.a, @p1, @p2)", []any{"yes", nil}},
	{"ArrayContains", func(x any) Sqlizer { return ArrayContains(x, "v") }, "ARRAY_CONTAINS(c.a, @p1)", []any{"v"}},
	{"ArrayContainsPart", func(x any) Sqlizer { return ArrayContainsPart(x, Object{"k": "c.b"}) },
		`ARRAY_CONTAINS(c.a, {"k": c.b}, true)`, nil},
	{"ArrayContainsAny", func(x any) Sqlizer { return ArrayContainsAny(x, 1, "b") },
		"ARRAY_CONTAINS_ANY(c.a, @p1, @p2)", []any{1, "b"}},
	{"ArrayContainsAll", func(x any) Sqlizer { return ArrayContainsAll(x, 1, "b") },
		"ARRAY_CONTAINS_ALL(c.a, @p1, @p2)", []any{1, "b"}},
	{"ArrayLength", func(x any) Sqlizer { return ArrayLength(x) }, "ARRAY_LENGTH(c.a)", nil},
	{"StartsWith", func(x any) Sqlizer { return StartsWith(x, "p") }, "STARTSWITH(c.a, @p1)", []any{"p"}},
	{"StartsWithFold", func(x any) Sqlizer { return StartsWithFold(x, "p") }, "STARTSWITH(c.a, @p1, true)",
		[]any{"p"}},
	{"EndsWith", func(x any) Sqlizer { return EndsWith(x, "p") }, "ENDSWITH(c.a, @p1)", []any{"p"}},
	{"EndsWithFold", func(x any) Sqlizer { return EndsWithFold(x, "p") }, "ENDSWITH(c.a, @p1, true)", []any{"p"}},
	{"Contains", func(x any) Sqlizer { return Contains(x, "p") }, "CONTAINS(c.a, @p1)", []any{"p"}},
	{"ContainsFold", func(x any) Sqlizer { return ContainsFold(x, "p") }, "CONTAINS(c.a, @p1, true)", []any{"p"}},
	{"EqualFold", func(x any) Sqlizer { return EqualFold(x, "p") }, "STRINGEQUALS(c.a, @p1, true)", []any{"p"}},
	{"RegexMatch", func(x any) Sqlizer { return RegexMatch(x, "^p", "i") }, "RegexMatch(c.a, @p1, @p2)",
		[]any{"^p", "i"}},
	{"FullTextContains", func(x any) Sqlizer { return FullTextContains(x, "w") }, "FullTextContains(c.a, @p1)",
		[]any{"w"}},
	{"FullTextContainsAll", func(x any) Sqlizer { return FullTextContainsAll(x, "v", "w") },
		"FullTextContainsAll(c.a, @p1, @p2)", []any{"v", "w"}},
	{"FullTextContainsAny", func(x any) Sqlizer { return FullTextContainsAny(x, "v", "w") },
		"FullTextContainsAny(c.a, @p1, @p2)", []any{"v", "w"}},
	{"FullTextScore", func(x any) Sqlizer { return FullTextScore(x, "v") }, "FullTextScore(c.a, @p1)", []any{"v"}},
	{"VectorDistance", func(x any) Sqlizer { return VectorDistance(x, []float64{1, 2}) },
		"VectorDistance(c.a, @p1)", []any{[]float64{1, 2}}},
	{"Distance", func(x any) Sqlizer { return Distance(x, Point{1, 2}) }, "ST_DISTANCE(c.a, @p1)", []any{Point{1, 2}}},
	{"Within", func(x any) Sqlizer { return Within(x, "c.b") }, "ST_WITHIN(c.a, @p1)", []any{"c.b"}},
	{"Intersects", func(x any) Sqlizer { return Intersects(x, Expr("c.b")) }, "ST_INTERSECTS(c.a, c.b)", nil},
	{"DatePart", func(x any) Sqlizer { return DatePart(Hour, x) }, `DateTimePart("hh", c.a)`, nil},
	{"DateAdd", func(x any) Sqlizer { return DateAdd(Month, -2, x) }, `DateTimeAdd("mm", @p1, c.a)`, []any{-2}},
	{"DateDiff from", func(x any) Sqlizer { return DateDiff(Minute, x, "c.b") }, `DateTimeDiff("mi", c.a, c.b)`, nil},
	{"DateDiff to", func(x any) Sqlizer { return DateDiff(Second, "c.b", x) }, `DateTimeDiff("ss", c.b, c.a)`, nil},
	{"DateBin", func(x any) Sqlizer { return DateBin(Day, 7, x) }, `DateTimeBin(c.a, "dd", @p1)`, []any{7}},
	{"Call", func(x any) Sqlizer { return Call("udf.tax", x, Value(0.2)) }, "udf.tax(c.a, @p1)", []any{0.2}},
	{"Object", func(x any) Sqlizer { return Object{"it's": x} }, `{"it's": c.a}`, nil},
	{"RRF", func(x any) Sqlizer { return RRF(FullTextScore(x, "w"), VectorDistance("c.v", []int{1})) },
		"RRF(FullTextScore(c.a, @p1), VectorDistance(c.v, @p2))", []any{"w", []int{1}}},
}

// TestConstructors: each is the call that it is named after, alone and with another condition around it; a value is an
// argument, whatever it looks like, and never a part of the text.
func TestConstructors(t *testing.T) {
	t.Parallel()
	for _, tt := range constructors {
		x, err := nosql.ParseExpr(tt.want, nosql.Cosmos)
		require.NoError(t, err, tt.name)
		text, args, err := SelectValue(tt.make("c.a")).From("c").ToSql()
		require.NoError(t, err, tt.name)
		q, err := nosql.Parse(text, nosql.Cosmos)
		require.NoError(t, err, "%s: %s", tt.name, text)
		require.Equal(t, nosql.Print(x), nosql.Print(q.Select.Items[0].X), tt.name)
		require.Equal(t, tt.args, args, tt.name)

		text, args, err = SelectValue("c.id").From("c").Where("c.before = ?", 0).Where(tt.make("c.a")).
			Where("c.behind = ?", 9).ToSql()
		require.NoError(t, err, tt.name)
		around := append(append([]any{0}, tt.args...), 9)
		require.Equal(t, around, args, "the arguments keep their order: %s", tt.name)
		q, err = nosql.Parse(text, nosql.Cosmos)
		require.NoError(t, err, "%s: %s", tt.name, text)
		var params int
		nosql.Walk(q, func(n nosql.Node) bool {
			if _, ok := n.(*nosql.Param); ok {
				params++
			}
			return true
		})
		require.Equal(t, len(around), params, "%s: %s", tt.name, text)
	}
}

// TestConstructorsReachTheService: the driver, which rewrites a query of a container with a dash in its name and every
// statement that writes, sends the call as it was built; what is a text stays one, and does not become a name.
func TestConstructorsReachTheService(t *testing.T) {
	t.Parallel()
	for _, tt := range constructors {
		want, err := nosql.ParseExpr(tt.want, nosql.Cosmos)
		require.NoError(t, err, tt.name)
		where := func(q *nosql.Query) string {
			and, ok := q.Where.(*nosql.Binary)
			require.True(t, ok && and.Op == "AND", tt.name)
			return nosql.Print(and.L) // what the constructor made stands first
		}
		for _, s := range []Sqlizer{
			Select("c.id").From("my-orders c").Where(Not(tt.make("c.a"))).Where("c.b = 'text'"),
			Update("my-orders c").Set("seen", Expr("'text'")).Where(Not(tt.make("c.a"))).Where("c.b = 'text'"),
			Delete("orders c").Where(Not(tt.make("c.a"))).Where("c.b = 'text'"),
		} {
			text, args, err := s.ToSql()
			require.NoError(t, err, tt.name)
			parsed, err := driver.Parse(text, driver.Options{Database: true})
			require.NoError(t, err, text)
			bound := make([]driver.Arg, len(args))
			for i := range args {
				bound[i] = driver.Arg{Ordinal: i + 1, Value: []byte("1")}
			}
			_, err = parsed.Bind(bound)
			require.NoError(t, err, text)
			sent := text
			switch parsed := parsed.(type) {
			case *driver.Select:
				sent = parsed.Text
			case interface {
				Search([]driver.Arg, []string, string, bool) (string, []driver.Arg, error)
			}:
				sent, _, err = parsed.Search(bound, nil, "", false)
				require.NoError(t, err, text)
			}
			q, err := nosql.Parse(sent, nosql.Cosmos)
			require.NoError(t, err, sent)
			require.Equal(t, nosql.Print(&nosql.Unary{Op: "NOT", X: want}), where(q), sent)
		}
	}
}

// TestConstructorsTakeExpressions: an operand is text, an expression of another constructor with its arguments, or a
// query of its own.
func TestConstructorsTakeExpressions(t *testing.T) {
	t.Parallel()
	for _, tt := range constructors {
		text, args, err := SelectValue(tt.make(Coalesce("c.a", "first"))).From("c").ToSql()
		require.NoError(t, err, tt.name)
		require.Contains(t, text, "c.a ?? @p", tt.name)
		require.Len(t, args, 1+len(tt.args)+extra(tt.name), "%s: %s", tt.name, text)
		require.Contains(t, args, "first", tt.name)

		text, _, err = SelectValue(tt.make(Select("MAX(k)").From("k IN c.ks"))).From("c").ToSql()
		require.NoError(t, err, tt.name)
		require.Contains(t, text, "(SELECT MAX(k) FROM k IN c.ks)", tt.name)
	}
}

// extra is how many arguments an operand with one brings beyond the first: HasValue names it twice.
func extra(name string) int {
	if name == "HasValue" {
		return 1
	}
	return 0
}

// TestConstructorsRefuse: an operand that is more than one expression, none at all, or no text, is an error of the
// statement that it stands in, and nothing of it is sent.
func TestConstructorsRefuse(t *testing.T) {
	t.Parallel()
	for _, refused := range []struct {
		operand any
		message string // "" where it is taken
	}{
		{"c.", `"c."`},
		{"", "an empty text"},
		{As("c.a", "x"), `"x" is named outside a list of columns`},
		{nil, "<nil> is neither text nor an expression"},
		{"c.a, c.b", "c.a, c.b"},
		{"c.a) OR (true", "c.a) OR (true"},
		{"c.a -- ", ""},
		{"SELECT VALUE 1", "SELECT VALUE 1"},
		{"c.a = ?", "has 1 placeholder and 0 arguments"},
		{7, "int is neither text nor an expression"},
		{Select(), "without columns"},
		{failed{errNoWhere}, "a statement without a condition"},
	} {
		operand, message := refused.operand, refused.message
		for _, tt := range constructors {
			text, args, err := SelectValue(tt.make(operand)).From("c").ToSql()
			if message == "" {
				require.NoError(t, err, "a comment ends with its line: %s", tt.name)
				continue
			}
			require.ErrorContains(t, err, message, "%s of %v", tt.name, operand)
			require.Empty(t, text, tt.name)
			require.Empty(t, args, tt.name)
		}
	}
}
