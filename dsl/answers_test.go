package dsl_test

import (
	"database/sql"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/dsl"
)

// people opens a shop whose container my-orders, a name that has to be quoted, holds five documents of one customer.
// "none" has nothing but its names, "nulls" has null where the others have a value.
func people(t *testing.T) *sql.DB {
	db := openShop(t)
	savePeople(t, db)
	return db
}

// savePeople puts the five documents where they were.
func savePeople(t *testing.T, db *sql.DB) {
	upsert := dsl.Upsert("my-orders")
	for _, doc := range []map[string]any{
		{"id": "ada", "name": "Ada", "age": 36, "vip": true, "tags": []string{"new", "sale"}, "order": 1,
			"born": "1815-12-10T08:30:00Z", "kids": []map[string]any{{"name": "Byron", "grade": 3}, {"name": "Anne"}}},
		{"id": "bob", "name": "bob", "age": 36.5, "vip": false, "tags": []string{}, "order": 2,
			"born": "1915-01-31T23:59:59Z", "kids": []map[string]any{{"name": "Cy", "grade": 5}}},
		{"id": "eve", "name": `it's "Eve" \ 100%_`, "age": "36", "tags": []string{"new"}, "zip code": "0150"},
		{"id": "none"},
		{"id": "nulls", "name": nil, "age": nil, "vip": nil, "tags": nil, "born": nil, "kids": nil, "zip code": nil},
	} {
		doc["customer"] = "C-7"
		upsert = upsert.Document(doc)
	}
	require.EqualValues(t, 5, affected(t, upsert.RunWith(db)))
}

// found is the ids that a query of them gives, in order.
func found(t *testing.T, query dsl.Runnable) []string {
	t.Helper()
	rows, err := query.QueryContext(t.Context())
	require.NoError(t, err)
	defer rows.Close()
	ids := []string{}
	for rows.Next() {
		var id string
		require.NoError(t, rows.Scan(&id))
		ids = append(ids, id)
	}
	require.NoError(t, rows.Err())
	slices.Sort(ids)
	return ids
}

