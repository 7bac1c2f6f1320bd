package cosmossql_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	_ "github.com/cosmossql/cosmossql/driver"
	"github.com/stretchr/testify/require"
)

// shop is a server with the database shop and its container people, partitioned by /city.
type shop struct {
	*cosmostest.Server
	db     *sql.DB
	people *cosmos.Container
}

const ada = `{"id":"1","city":"London","name":"Ada","age":36,"langs":["en","fr"],"addr":{"zip":"W1"},"nick":null}`

// open starts a shop. dsn is added to its DSN; docs are its people.
func open(t *testing.T, dsn string, docs ...string) *shop {
	t.Helper()
	srv := cosmostest.RunT(t, cosmostest.Data(cosmostest.Database{ID: "shop"}))
	db, err := sql.Open("cosmos", srv.DSN("shop")+";"+dsn)
	require.NoError(t, err)
	t.Cleanup(func() { db.Close() })
	client, err := cosmos.FromDB(t.Context(), db)
	require.NoError(t, err)
	s := &shop{Server: srv, db: db, people: client.Database("shop").Container("people")}
	s.create(t, "people", "/city")
	for _, doc := range docs {
		_, err := s.people.CreateItem(t.Context(), json.RawMessage(doc))
		require.NoError(t, err)
	}
	return s
}

func (s *shop) create(t *testing.T, container string, paths ...string) {
	t.Helper()
	_, err := s.people.Database().CreateContainer(t.Context(),
		cosmos.ContainerProperties{ID: container, PartitionKey: cosmos.PartitionKeyPaths(paths...)})
	require.NoError(t, err)
}

// query returns the rows of a query as one text for each: its values as %v, bytes as text.
func (s *shop) query(t *testing.T, text string, args ...any) []string {
	t.Helper()
	rows, err := s.db.QueryContext(t.Context(), text, args...)
	require.NoError(t, err)
	got, err := read(rows)
	require.NoError(t, err)
	return got
}

func read(rows *sql.Rows) ([]string, error) {
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	values, dest := make([]any, len(names)), make([]any, len(names))
	for i := range dest {
		dest[i] = &values[i]
	}
	got := []string{}
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return nil, err
		}
		var row []string
		for _, v := range values {
			if b, ok := v.([]byte); ok {
				v = string(b)
			}
			row = append(row, fmt.Sprint(v))
		}
		got = append(got, strings.Join(row, " "))
	}
	return got, rows.Err()
}
