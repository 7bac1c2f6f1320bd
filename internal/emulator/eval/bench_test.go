package eval

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/value"
)

const benchDocuments = 100_000

// corpusOfOrders is the container that the benchmarks read; orders makes it, the same in every run.
var corpusOfOrders = sync.OnceValue(func() []value.Value { return orders(benchDocuments) })

func orders(n int) []value.Value {
	docs := make([]value.Value, n)
	cities := []string{"Oslo", "Rome", "Lima", "Kyiv", "Cork", "Bern", "Riga", "Nice"}
	for i := range docs {
		text := fmt.Sprintf(`{"id":"order-%d","customer":{"name":"Customer %d","address":{"city":%q,"zip":"%05d"}},`+
			`"total":%d.%02d,"open":%t,"created":"2024-%02d-%02dT10:00:00.0000000Z","items":[{"sku":"A%d","n":%d},`+
			`{"sku":"B%d","n":%d}],`+
			`"note":"as usual, leave it with the neighbours","_rid":"AAAA","_ts":%d}`,
			i, i*7919%10_000, cities[i%len(cities)], i*31%100_000, i*7919%5_000, i%100, i%3 == 0,
			i%12+1, i%28+1, i%50, i%9, i%70, i%4, 1_700_000_000+i)
		v, err := value.Parse([]byte(text))
		if err != nil {
			panic(err) // the text above is wrong
		}
		docs[i] = v
	}
	return docs
}

func BenchmarkQuery(b *testing.B) {
	for _, bc := range []struct{ name, query string }{
		{"Filter", `SELECT * FROM c WHERE c.customer.address.city = "Oslo" AND c.total > 4000`},
		{"FilterNothing", `SELECT * FROM c WHERE c.customer.address.zip = "none"`},
		{"FilterFunction", `SELECT * FROM c WHERE STARTSWITH(c.customer.name, "Customer 99") AND NOT c.open`},
		{"In100", `SELECT VALUE 1 FROM c WHERE c.customer.address.zip IN (` + manyZips() + `)`},
		{"Project", `SELECT c.id, c.customer.address.city AS city, c.total * 2 AS double FROM c`},
		{"OrderBy", `SELECT c.id FROM c ORDER BY c.total`},
		{"OrderByTop", `SELECT TOP 10 c.id FROM c ORDER BY c.total DESC`},
		{"GroupBy", `SELECT c.customer.address.city AS city, COUNT(1) AS n, AVG(c.total) AS mean FROM c ` +
			`GROUP BY c.customer.address.city`},
		{"Count", `SELECT VALUE COUNT(1) FROM c WHERE c.open`},
		{"Distinct", `SELECT DISTINCT VALUE c.customer.name FROM c`},
		{"Join", `SELECT VALUE i.sku FROM c JOIN i IN c.items WHERE i.n > 5`},
		{"Exists", `SELECT VALUE c.id FROM c WHERE EXISTS(SELECT VALUE 1 FROM i IN c.items WHERE i.n > 7)`},
	} {
		b.Run(bc.name, func(b *testing.B) {
			docs := corpusOfOrders()
			p, err := compile(bc.query, Options{})
			require.NoError(b, err)
			b.ReportAllocs()
			for b.Loop() {
				for _, err := range p.Rows(b.Context(), slices.Values(docs)) {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(benchDocuments)*float64(b.N)/b.Elapsed().Seconds(), "documents/s")
		})
	}
}

func manyZips() string {
	list := ""
	for i := range 100 {
		if i > 0 {
			list += ", "
		}
		list += fmt.Sprintf("%q", fmt.Sprintf("%05d", i*37))
	}
	return list
}

// TestFilterDoesNotAllocate holds the promise that a document which the filter refuses costs no memory.
func TestFilterDoesNotAllocate(t *testing.T) {
	docs := orders(1000)
	for _, query := range []string{
		`SELECT * FROM c WHERE c.customer.address.city = "none"`,
		`SELECT * FROM c WHERE c.total < 0 OR c.customer.address.zip IN ("a","b","c","d","e","f","g","h","i")`,
		`SELECT * FROM c WHERE NOT IS_DEFINED(c.id) OR STARTSWITH(c.id, "x") OR c.note LIKE "%nowhere%"`,
		`SELECT * FROM c WHERE EXISTS(SELECT VALUE i FROM i IN c.items WHERE i.n > 100)`,
	} {
		p, err := compile(query, Options{})
		require.NoError(t, err)
		run := func() {
			for range p.Rows(t.Context(), slices.Values(docs)) {
				t.Fatal("a row for a filter that refuses everything")
			}
		}
		run()
		// A run itself allocates a little; a document must not.
		require.Less(t, testing.AllocsPerRun(5, run), 50.0, query)
	}
}

func BenchmarkVectorDistance(b *testing.B) {
	const dimensions, count = 1536, 2000
	numbers := func(seed int) string {
		text := make([]byte, 0, 8*dimensions)
		for i := range dimensions {
			text = fmt.Appendf(text, ",%.4f", float64((i*7919+seed*104729)%2000-1000)/1000)
		}
		return string(text[1:])
	}
	docs := make([]value.Value, count)
	for i := range docs {
		docs[i] = parse(b, fmt.Sprintf(`{"id":"%d","v":[%s]}`, i, numbers(i)))
	}
	p, err := compile("SELECT TOP 10 c.id FROM c ORDER BY VectorDistance(c.v, ["+numbers(-1)+"])", Options{})
	require.NoError(b, err)
	for b.Loop() {
		for range p.Rows(b.Context(), slices.Values(docs)) {
		}
	}
	b.ReportMetric(float64(count)*float64(b.N)/b.Elapsed().Seconds(), "documents/s")
}

func BenchmarkFullText(b *testing.B) {
	const count = 2000
	words := []string{"river", "mountain", "The", "of", "walking", "trails", "Lakes", "and", "boats", "sun", "a",
		"swim", "runner", "in", "forests"}
	docs := make([]value.Value, count)
	for i := range docs {
		text := ""
		for k := range 80 {
			text += words[(i*31+k*k*7)%len(words)] + " "
		}
		docs[i] = parse(b, fmt.Sprintf(`{"id":"%d","t":%q,"title":%q}`, i, text, words[i%len(words)]))
	}
	p, err := compile(
		"SELECT TOP 10 c.id FROM c WHERE FullTextContains(c.t, 'swim') OR FullTextContains(c.title, 'lake') "+
			"ORDER BY RANK RRF(FullTextScore(c.t, 'swim', 'river'), FullTextScore(c.title, 'lake'))", Options{})
	require.NoError(b, err)
	for b.Loop() {
		for range p.Rows(b.Context(), slices.Values(docs)) {
		}
	}
	b.ReportMetric(float64(count)*float64(b.N)/b.Elapsed().Seconds(), "documents/s")
}
