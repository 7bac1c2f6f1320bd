package rawjson_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/rawjson"
)

// The service adds five properties to what is stored; those that look like them are the user's own, and are kept.
func TestIsSystemProperty(t *testing.T) {
	t.Parallel()
	for name := range rawjson.Members([]byte(
		`{"_rid":"x","_self":"dbs/x","_etag":"\"0\"","_attachments":"attachments/","_ts":1772600767}`)) {
		require.True(t, rawjson.IsSystemProperty(string(name)), "%s", name)
	}
	for _, name := range []string{"id", "", "_", "_lsn", "_type", "_RID", "rid", "ts", "_ts2", "_partitionKey", "ttl"} {
		require.False(t, rawjson.IsSystemProperty(name), name)
	}
}
