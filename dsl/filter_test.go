package dsl_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/cosmossql/cosmossql/dsl"
	"github.com/stretchr/testify/require"
)

var orders = dsl.Filter{
	Fields: map[string]dsl.Field{
		"city":  {Path: "o.address.city"},
		"total": {Path: "o.total", Type: dsl.NumberField},
		"vip":   {Path: "o.vip", Type: dsl.BooleanField},
		"name":  {Path: `o["first name"]`, Operators: []dsl.Operator{dsl.HasPrefix, dsl.HasPart, dsl.HasSuffix}},
		"tag":   {Path: "o.tags", Operators: []dsl.Operator{dsl.HasElement}},
		"order": {},
	},
	Ignore: []string{"page"}, MaxConditions: 5, MaxDepth: 2, MaxList: 3, MaxLength: 10,
}

// where is the WHERE of a SELECT that cond makes.
func where(t *testing.T, cond dsl.Sqlizer) (string, []any) {
	t.Helper()
	text, args, err := dsl.Select("o.id").From("orders o").Where(cond).ToSql()
	require.NoError(t, err)
	_, text, _ = strings.Cut(text, " WHERE ")
	return text, args
}

func TestFilterJSON(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text, where string
		args        []any
	}{
		{`{}`, "true", nil},
		{`{"city":"Oslo"}`, "o.address.city = @p1", []any{"Oslo"}},
		{`{"city":"' OR 1=1"}`, "o.address.city = @p1", []any{"' OR 1=1"}},
		{`{"city":null}`, "NOT IS_DEFINED(o.address.city) OR IS_NULL(o.address.city)", nil},
		{`{"city":["Oslo","Rome"]}`, "o.address.city IN (@p1, @p2)", []any{"Oslo", "Rome"}},
		{`{"city":{"notin":["Oslo"]}}`, "o.address.city NOT IN (@p1)", []any{"Oslo"}},
		{`{"total":{"gte":10,"lt":20.5}}`, "o.total >= @p1 AND o.total < @p2", []any{int64(10), 20.5}},
		{`{"city":"Oslo","vip":true}`, "o.address.city = @p1 AND o.vip = @p2", []any{"Oslo", true}},
		{`{"or":[{"vip":true},{"total":{"gt":1}}],"city":{"ne":"Oslo"}}`,
			"(o.vip = @p1 OR o.total > @p2) AND o.address.city != @p3", []any{true, int64(1), "Oslo"}},
		{`{"not":{"and":[{"vip":false},{"city":"x"}]}}`, "NOT (o.vip = @p1 AND o.address.city = @p2)",
			[]any{false, "x"}},
		{`{"name":{"startswith":"A","contains":"d","endswith":"a"}}`,
			`STARTSWITH(o["first name"], @p1) AND CONTAINS(o["first name"], @p2) AND ENDSWITH(o["first name"], @p3)`,
			[]any{"A", "d", "a"}},
		{`{"tag":{"arraycontains":"new"}}`, "ARRAY_CONTAINS(o.tags, @p1)", []any{"new"}},
		{`{"order":"x"}`, `c["order"] = @p1`, []any{"x"}},
		{`{"total":9007199254740993}`, "o.total = @p1", []any{int64(9007199254740993)}},
	} {
		cond, err := orders.JSON([]byte(tt.text))
		require.NoError(t, err, tt.text)
		got, args := where(t, cond)
		require.Equal(t, tt.where, got, tt.text)
		require.Equal(t, tt.args, args, tt.text)
	}
}

func TestFilterQuery(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		query, where string
		args         []any
	}{
		{"", "true", nil},
		{"page=2", "true", nil},
		{"city=Oslo&page=2", "o.address.city = @p1", []any{"Oslo"}},
		{"city=Oslo&city=Rome", "o.address.city IN (@p1, @p2)", []any{"Oslo", "Rome"}},
		{"city[notin]=Oslo,Rome", "o.address.city NOT IN (@p1, @p2)", []any{"Oslo", "Rome"}},
		{"total[gte]=10&total[lt]=20.5&vip=true", "o.total >= @p1 AND o.total < @p2 AND o.vip = @p3",
			[]any{int64(10), 20.5, true}},
		{"name[startswith]=A%25", `STARTSWITH(o["first name"], @p1)`, []any{"A%"}},
		{"total[in]=1,2", "o.total IN (@p1, @p2)", []any{int64(1), int64(2)}},
		{"city=", "o.address.city = @p1", []any{""}},
	} {
		values, err := url.ParseQuery(tt.query)
		require.NoError(t, err)
		cond, err := orders.Query(values)
		require.NoError(t, err, tt.query)
		got, args := where(t, cond)
		require.Equal(t, tt.where, got, tt.query)
		require.Equal(t, tt.args, args, tt.query)
	}
}

