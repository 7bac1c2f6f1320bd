// Package recorded holds the in-process server, and the client, against recorded answers of the hosted service.
//
// testdata/exchanges.jsonl is one session with one account, in order: what was asked, and of the answer the status,
// substatus, code, text, members and their order, headers, page and charge. It was written from public recordings of
// October 2026, with names of its own. testdata/header_sets.json has the names of the headers of each kind of answer.
package recorded

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest/script"
)

// exchange is one request and what the service answered.
type exchange struct {
	N       int
	Name    string
	Seen    string // "" is in full; "head" or "notes" is less sure
	Request struct {
		Method, Path string
		Headers      map[string]string
		Body         *string
		Seed         *seed
	}
	Skip      string
	SkipBody  string `json:"skip_body"`
	Unordered string
	FirstOnly string `json:"first_only"`
	Wait      int    `json:"wait_ms"`
	Unsigned  bool
	Answer    answer
}

// seed makes a body by a rule.
type seed struct {
	Kind, PK           string
	From, Count, Bytes int
}

// answer is what is compared of an answer. A header "*" has a value that differs from run to run.
type answer struct {
	Status    int
	Substatus string
	Set       string
	Charge    *float64
	Headers   map[string]string
	Code      string
	Message   string
	Plan      string
	Body      string
	Shortened bool
	Rows      *struct{ Count int }
}

func exchanges(t *testing.T) (out []exchange) {
	f, err := os.Open("testdata/exchanges.jsonl")
	require.NoError(t, err)
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e exchange
		require.NoError(t, json.Unmarshal(lines.Bytes(), &e), lines.Text())
		out = append(out, e)
	}
	return out
}

func (e *exchange) body() string {
	s := e.Request.Seed
	switch {
	case e.Request.Body != nil:
		return *e.Request.Body
	case s == nil:
		return ""
	case s.Kind == "big":
		return `{"id":"big","pk":"a","s":"` + strings.Repeat("x", s.Bytes) + `"}`
	}
	count := s.Count
	if s.Kind == "101" {
		s.PK, count = "p0", 101
	}
	var ops []string
	for i := s.From; i < s.From+count; i++ {
		ops = append(ops, fmt.Sprintf(
			`{"operationType":"Create","resourceBody":{"id":"r%s-%d","pk":"%s","n":%d,"grp":%d,"txt":"row %d"}}`, s.PK,
			i, s.PK, i, i%7, i))
	}
	return "[" + strings.Join(ops, ",") + "]"
}

// aspects are what is compared, each for itself.
var aspects = []string{"status", "substatus", "code", "message", "body", "headers", "charge"}

// What differs on purpose, or cannot be alike: by exchange and aspect, with the reason.
var different = map[string]string{
	"100 charge": "the recorder's notes have no charge of this page",
}

func TestServerAnswersAsRecorded(t *testing.T) {
	now := time.Now()
	srv := cosmostest.RunT(t, script.JavaScript(), cosmostest.Partitions(1), cosmostest.Regions("East US"),
		cosmostest.Clock(func() time.Time { return now }))
	sets := headerSets(t)
	total, alike := map[string]int{}, map[string]int{}
	last, etags := "", map[string]string{}
	for _, e := range exchanges(t) {
		if e.Skip != "" {
			continue
		}
		now = now.Add(time.Duration(e.Wait) * time.Millisecond)
		for k, v := range e.Request.Headers {
			e.Request.Headers[k] = strings.NewReplacer("${last}", last, "${etag}", etags[e.Request.Path]).Replace(v)
		}
		status, header, body := send(t, srv, &e)
		if token := header.Get("x-ms-continuation"); token != "" {
			last = token
		}
		etags[e.Request.Path] = header.Get("etag")
		body = strings.Replace(body, `"id":"cosmostest"`, `"id":"account"`, 1)
		bad := e.Answer.compare(&e, sets, status, header, body)
		for _, aspect := range aspects {
			why, ok := bad[aspect]
			if ok && why == "" {
				continue // nothing to compare
			}
			key := fmt.Sprint(e.N, " ", aspect)
			if reason := different[key]; reason != "" {
				if !ok {
					t.Errorf("%s is alike now, though listed as different: %s", key, reason)
				}
				continue
			}
			total[aspect]++
			if !ok {
				alike[aspect]++
			} else {
				t.Errorf("%d %s: %s %s", e.N, e.Name, aspect, why)
			}
		}
	}
	for _, aspect := range aspects {
		t.Logf("%-10s %d of %d alike", aspect, alike[aspect], total[aspect])
	}
}

func headerSets(t *testing.T) map[string]headerSet {
	text, err := os.ReadFile("testdata/header_sets.json")
	require.NoError(t, err)
	var sets map[string]headerSet
	require.NoError(t, json.Unmarshal(text, &sets))
	return sets
}

