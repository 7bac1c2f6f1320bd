package dsl_test

import (
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/dsl"
)

// asked reads a filter in the form that it is in: JSON, or the query of a URL.
func asked(t *testing.T, f *dsl.Filter, text string) (dsl.Sqlizer, error) {
	if strings.HasPrefix(text, "{") {
		return f.JSON([]byte(text))
	}
	values, err := url.ParseQuery(text)
	require.NoError(t, err, text)
	return f.Query(values)
}

// Each limit lets through exactly what it says, whether it is set or left to its default, in both forms.
func TestFilterLimits(t *testing.T) {
	t.Parallel()
	fields := map[string]dsl.Field{"a": {}, "n": {Type: dsl.NumberField}}
	own := &dsl.Filter{Fields: fields, MaxConditions: 3, MaxDepth: 1, MaxList: 2, MaxLength: 4}
	usual := &dsl.Filter{Fields: fields}
	list := func(n int) string { return strings.TrimSuffix(strings.Repeat("7,", n), ",") }
	times := func(n int, text string) string { return strings.TrimSuffix(strings.Repeat(text+",", n), ",") }
	nested := func(n int) string {
		return strings.Repeat(`{"not":`, n) + `{"a":"x"}` + strings.Repeat("}", n)
	}
	for _, tt := range []struct {
		name   string
		filter *dsl.Filter
		most   string // what just passes
		more   string // and what does not
		want   string
	}{
		{"comparisons", own, `{"n":{"gt":1,"lt":2,"ne":3}}`, `{"n":{"gt":1,"lt":2,"ne":3,"eq":4}}`,
			"more than 3 conditions"},
		{"comparisons in several places", own, `{"n":1,"or":[{"a":"x"},{"a":"y"}]}`,
			`{"n":1,"or":[{"a":"x"},{"a":"y"},{"a":"z"}]}`, "more than 3 conditions"},
		{"empty conditions", own, `{"or":[{},{},{}]}`, `{"or":[{},{},{},{}]}`, "more than 3 conditions"},
		{"comparisons of a URL", own, "a=x&n[gt]=1&n[lt]=2", "a=x&n[gt]=1&n[lt]=2&n[ne]=3", "more than 3 conditions"},
		{"comparisons by default", usual, `{"and":[` + times(20, `{"n":1}`) + `]}`,
			`{"and":[` + times(20, `{"n":1}`) + `],"n":1}`, "more than 20 conditions"},
		{"depth", own, nested(1), nested(2), "and, or, not more than 1 deep"},
		{"depth by default", usual, nested(4), nested(5), "and, or, not more than 4 deep"},
		{"a list", own, `{"n":[1,2]}`, `{"n":[1,2,3]}`, "in takes from 1 to 2 values, not 3"},
		{"a list of a URL", own, "n[notin]=1,2", "n[notin]=1,2,3", "notin takes from 1 to 2 values, not 3"},
		{"a parameter several times", own, "n=1&n=2", "n=1&n=2&n=3", "in takes from 1 to 2 values, not 3"},
		{"a list by default", usual, `{"n":[` + list(100) + `]}`, `{"n":[` + list(101) + `]}`,
			"in takes from 1 to 100 values, not 101"},
		{"bytes of a text", own, `{"a":"éab"}`, `{"a":"éabc"}`, "a text of more than 4 bytes"},
		{"a text of a URL", own, "a=abcd", "a=abcde", "a text of more than 4 bytes"},
		{"a text by default", usual, "a=" + strings.Repeat("x", 1000), "a=" + strings.Repeat("x", 1001),
			"a text of more than 1000 bytes"},
		{"bytes of a filter", usual, `{"a":"x"` + strings.Repeat(" ", 64<<10-9) + "}",
			`{"a":"x"` + strings.Repeat(" ", 64<<10-8) + "}", "more than 65536 bytes"},
		{"bytes of a URL", usual, "a=x&page=" + strings.Repeat("y", 1<<10), "a=" + strings.Repeat("y", 64<<10),
			"more than 65536 bytes"},
	} {
		f := *tt.filter
		f.Ignore = []string{"page"}
		_, err := asked(t, &f, tt.most)
		require.NoError(t, err, tt.name)
		_, err = asked(t, &f, tt.more)
		require.ErrorContains(t, err, "filter: ", tt.name)
		require.ErrorContains(t, err, tt.want, tt.name)
		require.Less(t, len(err.Error()), 200, "what is told to the caller is short: %s", tt.name)
	}
}

