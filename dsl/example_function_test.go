package dsl_test

import (
	"fmt"

	"github.com/cosmossql/cosmossql/dsl"
)

// showConditions prints what WHERE gets of each condition.
func showConditions(conds ...dsl.Sqlizer) {
	for _, cond := range conds {
		text, args, err := dsl.SelectValue("c").From("c").Where(cond).ToSql()
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(text[len("SELECT VALUE c FROM c WHERE "):], args)
	}
}

func ExampleEq() {
	showConditions(
		dsl.Eq{"c.age": 36},
		dsl.Eq{"c.age": []int{36, 37}},
		dsl.Eq{"c.age": nil},
		dsl.NotEq{"c.age": nil},
		dsl.Eq{"c.age": dsl.Select("MAX(k.age)").From("k IN c.kids")},
	)
	// Output:
	// c.age = @p1 [36]
	// c.age IN (@p1, @p2) [36 37]
	// NOT IS_DEFINED(c.age) OR IS_NULL(c.age) []
	// IS_DEFINED(c.age) AND NOT IS_NULL(c.age) []
	// c.age = (SELECT MAX(k.age) FROM k IN c.kids) []
}

func ExampleExpr() {
	showConditions(dsl.Expr("c.width * c.height > ?", 100))
	// Output: c.width * c.height > @p1 [100]
}

func ExampleExists() {
	kids := dsl.Select("*").From("k IN c.kids").Where("k.grade > ?", 3)
	showConditions(dsl.Exists(kids), dsl.And{dsl.Eq{"c.a": 1}, dsl.NotExists(kids)})
	// Output:
	// EXISTS(SELECT * FROM k IN c.kids WHERE k.grade > @p1) [3]
	// c.a = @p1 AND NOT EXISTS(SELECT * FROM k IN c.kids WHERE k.grade > @p2) [1 3]
}

func ExampleArrayOf() {
	names := dsl.SelectValue("k.name").From("k IN c.kids").Where("k.grade > ?", 3)
	show(dsl.Select("c.id").Column(dsl.As(dsl.ArrayOf(names), "names")).From("c"))
	// Output:
	// SELECT c.id, ARRAY(SELECT VALUE k.name FROM k IN c.kids WHERE k.grade > @p1) AS names FROM c
	// 3
}

func ExampleIsDefined() {
	showConditions(dsl.IsDefined("c.x"), dsl.IsNull("c.x"), dsl.HasValue("c.x"), dsl.Not(dsl.IsDefined("c.x")))
	// Output:
	// IS_DEFINED(c.x) []
	// IS_NULL(c.x) []
	// IS_DEFINED(c.x) AND NOT IS_NULL(c.x) []
	// NOT IS_DEFINED(c.x) []
}

func ExampleCoalesce() {
	showConditions(
		dsl.Eq{"c.flag": dsl.Coalesce("c.default", false)},
		dsl.Expr("? = 'big'", dsl.If("c.n > 10", "big", dsl.Expr("c.size"))),
		dsl.Between("c.n", 1, dsl.Expr("c.most")),
	)
	// Output:
	// c.flag = (c.default ?? @p1) [false]
	// IIF(c.n > 10, @p1, c.size) = 'big' [big]
	// c.n BETWEEN @p1 AND c.most [1]
}

func ExampleArrayContains() {
	showConditions(
		dsl.ArrayContains("c.tags", "new"),
		dsl.ArrayContainsPart("c.kids", map[string]any{"grade": 3}),
		dsl.ArrayContainsAny("c.tags", "new", "sale"),
		dsl.ArrayContainsAll("c.tags", "new", "sale"),
		dsl.Gt{"ARRAY_LENGTH(c.tags)": 2},
	)
	// Output:
	// ARRAY_CONTAINS(c.tags, @p1) [new]
	// ARRAY_CONTAINS(c.kids, @p1, true) [map[grade:3]]
	// ARRAY_CONTAINS_ANY(c.tags, @p1, @p2) [new sale]
	// ARRAY_CONTAINS_ALL(c.tags, @p1, @p2) [new sale]
	// ARRAY_LENGTH(c.tags) > @p1 [2]
}

func ExampleStartsWith() {
	showConditions(
		dsl.StartsWith("c.name", "A"),
		dsl.EndsWithFold("c.name", "land"),
		dsl.ContainsFold("c.name", "new"),
		dsl.EqualFold("c.code", "no"),
		dsl.RegexMatch("c.name", "^[A-M]", "i"),
	)
	// Output:
	// STARTSWITH(c.name, @p1) [A]
	// ENDSWITH(c.name, @p1, true) [land]
	// CONTAINS(c.name, @p1, true) [new]
	// STRINGEQUALS(c.code, @p1, true) [no]
	// RegexMatch(c.name, @p1, @p2) [^[A-M] i]
}

func ExampleDatePart() {
	show(dsl.Select("c.id").
		Column(dsl.As(dsl.DatePart(dsl.Month, "c.when"), "month")).
		Column(dsl.As(dsl.DateBin(dsl.Hour, 6, "c.when"), "quarterDay")).
		Column(dsl.As(dsl.DateDiff(dsl.Day, "c.start", "c.stop"), "days")).
		From("c").
		Where(dsl.Gt{"c.stop": dsl.DateAdd(dsl.Year, 1, "c.start")}))
	// Output:
	// SELECT c.id, DateTimePart('mm', c.when) AS month, DateTimeBin(c.when, 'hh', @p1) AS quarterDay, DateTimeDiff('dd', c.start, c.stop) AS days FROM c WHERE c.stop > DateTimeAdd('yyyy', @p2, c.start)
	// 6 1
}

func ExampleDistance() {
	oslo := dsl.Point{Longitude: 10.75, Latitude: 59.91}
	showConditions(
		dsl.Expr("? < ?", dsl.Distance("c.place", oslo), 30_000),
		dsl.Within("c.place", dsl.Expr("c.region")),
	)
	// Output:
	// ST_DISTANCE(c.place, @p1) < @p2 [{10.75 59.91} 30000]
	// ST_WITHIN(c.place, c.region) []
}

func ExampleFullTextContains() {
	showConditions(
		dsl.FullTextContains("c.text", "bicycle"),
		dsl.FullTextContainsAny("c.text", "red", "blue"),
	)
	// Output:
	// FullTextContains(c.text, @p1) [bicycle]
	// FullTextContainsAny(c.text, @p1, @p2) [red blue]
}

func ExampleVectorDistance() {
	near := dsl.VectorDistance("c.vector", []float64{1, 0})
	show(dsl.Select("c.id").Column(dsl.As(near, "score")).From("c").OrderByClause(near).Top(5))
	// Output:
	// SELECT TOP 5 c.id, VectorDistance(c.vector, @p1) AS score FROM c ORDER BY VectorDistance(c.vector, @p2)
	// [1 0] [1 0]
}

func ExampleObject() {
	show(dsl.SelectValue(dsl.Object{
		"full name": "c.name",
		"is adult":  dsl.Expr("c.age >= ?", 18),
	}).From("c"))
	// Output:
	// SELECT VALUE {"full name": c.name, "is adult": c.age >= @p1} FROM c
	// 18
}

func ExampleCall() {
	showConditions(
		dsl.Eq{"c.initial": dsl.Call("LEFT", "c.name", dsl.Value(1))},
		dsl.Call("udf.isFair", "c.price", dsl.Value("NO")),
	)
	// Output:
	// c.initial = LEFT(c.name, @p1) [1]
	// udf.isFair(c.price, @p1) [NO]
}
