package cosmossql_test

import (
	"database/sql"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/stretchr/testify/require"
)

// What the service refuses says what can be done about it, and stays the service's error.
func TestAnswersSayTheWayOut(t *testing.T) {
	t.Parallel()
	s := open(t, "", `{"id":"1","city":"Oslo","name":"Ada"}`)
	for text, want := range map[string]string{
		"SELECT COALESCE(p.a, 1) AS a FROM people p":           "instead of COALESCE write a ?? b",
		"SELECT LEN(name) AS n FROM people":                    "instead of LEN write LENGTH(x)",
		"SELECT p.id FROM people p WHERE p.id = ANY('1')":      "instead of ANY write ARRAY_CONTAINS",
		"DELETE FROM people WHERE LEN(name) = 3":               "instead of LEN write LENGTH(x)",
		"UPDATE people SET a = 1 WHERE NVL(name, 'x') = 'Ada'": "instead of NVL write a ?? b",
		"SELECT p.id FROM people p ORDER BY LOWER(p.name)":     "Cosmos DB sorts by paths",
		"SELECT c.id FROM c": "write FROM products c for a container products, or " +
			"name the container in the DSN",
		"SELECT c.id FROM shop.people c":         "write FROM people, or name the database in the text alone",
		"EXPLAIN SELECT c.id FROM shop.people c": "write FROM people",
	} {
		_, err := s.db.QueryContext(t.Context(), text)
		require.ErrorContains(t, err, want, text)
	}
	_, err := s.db.QueryContext(t.Context(), "SELECT LEN(p.name) AS n FROM people p")
	require.ErrorIs(t, err, cosmos.ErrBadRequest)
	_, err = s.db.QueryContext(t.Context(), "SELECT c.id FROM c")
	require.ErrorIs(t, err, cosmos.ErrOwnerNotFound)
}

func TestTheCompositeIndexToAdd(t *testing.T) {
	t.Parallel()
	s := open(t, "", `{"id":"1","city":"Oslo"}`)
	_, err := s.db.QueryContext(t.Context(), "SELECT p.id FROM people p ORDER BY p.city, p.addr.zip DESC")
	if err == nil {
		t.Fatal("the server sorts by several keys without their index")
	}
	require.ErrorContains(t,
		err, `add to the compositeIndexes of the indexing policy: [{"path":"/city","order":"ascending"},`+
			`{"path":"/addr/zip","order":"descending"}]`)
}

func TestTheCommonestMistakes(t *testing.T) {
	t.Parallel()
	s := open(t, "", `{"id":"1","city":"Oslo"}`)
	client, err := cosmos.FromDB(t.Context(), s.db)
	require.NoError(t, err)
	_, err = client.Database("shop").Container("people").ReadItem(t.Context(), "1", cosmos.PartitionKey("Rome"))
	require.ErrorIs(t, err, cosmos.ErrNotFound)
	require.ErrorContains(t, err, `docs/1 (partition key ["Rome"]): 404`, "a right id under a wrong key")
	wrong, err := sql.Open("cosmos",
		"AccountEndpoint="+s.Endpoint()+";AccountKey=c2VjcmV0LWtleS1vZi1hbi1hY2NvdW50;Database=shop")
	require.NoError(t, err)
	defer wrong.Close()
	for _, err := range []error{wrong.PingContext(t.Context()),
		wrong.QueryRowContext(t.Context(), "SELECT p.id FROM people p").Scan(new(string))} {
		require.ErrorIs(t, err, cosmos.ErrUnauthorized)
		require.ErrorContains(t, err, "the key is most likely not this account's")
	}
}

// Where the DSN names the container, a statement that writes names it all the same.
func TestWritesNameTheContainerOfTheDSN(t *testing.T) {
	t.Parallel()
	s := open(t, "")
	db, err := sql.Open("cosmos", s.DSN("shop")+";Container=people")
	require.NoError(t, err)
	defer db.Close()
	_, err = db.ExecContext(t.Context(), "INSERT INTO c (id, city) VALUES ('1', 'Oslo')")
	require.ErrorIs(t, err, cosmos.ErrOwnerNotFound)
	require.ErrorContains(t, err, "the container of the DSN is people, which an INSERT, UPDATE or DELETE names, too")
}

// A health check needs no container, but a server.
func TestSelectOne(t *testing.T) {
	t.Parallel()
	s := open(t, "")
	for text, want := range map[string][]string{
		"SELECT 1":                  {"1"},
		"SELECT 1;":                 {"1"},
		"/* ping */ SELECT 1 AS up": {"1"},
		"SELECT 'x' AS a, ? AS b":   {"x 7"},
		"SELECT VALUE [1]":          {"[1]"},
	} {
		var args []any
		if want[0] == "x 7" {
			args = []any{7}
		}
		require.Equal(t, want, s.query(t, text, args...), text)
	}
	s.Inject(cosmostest.Fault{Match: cosmostest.On(cosmostest.ReadAccount), Status: 401})
	_, err := s.db.QueryContext(t.Context(), "SELECT 1")
	require.ErrorIs(t, err, cosmos.ErrUnauthorized)
}

