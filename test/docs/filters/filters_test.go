package shop

import (
	"database/sql"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	_ "github.com/cosmossql/cosmossql/driver"
)

// The handler of docs/filters.md refuses what its list does not name, and runs the rest.
func TestList(t *testing.T) {
	srv := cosmostest.RunT(t, cosmostest.Data(cosmostest.Database{ID: "shop", Containers: []cosmostest.ContainerData{
		{ID: "orders", PartitionKey: []string{"/customer"}},
	}}))
	var err error
	db, err = sql.Open("cosmos", srv.DSN("shop"))
	require.NoError(t, err)
	defer db.Close()
	for target, status := range map[string]int{"/?city=Oslo&total[gte]=10&page=2": 200, "/?password=x": 400} {
		answer := httptest.NewRecorder()
		list(answer, httptest.NewRequest("GET", target, nil))
		require.Equal(t, status, answer.Code, "%s: %s", target, answer.Body)
	}
	require.Positive(t, srv.Count(cosmostest.Query))
}
