package gateway_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	atomicBatch = h{"x-ms-cosmos-is-batch-request": "True", "x-ms-cosmos-batch-atomic": "True",
		"x-ms-cosmos-batch-ordered": "True"}
	bulk = h{"x-ms-cosmos-is-batch-request": "true", "x-ms-cosmos-batch-atomic": "false",
		"x-ms-cosmos-batch-continue-on-error": "true"}
)

type result struct {
	StatusCode, SubStatusCode int
	RequestCharge             float64
	ETag                      string
	ResourceBody              json.RawMessage
	RetryAfterMilliseconds    int
	Message                   string
}

func (a answer) results(t *testing.T) (all []result) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(a.body), &all), a.body)
	return all
}

func statuses(all []result) (out []int) {
	for _, r := range all {
		out = append(out, r.StatusCode)
	}
	return out
}

func TestBatch(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	a := s.do("POST", coll+"/docs", pk("p").and(atomicBatch), `[
		{"operationType":"Create","resourceBody":{"id":"a","pk":"p","n":50,"s":"<&>"}},
		{"operationType":"Upsert","resourceBody":{"id":"b","pk":"p"}},
		{"operationType":"Read","id":"a"},
		{"operationType":"Replace","id":"a","resourceBody":{"id":"a","pk":"p","n":52}},
		{"operationType":"Patch","id":"a","resourceBody":{"operations":[{"op":"incr","path":"/n","value":1}]}},
		{"operationType":"Delete","id":"b"}]`).want(t, 200)
	all := a.results(t)
	require.Equal(t, []int{201, 201, 200, 200, 200, 204}, statuses(all))
	require.Contains(t, string(all[2].ResourceBody), `"n":50,"s":"<&>"`)
	require.Contains(t, string(all[4].ResourceBody), `"n":53`)
	require.Empty(t, all[5].ResourceBody)
	require.NotEmpty(t, all[0].ETag)
	require.Contains(t, a.body, `"eTag":"\"`)
	require.Positive(t, all[0].RequestCharge)
	require.Contains(t, a.header.Get("x-ms-session-token"), ":-1#1", "one transaction, one step")
	s.do("GET", coll+"/docs/b", pk("p"), nil).want(t, 404)
}

func TestBatchIsAtomic(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	before := s.do("POST", coll+"/docs", pk("p"), h{"id": "old", "pk": "p", "v": "1"}).want(t, 201)
	for _, test := range []struct {
		name, last string
		status     int
	}{
		{"id taken", `{"operationType":"Create","resourceBody":{"id":"old","pk":"p"}}`, 409},
		{"not there", `{"operationType":"Delete","id":"none"}`, 404},
		{"changed", `{"operationType":"Replace","id":"old","ifMatch":"\"x\"","resourceBody":{"id":"old","pk":"p"}}`,
			412},
		{"condition", `{"operationType":"Patch","id":"old","resourceBody":{"condition":"from c where c.v = '9'",` +
			`"operations":[{"op":"set","path":"/v","value":"3"}]}}`, 412},
		{"other key", `{"operationType":"Create","resourceBody":{"id":"x","pk":"q"}}`, 400},
		{"unknown", `{"operationType":"Sing"}`, 400},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := s.do("POST", coll+"/docs", pk("p").and(atomicBatch),
				`[{"operationType":"Create","resourceBody":{"id":"new","pk":"p"}},
				{"operationType":"Upsert","resourceBody":{"id":"old","pk":"p","v":"2"}},
				{"operationType":"Delete","id":"new"},`+test.last+`]`).want(t, 207)
			all := a.results(t)
			require.Equal(t, []int{424, 424, 424, test.status}, statuses(all))
			require.NotZero(t, all[3].RequestCharge)
			require.Equal(t, before.body, s.do("GET", coll+"/docs/old", pk("p"), nil).want(t, 200).body)
			s.do("GET", coll+"/docs/new", pk("p"), nil).want(t, 404)
		})
	}
}

