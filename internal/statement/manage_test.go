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
		{
			text: "CREATE DATABASE shop",
			want: &CreateDatabase{Database: "shop"},
		},
		{
			text: "create database if not exists my-db with ru=400;",
			want: &CreateDatabase{Database: "my-db", IfNotExists: true, Throughput: Throughput{Manual: 400}},
		},
		{
			text: "CREATE DATABASE shop WITH (max_throughput = 4000)",
			want: &CreateDatabase{Database: "shop", Throughput: Throughput{Autoscale: 4000}},
		},
		{
			text: "ALTER DATABASE shop WITH MAXRU=8000",
			want: &AlterDatabase{Database: "shop", Throughput: Throughput{Autoscale: 8000}},
		},
		{
			text: "ALTER TABLE shop.t WITH RU=500",
			want: &AlterContainer{Target: Target{"shop", "t"}, Throughput: Throughput{Manual: 500}},
		},
		{
			text: "ALTER CONTAINER t WITH (ttl = off, indexing = {indexingMode: 'none'})",
			want: &AlterContainer{Target: Target{"", "t"},
				Properties: json.RawMessage(`{"indexingPolicy":{"indexingMode":"none"},"defaultTtl":null}`)},
		},
		{
			text: "DROP DATABASE shop",
			want: &Drop{Target: Target{Database: "shop"}},
		},
		{
			text: "DROP DATABASE IF EXISTS shop",
			want: &Drop{Target: Target{Database: "shop"}, IfExists: true},
		},
		{
			text: "DROP COLLECTION shop.t",
			want: &Drop{Target: Target{"shop", "t"}},
		},
		{
			text: `DROP CONTAINER IF EXISTS "a.b"`,
			want: &Drop{Target: Target{"", "a.b"}, IfExists: true},
		},
		{
			text: "LIST DATABASES",
			want: &List{},
		},
		{
			text: "SHOW DATABASES;",
			want: &List{},
		},
		{
			text: "LIST COLLECTIONS",
			want: &List{Containers: true},
		},
		{
			text: "SHOW TABLES IN shop",
			want: &List{Containers: true, Database: "shop"},
		},
		{
			text: "LIST CONTAINERS FROM my-db",
			want: &List{Containers: true, Database: "my-db"},
		},
		{
			text: "DESCRIBE DATABASE shop",
			want: &Describe{Target: Target{Database: "shop"}},
		},
		{
			text: "DESCRIBE shop.t",
			want: &Describe{Target: Target{"shop", "t"}},
		},
		{
			text: "DESCRIBE shop.t SAMPLE 100;",
			want: &Describe{Target: Target{"shop", "t"}, Sample: 100},
		},
		{
			text: "DESC CONTAINER t",
			want: &Describe{Target: Target{"", "t"}},
		},
	} {
		got, err := Parse(c.text, database)
		require.NoError(t, err, c.text)
		require.Equal(t, c.want, got, c.text)
		_, err = got.Bind(positional("1"))
		require.EqualError(t, err,
			"cosmos: argument 1 is not used: the statement has no parameters; ? and @p1 are some, but not in quotes")
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
		{
			name:       "least",
			text:       "CREATE CONTAINER t PARTITION KEY (/pk)",
			target:     Target{"", "t"},
			throughput: Throughput{},
			want:       `{"id":"t","partitionKey":{"paths":["/pk"],"kind":"Hash","version":2}}`,
		},
		{
			name:       "hierarchical key",
			text:       "CREATE TABLE IF NOT EXISTS db.t PARTITION KEY (/a, /b/c ,/d) WITH (throughput = 400)",
			target:     Target{"db", "t"},
			throughput: Throughput{Manual: 400},
			want:       `{"id":"t","partitionKey":{"paths":["/a","/b/c","/d"],"kind":"MultiHash","version":2}}`,
		},
		{
			name:       "unique keys",
			text:       `CREATE CONTAINER "my t" PARTITION KEY (/pk) UNIQUE KEY (/a, /b) UNIQUE (/c)`,
			target:     Target{"", "my t"},
			throughput: Throughput{},
			want: `{"id":"my t","partitionKey":{"paths":["/pk"],"kind":"Hash","version":2},` +
				`"uniqueKeyPolicy":{"uniqueKeys":[{"paths":["/a","/b"]},{"paths":["/c"]}]}}`,
		},
		{
			name: "gocosmos",
			text: "CREATE COLLECTION IF NOT EXISTS mydb.my-table WITH pk=/username WITH maxru=10000, " +
				"WITH uk=/email:/a,/b;/c",
			target:     Target{"mydb", "my-table"},
			throughput: Throughput{Autoscale: 10000},
			want: `{"id":"my-table","partitionKey":{"paths":["/username"],"kind":"Hash","version":2},` +
				`"uniqueKeyPolicy":{"uniqueKeys":[{"paths":["/email"]},{"paths":["/a","/b"]},{"paths":["/c"]}]}}`,
		},
		{
			name:       "gocosmos, hierarchical",
			text:       "CREATE TABLE t WITH pk=/a,/b WITH ru=400;",
			target:     Target{"", "t"},
			throughput: Throughput{Manual: 400},
			want:       `{"id":"t","partitionKey":{"paths":["/a","/b"],"kind":"MultiHash","version":2}}`,
		},
		{
			name: "policies",
			text: `CREATE CONTAINER t PARTITION KEY (/pk) WITH (ttl = 60, analytical_ttl = on,
			indexing = '{"automatic": true}', vectors = {vectorEmbeddings: []},
			full_text = {"defaultLanguage": "en-US"}, computed = [{name: "n", query: "SELECT VALUE c.n FROM c"}],
			conflicts = {mode: 'LastWriterWins'},
			change_feed = {retentionDuration: -1}, geospatial = {type: "Geometry"})`,
			target:     Target{"", "t"},
			throughput: Throughput{},
			want: `{"id":"t","partitionKey":{"paths":["/pk"],"kind":"Hash","version":2},` +
				`"indexingPolicy":{"automatic":true},"defaultTtl":60,"analyticalStorageTtl":-1,` +
				`"conflictResolutionPolicy":{"mode":"LastWriterWins"},"changeFeedPolicy":{"retentionDuration":-1},` +
				`"geospatialConfig":{"type":"Geometry"},` +
				`"computedProperties":[{"name":"n","query":"SELECT VALUE c.n FROM c"}],` +
				`"vectorEmbeddingPolicy":{"vectorEmbeddings":[]},"fullTextPolicy":{"defaultLanguage":"en-US"}}`,
		},
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
		{
			name:    "create what",
			text:    "CREATE INDEX i",
			message: "incorrect syntax near 'INDEX'",
		},
		{
			name:    "alter what",
			text:    "ALTER USER u",
			message: "incorrect syntax near 'USER'",
		},
		{
			name:    "drop what",
			text:    "DROP t",
			message: "incorrect syntax near 't'",
		},
		{
			name:    "list what",
			text:    "LIST users",
			message: "incorrect syntax near 'users'",
		},
		{
			name:    "show from nowhere",
			text:    "SHOW TABLES FROM",
			message: "unexpected end-of-file",
		},
		{
			name:    "describe nothing",
			text:    "DESCRIBE",
			message: "unexpected end-of-file",
		},
		{
			name:    "a sample of nothing",
			text:    "DESCRIBE t SAMPLE 0",
			message: "SAMPLE takes the number of documents to look at, from 1 to 100000.",
		},
		{
			name:    "a sample of too many",
			text:    "DESCRIBE t SAMPLE 100001",
			message: "SAMPLE takes the number of documents to look at, from 1 to 100000.",
		},
		{
			name:    "a sample of what",
			text:    "DESCRIBE t SAMPLE all",
			message: "SAMPLE takes the number of documents to look at",
		},
		{
			name:    "a unique key that is no path",
			text:    "CREATE CONTAINER t PARTITION KEY (/a) UNIQUE KEY (b)",
			message: "b",
		},
		{
			name:    "gocosmos's unique key that is no path",
			text:    "CREATE CONTAINER t WITH PK=/a WITH UK=b",
			message: "b",
		},
		{
			name:    "no name",
			text:    "CREATE DATABASE",
			message: "unexpected end-of-file",
		},
		{
			name:    "junk",
			text:    "DROP DATABASE a b",
			message: "incorrect syntax near 'b'",
		},
		{
			name:    "no partition key",
			text:    "CREATE CONTAINER t",
			message: "CREATE CONTAINER t names no partition key: add PARTITION KEY (/path)",
		},
		{
			name:    "two partition keys",
			text:    "CREATE CONTAINER t PARTITION KEY (/a) WITH pk=/b",
			message: "names the partition key twice",
		},
		{
			name:    "too many paths",
			text:    "CREATE CONTAINER t PARTITION KEY (/a,/b,/c,/d)",
			message: "a partition key has at most 3 paths, not 4",
		},
		{
			name:    "no path",
			text:    "CREATE CONTAINER t PARTITION KEY (a)",
			message: `The option KEY takes paths, as in /tenant or /tenant,/user, not "a".`,
		},
		{
			name:    "no paths",
			text:    "CREATE CONTAINER t PARTITION KEY ()",
			message: "incorrect syntax near ')'",
		},
		{
			name:    "unique key of no path",
			text:    "CREATE CONTAINER t WITH pk=/a WITH uk=b",
			message: "The option uk takes paths",
		},
		{
			name:    "both throughputs",
			text:    "CREATE DATABASE d WITH ru=400 WITH maxru=4000",
			message: "give one of throughput and max_throughput",
		},
		{
			name:    "throughput that is not a number",
			text:    "CREATE DATABASE d WITH ru=many",
			message: `The option ru takes a whole number from 1, not "many".`,
		},
		{
			name:    "throughput of nothing",
			text:    "CREATE DATABASE d WITH ru=0",
			message: "whole number from 1",
		},
		{
			name:    "an option of containers",
			text:    "CREATE DATABASE d WITH (ttl = 1)",
			message: "There is no option ttl here, only throughput, max_throughput.",
		},
		{
			name:    "unknown option",
			text:    "CREATE CONTAINER t PARTITION KEY (/a) WITH (colour = red)",
			message: "There is no option colour here, only throughput",
		},
		{
			name:    "a key of a container that is there",
			text:    "ALTER CONTAINER t WITH (partition_key = /a)",
			message: "There is no option partition_key here",
		},
		{
			name:    "ttl",
			text:    "ALTER CONTAINER t WITH (ttl = 0)",
			message: "The option ttl takes seconds, on or off",
		},
		{
			name:    "indexing that is not an object",
			text:    "ALTER CONTAINER t WITH (indexing = '[1]')",
			message: "The option indexing takes JSON that begins with {",
		},
		{
			name:    "indexing that is not JSON",
			text:    "ALTER CONTAINER t WITH (indexing = '{a')",
			message: "takes JSON that begins with {",
		},
		{
			name:    "a parameter in an option",
			text:    "ALTER CONTAINER t WITH (indexing = {a: @p1})",
			message: "An option takes a value that is written out.",
		},
		{
			name:    "an open option",
			text:    "ALTER CONTAINER t WITH (indexing = {a: )",
			message: "incorrect syntax near ')'",
		},
		{
			name:    "nothing to alter",
			text:    "ALTER CONTAINER t",
			message: "ALTER changes nothing",
		},
		{
			name:    "nothing to alter in a database",
			text:    "ALTER DATABASE d",
			message: "ALTER changes nothing",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse(c.text, database)
			require.ErrorContains(t, err, c.message)
			require.ErrorContains(t, err, "cosmos: ")
		})
	}
}
