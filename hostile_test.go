package cosmossql_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/cosmossql/cosmossql/dsl"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// hostile returns n different strings made of what could change the meaning of a statement. Bytes that are not UTF-8
// have become U+FFFD, which is what JSON makes of them.
func hostile(n int) []string {
	parts := []string{
		`"`, `'`, `''`, `\`, `\"`, `\u0022`, "`", `]`, `[`, `)`, `(`, `}`, `{`, `;`, `--`, `/*`, `*/`, `?`, `??`, `:`,
		`:id`, `@p1`, `@p2`, `$1`, `:1`, ` OR true `, ` AND false `, `' OR '1'='1`, `"; DROP DATABASE shop; --`, `d.v`,
		`SELECT * FROM c`, ` AS x`, `,`, `.`, "\x00", "\n", "\r\n", "\t", "\u2028", "é", "日本", "🙂", "\xff", "\u202e",
		`{documentdb-formattableorderbyquery-filter}`, `null`, `undefined`, `VALUE`, `_etag`, `id`, `a`, ` `, `=`, `1`,
		`-`, `~`, `~1`, `/`, `#`, `%`, `%2F`, `__proto__`, `WITH db=x`, `CROSS PARTITION`,
	}
	rnd := rand.New(rand.NewPCG(3, 4))
	all := []string{""}
	seen := map[string]bool{"": true}
	add := func(s string) {
		if s = string([]rune(s)); !seen[s] {
			seen[s] = true
			all = append(all, s)
		}
	}
	for _, part := range parts {
		add(part)
	}
	for len(all) < n {
		var b strings.Builder
		for range 1 + rnd.IntN(6) {
			b.WriteString(parts[rnd.IntN(len(parts))])
		}
		add(b.String())
	}
	return all
}

// hostileDoc is a document with a hostile string as the value of its partition key, as another value, and as both name
// and value within an object.
type hostileDoc struct {
	ID string            `json:"id"`
	K  string            `json:"k"`
	V  string            `json:"v"`
	M  map[string]string `json:"m"`
	N  int               `json:"n"`
}

// TestHostileStrings writes, finds, changes and deletes a thousand documents whose values and names are hostile. Each
// statement means the one document that it is about, and every string comes back as it was.
func TestHostileStrings(t *testing.T) {
	t.Parallel()
	s := open(t, "", ada)
	s.create(t, "docs", "/k")
	all := hostile(1000 / eased)
	each(all, func(i int, text string) {
		id := fmt.Sprint(i)
		switch i % 3 {
		case 0:
			_, err := s.db.ExecContext(t.Context(), "INSERT INTO docs (id, k, v, m, n) VALUES (@id, @v, @v, @m, 0)",
				sql.Named("id", id), sql.Named("v", text), sql.Named("m", map[string]string{text: text}))
			assert.NoError(t, err, "%q", text)
		case 1:
			_, err := s.db.ExecContext(t.Context(), "UPSERT INTO docs VALUES (?)",
				hostileDoc{id, text, text, map[string]string{text: text}, 0})
			assert.NoError(t, err, "%q", text)
		default:
			_, err := dsl.Insert("docs").Columns("id", "k", "v", dsl.Path("m", text), "n").
				Values(id, text, text, text, 0).
				RunWith(s.db).ExecContext(t.Context())
			assert.NoError(t, err, "%q", text)
		}
	})
	require.Equal(t, []string{fmt.Sprint(len(all))}, s.query(t, "SELECT VALUE COUNT(1) FROM docs d"))

	each(all, func(i int, text string) {
		want := hostileDoc{fmt.Sprint(i), text, text, map[string]string{text: text}, 0}
		name := dsl.Path("d", "m", text)
		q := []dsl.SelectBuilder{
			dsl.SelectValue("d").From("docs d").Where(dsl.Eq{"d.v": text}),
			dsl.SelectValue("d").From("docs d").Where(dsl.Eq{name: text}).OrderBy(name),
			dsl.SelectValue("d").From("docs d").Where(dsl.Eq{"d.k": text, "d.id": fmt.Sprint(i)}),
		}[i/3%3]
		rows, err := q.RunWith(s.db).QueryContext(t.Context())
		if assert.NoError(t, err, "%q", text) {
			got, err := read(rows)
			assert.NoError(t, err, "%q", text)
			assert.Equal(t, []hostileDoc{want}, decode(got), "%q", text)
		}
	})

	each(all, func(i int, text string) {
		update := dsl.Update("docs d").Set(dsl.Path("d", "m", text), text+"!").Increment("d.n", i)
		if i%2 == 0 {
			update = update.Where(dsl.Eq{"d.id": fmt.Sprint(i), "d.k": text})
		} else {
			update = update.Where(dsl.Eq{dsl.Path("d", "m", text): text})
		}
		r, err := update.RunWith(s.db).ExecContext(t.Context())
		if assert.NoError(t, err, "%q", text) {
			n, _ := r.RowsAffected()
			assert.Equal(t, int64(1), n, "%q", text)
		}
	})
	left := decode(s.query(t, "SELECT VALUE d FROM docs d"))
	require.Len(t, left, len(all))
	for _, doc := range left {
		require.Equal(t, map[string]string{doc.V: doc.V + "!"}, doc.M)
		require.Equal(t, doc.ID, fmt.Sprint(doc.N))
		require.Equal(t, all[doc.N], doc.K)
	}

	each(all, func(_ int, text string) {
		r, err := dsl.Delete("docs d").Where(dsl.Eq{"d.v": text}).RunWith(s.db).ExecContext(t.Context())
		if assert.NoError(t, err, "%q", text) {
			n, _ := r.RowsAffected()
			assert.Equal(t, int64(1), n, "%q", text)
		}
	})
	require.Equal(t, []string{"0"}, s.query(t, "SELECT VALUE COUNT(1) FROM docs d"))
	require.Equal(t,
		`{"addr":{"zip":"W1"},"age":36,"city":"London","id":"1","langs":["en","fr"],"name":"Ada","nick":null}`,
		s.person(t, "1"))
}

