package statement

import "testing"

func benchmarkParse(b *testing.B, text string) {
	b.ReportAllocs()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := Parse(text, Options{Database: true}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseCosmos(b *testing.B) {
	benchmarkParse(b, "SELECT c.id, c.name FROM c WHERE c.pk = @pk AND c.age > @age ORDER BY c.name")
}

func BenchmarkParseSQL(b *testing.B) {
	benchmarkParse(b, "SELECT id, name FROM users WHERE pk = ? AND age > ? AND city IS NOT NULL LIMIT 10")
}

func BenchmarkParseUpdate(b *testing.B) {
	benchmarkParse(b, "UPDATE users SET a.b = ?, n = n + 1 WHERE id = ? AND pk = ?")
}

func BenchmarkDocuments(b *testing.B) {
	s, err := Parse("INSERT INTO users (id, pk, name, addr.city, addr.zip, tags) VALUES (?, ?, ?, ?, ?, ?)",
		Options{Database: true})
	if err != nil {
		b.Fatal(err)
	}
	insert, args := s.(*Insert), positional(`"1"`, `"a"`, `"Ada"`, `"Oslo"`, `"0150"`, `["x","y"]`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := insert.Documents(args); err != nil {
			b.Fatal(err)
		}
	}
}