func TestBatchRefused(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	read := `{"operationType":"Read","id":"a"}`
	s.do("POST", coll+"/docs", pk("p").and(atomicBatch), "["+strings.Repeat(read+",", 100)+read+"]").want(t, 400)
	require.Contains(t, s.do("POST", coll+"/docs", pk("p").and(atomicBatch), "[]").want(t, 400).body,
		"Batch request has no operations.")
	s.do("POST", coll+"/docs", pk("p").and(atomicBatch), "{}").want(t, 400)
	s.do("POST", coll+"/docs", atomicBatch, "["+read+"]").want(t, 400)
	ranges := h{"x-ms-documentdb-partitionkeyrangeid": "DPZtAKyOj5g=,0"}
	s.do("POST", coll+"/docs", pk("p").and(atomicBatch).and(ranges), "["+read+"]").want(t, 410, "1000")
	ranges["x-ms-documentdb-partitionkeyrangeid"] = s.do("GET", coll, nil, nil).text("_rid") + ",99"
	s.do("POST", coll+"/docs", pk("p").and(atomicBatch).and(ranges), "["+read+"]").want(t, 410, "1002")
	s.do("POST", coll+"/docs", pk("p").and(atomicBatch),
		`[{"operationType":"Create","resourceBody":{"id":"a","x":"`+strings.Repeat("x", 2<<20+4096)+`"}}]`).want(t, 413)
	m := s.do("POST", coll+"/docs", pk("p").and(atomicBatch).and(h{"prefer": "return=minimal"}),
		`[{"operationType":"Create","resourceBody":{"id":"a","pk":"p"}},`+read+
			`,{"operationType":"Read","id":"a","ifNoneMatch":"x"}]`).want(t, 200).results(t)
	require.Empty(t, m[0].ResourceBody)
	require.NotEmpty(t, m[1].ResourceBody)
}

func TestBulk(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	c, err := s.account.Container("d", "c")
	require.NoError(t, err)
	def := c.Definition().PartitionKey
	// keys that are in the first range, and one that is not
	var in []string
	out := ""
	for i := 0; len(in) < 3 || out == ""; i++ {
		k := fmt.Sprint("k", i)
		if c.Ranges()[0].Contains(def.EPK(mustKey(t, `["`+k+`"]`))) {
			in = append(in, k)
		} else {
			out = k
		}
	}
	op := func(kind, id, key string) string {
		return fmt.Sprintf(`{"operationType":%q,"id":%q,"partitionKey":"[\"%s\"]","resourceBody":{"id":%q,"pk":%q}}`,
			kind, id, key, id, key)
	}
	s.do("POST", coll+"/docs", pk(in[0]), h{"id": "taken", "pk": in[0]}).want(t, 201)
	headers := bulk.and(h{"x-ms-documentdb-partitionkeyrangeid": "0"})
	body := "[" + strings.Join([]string{op("Create", "a", in[0]), op("Create", "taken", in[0]),
		op("Create", "b", in[1]), op("Upsert", "taken", in[0]),
		op("Delete", "none", in[2]), op("Create", "c", out)}, ",") + "]"
	all := s.do("POST", coll+"/docs", headers, body).want(t, 207).results(t)
	require.Equal(t, []int{201, 409, 201, 200, 404, 410}, statuses(all))
	require.Equal(t, 1002, all[5].SubStatusCode)
	s.do("POST", coll+"/docs", headers,
		"["+op("Read", "a", in[0])+`,{"operationType":"Read","id":"b","partitionKey":["`+in[1]+`"]}]`).want(t, 200)
	noKey := s.do("POST", coll+"/docs", headers, `[{"operationType":"Read","id":"b"}]`).want(t, 207)
	require.Equal(t, []int{400}, statuses(noKey.results(t)))
	require.Equal(t, "1001", noKey.header.Get("x-ms-substatus"))
	// Operations do not depend on each other, unless the caller wants them in order.
	two := "[" + op("Delete", "none", in[0]) + "," + op("Read", "a", in[0]) + "]"
	for name, test := range map[string]struct {
		headers h
		want    []int
	}{
		"continue": {h{}, []int{404, 200}},
		"in order": {h{"x-ms-cosmos-batch-ordered": "True"}, []int{404, 200}},
		"stop":     {h{"x-ms-cosmos-batch-continue-on-error": "false"}, []int{404, 424}},
		"stop, in order": {h{"x-ms-cosmos-batch-continue-on-error": "False", "x-ms-cosmos-batch-ordered": "True"},
			[]int{404, 424}},
	} {
		require.Equal(t, test.want,
			statuses(s.do("POST", coll+"/docs", headers.and(test.headers), two).want(t, 207).results(t)), name)
	}
	bad := `[{"operationType":"Read","id":"b"},` + op("Read", "a", in[0]) + "]"
	stopped := s.do("POST", coll+"/docs", headers.and(h{"x-ms-cosmos-batch-continue-on-error": "False"}), bad)
	require.Equal(t, []int{400, 424}, statuses(stopped.want(t, 207).results(t)), "no key")
	_, err = c.Split("0")
	require.NoError(t, err)
	s.do("POST", coll+"/docs", headers, body).want(t, 410, "1002")
}

