package nosql

import "testing"

const benchQuery = `SELECT c.id, c.name, {"total": c.price * c.quantity} AS sums FROM c JOIN t IN c.tags ` +
	`WHERE c.pk = @pk AND (c.age BETWEEN 20 AND 30 OR c.city IN ('Oslo', 'Rome')) ` +
	`AND NOT CONTAINS(c.name, "x", true) ORDER BY c.name OFFSET 10 LIMIT 20`

func BenchmarkLex(b *testing.B) {
	b.ReportAllocs()
	b.SetBytes(int64(len(benchQuery)))
	for b.Loop() {
		for l := NewLexer(benchQuery, Cosmos); l.Next().Kind != EOF; {
		}
	}
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	b.SetBytes(int64(len(benchQuery)))
	for b.Loop() {
		if _, err := Parse(benchQuery, Cosmos); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkResolve(b *testing.B) {
	q, err := Parse(benchQuery, Cosmos)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := Resolve(q); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPrint(b *testing.B) {
	q, err := Parse(benchQuery, Cosmos)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		Print(q)
	}
}