// headerSet is the names of a kind of answer.
type headerSet struct{ Always, Sometimes []string }

func send(t *testing.T, srv *cosmostest.Server, e *exchange) (int, http.Header, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), e.Request.Method,
		strings.TrimSuffix(srv.Endpoint(), "/")+escape(e.Request.Path), strings.NewReader(e.body()))
	require.NoError(t, err)
	req.Header.Set("accept", "application/json")
	req.Header.Set("x-ms-version", "2018-12-31")
	if !e.Unsigned {
		// The recorder sent its dates in lower case.
		date := strings.ToLower(time.Now().UTC().Format(http.TimeFormat))
		req.Header.Set("x-ms-date", date)
		req.Header.Set("authorization", signature(srv.Key(), e.Request.Method, e.Request.Path, date))
	}
	for k, v := range e.Request.Headers {
		req.Header.Set(k, v)
	}
	res, err := srv.HTTPClient().Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, res.Header, string(body)
}

// compare says for each aspect how the answer differs; "" where the recording does not tell. An aspect that is alike is
// not in the result.
func (a answer) compare(e *exchange, sets map[string]headerSet, status int, header http.Header,
	body string) map[string]string {
	bad := map[string]string{}
	differ := func(aspect string, want, have any) {
		if fmt.Sprint(want) != fmt.Sprint(have) {
			bad[aspect] = fmt.Sprintf("\n  want %v\n  have %v", want, have)
		}
	}
	none := func(aspect string) { bad[aspect] = "" }
	differ("status", a.Status, status)
	differ("substatus", a.Substatus, header.Get("x-ms-substatus"))
	var said struct{ Code, Message, AdditionalErrorInfo string }
	if a.Code == "" {
		none("code")
		none("message")
	} else {
		json.Unmarshal([]byte(body), &said)
		differ("code", a.Code, said.Code)
		differ("message", a.Message, plain(said.Message))
		if a.Plan != "" && bad["message"] == "" {
			differ("message", normal(a.Plan, ""), normal(said.AdditionalErrorInfo, ""))
		}
	}
	switch {
	case a.Code != "" || e.SkipBody != "":
		none("body")
	case a.Shortened:
		if a.Rows == nil {
			none("body")
		} else {
			differ("body", strconv.Itoa(a.Rows.Count), header.Get("x-ms-item-count"))
		}
	default:
		differ("body", normal(a.Body, e.Unordered+e.FirstOnly), normal(body, e.Unordered+e.FirstOnly))
	}
	if a.Charge == nil {
		if charge := header.Get("x-ms-request-charge"); charge != "" {
			bad["charge"] = "have " + charge + ", want none"
		}
	} else if have, err := strconv.ParseFloat(header.Get("x-ms-request-charge"),
		64); err != nil || math.Abs(have-*a.Charge) > 0.05**a.Charge {
		bad["charge"] = fmt.Sprintf("want %v have %v", *a.Charge, header.Get("x-ms-request-charge"))
	}
	if e.SkipBody+e.Unordered+e.FirstOnly != "" {
		delete(a.Headers, "x-ms-item-count") // of other resources of the recorder's account
	}
	if why := a.headers(sets[a.Set], header); why != "" {
		bad["headers"] = why
	}
	return bad
}

// headers compares the names with those of the kind of answer, and the values that do not change from run to run.
func (a answer) headers(set headerSet, header http.Header) string {
	var out []string
	for _, name := range set.Always {
		// net/http takes it away
		if len(header.Values(name)) == 0 && !(name == "x-ms-request-charge" && a.Charge == nil) &&
			!(name == "content-type" && a.Status == 304) {
			out = append(out, "no "+name)
		}
	}
	for name, want := range a.Headers {
		if name == "x-ms-quorum-acked-lsn" { // of the primary, which answers reads by chance
			continue
		}
		if values := header.Values(name); len(values) == 0 && name != "content-length" {
			out = append(out, "no "+name)
		} else if want != "*" && name != "content-length" && values[0] != want {
			out = append(out, name+" is "+values[0]+", want "+want)
		}
	}
	// What the primary of several replicas adds may be there or not.
	free := []string{"content-length", "x-ms-quorum-acked-lsn", "x-ms-cosmos-quorum-acked-llsn",
		"x-ms-current-replica-set-size", "x-ms-current-write-quorum", "x-ms-request-charge", "x-ms-substatus"}
	for name, values := range header {
		name = strings.ToLower(name)
		if len(values) > 1 {
			out = append(out, name+" is there "+strconv.Itoa(len(values))+" times")
		}
		_, recorded := a.Headers[name]
		if !recorded && !slices.Contains(set.Always, name) && !slices.Contains(set.Sometimes, name) &&
			!slices.Contains(free, name) {
			out = append(out, "has "+name)
		}
	}
	sort.Strings(out)
	return strings.Join(slices.Compact(out), "; ")
}
