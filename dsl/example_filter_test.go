package dsl_test

import (
	"fmt"
	"net/url"

	"github.com/cosmossql/cosmossql/dsl"
)

// A list endpoint lets its callers filter by two fields.
func ExampleFilter() {
	filter := dsl.Filter{
		Fields: map[string]dsl.Field{
			"city":  {Path: "o.address.city"},
			"total": {Path: "o.total", Type: dsl.NumberField},
		},
		Ignore: []string{"page"},
	}
	for _, query := range []string{"city=Oslo&total[gte]=10&page=2", "password=x"} {
		values, _ := url.ParseQuery(query)
		cond, err := filter.Query(values)
		if err != nil {
			fmt.Println(err) // for the caller, with status 400
			continue
		}
		fmt.Println(dsl.Select("o.id").From("orders o").Where(cond).ToSql())
	}
	// Output:
	// SELECT o.id FROM orders AS o WHERE o.address.city = @p1 AND o.total >= @p2 [Oslo 10] <nil>
	// filter: field "password": is not one to filter by; these are: city, total
}

func ExampleFilter_JSON() {
	filter := dsl.Filter{Fields: map[string]dsl.Field{
		"city": {},
		"name": {Operators: []dsl.Operator{dsl.HasPrefix}},
	}}
	cond, err := filter.JSON([]byte(`{"or": [{"city": ["Oslo", "Rome"]}, {"name": {"startswith": "A"}}]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(dsl.SelectValue("c").From("c").Where(cond).ToSql())
	// Output: SELECT VALUE c FROM c WHERE c.city IN (@p1, @p2) OR STARTSWITH(c.name, @p3) [Oslo Rome A] <nil>
}