// Which documents a condition finds: the same in SELECT, in UPDATE and in DELETE.
func TestConditionsFind(t *testing.T) {
	t.Parallel()
	db := people(t)
	for _, tt := range []struct {
		name string
		cond any
		want []string
	}{
		{"a number, whatever its type in Go", dsl.Eq{"o.age": float32(36)}, []string{"ada"}},
		{"a text is not a number", dsl.Eq{"o.age": "36"}, []string{"eve"}},
		{"a list", dsl.Eq{"o.age": []any{36, "36"}}, []string{"ada", "eve"}},
		{"nil is null or missing", dsl.Eq{"o.age": nil}, []string{"none", "nulls"}},
		{"not nil is a value", dsl.NotEq{"o.age": nil}, []string{"ada", "bob", "eve"}},
		{"missing is not unequal", dsl.NotEq{"o.vip": true}, []string{"bob", "nulls"}},
		{"missing is not outside of a list", dsl.NotEq{"o.name": []string{"Ada", "bob"}}, []string{"eve", "nulls"}},
		{"nothing is in an empty list", dsl.Eq{"o.id": []string{}}, []string{}},
		{"everything is outside of an empty list", dsl.NotEq{"o.id": []string{}},
			[]string{"ada", "bob", "eve", "none", "nulls"}},
		{"numbers compare with numbers", dsl.Gt{"o.age": 36}, []string{"bob"}},
		{"bounds belong to a range", dsl.And{dsl.GtOrEq{"o.age": 36}, dsl.LtOrEq{"o.age": 36.5}},
			[]string{"ada", "bob"}},
		{"between", dsl.Between("o.age", 36, 36.4), []string{"ada"}},
		{"texts by their bytes", dsl.Lt{"o.name": "a"}, []string{"ada"}},
		{"an array as a whole", dsl.Expr("o.tags = ?", []string{"new"}), []string{"eve"}},
		{"a quoted text as the service writes it", dsl.Eq{"o.name": `it's "Eve" \ 100%_`}, []string{"eve"}},
		{"a name with a space", dsl.Eq{dsl.Path("o", "zip code"): "0150"}, []string{"eve"}},
		{"a name that a parameter gives", dsl.Expr("o[?] = ?", "zip code", "0150"), []string{"eve"}},
		{"IS NULL of a name that a parameter gives", dsl.Expr("o[?] IS NULL AND o.name IS NOT NULL", "vip"),
			[]string{"eve"}},
		{"a reserved word", dsl.Gt{"o.order": 1}, []string{"bob"}},
		{"like", dsl.Like{"o.name": "%a"}, []string{"ada"}},
		{"not like", dsl.NotLike{"o.name": "%o%"}, []string{"ada", "eve"}},
		{"present, be it null", dsl.IsDefined("o.born"), []string{"ada", "bob", "nulls"}},
		{"null alone", dsl.IsNull("o.born"), []string{"nulls"}},
		{"a value", dsl.HasValue("o.born"), []string{"ada", "bob"}},
		{"not of what is missing", dsl.Not("o.vip = true"), []string{"bob", "nulls"}},
		{"a default for what is missing", dsl.Eq{"o.vip": dsl.Coalesce("o.vip", true)},
			[]string{"ada", "bob", "nulls"}},
		{"if", dsl.Expr("?", dsl.If("o.age > 36", true, dsl.Expr("o.vip"))), []string{"ada", "bob"}},
		{"an element", dsl.ArrayContains("o.tags", "new"), []string{"ada", "eve"}},
		{"all elements", dsl.ArrayContainsAll("o.tags", "new", "sale"), []string{"ada"}},
		{"one of the elements", dsl.ArrayContainsAny("o.tags", "sale", "old"), []string{"ada"}},
		{"a part of an element", dsl.ArrayContainsPart("o.kids", map[string]any{"grade": 5}), []string{"bob"}},
		{"a length", dsl.Eq{"ARRAY_LENGTH(o.tags)": 0}, []string{"bob"}},
		{"a subquery", dsl.Exists(dsl.Select("*").From("k IN o.kids").Where("k.grade > ?", 3)), []string{"bob"}},
		{"a subquery that is empty", dsl.And{dsl.IsDefined("o.kids"),
			dsl.NotExists(dsl.Select("*").From("k IN o.kids").Where(dsl.Eq{"k.grade": 3}))}, []string{"bob", "nulls"}},
		{"a subquery as a value", dsl.Lt{"o.order": dsl.SelectValue("COUNT(1)").From("k IN o.kids")}, []string{"ada"}},
		{"the start of a text", dsl.StartsWith("o.name", "A"), []string{"ada"}},
		{"the start in either case", dsl.StartsWithFold("o.name", "B"), []string{"bob"}},
		{"a text in either case", dsl.EqualFold("o.name", "ADA"), []string{"ada"}},
		{"the end with a quote", dsl.Contains("o.name", `"Eve"`), []string{"eve"}},
		{"a regular expression", dsl.RegexMatch("o.name", "^A.A$", "i"), []string{"ada"}},
		{"a date moved", dsl.Lt{"o.born": dsl.DateAdd(dsl.Year, -100, "'1916-01-01'")}, []string{"ada"}},
		{"the month of a date", dsl.Expr("? = ?", dsl.DatePart(dsl.Month, "o.born"), 12), []string{"ada"}},
		{"years between dates", dsl.Gt{"o.order * 100": dsl.DateDiff(dsl.Year, "'1815-01-01'", "o.born")},
			[]string{"ada", "bob"}},
		{"a date rounded down", dsl.Expr("? = ?", dsl.DateBin(dsl.Day, 1, "o.born"),
			"1815-12-10T00:00:00.0000000Z"), []string{"ada"}},
		{"a time in another zone", dsl.Expr("o.born = ?",
			time.Date(1815, 12, 10, 9, 30, 0, 0, time.FixedZone("", 3600))), []string{"ada"}},
		{"a text in single quotes", "o.name = 'Ada' OR o.name IN ('bob')", []string{"ada", "bob"}},
		{"texts in single quotes that hold quotes", `o.name = 'it''s "Eve" \\ 100%_'`, []string{"eve"}},
		{"a text as an argument of a function", "STARTSWITH(o.name, 'A')", []string{"ada"}},
		{"a pattern in the text", `o.name LIKE '%!%!_' ESCAPE '!'`, []string{"eve"}},
		{"all", dsl.And{dsl.Expr("true")}, []string{"ada", "bob", "eve", "none", "nulls"}},
		{"none of nothing", dsl.Or{}, []string{}},
	} {
		ids := dsl.SelectValue("o.id").From("my-orders o")
		require.Equal(t, tt.want, found(t, ids.Where(tt.cond).RunWith(db)), tt.name)
		require.Equal(t, tt.want, found(t, ids.Where("o.customer = 'C-7'").Where(tt.cond).Where("true").Limit(9).
			RunWith(db)), "%s, beside other conditions", tt.name)
		require.EqualValues(t, len(tt.want), affected(t, dsl.Update("my-orders o").Set("o.seen", 1).Where(tt.cond).
			RunWith(db)), "%s, updated", tt.name)
		require.EqualValues(t, len(tt.want), affected(t, dsl.Delete("my-orders o").Where(tt.cond).RunWith(db)),
			"%s, deleted", tt.name)
		savePeople(t, db)
	}
}

