package dsl_test

import (
	"fmt"

	sq "github.com/Masterminds/squirrel"

	"github.com/cosmossql/cosmossql/dsl"
)

// show prints a statement and its arguments.
func show(s dsl.Sqlizer) {
	text, args, err := s.ToSql()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(text)
	if len(args) > 0 {
		fmt.Println(args...)
	}
}

func ExampleSelect() {
	show(dsl.Select("c.name", "c.population").
		From("c").
		Where(dsl.Eq{"c.continent": "Africa"}).
		Where(dsl.Gt{"c.population": 50_000_000}).
		OrderBy("c.population DESC").
		Limit(10))
	// Output:
	// SELECT c.name, c.population FROM c WHERE c.continent = @p1 AND c.population > @p2 ORDER BY c.population DESC OFFSET 0 LIMIT 10
	// Africa 50000000
}

func ExampleSelect_reserved() {
	show(dsl.Select("c.order", "c.value AS v").From("c").Where(dsl.Eq{"c.group": 7}))
	// Output:
	// SELECT c["order"], c["value"] AS v FROM c WHERE c["group"] = @p1
	// 7
}

func ExampleSelectValue() {
	show(dsl.SelectValue("COUNT(1)").From("c").Where("c.age >= ?", 18))
	// Output:
	// SELECT VALUE COUNT(1) FROM c WHERE c.age >= @p1
	// 18
}

func ExampleSelectBuilder_Column() {
	tags := dsl.SelectValue("COUNT(1)").From("t IN c.tags").Where("t != ?", "old")
	show(dsl.Select("c.id").
		Column("c.price * ? AS gross", 1.25).
		Column(dsl.As(tags, "tags")).
		From("c"))
	// Output:
	// SELECT c.id, c.price * @p1 AS gross, (SELECT VALUE COUNT(1) FROM t IN c.tags WHERE t != @p2) AS tags FROM c
	// 1.25 old
}

func ExampleSelectBuilder_Distinct() {
	show(dsl.SelectValue("c.continent").Distinct().Top(3).From("c"))
	// Output: SELECT DISTINCT TOP 3 VALUE c.continent FROM c
}

func ExampleSelectBuilder_From() {
	show(dsl.Select("*").From("orders o"))
	show(dsl.Select("*").From("my-orders o"))
	show(dsl.SelectValue("t").From("t IN c.tags"))
	// Output:
	// SELECT * FROM orders AS o
	// SELECT * FROM "my-orders" AS o
	// SELECT VALUE t FROM t IN c.tags
}

func ExampleSelectBuilder_FromSelect() {
	names := dsl.SelectValue("c.name").Distinct().From("c").Where("c.age > ?", 30)
	show(dsl.SelectValue("COUNT(1)").FromSelect(names, "n").Where("n != ?", "Ada"))
	// Output:
	// SELECT VALUE COUNT(1) FROM (SELECT DISTINCT VALUE c.name FROM c WHERE c.age > @p1) AS n WHERE n != @p2
	// 30 Ada
}

func ExampleSelectBuilder_Join() {
	show(dsl.Select("c.id", "t AS tag").
		From("c").
		Join("t IN c.tags").
		Where(dsl.Eq{"t": []string{"new", "sale"}}))
	// Output:
	// SELECT c.id, t AS tag FROM c JOIN t IN c.tags WHERE t IN (@p1, @p2)
	// new sale
}

func ExampleSelectBuilder_JoinSelect() {
	grown := dsl.SelectValue("k").From("k IN c.kids").Where("k.age >= ?", 18)
	show(dsl.Select("c.id", "k.name").From("c").JoinSelect(grown, "k"))
	// Output:
	// SELECT c.id, k.name FROM c JOIN (SELECT VALUE k FROM k IN c.kids WHERE k.age >= @p1) AS k
	// 18
}

func ExampleSelectBuilder_Where() {
	show(dsl.Select("*").
		From("c").
		Where("c.a = ? OR c.b = ?", 1, 2).
		Where(sq.And{sq.Gt{"c.n": 0}, sq.Or{sq.Eq{"c.x": nil}, sq.Like{"c.x": "a%"}}}))
	// Output:
	// SELECT * FROM c WHERE (c.a = @p1 OR c.b = @p2) AND c.n > @p3 AND (NOT IS_DEFINED(c.x) OR IS_NULL(c.x) OR c.x LIKE @p4)
	// 1 2 0 a%
}

func ExampleSelectBuilder_GroupBy() {
	show(dsl.Select("c.continent", "SUM(c.population) AS people").From("c").GroupBy("c.continent"))
	// Output: SELECT c.continent, SUM(c.population) AS people FROM c GROUP BY c.continent
}

func ExampleSelectBuilder_Offset() {
	show(dsl.Select("*").From("c").OrderBy("c.name").Offset(20).Limit(10))
	// Output: SELECT * FROM c ORDER BY c.name OFFSET 20 LIMIT 10
}

func ExampleSelectBuilder_OrderByRank() {
	show(dsl.Select("c.title").
		From("c").
		OrderByRank(dsl.RRF(
			dsl.FullTextScore("c.text", "bicycle"),
			dsl.VectorDistance("c.vector", []float64{0.1, 0.9}))).
		Top(10))
	// Output:
	// SELECT TOP 10 c.title FROM c ORDER BY RANK RRF(FullTextScore(c.text, @p1), VectorDistance(c.vector, @p2))
	// bicycle [0.1 0.9]
}

func ExampleSelectBuilder_With() {
	pageSize := "any option of the driver, such as cosmos.PageSize(100)"
	show(dsl.Select("*").From("c").Where("c.age > ?", 30).With(pageSize))
	// Output:
	// SELECT * FROM c WHERE c.age > @p1
	// 30 any option of the driver, such as cosmos.PageSize(100)
}

func ExamplePath() {
	fmt.Println(dsl.Path("c", "address", "zip code"))
	show(dsl.Select("*").From("c").Where(dsl.Eq{dsl.Path("c", `say "hi"`): 1}))
	// Output:
	// c.address["zip code"]
	// SELECT * FROM c WHERE c["say \"hi\""] = @p1
	// 1
}
