package statement

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestContainerOptions: each option of CREATE and ALTER CONTAINER, by every name that it has, and the member of the
// definition that it comes to.
func TestContainerOptions(t *testing.T) {
	t.Parallel()
	const object, array = `{"a":1}`, `[{"name":"n","query":"SELECT VALUE 1 FROM c"}]`
	for _, tt := range []struct {
		names  []string
		value  string
		member string
		want   string
	}{
		{[]string{"ttl", "TTL", "default_ttl", "DefaultTTL"}, "60", "defaultTtl", "60"},
		{[]string{"ttl"}, "on", "defaultTtl", "-1"},
		{[]string{"ttl"}, "-1", "defaultTtl", "-1"},
		{[]string{"ttl"}, "007", "defaultTtl", "7"},
		{[]string{"ttl"}, "+7", "defaultTtl", "7"},
		{[]string{"ttl"}, "'3600'", "defaultTtl", "3600"},
		{[]string{"ttl"}, "2147483647", "defaultTtl", "2147483647"},
		{[]string{"analytical_ttl", "analytical_storage_ttl"}, "ON", "analyticalStorageTtl", "-1"},
		{[]string{"indexing", "indexing_policy", "IndexingPolicy"}, object, "indexingPolicy", object},
		{[]string{"indexing"}, `'{"a":1}'`, "indexingPolicy", object},
		{[]string{"indexing"}, `{a: 1, b: undefined}`, "indexingPolicy", object},
		{[]string{"conflicts", "conflict_resolution", "conflict_resolution_policy"}, object,
			"conflictResolutionPolicy", object},
		{[]string{"change_feed", "change_feed_policy"}, object, "changeFeedPolicy", object},
		{[]string{"geospatial", "geospatial_config"}, object, "geospatialConfig", object},
		{[]string{"computed", "computed_properties"}, array, "computedProperties", array},
		{[]string{"vectors", "vector", "vector_policy", "vector_embedding_policy"}, object, "vectorEmbeddingPolicy",
			object},
		{[]string{"full_text", "full_text_policy", "FULLTEXT"}, object, "fullTextPolicy", object},
	} {
		for _, name := range tt.names {
			option := "WITH (" + name + " = " + tt.value + ")"
			altered, err := Parse("ALTER CONTAINER t "+option, database)
			require.NoError(t, err, option)
			require.JSONEq(t, `{"`+tt.member+`":`+tt.want+`}`, string(altered.(*AlterContainer).Properties), option)
			require.Zero(t, altered.(*AlterContainer).Throughput)

			created, err := Parse("CREATE CONTAINER t PARTITION KEY (/a) "+option, database)
			require.NoError(t, err, option)
			var members map[string]json.RawMessage
			require.NoError(t, json.Unmarshal(created.(*CreateContainer).Properties, &members), option)
			require.JSONEq(t, tt.want, string(members[tt.member]), option)
			require.Len(t, members, 3, "beside id and partitionKey: %s", option)
		}
	}
	for _, off := range []string{"off", "OFF", "null", "'off'"} {
		s, err := Parse("ALTER CONTAINER t WITH (ttl = "+off+")", database)
		require.NoError(t, err, off)
		require.Equal(t, `{"defaultTtl":null}`, string(s.(*AlterContainer).Properties), "it is taken out")
	}
}

// TestThroughputOptions: fixed and autoscale throughput, of a database and a container, made and changed.
func TestThroughputOptions(t *testing.T) {
	t.Parallel()
	for option, want := range map[string]Throughput{
		"WITH (throughput = 400)":      {Manual: 400},
		"WITH (ru = 400)":              {Manual: 400},
		"WITH RU=400":                  {Manual: 400},
		"WITH (max_throughput = 4000)": {Autoscale: 4000},
		"WITH (MaxThroughput = 4000)":  {Autoscale: 4000},
		"WITH (autoscale = 4000)":      {Autoscale: 4000},
		"WITH maxru=4000":              {Autoscale: 4000},
		"WITH max_ru='4000'":           {Autoscale: 4000},
	} {
		for _, verb := range []string{"CREATE DATABASE d ", "ALTER DATABASE d ",
			"CREATE CONTAINER d.t PARTITION KEY (/a) ", "ALTER CONTAINER d.t ", "CREATE TABLE t WITH pk=/a "} {
			parsed, err := Parse(verb+option, nothing)
			require.NoError(t, err, verb+option)
			var got Throughput
			switch s := parsed.(type) {
			case *CreateDatabase:
				got = s.Throughput
			case *AlterDatabase:
				got = s.Throughput
			case *CreateContainer:
				got = s.Throughput
			case *AlterContainer:
				got = s.Throughput
				require.Nil(t, s.Properties, "the definition is left alone: %s", option)
			}
			require.Equal(t, want, got, verb+option)
		}
	}
}

