package cosmos

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/queryplan"
	"github.com/cosmossql/cosmossql/internal/rest"
)

// QueryMetrics has a query tell how it was executed: see [Response.QueryExecution], [Usage] and
// [Container.ExplainAnalyze].
func QueryMetrics(want bool) Option { return option.New(option.QueryMetrics, want) }

// IndexMetrics has a query tell which indexes it used and which would have helped: see [Response.IndexUtilization]. It
// costs the service some work; it is for development.
func IndexMetrics(want bool) Option { return option.New(option.IndexMetrics, want) }

// QueryAdvice has a query tell what could be written better: see [Response.Advice].
func QueryAdvice(want bool) Option { return option.New(option.QueryAdvice, want) }

func askForMetrics(set *option.Set, req *rest.Request) {
	for _, ask := range []struct {
		wanted bool
		header string
	}{
		{set.QueryMetrics, rest.HeaderWantQueryMetrics}, {set.IndexMetrics, rest.HeaderWantIndexMetrics},
		{set.QueryAdvice, rest.HeaderWantAdvice},
	} {
		if ask.wanted {
			req.Set(ask.header, "True")
		}
	}
}

// QueryExecution is how a query was executed by one partition, or the sum of several.
type QueryExecution struct {
	RetrievedDocuments int64 // that were looked at
	RetrievedBytes     int64
	OutputDocuments    int64 // rows
	OutputBytes        int64
	Total              time.Duration // of these times, which the service rounds to 10 microseconds:
	Compile            time.Duration // reading and planning the text
	IndexLookup        time.Duration
	DocumentLoad       time.Duration
	Execution          time.Duration // evaluating expressions
	DocumentWrite      time.Duration // writing rows
	// IndexHitRatio is the share of the documents looked at that were rows, of 1, as the service tells it; of a sum,
	// that of the newest.
	IndexHitRatio float64
}

// QueryExecution is what the answer tells of the execution of a query; false unless [QueryMetrics] asked for it. Of a
// page that several partitions have answered it is that of the last answer; [WithStats] and [Container.ExplainAnalyze]
// have all.
func (r *Response) QueryExecution() (QueryExecution, bool) { return queryExecution(r.Header) }

func queryExecution(h http.Header) (m QueryExecution, told bool) {
	text := h.Get(rest.HeaderQueryMetrics)
	if text == "" {
		return m, false
	}
	for field := range strings.SplitSeq(text, ";") {
		name, value, _ := strings.Cut(field, "=")
		n, err := strconv.ParseFloat(value, 64)
		if err != nil {
			continue
		}
		ms := time.Duration(n * float64(time.Millisecond))
		switch name {
		case "retrievedDocumentCount":
			m.RetrievedDocuments = int64(n)
		case "retrievedDocumentSize":
			m.RetrievedBytes = int64(n)
		case "outputDocumentCount":
			m.OutputDocuments = int64(n)
		case "outputDocumentSize":
			m.OutputBytes = int64(n)
		case "totalExecutionTimeInMs":
			m.Total = ms
		case "queryCompileTimeInMs", "queryLogicalPlanBuildTimeInMs", "queryPhysicalPlanBuildTimeInMs",
			"queryOptimizationTimeInMs":
			m.Compile += ms
		case "indexLookupTimeInMs":
			m.IndexLookup = ms
		case "documentLoadTimeInMs":
			m.DocumentLoad = ms
		case "VMExecutionTimeInMs":
			m.Execution = ms
		case "writeOutputTimeInMs":
			m.DocumentWrite = ms
		case "indexUtilizationRatio":
			m.IndexHitRatio = n
		}
	}
	return m, true
}

func (m *QueryExecution) add(n QueryExecution) {
	m.RetrievedDocuments += n.RetrievedDocuments
	m.RetrievedBytes += n.RetrievedBytes
	m.OutputDocuments += n.OutputDocuments
	m.OutputBytes += n.OutputBytes
	m.Total += n.Total
	m.Compile += n.Compile
	m.IndexLookup += n.IndexLookup
	m.DocumentLoad += n.DocumentLoad
	m.Execution += n.Execution
	m.DocumentWrite += n.DocumentWrite
	m.IndexHitRatio = n.IndexHitRatio
}

