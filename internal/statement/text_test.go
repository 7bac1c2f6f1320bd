package statement

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/nosql"
)

// Comments /* */ and the last semicolon go out of what is sent; nothing else of a valid text changes.
func TestCommentsAreTakenOut(t *testing.T) {
	t.Parallel()
	for text, sent := range map[string]string{
		`SELECT  c.id FROM c /*traceparent='00-4bf92f-01'*/`: `SELECT  c.id FROM c`,
		`/* app: "x" */ SELECT c.id FROM c`:                  `               SELECT c.id FROM c`,
		"SELECT/*+ hint */c.id /* a\nb */FROM c":             "SELECT           c.id     \n    FROM c",
		`SELECT c.id FROM c WHERE c.a = '/* a text */' -- /* a line`: `SELECT c.id FROM c ` +
			`WHERE c.a = '/* a text */' -- /* a line`,
		`SELECT c.id FROM c ` +
			`WHERE c.a = "it's /* one */" /* it's none */`: `SELECT c.id FROM c WHERE c.a = "it's /* one */"`,
		`SELECT c.id FROM c WHERE c.a = 'it\'s /* one */'`:  `SELECT c.id FROM c WHERE c.a = 'it\'s /* one */'`,
		"SELECT c.id -- not /* this\nFROM c /* but this */": "SELECT c.id -- not /* this\nFROM c",
		`SELECT c.id FROM c WHERE NOT c.a = 1;`:             `SELECT c.id FROM c WHERE NOT c.a = 1`,
		"SELECT c.id FROM c ; ;\n":                          `SELECT c.id FROM c`,
		`SELECT c.id FROM c; -- done`:                       `SELECT c.id FROM c  -- done`,
		`SELECT c.id FROM c WHERE c.a = ';'`:                `SELECT c.id FROM c WHERE c.a = ';'`,
		`SELECT id FROM c WHERE a = ? /* ? @x ' */ ` +
			`AND b = ? /* "*/`: `SELECT c.id FROM c WHERE c.a = @p1 AND c.b = @p2`,
		`EXPLAIN /* why */ SELECT  c.id FROM c /**/;`: `SELECT  c.id FROM c`,
		`SELECT c.id FROM c WHERE c.x = 'é' /* é */ ` +
			`AND c.y = 1 /* the end */`: `SELECT c.id FROM c WHERE c.x = 'é'         AND c.y = 1`,
	} {
		parsed, err := Parse(text, database)
		require.NoError(t, err, text)
		switch s := parsed.(type) {
		case *Select:
			require.Equal(t, sent, s.Text)
		case *Explain:
			require.Equal(t, sent, s.Text)
		}
	}
}

func TestCommentsInEveryStatement(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`/* a */ INSERT /* b */ INTO t /* ? */ (id) VALUES /* ' */ (? /* , ? */) /* c */`,
		`UPSERT INTO t VALUES (?) /* ? */;`,
		`UPDATE t /* u */ SET a = ? /* , b = ? */ WHERE true /* ; */`,
		`DELETE FROM t WHERE a = ? /* AND b = ? */ RETURNING /* all */ *`,
		`CREATE /* x */ CONTAINER t PARTITION KEY (/a) /* UNIQUE KEY (/b) */`,
		`DROP CONTAINER /* IF EXISTS */ t`,
		`ALTER CONTAINER t WITH (ttl = 5 /* seconds */)`,
		`SHOW /* all */ DATABASES;`,
		`DESCRIBE t /* */`,
	} {
		s, err := Parse(text, database)
		require.NoError(t, err, text)
		_, err = s.Bind(positional(`{"id":"1"}`))
		if _, managing := s.Bind(nil); managing != nil {
			require.NoError(t, err, "one parameter: %s", text)
		}
	}
	s, err := Parse("DROP CONTAINER /* IF EXISTS */ t", database)
	require.NoError(t, err)
	require.False(t, s.(*Drop).IfExists)
}

// Errors stand where they stand in the text as it was written.
func TestCommentsKeepPlaces(t *testing.T) {
	t.Parallel()
	for text, at := range map[string][2]int{
		"SELECT /* é\n é */ c.id FRON c":                    {2, 17},
		"/* ü */ DELETE FROM t WHERE a = 1 LIMITED 3":       {1, 35},
		"SELECT c.id FROM c WHERE c.a /* open":              {1, 30},
		"UPDATE t /* ' */ SET a = b + 1 /* x */ WHERE true": {1, 26},
	} {
		_, err := Parse(text, database)
		var e *nosql.Error
		require.True(t, errors.As(err, &e), "%s: %v", text, err)
		require.Equal(t, at, [2]int{e.Line, e.Column}, text)
	}
	_, err := Parse("SELECT 1 /* open", database)
	require.ErrorContains(t, err, "a comment that begins with /* has no */")
}
