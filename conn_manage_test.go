package cosmossql_test

import (
	"database/sql"
	"strings"
	"testing"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/stretchr/testify/require"
)

func TestCreateAndDrop(t *testing.T) {
	t.Parallel()
	s := open(t, "")
	require.Equal(t, int64(1), s.exec(t, "CREATE DATABASE other"))
	require.ErrorIs(t, s.execError(t, "CREATE DATABASE other"), cosmos.ErrConflict)
	require.Zero(t, s.exec(t, "CREATE DATABASE IF NOT EXISTS other"))

	require.Equal(t, int64(1), s.exec(t, "CREATE CONTAINER other.tills PARTITION KEY (/shop, /till)"))
	require.ErrorIs(t, s.execError(t, "CREATE CONTAINER other.tills PARTITION KEY (/shop)"), cosmos.ErrConflict)
	require.Zero(t, s.exec(t, "CREATE TABLE IF NOT EXISTS other.tills PARTITION KEY (/shop, /till)"))
	require.ErrorContains(t, s.execError(t, "CREATE TABLE IF NOT EXISTS other.tills PARTITION KEY (/shop)"),
		`container "tills" exists and is partitioned by /shop, /till, not by /shop`)
	require.Equal(t, int64(1), s.exec(t, "CREATE COLLECTION orders WITH pk=/customer WITH uk=/number:/a,/b"),
		"in the DSN's database")

	client, err := cosmos.FromDB(t.Context(), s.db)
	require.NoError(t, err)
	p, err := client.Database("other").Container("tills").Read(t.Context())
	require.NoError(t, err)
	require.Equal(t, cosmos.PartitionKeyPaths("/shop", "/till"), p.PartitionKey)
	p, err = client.Database("shop").Container("orders").Read(t.Context())
	require.NoError(t, err)
	require.Equal(t, []cosmos.UniqueKey{{Paths: []string{"/number"}}, {Paths: []string{"/a", "/b"}}},
		p.UniqueKeyPolicy.UniqueKeys)

	require.Equal(t, int64(1), s.exec(t, "DROP CONTAINER other.tills"))
	require.ErrorIs(t, s.execError(t, "DROP CONTAINER other.tills"), cosmos.ErrNotFound)
	require.Zero(t, s.exec(t, "DROP CONTAINER IF EXISTS other.tills"))
	require.Equal(t, int64(1), s.exec(t, "DROP DATABASE other"))
	require.ErrorIs(t, s.execError(t, "DROP DATABASE other"), cosmos.ErrNotFound)
	require.Zero(t, s.exec(t, "DROP DATABASE IF EXISTS other"))
}

func TestManageErrors(t *testing.T) {
	t.Parallel()
	s := open(t, "")
	require.ErrorContains(t, s.execError(t, "CREATE CONTAINER c"), "no partition key")
	require.ErrorContains(t, s.execError(t, "CREATE DATABASE a", 1), "argument 1 is not used")
	require.ErrorContains(t, s.execError(t, "CREATE DATABASE"), "line 1, column")
	require.ErrorContains(t, s.execError(t, `CREATE DATABASE "a/b"`), "a/b")
	require.ErrorContains(t, s.execError(t, "LIST DATABASES"), "use Query")

	nowhere, err := sql.Open("cosmos", s.ConnectionString())
	require.NoError(t, err)
	defer nowhere.Close()
	_, err = nowhere.ExecContext(t.Context(), "DROP CONTAINER c")
	require.ErrorContains(t, err, "no database")
	_, err = nowhere.QueryContext(t.Context(), "LIST CONTAINERS")
	require.ErrorContains(t, err, "no database")
}