// IndexUtilization says which indexes a query used, and which ones it would use if the indexing policy had them.
type IndexUtilization struct {
	Used, Missing                   []IndexUse // of one path
	UsedComposite, MissingComposite []IndexUse
}

// IndexUse is one index of a query.
type IndexUse struct {
	Paths  []string // /city/?; of a composite index with the order, /city ASC
	Filter string   // the part of the query that it serves; empty if the service does not tell
	Impact string   // "High" or "Low": how much it matters to the cost
}

// Policy is what to add to the [IndexingPolicy] for an index that is missing, as JSON: an entry of its includedPaths,
// or of its compositeIndexes.
func (u IndexUse) Policy() string {
	entry := func(spec string) string {
		path, order, composite := strings.Cut(spec, " ")
		text, _ := json.Marshal(path)
		if !composite {
			return `{"path":` + string(text) + `}`
		}
		return `{"path":` + string(text) + `,"order":"` +
			map[bool]string{false: "ascending", true: "descending"}[strings.EqualFold(order, "DESC")] + `"}`
	}
	entries := make([]string, len(u.Paths))
	for i, p := range u.Paths {
		entries[i] = entry(p)
	}
	list := strings.Join(entries, ",")
	if len(entries) > 1 {
		list = "[" + list + "]"
	}
	return list
}

// IndexUtilization is what the answer tells of indexes; false unless [IndexMetrics] asked for it. All partitions tell
// the same.
func (r *Response) IndexUtilization() (IndexUtilization, bool) { return indexUtilization(r.Header) }

func indexUtilization(h http.Header) (u IndexUtilization, told bool) {
	text, err := base64.StdEncoding.DecodeString(h.Get(rest.HeaderIndexMetrics))
	if err != nil || len(text) == 0 {
		return u, false
	}
	type use struct {
		FilterExpression, IndexSpec, IndexImpactScore string
		IndexSpecs                                    []string
	}
	var told1 struct {
		UtilizedSingleIndexes, PotentialSingleIndexes, UtilizedCompositeIndexes,
		PotentialCompositeIndexes []use
	}
	if json.Unmarshal(text, &told1) != nil {
		return u, false
	}
	read := func(list []use) (uses []IndexUse) {
		for _, x := range list {
			paths := x.IndexSpecs
			if x.IndexSpec != "" {
				paths = []string{x.IndexSpec}
			}
			uses = append(uses, IndexUse{paths, x.FilterExpression, x.IndexImpactScore})
		}
		return uses
	}
	return IndexUtilization{
		read(told1.UtilizedSingleIndexes), read(told1.PotentialSingleIndexes), read(told1.UtilizedCompositeIndexes),
		read(told1.PotentialCompositeIndexes),
	}, true
}

// Advice is a rule of the service that the text of a query breaks, such as QA1002 about CONTAINS.
type Advice struct {
	ID     string   `json:"Id"`
	Params []string `json:"Params"` // what it is about
}

// String is the id of the rule and what to do about it.
func (a Advice) String() string {
	text := queryplan.AdviceText(a.ID)
	if text == "" {
		text = strings.Join(a.Params, ", ")
	}
	return strings.TrimSuffix(a.ID+": "+text, ": ")
}

// advised adds to list the rules that the client sees broken itself.
func advised(list []Advice, q *parsedQuery) []Advice {
	if q.tree == nil {
		return list
	}
	for _, id := range queryplan.Advice(q.tree) {
		if !slices.ContainsFunc(list, func(a Advice) bool { return a.ID == id }) {
			list = append(list, Advice{ID: id})
		}
	}
	return list
}

// Advice is what the answer says could be written better; empty unless [QueryAdvice] asked for it.
func (r *Response) Advice() []Advice { return queryAdvice(r.Header) }

func queryAdvice(h http.Header) (list []Advice) {
	text, err := url.QueryUnescape(h.Get(rest.HeaderAdvice))
	if err != nil || json.Unmarshal([]byte(text), &list) != nil {
		return nil
	}
	return list
}

// tellOf takes what an answer tells of its query.
func (u *Usage) tellOf(h http.Header) {
	if m, told := queryExecution(h); told {
		u.QueryMetrics.add(m)
	}
	if x, told := indexUtilization(h); told {
		u.Indexes = x
	}
	if a := queryAdvice(h); len(a) > 0 {
		u.Advice = a
	}
}
