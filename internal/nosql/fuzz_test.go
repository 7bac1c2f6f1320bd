package nosql

import "testing"

// Reading never panics, and what is read survives being printed: the same tree, and from then on the same text.
func FuzzParse(f *testing.F) {
	for _, c := range conformanceCases(f) {
		f.Add(c.Query)
	}
	for _, text := range []string{everything, "SELECT ? ? ? : $1 FROM \"a b\" \"c\" LIMIT :1;",
		"SELECT NOT a || b IS NOT NULL FROM c", "SELECT VALUE 'it''s' || \"say \"\"x\"\"\"", "SELECT VALUE -(-1) -- x",
		"from c where c.a = 1", "SELECT 0 IS NULL", "SELECT {order: 1}"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		requireRoundTrip(t, text, Cosmos)
		requireRoundTrip(t, text, SQL)
		if q, err := Parse(text, SQL); err == nil {
			_ = Resolve(q)
			Containers(q)
			q.Columns()
		}
	})
}
