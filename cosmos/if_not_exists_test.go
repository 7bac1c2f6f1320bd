package cosmos

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Of several programs that create what is not there, all find it: the one that is slower than another reads what that
// made, and whether it is what it wanted.
func TestAnotherProgramIsFaster(t *testing.T) {
	t.Parallel()
	reads := 0
	f := newFake(t, func(w http.ResponseWriter, c call) {
		switch {
		case c.method == http.MethodPost:
			refuse(409, "")(w, c)
		case reads == 0:
			reads++
			refuse(404, "")(w, c)
		case strings.Contains(c.path, "/colls/"):
			reply(w, 200, `{"id":"new","_rid":"DPZtAKyOj5g=","partitionKey":{"paths":["/pk"],"version":2}}`)
		default:
			reply(w, 200, `{"id":"new","_rid":"DPZtAA==","_etag":"e"}`)
		}
	})
	database, err := f.CreateDatabaseIfNotExists(t.Context(), "new")
	require.NoError(t, err)
	require.Equal(t, []any{"new", 200}, []any{database.ID, database.Response.StatusCode})

	for _, test := range []struct{ path, err string }{
		{"/pk", ""},
		{"/other", `cosmos: container "new" exists and is partitioned by /pk, not by /other: a container keeps its ` +
			`partition key, so take another id, or delete it and create it anew`},
	} {
		reads = 0
		r, err := f.Database("shop").CreateContainerIfNotExists(t.Context(), ContainerProperties{ID: "new",
			PartitionKey: PartitionKeyDefinition{Paths: []string{test.path}}})
		if test.err != "" {
			require.EqualError(t, err, test.err)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, []any{"new", 200}, []any{r.ID, r.Response.StatusCode})
	}
	reads = 0
	f.Database("shop").CreateContainerIfNotExists(t.Context(), ContainerProperties{ID: "new",
		PartitionKey: PartitionKeyDefinition{Paths: []string{"/pk"}}})
	require.Equal(t, "GET", f.last(t).method, "it read it again")
}
