package docs

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/driver"
)

// docs/entra-id.md: the server as an account without keys, and tokens that come from elsewhere.
func TestEntraID(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", three...)
	srv, ctx := w.server, w.ctx
	run := func() error {
		credential, err := cosmos.TokenCredential(srv.TokenCredential())
		if err != nil {
			return err
		}
		config := driver.Config{Endpoint: srv.Endpoint(), Credential: &credential, Database: "shop"}
		connector, err := driver.OpenConnector(config)
		if err != nil {
			return err
		}
		db := sql.OpenDB(connector)
		defer db.Close()
		_, err = db.ExecContext(ctx, "UPSERT INTO orders (id, customer, total) VALUES ('1', 'ada', 8)") // data: allowed
		require.NoError(t, err)
		_, err = db.ExecContext(ctx, "CREATE CONTAINER more PARTITION KEY (/a)") // definitions: cosmos.ErrForbidden
		return err
	}
	require.ErrorIs(t, run(), cosmos.ErrForbidden)

	login := func(ctx context.Context, scope string) (string, time.Time, error) {
		token, err := srv.TokenCredential().GetToken(ctx, cosmostest.TokenOptions{Scopes: []string{scope}})
		return token.Token, token.ExpiresOn, err
	}
	credential := cosmos.TokenFunc(login) // kept, and renewed five minutes before it expires
	client, err := cosmos.NewClient(srv.Endpoint(), credential, nil)
	require.NoError(t, err)
	defer client.Close()
	_, err = client.Database("shop").Container("orders").ReadItem(ctx, "1", cosmos.PartitionKey("ada"))
	require.NoError(t, err)
}
