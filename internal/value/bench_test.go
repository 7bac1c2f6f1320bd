package value

import (
	"encoding/json"
	"testing"
)

const benchText = `{"id":"0e5c1a30-7f5f-4f0e-9a6f-2d3c1b7a9e55","customer":{"name":"Ada Lovelace",` +
	`"address":{"city":"Oslo","zip":"0150"}},` +
	`"lines":[{"sku":"A-1","quantity":3,"price":9.5},{"sku":"B-2","quantity":1,"price":120},` +
	`{"sku":"C-3","quantity":12,"price":0.25}],` +
	`"tags":["new","paid","eu"],"open":true,"note":"leave it with the neighbours\nor ring twice",` +
	`"created":"2024-02-29T12:30:45.1234567Z",` +
	`"_rid":"DPZtAKyOj5gBAAAAAAAAAA==","_self":"dbs/DPZtAA==/colls/DPZtAKyOj5g=/docs/DPZtAKyOj5gBAAAAAAAAAA==/",` +
	`"_etag":"\"0000\"","_ts":1709209845}`

func BenchmarkParse(b *testing.B) {
	text := []byte(benchText)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(text); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkParseStandard is what the parser is measured against.
func BenchmarkParseStandard(b *testing.B) {
	text := []byte(benchText)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		var v any
		if err := json.Unmarshal(text, &v); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGet(b *testing.B) {
	v := mustParse(b, benchText)
	b.ReportAllocs()
	for b.Loop() {
		if v.Get("customer").Get("address").Get("city").Kind() != KindString {
			b.Fatal("not found")
		}
	}
}

func BenchmarkAppendJSON(b *testing.B) {
	v := mustParse(b, benchText)
	copied := Object([]Member{{"a", v}, {"b", v.Get("lines")}})
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = AppendJSON(buf[:0], copied)
	}
}

func BenchmarkAppendKey(b *testing.B) {
	v := mustParse(b, benchText)
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = AppendKey(buf[:0], v)
	}
}

func TestParseAllocations(t *testing.T) {
	// Without the pool, which gives no promises: it forgets at random under the race detector.
	s := scanner{names: new(nameCache)}
	// Members, elements, heads of objects, heads of arrays, and one string for each escape.
	allocs := testing.AllocsPerRun(100, func() {
		s = scanner{names: s.names, tokens: s.tokens[:0]}
		if err := s.scan(benchText, MaxDepth); err != nil {
			t.Fatal(err)
		}
		s.build()
	})
	if allocs > 6 {
		t.Fatalf("%v allocations", allocs)
	}
}