func TestFilterRefuses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"password":"x"}`: `filter: field "password": is not one to filter by; these are: city, name, ` +
			`order, tag, total, vip`,
		`{"city = 1 OR c.id":"x"}`: `filter: field "city = 1 OR c.id": is not one to filter by`,
		`{"city":{"gt":"A"}}`:      `filter: field "city": cannot be compared by "gt"; by these: eq, ne, in, notin`,
		`{"city":{"like":"A"}}`:    `filter: field "city": cannot be compared by "like"`,
		`{"name":"Ada"}`: `filter: field "name": cannot be compared by "eq"; by these: startswith, ` +
			`contains, endswith`,
		`{"city":5}`:                 `filter: field "city": a number where a text belongs`,
		`{"city":true}`:              `filter: field "city": a boolean where a text belongs`,
		`{"total":"5"}`:              `filter: field "total": a text where a number belongs`,
		`{"total":1e999}`:            `filter: field "total": "1e999" is not a number`,
		`{"vip":"true"}`:             `filter: field "vip": a text where a boolean belongs`,
		`{"total":{"lt":null}}`:      `filter: field "total": lt takes no null`,
		`{"city":{"eq":["a"]}}`:      `filter: field "city": eq takes one value, not a list`,
		`{"city":{"in":"a"}}`:        `filter: field "city": in takes a list of values`,
		`{"city":["a","b","c","d"]}`: `filter: field "city": in takes from 1 to 3 values, not 4`,
		`{"city":[]}`:                `filter: field "city": in takes from 1 to 3 values, not 0`,
		`{"city":[null]}`:            `filter: field "city": null in a list`,
		`{"city":{"eq":{"a":1}}}`:    `filter: field "city": an object or a list where a value belongs`,
		`{"city":{}}`:                `filter: field "city": no operator`,
		`{"city":"01234567890"}`:     `filter: field "city": a text of more than 10 bytes`,
		`{"or":[]}`:                  `filter: or takes a list of conditions`,
		`{"or":{"city":"a"}}`:        `filter: or takes a list of conditions`,
		`{"not":["a"]}`:              `filter: a condition is an object, such as {"name": "value"}`,
		`{"not":{"not":{"not":{}}}}`: `filter: and, or, not more than 2 deep`,
		`[1]`:                        `filter: a condition is an object`,
		``:                           `filter: not a JSON condition: unexpected end of JSON input`,
		`{"city":"a"} x`:             `filter: not a JSON condition`,
		`{"city":"a","city":"b"}`:    `filter: not a JSON condition: "city" stands twice in one object`,
		strings.Repeat("[", 10_000):  `filter: not a JSON condition: it is nested too deep`,
		strings.Repeat(" ", 70_000):  `filter: more than 65536 bytes`,
		`{"total":{"eq":1,"ne":2,"lt":3,"gt":4,"lte":5,"gte":6}}`: `filter: more than 5 conditions`,
	} {
		_, err := orders.JSON([]byte(text))
		require.ErrorContains(t, err, want, "%.60s", text)
		var refused *dsl.FilterError
		require.ErrorAs(t, err, &refused)
	}
	for query, want := range map[string]string{
		"sort=city":               `filter: field "sort": is not one to filter by`,
		"total=x":                 `filter: field "total": "x" is not a number`,
		"total=0x10":              `"0x10" is not a number`,
		"total=Inf":               `"Inf" is not a number`,
		"city=%ff":                `filter: field "city": a text that is not valid UTF-8`,
		"vip=yes":                 `filter: field "vip": neither true nor false`,
		"city[gt]=A":              `cannot be compared by "gt"`,
		"city[in]=a,b,c,d":        `in takes from 1 to 3 values`,
		"total[lt]=1&total[lt]=2": `filter: field "total": lt takes one value, not a list`,
		"city[eq=x":               `filter: field "city[eq": is not one`,
	} {
		values, err := url.ParseQuery(query)
		require.NoError(t, err)
		_, err = orders.Query(values)
		require.ErrorContains(t, err, want, query)
	}
	for want, f := range map[string]dsl.Filter{
		`cosmos: dsl: a filter cannot have a field named "or"`: {
			Fields: map[string]dsl.Field{"or": {}}},
		`cosmos: dsl: the field a of a filter has the unknown type "time"`: {
			Fields: map[string]dsl.Field{"a": {Type: "time"}}},
		`cosmos: dsl: the field a of a filter allows the unknown operator "BETWEEN"`: {
			Fields: map[string]dsl.Field{"a": {Operators: []dsl.Operator{"BETWEEN"}}}},
	} {
		_, err := f.JSON([]byte("{}"))
		require.EqualError(t, err, want)
		_, err = f.Query(nil)
		require.EqualError(t, err, want)
	}
}

func FuzzFilter(f *testing.F) {
	f.Add(`{"or":[{"city":["Oslo"]},{"total":{"gte":1}}],"not":{"vip":true}}`)
	f.Add(`{"name":{"contains":"\u0000'\""}}`)
	f.Fuzz(func(t *testing.T, text string) {
		cond, err := orders.JSON([]byte(text))
		if err != nil {
			require.ErrorContains(t, err, "filter: ")
			return
		}
		_, args := where(t, cond)
		require.LessOrEqual(t, len(args), 5*3)
	})
}
