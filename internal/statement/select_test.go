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
		if c.E == nosql.CodeSyntax || c.E == nosql.CodeUnresolved || c.N == 107 {
			continue
		}
		s, err := Parse(c.Q, container)
		require.NoError(t, err, "%d: %s", c.N, c.Q)
		require.Equal(t, c.Q, s.(*Select).Text)
		sent++
	}
	require.Greater(t, sent, 230)
}

func TestSelectAddress(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text      string
		known           Options
		db, coll, wants string // wants "" for the text itself
	}{
		{"container known", "SELECT * FROM orders o", container, "", "", ""},
		{"container known: a path", "SELECT * FROM orders.items", container, "", "", ""},
		{"container known: quoted", `SELECT o.id FROM "my-orders" o`, container, "", "", "SELECT o.id FROM root AS o"},
		{"database known", "SELECT * FROM orders o", database, "", "orders", ""},
		{"database known: a path", "SELECT * FROM orders.items", database, "", "orders", ""},
		{"database known: elements", "SELECT VALUE i FROM i IN orders.items", database, "", "orders", ""},
		{"database known: quoted", `SELECT * FROM "my-orders"`, database, "", "my-orders", "SELECT * FROM root AS c"},
		{"database known: derived table", "SELECT VALUE COUNT(1) FROM (SELECT DISTINCT VALUE o.a FROM orders o)", database, "", "orders", ""},
		{"database known: no alias outside", "SELECT VALUE ARRAY(SELECT VALUE o.id FROM o)", database, "", "o", ""},
		{"the new alias is new", `SELECT c, "my-c".a FROM "my-c" JOIN c IN "my-c".cs`, database, "", "my-c", "SELECT c, c1.a FROM root AS c1 JOIN c IN c1.cs"},
		{"nothing known", "SELECT orders.id FROM shop.orders", nothing, "shop", "orders", "SELECT orders.id FROM orders"},
		{"nothing known: alias", "SELECT o.id FROM shop.orders o", nothing, "shop", "orders", "SELECT o.id FROM orders AS o"},
		{"nothing known: a path", "SELECT items FROM shop.orders.items", nothing, "shop", "orders", "SELECT items FROM orders.items"},
		{"nothing known: quoted", `SELECT o.id FROM shop."my-orders" o`, nothing, "shop", "my-orders", "SELECT o.id FROM root AS o"},
		{"nothing known: elements", `SELECT VALUE i FROM i IN shop.orders.items`, nothing, "shop", "orders", "SELECT VALUE i FROM i IN orders.items"},
		{"nothing known: no database", "SELECT * FROM orders", nothing, "", "orders", ""},
		{"no FROM", "SELECT 1", database, "", "", ""},
		{"gocosmos names both", "SELECT * FROM c WITH database=my-db, WITH collection=t1", nothing, "my-db", "t1", "SELECT * FROM c"},
		{"gocosmos names both, and wins", "SELECT * FROM c WITH db=d WITH table=t", container, "d", "t", "SELECT * FROM c"},
		{"gocosmos names the container", "SELECT * FROM c WITH table=t", database, "", "t", "SELECT * FROM c"},
		{"gocosmos names the database", "SELECT id FROM users u WHERE u.id=\"1\" WITH db=d WITH CrossPartition", container, "d", "users", `SELECT u.id FROM users AS u WHERE u.id = "1"`},
		{"gocosmos names only that it crosses", "SELECT  CROSS  PARTITION\n* FROM shop.t;", nothing, "shop", "t", "SELECT * FROM t"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			parsed, err := Parse(c.text, c.known)
			require.NoError(t, err)
			s := parsed.(*Select)
			require.Equal(t, c.db, s.Database)
			require.Equal(t, c.coll, s.Container)
			if c.wants == "" {
				c.wants = c.text
			}
			require.Equal(t, c.wants, s.Text)
		})
	}
}

func TestSelectShape(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text        string
		columns     []string
		star, value bool
		params      Parameters
	}{
		{"SELECT * FROM c WHERE c.a = @x OR c.b = @y OR c.d = @x", nil, true, false, Parameters{"@x", "@y"}},
		{"SELECT VALUE c.a FROM c", nil, false, true, nil},
		{"SELECT id, c.a AS b, COUNT(*) FROM c", []string{"id", "b", "$1"}, false, false, nil},
		{"SELECT TOP ? id FROM c WHERE c[?] IN (?, ?) OFFSET ? LIMIT ?", []string{"id"}, false, false, Parameters{"@p1", "@p2", "@p3", "@p4", "@p5", "@p6"}},
		{"SELECT * FROM c LIMIT ? OFFSET ?", nil, true, false, Parameters{"@p1", "@p2"}},
		{"SELECT * FROM c WHERE c.a = :2 AND c.b = $1 AND c.d = @2", nil, true, false, Parameters{"@p2", "@p1"}},
		{"SELECT * FROM c WHERE c.a IS NULL AND ? IS NOT NULL", nil, true, false, Parameters{"@p1"}},
		{`SELECT '?', "@x", c.a ? 1 : 2 FROM c -- ? @y`, []string{"$1", "$2", "$3"}, false, false, nil},
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
		{"syntax", "SELECT *\nFRON c", "cosmos: Syntax error, incorrect syntax near 'FRON'. (SC1001, line 2, column 1)"},
		{"end of text", "SELECT a FROM", "cosmos: Syntax error, unexpected end-of-file. (SC1001, line 1, column 14)"},
		{"empty", " ", "cosmos: Syntax error, unexpected end-of-file. (SC1001, line 1, column 2)"},
		{"no statement", "VACUUM", "cosmos: Syntax error, incorrect syntax near 'VACUUM'. (SC1001, line 1, column 1)"},
		{"column without a table", "SELECT x", "cosmos: Identifier 'x' could not be resolved. (SC2001, line 1, column 8)"},
		{"column of a nameless source", "SELECT x FROM c.a[0]", "cosmos: Identifier 'x' could not be resolved. (SC2001, line 1, column 8)"},
		{"column twice", "SELECT a, b AS a FROM c", "cosmos: The name 'a' is given to more than one item of the SELECT clause. (line 1, column 11)"},
		{"two containers", "SELECT ARRAY(SELECT VALUE a FROM a), ARRAY(SELECT VALUE b FROM b)",
			"cosmos: The query names two containers, a and b; Cosmos DB queries one at a time. (line 1, column 64)"},
		{"unknown option", "SELECT * FROM c WITH ttl=1", "cosmos: There is no option ttl here, only database, collection, cross_partition. (line 1, column 22)"},
		{"option twice", "SELECT * FROM c WITH db=a WITH DB=b", "cosmos: The option DB is given twice. (SC1001, line 1, column 32)"},
		{"option that is not true", "SELECT * FROM c WITH cross_partition=false",
			`cosmos: The option cross_partition takes true, or nothing at all, not "false". (line 1, column 22)`},
		{"placeholder 0", "SELECT * FROM c WHERE c.a = $0", "cosmos: Placeholders are numbered from 1. (SC1001, line 1, column 29)"},
		{"explain what", "EXPLAIN\nSELECT x", "cosmos: Identifier 'x' could not be resolved. (SC2001, line 2, column 8)"},
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
	args := []Arg{{Ordinal: 1, Value: json.RawMessage("1")}, {Ordinal: 2, Value: json.RawMessage("2")}, {Ordinal: 3, Value: json.RawMessage(`"3"`)}}
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