func TestListAndDescribe(t *testing.T) {
	t.Parallel()
	s := open(t, "")
	s.exec(t, "CREATE DATABASE other")
	s.exec(t, "CREATE CONTAINER tills PARTITION KEY (/shop)")
	for _, tt := range []struct {
		text string
		want []string
	}{
		{"LIST DATABASES", []string{"other", "shop"}},
		{"SHOW DATABASES;", []string{"other", "shop"}},
		{"LIST CONTAINERS", []string{"people", "tills"}},
		{"SHOW TABLES FROM shop", []string{"people", "tills"}},
		{"LIST COLLECTIONS FROM other", nil},
	} {
		rows, err := s.db.QueryContext(t.Context(), tt.text)
		require.NoError(t, err, tt.text)
		names, err := rows.Columns()
		require.NoError(t, err)
		if len(tt.want) > 0 {
			require.Equal(t, "id", names[0], tt.text)
		}
		var got []string
		for rows.Next() {
			dest := make([]any, len(names))
			var id string
			dest[0] = &id
			for i := range dest[1:] {
				dest[i+1] = new(any)
			}
			require.NoError(t, rows.Scan(dest...))
			got = append(got, id)
		}
		require.NoError(t, rows.Err())
		require.ElementsMatch(t, tt.want, got, tt.text)
	}

	described := map[string]string{}
	rows, err := s.db.QueryContext(t.Context(), "DESCRIBE people")
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var name string
		var value any
		require.NoError(t, rows.Scan(&name, &value))
		if b, ok := value.([]byte); ok {
			described[name] = string(b)
		}
	}
	require.NoError(t, rows.Err())
	require.JSONEq(t, `{"paths":["/city"],"kind":"Hash","version":2}`, described["partitionKey"])

	_, err = s.db.QueryContext(t.Context(), "DESCRIBE nothere")
	require.ErrorIs(t, err, cosmos.ErrNotFound)
	require.NotEmpty(t, s.query(t, "DESCRIBE DATABASE shop"))
}

func TestAlterContainer(t *testing.T) {
	t.Parallel()
	s := open(t, "")
	before, err := s.people.Read(t.Context())
	require.NoError(t, err)
	require.Nil(t, before.DefaultTTL)
	require.Equal(t, int64(1),
		s.exec(t, `ALTER CONTAINER people WITH (ttl = 60, indexing = {"indexingMode": "none", "automatic": false})`))
	after, err := s.people.Read(t.Context())
	require.NoError(t, err)
	require.Equal(t, 60, *after.DefaultTTL)
	require.Equal(t, cosmos.IndexingNone, after.IndexingPolicy.Mode)
	require.Equal(t, before.PartitionKey, after.PartitionKey)
	s.exec(t, "ALTER CONTAINER people WITH (ttl = off)")
	after, err = s.people.Read(t.Context())
	require.NoError(t, err)
	require.Nil(t, after.DefaultTTL)
	require.ErrorContains(t, s.execError(t, "ALTER CONTAINER people"), "changes nothing")
	require.ErrorIs(t, s.execError(t, "ALTER CONTAINER peple WITH (ttl = 1)"), cosmos.ErrNotFound)
}

func TestThroughput(t *testing.T) {
	t.Parallel()
	s := open(t, "")
	s.exec(t, "CREATE CONTAINER fixed PARTITION KEY (/a) WITH (throughput = 500)")
	s.exec(t, "CREATE CONTAINER scaled PARTITION KEY (/a) WITH maxru=4000")
	throughput := func(text string) (rows []string) {
		for _, row := range s.query(t, text) {
			if len(row) > 10 && (row[:10] == "throughput" || row[:10] == "max_throug") {
				rows = append(rows, row)
			}
		}
		return rows
	}
	require.Equal(t, []string{"throughput 500"}, throughput("DESCRIBE fixed"))
	require.Contains(t, throughput("DESCRIBE scaled"), "max_throughput 4000")
	require.Equal(t, int64(1), s.exec(t, "ALTER CONTAINER fixed WITH (throughput = 600)"))
	require.Equal(t, []string{"throughput 600"}, throughput("DESCRIBE fixed"))
	require.Empty(t, throughput("DESCRIBE DATABASE shop"))
}

func TestExplain(t *testing.T) {
	t.Parallel()
	s := open(t, "")
	rows, err := s.db.QueryContext(t.Context(),
		"EXPLAIN SELECT name FROM people WHERE age IS NULL AND city = ? ORDER BY name", "Oslo")
	require.NoError(t, err)
	names, err := rows.Columns()
	require.NoError(t, err)
	require.Equal(t, []string{"plan"}, names)
	lines, err := read(rows)
	require.NoError(t, err)
	require.Equal(t, "access: one partition", lines[0])
	require.Contains(t, strings.Join(lines, "\n"), "IS_DEFINED(people.age)", "the query that is sent")
	require.Zero(t, s.Count(cosmostest.Query), "it is not run")

	_, err = s.db.QueryContext(t.Context(), "EXPLAIN SELECT name FROM people WHERE city = ?")
	require.ErrorContains(t, err, "no argument")
}