// What is wrong inside of and, or, not, lists and objects of operators is found there, and names its field.
func TestFilterRefusesInside(t *testing.T) {
	t.Parallel()
	f := &dsl.Filter{Fields: map[string]dsl.Field{"a": {}, "n": {Type: dsl.NumberField}, "b": {Type: dsl.BooleanField}}}
	for text, want := range map[string]string{
		`{"and":[{"a":"x"},{"n":"y"}]}`:    `field "n": a text where a number belongs`,
		`{"or":[{"a":"x"},7]}`:             "a condition is an object",
		`{"or":[{"or":"x"}]}`:              "or takes a list of conditions",
		`{"not":{"and":[{"secret":1}]}}`:   `field "secret": is not one to filter by`,
		`{"n":{"gt":1,"lt":"x"}}`:          `field "n": a text where a number belongs`,
		`{"n":[1,"x"]}`:                    `field "n": a text where a number belongs`,
		`{"n":[1,[2]]}`:                    `field "n": an object or a list where a value belongs`,
		`{"a":["x",{"eq":"y"}]}`:           `field "a": an object or a list where a value belongs`,
		`{"a":"x","n":{"eq":1,"eq":2}}`:    `"eq" stands twice in one object`,
		`{"or":[{"a":"x"},{"a":"y","a":0}`: `"a" stands twice in one object`,
		`{"a":["x"`:                        "unexpected end of JSON input",
		`{"a":{"eq":`:                      "unexpected end of JSON input",
		`{"a"`:                             "not a JSON condition",
		`{"a":x}`:                          "not a JSON condition",
		`{"a":["x",}`:                      "not a JSON condition",
		`{} {}`:                            "more than one value",
		"n[in]=1,x":                        `field "n": "x" is not a number`,
		"n[in]=":                           `field "n": "" is not a number`,
		"b[in]=true,maybe":                 `field "b": neither true nor false`,
		"b=true&b=maybe":                   `field "b": neither true nor false`,
		"n=1&n[gt]=x":                      `field "n": "x" is not a number`,
		"a[]=x":                            `field "a": cannot be compared by ""`,
		"a[eq][ne]=x":                      `field "a": cannot be compared by "eq][ne"`,
	} {
		cond, err := asked(t, f, text)
		require.ErrorContains(t, err, want, text)
		require.Nil(t, cond, text)
		var refused *dsl.FilterError
		require.ErrorAs(t, err, &refused, text)
	}
}

// A filter is read by any number of requests at a time, and no request counts the conditions of another.
func TestFilterOfManyRequests(t *testing.T) {
	t.Parallel()
	f := &dsl.Filter{Fields: map[string]dsl.Field{"n": {Type: dsl.NumberField}}, MaxConditions: 2}
	var wg sync.WaitGroup
	for i := range 32 {
		wg.Go(func() {
			cond, err := asked(t, f, fmt.Sprintf(`{"n":{"gte":%d,"lt":%d}}`, i, i+1))
			if err == nil {
				_, args, _ := dsl.SelectValue("c").From("c").Where(cond).ToSql()
				if len(args) == 2 && args[0] == int64(i) && args[1] == int64(i+1) {
					return
				}
			}
			t.Errorf("request %d: %v", i, err)
		})
	}
	wg.Wait()
}