// A filter finds what its caller asks for, and the caller's texts are never more than texts.
func TestFilterFinds(t *testing.T) {
	t.Parallel()
	db := people(t)
	filter := dsl.Filter{Fields: map[string]dsl.Field{
		"name": {Path: "o.name", Operators: []dsl.Operator{
			dsl.Equals, dsl.NotEquals, dsl.IsIn, dsl.HasPrefix, dsl.HasPart, dsl.HasSuffix}},
		"age": {Path: "o.age", Type: dsl.NumberField},
		"vip": {Path: "o.vip", Type: dsl.BooleanField},
		"tag": {Path: "o.tags", Operators: []dsl.Operator{dsl.HasElement}},
		"zip": {Path: dsl.Path("o", "zip code")},
	}}
	check := func(cond dsl.Sqlizer, err error, want []string, asked string) {
		t.Helper()
		require.NoError(t, err, asked)
		query := dsl.SelectValue("o.id").From("my-orders o").Where("o.customer = ?", "C-7").Where(cond)
		require.Equal(t, want, found(t, query.RunWith(db)), asked)
	}
	for _, tt := range []struct {
		json, query string
		want        []string
	}{
		{`{"name":"Ada"}`, "name=Ada", []string{"ada"}},
		{`{"name":["Ada","bob","no one"]}`, "name=Ada&name=bob&name=no+one", []string{"ada", "bob"}},
		{`{"name":{"in":["Ada","bob"]}}`, "name[in]=Ada,bob", []string{"ada", "bob"}},
		{`{"name":{"ne":"Ada"}}`, "name[ne]=Ada", []string{"bob", "eve", "nulls"}},
		{`{"name":{"contains":"\"Eve\""}}`, `name[contains]="Eve"`, []string{"eve"}},
		{`{"name":{"endswith":"%_"}}`, "name[endswith]=%25_", []string{"eve"}},
		{`{"name":{"startswith":"' OR true --"}}`, "name[startswith]=' OR true --", []string{}},
		{`{"age":{"gte":36,"lt":36.5}}`, "age[gte]=36&age[lt]=36.5", []string{"ada"}},
		{`{"age":3.6e1}`, "age=3.6e1", []string{"ada"}},
		{`{"age":{"gt":36},"vip":false}`, "age[gt]=36&vip=false", []string{"bob"}},
		{`{"age":{"ne":36}}`, "age[ne]=36", []string{"bob", "eve", "nulls"}},
		{`{"tag":{"arraycontains":"new"}}`, "tag[arraycontains]=new", []string{"ada", "eve"}},
		{`{"zip":{"notin":["0151"]}}`, "zip[notin]=0151", []string{"eve", "nulls"}},
		{`{}`, "", []string{"ada", "bob", "eve", "none", "nulls"}},
		{`{"age":null}`, "", []string{"none", "nulls"}},
		{`{"age":{"ne":null}}`, "", []string{"ada", "bob", "eve"}},
		{`{"or":[{"name":"Ada"},{"age":{"gt":36}}],"vip":true}`, "", []string{"ada"}},
		{`{"vip":true,"or":[{"name":"Ada"},{"age":{"gt":36}}]}`, "", []string{"ada"}},
		{`{"not":{"or":[{"vip":true},{"name":"Eve"}]}}`, "", []string{"bob", "nulls"}},
		{`{"not":{"name":"Ada","vip":true}}`, "", []string{"bob", "eve", "nulls"}},
		{`{"and":[{"or":[{"vip":true},{"vip":false}]},{"not":{"name":"bob"}}]}`, "", []string{"ada"}},
	} {
		cond, err := filter.JSON([]byte(tt.json))
		check(cond, err, tt.want, tt.json)
		if tt.query != "" {
			values, err := url.ParseQuery(tt.query)
			require.NoError(t, err)
			cond, err = filter.Query(values)
			check(cond, err, tt.want, tt.query)
		}
	}
}
