package eval

import (
	"context"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

// FuzzQuery runs any text as a query over any document: it may be refused or fail, but must not panic or go on long
// after its context has ended, and its rows must be values that can be written and read.
func FuzzQuery(f *testing.F) {
	const doc = `{"id":"1","a":[1,"x",null,{"b":[2,{"c":true}]}],"n":2.5,"s":"text 2024-02-29","o":{"p":{"q":1}},` +
		`"v":[1,0.5],"g":{"type":"Point","coordinates":[1,2]}}`
	for _, tc := range readLines[conformanceCase](f, conformance+"cases.jsonl") {
		f.Add(tc.Query, doc)
	}
	for _, fam := range families() {
		for _, fn := range fam.rows {
			if fn.example != "" {
				f.Add("SELECT VALUE "+fn.example+" FROM c", doc)
			}
		}
	}
	for _, query := range []string{
		"SELECT c.a, COUNT(1) FROM c GROUP BY c.a",
		"SELECT * FROM c ORDER BY RANK RRF(FullTextScore(c.s, 'text'), VectorDistance(c.v, [1,2]), [1,-2])",
		"SELECT VALUE ST_DISTANCE(c.g, {'type':'Polygon','coordinates':[[[0,0],[1,0],[1,1],[0,0]]]}) FROM c",
		"SELECT VALUE ARRAY(SELECT DISTINCT VALUE x.b FROM x IN c.a WHERE EXISTS(SELECT VALUE y FROM y IN x.b)) FROM c",
	} {
		f.Add(query, doc)
	}
	f.Fuzz(func(t *testing.T, query, text string) {
		q, err := nosql.Parse(query, nosql.Cosmos)
		if err != nil {
			return
		}
		doc, err := value.Parse([]byte(text))
		if err != nil {
			return
		}
		p, err := Compile(q, Options{MaxRows: 1000, Params: map[string]value.Value{"@p": doc}})
		if err != nil {
			return
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		for row, err := range p.Rows(ctx, seq([]value.Value{doc, value.Null, doc})) {
			if err != nil {
				break
			}
			if written := value.AppendJSON(nil, row.Value); len(written) < 1<<20 {
				if _, err := value.ParseDepth(written, 1<<20); err != nil {
					t.Fatalf("%q gives %s: %v", query, written, err)
				}
			}
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Fatalf("%q took %s", query, took)
		}
	})
}

// FuzzLike compares the matcher with the obvious one, which backtracks.
func FuzzLike(f *testing.F) {
	f.Add("abcabc", "a%b_")
	f.Add("a%b", "a[%]b")
	f.Add("ab", "%%_%")
	f.Fuzz(func(t *testing.T, text, pattern string) {
		if len(text) > 12 || len(pattern) > 12 || !utf8.ValidString(text) || !utf8.ValidString(pattern) {
			return // the obvious one would take for ever; no value has invalid UTF-8
		}
		p := newPattern(pattern, '!')
		var chars []*charSet // nil for %
		for i := range p.pieces {
			if i > 0 {
				chars = append(chars, nil)
			}
			for _, r := range p.pieces[i].text {
				chars = append(chars, &charSet{ranges: []rune{r, r}})
			}
			for k := range p.pieces[i].chars {
				chars = append(chars, &p.pieces[i].chars[k])
			}
		}
		if got, want := p.matches(text), matchSlowly([]rune(text), chars); got != want {
			t.Fatalf("%q LIKE %q is %t", text, pattern, got)
		}
	})
}

func matchSlowly(text []rune, chars []*charSet) bool {
	switch {
	case len(chars) == 0:
		return len(text) == 0
	case chars[0] == nil:
		return matchSlowly(text, chars[1:]) || len(text) > 0 && matchSlowly(text[1:], chars)
	default:
		return len(text) > 0 && chars[0].has(text[0]) && matchSlowly(text[1:], chars[1:])
	}
}
