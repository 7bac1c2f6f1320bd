package statement

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestManagement(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want Statement
	}{
		{"CREATE DATABASE shop", &CreateDatabase{Database: "shop"}},
		{"create database if not exists my-db with ru=400;", &CreateDatabase{Database: "my-db", IfNotExists: true, Throughput: Throughput{Manual: 400}}},
		{"CREATE DATABASE shop WITH (max_throughput = 4000)", &CreateDatabase{Database: "shop", Throughput: Throughput{Autoscale: 4000}}},
		{"ALTER DATABASE shop WITH MAXRU=8000", &AlterDatabase{Database: "shop", Throughput: Throughput{Autoscale: 8000}}},
		{"ALTER TABLE shop.t WITH RU=500", &AlterContainer{Target: Target{"shop", "t"}, Throughput: Throughput{Manual: 500}}},
		{"ALTER CONTAINER t WITH (ttl = off, indexing = {indexingMode: 'none'})",
			&AlterContainer{Target: Target{"", "t"}, Properties: json.RawMessage(`{"indexingPolicy":{"indexingMode":"none"},"defaultTtl":null}`)}},
		{"DROP DATABASE shop", &Drop{Target: Target{Database: "shop"}}},
		{"DROP DATABASE IF EXISTS shop", &Drop{Target: Target{Database: "shop"}, IfExists: true}},
		{"DROP COLLECTION shop.t", &Drop{Target: Target{"shop", "t"}}},
		{`DROP CONTAINER IF EXISTS "a.b"`, &Drop{Target: Target{"", "a.b"}, IfExists: true}},
		{"LIST DATABASES", &List{}},
		{"SHOW DATABASES;", &List{}},
		{"LIST COLLECTIONS", &List{Containers: true}},
		{"SHOW TABLES IN shop", &List{Containers: true, Database: "shop"}},
		{"LIST CONTAINERS FROM my-db", &List{Containers: true, Database: "my-db"}},
		{"DESCRIBE DATABASE shop", &Describe{Target: Target{Database: "shop"}}},
		{"DESCRIBE shop.t", &Describe{Target: Target{"shop", "t"}}},
		{"DESC CONTAINER t", &Describe{Target: Target{"", "t"}}},
	} {
		got, err := Parse(c.text, database)
		require.NoError(t, err, c.text)
		require.Equal(t, c.want, got, c.text)
		_, err = got.Bind(positional("1"))
		require.EqualError(t, err, "cosmos: argument 1 is not used: the statement has no parameters")
	}
}

