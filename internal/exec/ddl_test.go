package exec_test

import (
	"testing"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/internal/exec"
	"github.com/cosmossql/cosmossql/internal/statement"
	"github.com/stretchr/testify/require"
)

func TestDDL(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	run := func(text, database string) (int64, error) {
		s, err := statement.Parse(text, statement.Options{})
		require.NoError(t, err)
		return exec.DDL(t.Context(), w.client, s, database)
	}
	for _, tt := range []struct {
		text, database string
		want           int64
		err            string
	}{
		{"CREATE DATABASE shop WITH throughput=400", "", 1, ""},
		{"CREATE DATABASE shop", "", 0, "409"},
		{"CREATE DATABASE IF NOT EXISTS shop", "", 0, ""},
		{"ALTER DATABASE shop WITH throughput=500", "", 1, ""},
		{"CREATE CONTAINER people WITH PK=/city", "", 0, "no database: name one in the DSN"},
		{"CREATE CONTAINER people WITH PK=/city", "shop", 1, ""},
		{"CREATE CONTAINER IF NOT EXISTS shop.people WITH PK=/city", "", 0, ""},
		{"CREATE CONTAINER IF NOT EXISTS shop.people WITH PK=/country", "", 0,
			"is partitioned by /city, not by /country"},
		{"CREATE CONTAINER IF NOT EXISTS nowhere.people WITH PK=/city", "", 0, "404"},
		{"ALTER CONTAINER shop.people WITH ttl=60", "", 1, ""},
		{"CREATE CONTAINER wrong WITH (PK=/a, indexing={automatic:5})", "shop", 0, "the container's definition"},
		{"ALTER CONTAINER shop.people WITH (indexing={automatic:5})", "", 0, "the container's definition"},
		{"ALTER CONTAINER shop.people WITH throughput=500", "", 0, "has no throughput of its own"},
		{"DROP CONTAINER shop.people", "", 1, ""},
		{"DROP CONTAINER shop.people", "", 0, "404"},
		{"DROP CONTAINER IF EXISTS shop.people", "", 0, ""},
		{"DROP CONTAINER IF EXISTS nowhere.people", "", 0, ""},
		{"DROP DATABASE shop", "", 1, ""},
		{"DROP DATABASE IF EXISTS shop", "", 0, ""},
		{"SELECT 1", "shop", 0, "is not about a database"},
	} {
		n, err := run(tt.text, tt.database)
		if tt.err != "" {
			require.ErrorContains(t, err, tt.err, tt.text)
		} else {
			require.NoError(t, err, tt.text)
		}
		require.Equal(t, tt.want, n, tt.text)
	}
	// What turns an option off takes it out of the definition.
	for _, text := range []string{
		"CREATE DATABASE shop WITH max_throughput=4000", "CREATE CONTAINER shop.people WITH (PK=/city, ttl=60)",
		"ALTER CONTAINER shop.people WITH ttl=off",
	} {
		n, err := run(text, "")
		require.NoError(t, err)
		require.EqualValues(t, 1, n)
	}
	people, err := w.client.Database("shop").Container("people").Read(t.Context())
	require.NoError(t, err)
	require.Nil(t, people.DefaultTTL)
	shared, err := w.client.Database("shop").ReadThroughput(t.Context())
	require.NoError(t, err)
	require.Equal(t, 4000, shared.Autoscale)
	// Only the service's word that there is none makes DROP IF EXISTS succeed.
	w.Fail(cosmostest.DeleteContainer, 1, 403, 0, 0)
	_, err = run("DROP CONTAINER IF EXISTS x", "d")
	require.ErrorIs(t, err, cosmos.ErrForbidden)
}

// TestStatementsOfAnotherKind: what is handed to the wrong executor is an error, and nothing is sent.
func TestStatementsOfAnotherKind(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s, err := statement.Parse("LIST CONTAINERS FROM shop", statement.Options{})
	require.NoError(t, err)
	_, err = exec.DDL(t.Context(), w.client, s, "")
	require.ErrorContains(t, err, "List has nothing to execute")
	_, err = exec.Run(t.Context(), s, exec.Terms{Container: w.c})
	require.ErrorContains(t, err, "List does not change documents")
	_, err = new(exec.Transaction).Keep(t.Context(), s, exec.Terms{Container: w.c}, "", nil)
	require.ErrorContains(t, err, "List does not change documents")
	s, err = statement.Parse("DROP CONTAINER shop.people", statement.Options{})
	require.NoError(t, err)
	_, err = exec.Show(t.Context(), w.client, s, "")
	require.ErrorContains(t, err, "Drop has no rows")
	require.Zero(t, w.Count(cosmostest.ListContainers)+w.Count(cosmostest.DeleteContainer))
}

func TestShow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.client.CreateDatabase(t.Context(), "shop", cosmos.AutoscaleThroughput(4000))
	require.NoError(t, err)
	_, err = w.client.Database("shop").CreateContainer(t.Context(),
		cosmos.ContainerProperties{ID: "people", PartitionKey: cosmos.PartitionKeyPaths("/city")},
		cosmos.Throughput(400))
	require.NoError(t, err)
	_, err = w.client.Database("shop").CreateContainer(t.Context(),
		cosmos.ContainerProperties{ID: "shares", PartitionKey: cosmos.PartitionKeyPaths("/city")})
	require.NoError(t, err)
	for text, want := range map[string]string{
		"LIST DATABASES":                 `"id":"shop"`,
		"LIST CONTAINERS FROM shop":      `"id":"people"`,
		"DESCRIBE DATABASE shop":         `{"property":"max_throughput","value":4000}`,
		"DESCRIBE CONTAINER shop.people": `{"property":"throughput","value":400}`,
		"DESCRIBE CONTAINER shop.shares": `{"property":"id","value":"shares"}`, // it has no throughput of its own
	} {
		s, err := statement.Parse(text, statement.Options{})
		require.NoError(t, err, text)
		rows, err := exec.Show(t.Context(), w.client, s, "")
		require.NoError(t, err, text)
		all := ""
		for _, row := range rows {
			all += string(row)
		}
		require.Contains(t, all, want, text)
	}
}