// TestOptionsRefused: the whole error of a wrong option, which names it, what it takes, what it got, and where.
func TestOptionsRefused(t *testing.T) {
	t.Parallel()
	const always = "throughput, max_throughput, "
	const containers = "ttl, analytical_ttl, indexing, vectors, full_text, computed, conflicts, change_feed, geospatial"
	for text, message := range map[string]string{
		"CREATE CONTAINER t PARTITION KEY (/a)\n WITH (ttl = soon)": `The option ttl takes seconds, on or off, ` +
			`not "soon". (line 2, column 8)`,
		"ALTER CONTAINER t WITH (ttl = 0)":   `The option ttl takes seconds, on or off, not "0". (line 1, column 25)`,
		"ALTER CONTAINER t WITH (ttl = -2)":  `The option ttl takes seconds, on or off, not "-2". (line 1, column 25)`,
		"ALTER CONTAINER t WITH (ttl = 1.5)": `The option ttl takes seconds, on or off, not "1.5". (line 1, column 25)`,
		"ALTER CONTAINER t WITH (ttl)":       `The option ttl takes seconds, on or off, not "". (line 1, column 25)`,
		"CREATE DATABASE d WITH (throughput = 0)": `The option throughput takes a whole number from 1, not "0". ` +
			`(line 1, column 25)`,
		"ALTER DATABASE d WITH (max_throughput = 1e3)": `The option max_throughput takes a whole number from 1, ` +
			`not "1e3". (line 1, column 24)`,
		"CREATE DATABASE d WITH (throughput = 99999999999999999999)": `The option throughput takes a whole number ` +
			`from 1, not "99999999999999999999". (line 1, column 25)`,
		"CREATE CONTAINER t PARTITION KEY (/a) WITH (throughput = 400, max_throughput = 4000)": `The option ` +
			`max_throughput takes no value beside the other kind of throughput: give one of throughput and ` +
			`max_throughput, not "4000". (line 1, column 63)`,
		"ALTER CONTAINER t WITH (vectors = [1])": `The option vectors takes JSON that begins with {, not "[1]". ` +
			`(line 1, column 25)`,
		"ALTER CONTAINER t WITH (computed = {})": `The option computed takes JSON that begins with [, not "{}". ` +
			`(line 1, column 25)`,
		"ALTER CONTAINER t WITH (full_text = 'en-US')": `The option full_text takes JSON that begins with {, not ` +
			`"en-US". (line 1, column 25)`,
		"ALTER CONTAINER t WITH (ttl = 1, TTL = 2)": `The option TTL is given twice. (SC1001, line 1, column 34)`,
		"ALTER CONTAINER t WITH (ttl = 1, t_t_l = 2)": `The option t_t_l is given twice. ` +
			`(SC1001, line 1, column 34)`,
		"ALTER CONTAINER t WITH (indexing = {a: ?})": `An option takes a value that is written out. ` +
			`(SC1001, line 1, column 36)`,
		"ALTER CONTAINER t WITH (indexing = {a: 1 + 1})": `An option takes a value that is written out. ` +
			`(SC1001, line 1, column 36)`,
		"CREATE CONTAINER t PARTITION KEY (/a) WITH (color = red)": "There is no option color here, only " + always +
			"partition_key, unique_keys, " + containers + ". (line 1, column 45)",
		"ALTER CONTAINER t WITH (color = red)": "There is no option color here, only " + always + containers +
			". (line 1, column 25)",
		"ALTER CONTAINER t WITH (unique_keys = '/a')": "There is no option unique_keys here, only " + always +
			containers + ". (line 1, column 25)",
		"ALTER CONTAINER t WITH (pk = /a)": "There is no option pk here, only " + always + containers +
			". (line 1, column 25)",
		"ALTER DATABASE d WITH (ttl = 1)": `There is no option ttl here, only throughput, max_throughput. ` +
			`(line 1, column 24)`,
		"ALTER DATABASE d": "ALTER changes nothing: add WITH (throughput = 400), or another option",
		"CREATE CONTAINER t PARTITION KEY (/a, b)": `The option KEY takes paths, as in /tenant or /tenant,/user, ` +
			`not "/a,b". (line 1, column 34)`,
		"CREATE CONTAINER t PARTITION KEY (/)": `The option KEY takes paths, as in /tenant or /tenant,/user, ` +
			`not "/". (line 1, column 34)`,
		"CREATE CONTAINER t WITH (pk = a)": `The option pk takes paths, as in /tenant or /tenant,/user, not "a". ` +
			`(line 1, column 26)`,
		"CREATE CONTAINER t PARTITION KEY (/a) WITH uk=/b;c": `The option uk takes paths, as in /tenant or ` +
			`/tenant,/user, not "c". (line 1, column 44)`,
		"CREATE CONTAINER t PARTITION KEY (/a) PARTITION KEY (/b)": "CREATE CONTAINER names the partition key twice",
		"CREATE CONTAINER t UNIQUE KEY (/a)": "CREATE CONTAINER t names no partition key: " +
			"add PARTITION KEY (/path)",
	} {
		_, err := Parse(text, database)
		require.EqualError(t, err, "cosmos: "+message, text)
	}
}