func TestCreateContainer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		target     Target
		throughput Throughput
		want       string
	}{
		{"least", "CREATE CONTAINER t PARTITION KEY (/pk)", Target{"", "t"}, Throughput{},
			`{"id":"t","partitionKey":{"paths":["/pk"],"kind":"Hash","version":2}}`},
		{"hierarchical key", "CREATE TABLE IF NOT EXISTS db.t PARTITION KEY (/a, /b/c ,/d) WITH (throughput = 400)", Target{"db", "t"}, Throughput{Manual: 400},
			`{"id":"t","partitionKey":{"paths":["/a","/b/c","/d"],"kind":"MultiHash","version":2}}`},
		{"unique keys", `CREATE CONTAINER "my t" PARTITION KEY (/pk) UNIQUE KEY (/a, /b) UNIQUE (/c)`, Target{"", "my t"}, Throughput{},
			`{"id":"my t","partitionKey":{"paths":["/pk"],"kind":"Hash","version":2},"uniqueKeyPolicy":{"uniqueKeys":[{"paths":["/a","/b"]},{"paths":["/c"]}]}}`},
		{"gocosmos", "CREATE COLLECTION IF NOT EXISTS mydb.my-table WITH pk=/username WITH maxru=10000, WITH uk=/email:/a,/b;/c", Target{"mydb", "my-table"}, Throughput{Autoscale: 10000},
			`{"id":"my-table","partitionKey":{"paths":["/username"],"kind":"Hash","version":2},"uniqueKeyPolicy":{"uniqueKeys":[{"paths":["/email"]},{"paths":["/a","/b"]},{"paths":["/c"]}]}}`},
		{"gocosmos, hierarchical", "CREATE TABLE t WITH pk=/a,/b WITH ru=400;", Target{"", "t"}, Throughput{Manual: 400},
			`{"id":"t","partitionKey":{"paths":["/a","/b"],"kind":"MultiHash","version":2}}`},
		{"policies", `CREATE CONTAINER t PARTITION KEY (/pk) WITH (ttl = 60, analytical_ttl = on, indexing = '{"automatic": true}', vectors = {vectorEmbeddings: []},
			full_text = {"defaultLanguage": "en-US"}, computed = [{name: "n", query: "SELECT VALUE c.n FROM c"}], conflicts = {mode: 'LastWriterWins'},
			change_feed = {retentionDuration: -1}, geospatial = {type: "Geometry"})`, Target{"", "t"}, Throughput{},
			`{"id":"t","partitionKey":{"paths":["/pk"],"kind":"Hash","version":2},"indexingPolicy":{"automatic":true},"defaultTtl":60,"analyticalStorageTtl":-1,` +
				`"conflictResolutionPolicy":{"mode":"LastWriterWins"},"changeFeedPolicy":{"retentionDuration":-1},"geospatialConfig":{"type":"Geometry"},` +
				`"computedProperties":[{"name":"n","query":"SELECT VALUE c.n FROM c"}],"vectorEmbeddingPolicy":{"vectorEmbeddings":[]},"fullTextPolicy":{"defaultLanguage":"en-US"}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			parsed, err := Parse(c.text, database)
			require.NoError(t, err)
			s := parsed.(*CreateContainer)
			require.Equal(t, c.target, s.Target)
			require.Equal(t, c.throughput, s.Throughput)
			require.Equal(t, c.want, string(s.Properties))
		})
	}
}

func TestManagementErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, message string }{
		{"create what", "CREATE INDEX i", "incorrect syntax near 'INDEX'"},
		{"alter what", "ALTER USER u", "incorrect syntax near 'USER'"},
		{"drop what", "DROP t", "incorrect syntax near 't'"},
		{"list what", "LIST users", "incorrect syntax near 'users'"},
		{"show from nowhere", "SHOW TABLES FROM", "unexpected end-of-file"},
		{"describe nothing", "DESCRIBE", "unexpected end-of-file"},
		{"no name", "CREATE DATABASE", "unexpected end-of-file"},
		{"junk", "DROP DATABASE a b", "incorrect syntax near 'b'"},
		{"no partition key", "CREATE CONTAINER t", "CREATE CONTAINER t names no partition key: add PARTITION KEY (/path)"},
		{"two partition keys", "CREATE CONTAINER t PARTITION KEY (/a) WITH pk=/b", "names the partition key twice"},
		{"too many paths", "CREATE CONTAINER t PARTITION KEY (/a,/b,/c,/d)", "a partition key has at most 3 paths, not 4"},
		{"no path", "CREATE CONTAINER t PARTITION KEY (a)", `The option KEY takes paths, as in /tenant or /tenant,/user, not "a".`},
		{"no paths", "CREATE CONTAINER t PARTITION KEY ()", "incorrect syntax near ')'"},
		{"unique key of no path", "CREATE CONTAINER t WITH pk=/a WITH uk=b", "The option uk takes paths"},
		{"both throughputs", "CREATE DATABASE d WITH ru=400 WITH maxru=4000", "give one of throughput and max_throughput"},
		{"throughput that is no number", "CREATE DATABASE d WITH ru=many", `The option ru takes a whole number from 1, not "many".`},
		{"throughput of nothing", "CREATE DATABASE d WITH ru=0", "whole number from 1"},
		{"an option of containers", "CREATE DATABASE d WITH (ttl = 1)", "There is no option ttl here, only throughput, max_throughput."},
		{"unknown option", "CREATE CONTAINER t PARTITION KEY (/a) WITH (colour = red)", "There is no option colour here, only throughput"},
		{"a key of a container that is there", "ALTER CONTAINER t WITH (partition_key = /a)", "There is no option partition_key here"},
		{"ttl", "ALTER CONTAINER t WITH (ttl = 0)", "The option ttl takes seconds, on or off"},
		{"indexing that is no object", "ALTER CONTAINER t WITH (indexing = '[1]')", "The option indexing takes JSON that begins with {"},
		{"indexing that is no JSON", "ALTER CONTAINER t WITH (indexing = '{a')", "takes JSON that begins with {"},
		{"a parameter in an option", "ALTER CONTAINER t WITH (indexing = {a: @p1})", "An option takes a value that is written out."},
		{"an open option", "ALTER CONTAINER t WITH (indexing = {a: )", "incorrect syntax near ')'"},
		{"nothing to alter", "ALTER CONTAINER t", "ALTER changes nothing"},
		{"nothing to alter in a database", "ALTER DATABASE d", "ALTER changes nothing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse(c.text, database)
			require.ErrorContains(t, err, c.message)
			require.ErrorContains(t, err, "cosmos: ")
		})
	}
}