func TestListsHaveColumnsWithoutRows(t *testing.T) {
	t.Parallel()
	s := open(t, "")
	s.exec(t, "CREATE DATABASE empty")
	rows, err := s.db.QueryContext(t.Context(), "SHOW CONTAINERS FROM empty")
	require.NoError(t, err)
	defer rows.Close()
	names, err := rows.Columns()
	require.NoError(t, err)
	require.Equal(t, []string{"id"}, names)
	require.False(t, rows.Next())
	require.NoError(t, rows.Err())
}

// Times among the arguments are instants: whatever their zone, they compare with times in UTC.
func TestTimesAreSentInUTC(t *testing.T) {
	t.Parallel()
	s := open(t, "")
	now := time.Date(2026, 11, 29, 3, 0, 0, 0, time.FixedZone("Tokyo", 9*3600))
	for i, h := range []int{-30, -12, -1, 1, 5, 12} {
		s.exec(t, "INSERT INTO people (id, city, at) VALUES (?, 'x', ?)", string(rune('a'+i)),
			now.Add(time.Duration(h)*time.Hour).UTC())
	}
	require.Equal(t, []string{"a", "b", "c"}, s.query(t, "SELECT p.id FROM people p WHERE p.at < ? ORDER BY p.id", now))
	require.Equal(t, int64(3), s.exec(t, "DELETE FROM people WHERE at < ?", now))

	db, err := sql.Open("cosmos", s.DSN("shop")+";TimeFormat=fixed;ParseTime=true")
	require.NoError(t, err)
	defer db.Close()
	half := now.Add(500 * time.Millisecond)
	for id, at := range map[string]time.Time{"1": now, "2": half} {
		_, err = db.ExecContext(t.Context(), "UPSERT INTO people (id, city, at) VALUES (?, 'fixed', ?)", id, at)
		require.NoError(t, err)
	}
	require.Equal(t, []string{"1 2026-11-28T18:00:00.0000000Z", "2 2026-11-28T18:00:00.5000000Z"},
		s.query(t, "SELECT p.id, p.at FROM people p WHERE p.city = 'fixed' ORDER BY p.at"), "texts sort as times")
	var at time.Time
	var nullable sql.NullTime
	var generic sql.Null[time.Time]
	require.NoError(t, db.QueryRowContext(t.Context(),
		"SELECT p.at, p.at AS b, p.at AS c FROM people p WHERE p.id = '2' AND p.city = 'fixed'").
		Scan(&at, &nullable, &generic))
	require.True(t, half.Equal(at))
	require.True(t, half.Equal(nullable.Time))
	require.True(t, half.Equal(generic.V))
	require.NoError(t, db.QueryRowContext(t.Context(),
		"SELECT p.no AS at, p.no AS b FROM people p WHERE p.id = '2' AND p.city = 'fixed'").Scan(&nullable, &generic))
	require.False(t, nullable.Valid || generic.Valid)
}

// Integers beyond int64 come back as they were written.
func TestUint64ThereAndBack(t *testing.T) {
	t.Parallel()
	s := open(t, "")
	const large = uint64(1<<63 + 4096)
	var whole uint64
	var near float64
	var text string
	for _, dest := range []any{&whole, &near, &text} {
		require.NoError(t, s.db.QueryRowContext(t.Context(),
			"UPSERT INTO people (id, city, n) VALUES ('1', 'x', ?) RETURNING n", large).Scan(dest))
	}
	require.Equal(t, large, whole)
	require.InDelta(t, float64(large), near, 1)
	require.Equal(t, "9223372036854779904", text)
}

// A serverless account refuses to be asked for offers. It has no throughput, which is no reason not to describe a
// container.
func TestServerlessAccounts(t *testing.T) {
	t.Parallel()
	s := open(t, "")
	s.Inject(cosmostest.Fault{
		Match:  cosmostest.On(cosmostest.ListOffers, cosmostest.ReadOffer, cosmostest.ReplaceOffer),
		Status: 400, Message: "Reading or replacing offers is not supported for serverless accounts.",
	})
	require.NotEmpty(t, s.query(t, "DESCRIBE people"))
	require.NotEmpty(t, s.query(t, "DESCRIBE DATABASE shop"))
	client, err := cosmos.FromDB(t.Context(), s.db)
	require.NoError(t, err)
	_, err = client.Database("shop").Container("people").ReadThroughput(t.Context())
	require.ErrorIs(t, err, cosmos.ErrNotFound)
	_, err = client.Database("shop").ReplaceThroughput(t.Context(), cosmos.Throughput(500))
	require.ErrorIs(t, err, cosmos.ErrNotFound)
	_, err = s.db.ExecContext(t.Context(), "ALTER CONTAINER people WITH (throughput = 500)")
	require.ErrorContains(t, err, "the account is serverless")
}