// TestHostileTexts puts hostile strings into the text itself, where a careless program would: the statement fails, or
// means what the text says, but no other container and no other statement is ever reached.
func TestHostileTexts(t *testing.T) {
	t.Parallel()
	s := open(t, "", ada)
	s.create(t, "docs", "/k")
	each(hostile(1000/eased), func(i int, text string) {
		quoted, err := json.Marshal(text)
		assert.NoError(t, err)
		rows, err := s.db.QueryContext(t.Context(), fmt.Sprintf("SELECT d.v AS %s FROM docs d", quoted))
		if text == "" {
			assert.ErrorContains(t, err, "A name is not empty.")
		} else if assert.NoError(t, err, "%q", text) {
			names, err := rows.Columns()
			assert.NoError(t, err)
			assert.NoError(t, rows.Close())
			assert.Equal(t, []string{text}, names, "an alias in quotes")
		}
		for _, format := range formats(i,
			"SELECT * FROM %s", "INSERT INTO %s (id, k) VALUES ('x', 'y')", "UPDATE %s SET a = 1 WHERE true",
			"DELETE FROM %s WHERE true",
			"DROP CONTAINER %s", "CREATE DATABASE %s", "DELETE FROM docs d WHERE d.id = '%s'",
			"UPDATE docs d SET d.%s = 1 WHERE d.id = ''",
		) {
			_, _ = s.db.ExecContext(t.Context(), fmt.Sprintf(format, text))
			_, _ = s.db.ExecContext(t.Context(), fmt.Sprintf(format, quoted))
		}
	})
	require.Equal(t, []string{"1"}, s.query(t, "SELECT VALUE p.id FROM people p"))
	require.Empty(t, s.query(t, "SELECT VALUE d.id FROM docs d"))
}

// formats is all of them for the first texts, which are the parts that the others are made of, and then one after
// another.
func formats(i int, all ...string) []string {
	if i < 70 {
		return all
	}
	return all[i%len(all):][:1]
}

// each calls f with every text and its place, several at a time.
func each(texts []string, f func(i int, text string)) {
	const workers = 4
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < len(texts); i += workers {
				f(i, texts[i])
			}
		})
	}
	wg.Wait()
}

// decode reads documents; one that is not a hostileDoc becomes the zero one.
func decode(rows []string) []hostileDoc {
	docs := make([]hostileDoc, len(rows))
	for i, row := range rows {
		_ = json.Unmarshal([]byte(row), &docs[i])
	}
	return docs
}