// A bulk over several ranges has their session tokens in the order of the ranges, each time.
func TestBulkOfSeveralRanges(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	var ops []string
	for i := range 20 {
		ops = append(ops, fmt.Sprintf(`{"operationType":"Upsert","partitionKey":["%[1]d"],`+
			`"resourceBody":{"id":"a","pk":"%[1]d"}}`, i))
	}
	for range 20 {
		a := s.do("POST", coll+"/docs", bulk, "["+strings.Join(ops, ",")+"]").want(t, 200)
		require.Regexp(t, "^0:[^,]+,1:[^,]+,2:[^,]+,3:[^,]+$", a.header.Get("x-ms-session-token"))
	}
}

// A reader never sees half a batch, of a thousand that ten writers send while it looks.
func TestReadersSeeWholeBatches(t *testing.T) {
	t.Parallel()
	const writers, batches = 10, 100
	s := newServer(t)
	coll := s.container("/pk")
	set := func(v int) string {
		ops := []string{}
		for i := range 5 {
			ops = append(ops,
				fmt.Sprintf(`{"operationType":"Upsert","resourceBody":{"id":"%d","pk":"p","v":%d}}`, i, v))
		}
		return "[" + strings.Join(ops, ",") + "]"
	}
	s.do("POST", coll+"/docs", pk("p").and(atomicBatch), set(-1)).want(t, 200)
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for b := range batches {
				s.do("POST", coll+"/docs", pk("p").and(atomicBatch), set(w*batches+b))
			}
		})
	}
	done := make(chan struct{})
	go func() {
		wg.Wait()
		close(done)
	}()
	for looking := true; looking; {
		select {
		case <-done:
			looking = false // one last look
		default:
		}
		rows := s.query(coll, "SELECT DISTINCT VALUE c.v FROM c", pk("p"))
		require.Len(t, rows, 1)
	}
}

// What a batch answers has a limit, too; and on a read either condition is about what the caller has.
func TestBatchReads(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	a := s.do("POST", coll+"/docs", pk("p"),
		h{"id": "big", "pk": "p", "x": strings.Repeat("x", 1_000_000)}).want(t, 201)
	ops := strings.Repeat(`{"operationType":"Read","id":"big"},`, 10)
	all := s.do("POST", coll+"/docs", pk("p").and(atomicBatch), "["+strings.TrimSuffix(ops, ",")+"]").
		want(t, 207).results(t)
	require.Equal(t, []int{424, 424, 424, 424, 413, 424, 424, 424, 424, 424}, statuses(all))
	etag, _ := json.Marshal(a.text("_etag"))
	for _, condition := range []string{"ifMatch", "ifNoneMatch"} {
		all := s.do("POST", coll+"/docs", pk("p").and(atomicBatch),
			`[{"operationType":"Read","id":"big","`+condition+`":`+string(etag)+`}]`).want(t, 200).results(t)
		require.Equal(t, []int{304}, statuses(all), condition)
	}
}

func TestBatchWithPartOfAKey(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/a", "/b")
	a := s.do("POST", coll+"/docs", pk("x").and(atomicBatch), `[{"operationType":"Read","id":"1"}]`).
		want(t, 400, "1001")
	require.Contains(t, a.text("message"),
		"Partition key provided either doesn't correspond to definition in the collection")
}
