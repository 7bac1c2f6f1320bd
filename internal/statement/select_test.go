package statement

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"sync"
	"testing"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	nothing   = Options{}
	database  = Options{Database: true}
	container = Options{Database: true, Container: true}
)

// Every valid query of the conformance list goes out as it came in.
func TestValidCosmosIsSentUnchanged(t *testing.T) {
	t.Parallel()
	f, err := os.Open("../../test/conformance/cases.jsonl")
	require.NoError(t, err)
	defer f.Close()
	sent := 0
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var c struct {
			N int    `json:"n"`
			Q string `json:"q"`
			E string `json:"e"`
		}
		require.NoError(t, json.Unmarshal(lines.Bytes(), &c))
		if nosql.IsSyntax(c.E) || c.E == nosql.CodeUnresolved || c.N == 107 {
			continue
		}
		s, err := Parse(c.Q, container)
		require.NoError(t, err, "%d: %s", c.N, c.Q)
		require.Equal(t, c.Q, s.(*Select).Text)
		sent++
	}
	require.Greater(t, sent, 230)
}

func TestSelectShape(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text        string
		columns     []string
		star, value bool
		params      Parameters
	}{
		{
			text:   "SELECT * FROM c WHERE c.a = @x OR c.b = @y OR c.d = @x",
			star:   true,
			params: Parameters{"@x", "@y"},
		},
		{
			text:  "SELECT VALUE c.a FROM c",
			value: true,
		},
		{
			text:    "SELECT id, c.a AS b, COUNT(*) FROM c",
			columns: []string{"id", "b", "$1"},
		},
		{
			text:    "SELECT TOP ? id FROM c WHERE c[?] IN (?, ?) OFFSET ? LIMIT ?",
			columns: []string{"id"},
			params:  Parameters{"@p1", "@p2", "@p3", "@p4", "@p5", "@p6"},
		},
		{
			text:   "SELECT * FROM c LIMIT ? OFFSET ?",
			star:   true,
			params: Parameters{"@p1", "@p2"},
		},
		{
			text:   "SELECT * FROM c WHERE c.a = :2 AND c.b = $1 AND c.d = @2",
			star:   true,
			params: Parameters{"@p2", "@p1"},
		},
		{
			text:   "SELECT * FROM c WHERE c.a IS NULL AND ? IS NOT NULL",
			star:   true,
			params: Parameters{"@p1"},
		},
		{
			text:    `SELECT '?', "@x", c.a ? 1 : 2 FROM c -- ? @y`,
			columns: []string{"$1", "$2", "$3"},
		},
	} {
		parsed, err := Parse(c.text, database)
		require.NoError(t, err, c.text)
		s := parsed.(*Select)
		require.Equal(t, c.columns, s.Columns, c.text)
		require.Equal(t, c.star, s.Star, c.text)
		require.Equal(t, c.value, s.Value, c.text)
		require.Equal(t, c.params, s.Parameters, c.text)
		require.Equal(t, nosql.Print(s.Query) == s.Text || s.Text == c.text, true, "the tree is that of the text")
	}
}

func TestSelectErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, message string }{
		{
			name:    "syntax",
			text:    "SELECT *\nFRON c",
			message: "cosmos: Syntax error, incorrect syntax near 'FRON'. (SC1001, line 2, column 1)",
		},
		{
			name:    "end of text",
			text:    "SELECT a FROM",
			message: "cosmos: Syntax error, unexpected end-of-file. (SC1002, line 1, column 14)",
		},
		{
			name:    "gocosmos's options behind what is none",
			text:    "SELECT * FROM c WHERE WITH database=d",
			message: "cosmos: Syntax error, incorrect syntax near 'database'. (SC1001, line 1, column 28)",
		},
		{
			name: "empty",
			text: " ",
			message: "cosmos: Syntax error, unexpected end-of-file. The text holds no statement. (SC1002, line " +
				"1, column 2)",
		},
		{
			name: "no statement",
			text: "VACUUM",
			message: "cosmos: Syntax error, incorrect syntax near 'VACUUM'. A statement begins with SELECT, INSERT, " +
				"UPSERT, UPDATE, DELETE, CREATE, " +
				"ALTER, DROP, SHOW, DESCRIBE or EXPLAIN. (SC1001, line 1, column 1)",
		},
		{
			name:    "column without a table",
			text:    "SELECT x",
			message: "cosmos: Identifier 'x' could not be resolved. (SC2001, line 1, column 8)",
		},
		{
			name:    "column of a nameless source",
			text:    "SELECT x FROM c.a[0]",
			message: "cosmos: Identifier 'x' could not be resolved. (SC2001, line 1, column 8)",
		},
		{
			name: "column twice",
			text: "SELECT a, b AS a FROM c",
			message: "cosmos: Object creation error, property name 'a' specified more than once. (SC2022, line 1," +
				" column 16)",
		},
		{
			name: "two containers",
			text: "SELECT ARRAY(SELECT VALUE a FROM a), ARRAY(SELECT VALUE b FROM b)",
			message: "cosmos: The query names two containers, a and b; Cosmos DB queries one at a time. (line 1," +
				" column 64)",
		},
		{
			name: "unknown option",
			text: "SELECT * FROM c WITH ttl=1",
			message: "cosmos: There is no option ttl here, only database, collection, cross_partition. (line 1," +
				" column 22)",
		},
		{
			name:    "option twice",
			text:    "SELECT * FROM c WITH db=a WITH DB=b",
			message: "cosmos: The option DB is given twice. (SC1001, line 1, column 32)",
		},
		{
			name: "option that is not true",
			text: "SELECT * FROM c WITH cross_partition=false",
			message: `cosmos: The option cross_partition takes true, or nothing at all, not "false". (line 1,` +
				` column 22)`,
		},
		{
			name:    "placeholder 0",
			text:    "SELECT * FROM c WHERE c.a = $0",
			message: "cosmos: Placeholders are numbered from 1. (SC1001, line 1, column 29)",
		},
		{
			name:    "explain what",
			text:    "EXPLAIN\nSELECT x",
			message: "cosmos: Identifier 'x' could not be resolved. (SC2001, line 2, column 8)",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse(c.text, database)
			require.EqualError(t, err, c.message)
			var e *nosql.Error
			require.True(t, errors.As(err, &e))
		})
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	for in, out := range map[string]string{
		"EXPLAIN SELECT  c.a FROM c":   "SELECT  c.a FROM c",
		"explain select a FROM c -- x": "SELECT c.a FROM c",
	} {
		s, err := Parse(in, database)
		require.NoError(t, err)
		require.Equal(t, out, s.(*Explain).Text)
		require.Equal(t, "c", s.(*Explain).Container)
	}
}

// A statement is parsed once and used by many at a time: nothing writes to it. The race detector watches.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	update, err := Parse("UPDATE t SET a = ?, n = n - ? WHERE id = ? AND pk IS NOT NULL", database)
	require.NoError(t, err)
	insert, err := Parse("INSERT INTO t (id, a.b, a.c) VALUES (?, ?, {x: [?]})", database)
	require.NoError(t, err)
	args := []Arg{{Ordinal: 1, Value: json.RawMessage("1")}, {Ordinal: 2, Value: json.RawMessage("2")},
		{Ordinal: 3, Value: json.RawMessage(`"3"`)}}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			_, err := update.(*Update).Operations(args)
			assert.NoError(t, err)
			text, _, err := update.(*Update).Search(args, []string{"/pk"}, "x", true)
			assert.NoError(t, err)
			assert.Contains(t, text, "AND t.id = @id")
			condition, err := update.(*Update).Condition(args)
			assert.NoError(t, err)
			assert.Equal(t, `FROM root AS t WHERE t.id = "3" AND (IS_DEFINED(t.pk) AND NOT IS_NULL(t.pk))`, condition)
			documents, err := insert.(*Insert).Documents(args)
			assert.NoError(t, err)
			assert.Equal(t, `{"id":1,"a":{"b":2,"c":{"x":["3"]}}}`, string(documents[0]))
		})
	}
	wg.Wait()
}
