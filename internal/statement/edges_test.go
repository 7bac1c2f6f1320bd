package statement

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestClausesNeedAContainer: with any clause beside its list a SELECT is more than constants, and is asked of the
// service; only the bare form is a ping that needs no container.
func TestClausesNeedAContainer(t *testing.T) {
	t.Parallel()
	for text, constant := range map[string]bool{
		"SELECT 1":                           true,
		"SELECT VALUE 1":                     true,
		"SELECT 1 AS a, 'b' AS b":            true,
		"SELECT TOP 1 1":                     false,
		"SELECT TOP 0 1":                     false,
		"SELECT 1 OFFSET 0 LIMIT 1":          false,
		"SELECT 1 OFFSET 1 LIMIT 1":          false,
		"SELECT 1 LIMIT 0":                   false,
		"SELECT 1 WHERE false":               false,
		"SELECT 1 AS a GROUP BY 1":           false,
		"SELECT COUNT(1)":                    false,
		"SELECT VALUE (SELECT VALUE 1)":      false,
		"SELECT 1, UPPER('a')":               false,
		"SELECT VALUE {a: 1, b: UPPER('b')}": false,
		"SELECT 'a' || 'b'":                  false,
	} {
		s, err := Parse(text, nothing)
		require.NoError(t, err, text)
		_, ok, err := s.(*Select).Constants(nil)
		require.NoError(t, err, text)
		require.Equal(t, constant, ok, text)
	}
}

// TestCommentsBesideTexts: a comment begins right behind a text, and one within a text is none.
func TestCommentsBesideTexts(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`SELECT 'a'/*c*/ AS x FROM c`:                `{"x":"a"}`,
		`SELECT "a"/*c*/ AS x`:                       `{"x":"a"}`,
		`SELECT '/*a*/' AS x`:                        `{"x":"/*a*/"}`,
		`SELECT '--a' AS x -- b`:                     `{"x":"--a"}`,
		`SELECT 'it''s'/*c*/ AS x`:                   `{"x":"it's"}`,
		`SELECT 'a\'/*b*/' AS x`:                     `{"x":"a'/*b*/"}`,
		`SELECT 'a\\'/*b*/ AS x`:                     `{"x":"a\\"}`,
		"SELECT /* one\ntwo */ 'a' AS x -- three":    `{"x":"a"}`,
		"/* first */ SELECT 1 AS x;":                 `{"x":1}`,
		"SELECT 1 AS x /* ' */ , 2 AS y /* \" */":    `{"x":1,"y":2}`,
		"SELECT 'a' AS x/**/,/**/'b' AS y/***/":      `{"x":"a","y":"b"}`,
		"SELECT '' AS x/*a*/, '' AS y":               `{"x":"","y":""}`,
		`SELECT 'é'/*c*/ AS x, '日本'/*d*/ AS y`:       `{"x":"é","y":"日本"}`,
		"SELECT 1 /* a */ /* b */ AS x /* c */ ; ;;": `{"x":1}`,
	} {
		s, err := Parse(text, nothing)
		if text == `SELECT 'a'/*c*/ AS x FROM c` {
			require.NoError(t, err)
			require.Contains(t, s.(*Select).Text, `'a'      AS x FROM c`, "a comment becomes blanks, so places stay")
			continue
		}
		require.NoError(t, err, text)
		row, ok, err := s.(*Select).Constants(nil)
		require.NoError(t, err, text)
		require.True(t, ok, text)
		require.JSONEq(t, want, string(row), text)
	}
	for _, text := range []string{"SELECT 1 /* a", "SELECT 1 /*/", "/*", "SELECT 'a' /* b * /"} {
		_, err := Parse(text, nothing)
		require.ErrorContains(t, err, "a comment that begins with /* has no */", text)
	}
}

// TestSelectWithOptions: gocosmos's WITH names where a query goes, and then nothing else has to.
func TestSelectWithOptions(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text                string
		in                  Options
		database, container string
		failure             string
	}{
		{"SELECT * FROM c WITH database=d", Options{}, "d", "c", ""},
		{"SELECT * FROM c WITH db=d", Options{}, "d", "c", ""},
		{"SELECT * FROM c WITH database=d WITH collection=x", Options{}, "d", "x", ""},
		{"SELECT * FROM c WITH collection=x WITH database=d", Options{}, "d", "x", ""},
		{"SELECT * FROM c WITH container=x", Options{Database: true}, "", "x", ""},
		{"SELECT * FROM c WITH table=x", Options{Database: true}, "", "x", ""},
		{"SELECT * FROM c WITH database=d", Options{Database: true, Container: true}, "d", "c", ""},
		{"SELECT CROSS PARTITION * FROM c WITH database=d", Options{}, "d", "c", ""},
		{"SELECT * FROM c WITH cross_partition=true", Options{Database: true}, "", "c", ""},
		{"SELECT * FROM c WITH cross_partition=false", Options{Database: true}, "", "", "cross_partition"},
		{"SELECT * FROM c WITH ttl=3", Options{Database: true}, "", "",
			"There is no option ttl here, only database, collection, cross_partition"},
		{"SELECT * FROM c WITH database=d WITH database=e", Options{}, "", "", "The option database is given twice"},
	} {
		s, err := Parse(tt.text, tt.in)
		if tt.failure != "" {
			require.ErrorContains(t, err, tt.failure, tt.text)
			continue
		}
		require.NoError(t, err, tt.text)
		require.Equal(t, tt.database, s.(*Select).Database, tt.text)
		require.Equal(t, tt.container, s.(*Select).Container, tt.text)
		require.NotContains(t, s.(*Select).Text, "WITH", "the service does not know it")
	}
}

// TestQuotesWithinNot: a double-quoted word is looked at below NOT, AND and OR as it is without them.
func TestQuotesWithinNot(t *testing.T) {
	t.Parallel()
	const both = `write 'active' for the text, c.active for the property`
	for _, where := range []string{
		`NOT ("active" = 'x')`,
		`NOT (NOT ("active" = 'x'))`,
		`c.a = 1 AND NOT ("active" IN ('a', 'b'))`,
		`c.a = 1 OR NOT (c.b = 2 AND "active" = 'x')`,
		`(c.a = 1 OR c.b = 2) AND ("active" LIKE 'a%')`,
	} {
		_, err := Parse(`SELECT c.id FROM c WHERE `+where, database)
		require.ErrorContains(t, err, both, where)
	}
	for _, list := range []string{
		`SELECT c.a = "active" AND c.b = 1 AS x FROM c LIMIT 1`,
		`SELECT NOT (c.a = "active") AS x FROM c LIMIT 1`,
	} {
		_, err := Parse(list, database)
		require.ErrorContains(t, err, both, list)
	}
	for _, fine := range []string{
		`SELECT c.id FROM c WHERE NOT (c.status = "active")`,
		`SELECT c.id FROM c WHERE NOT (c["status"] = 'active') AND c.tags = ["a", "b"]`,
		`SELECT "a" < "b" AS x`,
	} {
		s, err := Parse(fine, database)
		require.NoError(t, err, fine)
		require.Equal(t, fine, s.(*Select).Text, "valid Cosmos SQL goes out as it came")
	}
}
