package control

import (
	"net/http"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

// A rule chooses the requests of which all holds that it says; what it leaves out holds of any.
func TestRulesMatch(t *testing.T) {
	t.Parallel()
	read := cosmostest.Request{Operation: cosmostest.Read, Database: "shop", Container: "orders", Item: "1",
		PartitionKey: `["ann", 1.0]`, Range: "2", Region: "West US",
		Header: http.Header{"X-Ms-Version": {"2020-07-15"}}}
	for _, test := range []struct {
		match string
		want  bool
	}{
		{`{"operations": ["Read"]}`, true},
		{`{"operations": ["Create", "Read"]}`, true},
		{`{"operations": ["Create"]}`, false},
		{`{"operations": []}`, false},
		{`{"database": "shop"}`, true},
		{`{"database": "Shop"}`, false},
		{`{"container": "orders"}`, true},
		{`{"container": "order"}`, false},
		{`{"item": "1"}`, true},
		{`{"item": "2"}`, false},
		{`{"range": "2"}`, true},
		{`{"range": "0"}`, false},
		{`{"region": "westus"}`, true},
		{`{"region": "East US"}`, false},
		{`{"partitionKey": ["ann", 1]}`, true},
		{`{"partitionKey": [ "\u0061nn" , 1e0 ]}`, true},
		{`{"partitionKey": ["ann"]}`, false},
		{`{"partitionKey": [1, "ann"]}`, false},
		{`{"header": {"x-ms-version": "2020-07-15"}}`, true},
		{`{"header": {"x-ms-version": "2018-12-31"}}`, false},
		{`{"header": {"x-ms-date": ""}}`, true},
		{`{"header": {"x-ms-version": "2020-07-15", "prefer": "x"}}`, false},
		{`{"operations": ["Read"], "database": "shop", "container": "orders", "item": "1", "region": "West US"}`, true},
		{`{"operations": ["Read"], "database": "shop", "container": "orders", "item": "2"}`, false},
	} {
		var m match
		require.NoError(t, json.Unmarshal([]byte(test.match), &m))
		require.Equal(t, test.want, m.matches()(read), test.match)
	}
	require.Nil(t, match{}.matches(), "of nothing that is said: every request")
	var m match
	require.NoError(t, json.Unmarshal([]byte(`{"partitionKey": ["ann"]}`), &m))
	require.False(t, m.matches()(cosmostest.Request{}), "a request without a key has none that is the same")
}

// A share of the requests is the same in every run of a seed, and never touches the parts of a request.
func TestShares(t *testing.T) {
	t.Parallel()
	draw := func(
		rate float64, seed uint64, op cosmostest.Operation, match func(cosmostest.Request) bool,
	) (n int, drawn string) {
		f := share(match, rate, seed)
		for range 1000 {
			hit := f(cosmostest.Request{Operation: op})
			drawn += map[bool]string{true: "x", false: "."}[hit]
			if hit {
				n++
			}
		}
		return n, drawn
	}
	of := func(op cosmostest.Operation) func(cosmostest.Request) bool { return cosmostest.On(op) }
	n, first := draw(0.3, 7, cosmostest.Read, nil)
	require.InDelta(t, 300, n, 60)
	_, again := draw(0.3, 7, cosmostest.Read, nil)
	require.Equal(t, first, again)
	_, other := draw(0.3, 8, cosmostest.Read, nil)
	require.NotEqual(t, first, other)
	for _, test := range []struct {
		rate  float64
		op    cosmostest.Operation
		match func(cosmostest.Request) bool
		want  int
	}{
		{1, cosmostest.Read, nil, 1000},
		{1, cosmostest.Read, of(cosmostest.Read), 1000},
		{1, cosmostest.Read, of(cosmostest.Create), 0},
		{1, cosmostest.BulkItem, nil, 0},
		{1, cosmostest.BulkItem, of(cosmostest.BulkItem), 1000},
	} {
		n, _ := draw(test.rate, 1, test.op, test.match)
		require.Equal(t, test.want, n, "%v of %s", test.rate, test.op)
	}
}

// The last thousand requests are kept, by numbers that go on; what signs them is not.
func TestRequestsAreKept(t *testing.T) {
	t.Parallel()
	c := New()
	numbers := func(after int) (first, last, n int) {
		all := c.log.since(after)
		if len(all) == 0 {
			return 0, 0, 0
		}
		return all[0].Number, all[len(all)-1].Number, len(all)
	}
	see := func(n int) {
		for range n {
			x := cosmostest.Exchange{Status: 200}
			x.Header = http.Header{"Authorization": {"type=master&sig=secret"}, "x-ms-date": {"today", "tomorrow"}}
			c.See(x)
		}
	}
	check := func(after, first, last, n int) {
		t.Helper()
		gotFirst, gotLast, got := numbers(after)
		require.Equal(t, []int{first, last, n}, []int{gotFirst, gotLast, got})
	}
	check(0, 0, 0, 0)
	see(3)
	check(0, 1, 3, 3)
	check(2, 3, 3, 1)
	check(3, 0, 0, 0)
	check(-5, 1, 3, 3)
	require.Equal(t, map[string]string{"X-Ms-Date": "today"}, c.log.since(2)[0].Header)
	see(kept)
	check(0, 4, kept+3, kept)
	check(kept, kept+1, kept+3, 3)
	_, err := forget(&call{control: c})
	require.NoError(t, err)
	check(0, 0, 0, 0)
	see(1)
	check(0, kept+4, kept+4, 1)
}

// What a body says wrongly is named with the place where it stands; a value that is long is told by its kind.
func TestBodiesThatAreWrong(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("0", 100)
	for _, test := range []struct{ body, want string }{
		{"", "the body is missing: such as EXAMPLE"},
		{" \n", "the body is missing: such as EXAMPLE"},
		{`{"times": "2"}`, `member "times": a string is not what is wanted: the body is such as EXAMPLE`},
		{`{"times": 1.5}`, `member "times": 1.5 is not what is wanted`},
		{`{"times": 1` + long + `}`, `member "times": a number is not what is wanted`},
		{`{"match": {"operations": "Read"}}`, `member "match.operations": a string is not what is wanted`},
		{`{"match": {"operations": [1]}}`, `member "match.operations.0": a number is not what is wanted`},
		{`{"match": {"item": "1", "item": "2"}}`, `member "match.item" is given twice`},
		{`{"match": {"items": "1"}}`, `unknown member "match.items": the body is such as EXAMPLE`},
		{`{"delay": "soon"}`, `member "delay": "soon" is not a time: such as 20ms or 1h30m`},
		{`{"delay": 20}`, `member "delay": a number is not what is wanted`},
		{`{"times": 2`, "the body is not JSON, at byte 11: "},
		{`{"times": 2} {}`, "the body is not JSON, at byte 13: "},
	} {
		var r rule
		err := read([]byte(test.body), "EXAMPLE", &r)
		require.ErrorContains(t, err, test.want, test.body)
		require.Equal(t, 400, err.(*refusal).status)
	}
	var r rule
	require.NoError(t, read([]byte(`{"times": 2, "delay": "1.5s"}`), "", &r))
	require.Equal(t, []any{2, "1.5s"}, []any{r.Times, string(must(r.Delay.MarshalText()))})
}

func must(text []byte, _ error) []byte { return text }
