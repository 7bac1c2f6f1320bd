package compat

import (
	"database/sql"
	"net/url"
	"strings"
	"testing"

	"github.com/cosmossql/cosmossql/driver"
	"github.com/stretchr/testify/require"
	"github.com/xo/dburl"
)

// TestDBURL opens what dburl, with which usql reads URLs, makes of one, by the driver that it names.
func TestDBURL(t *testing.T) {
	srv, plain := open(t)
	fill(t, plain)
	host := strings.TrimSuffix(strings.TrimPrefix(srv.Endpoint(), "http://"), "/")
	u, err := dburl.Parse("cosmos://user:" + url.QueryEscape(srv.Key()) + "@" + host +
		"/shop/people?tls=false&pagesize=1")
	require.NoError(t, err)
	cfg, err := driver.ParseDSN(u.DSN)
	require.NoError(t, err, u.Redacted())
	require.Equal(t,
		driver.Config{Endpoint: srv.Endpoint(), Key: srv.Key(), Database: "shop", Container: "people", PageSize: 1},
		*cfg)

	db, err := sql.Open(u.Driver, u.DSN)
	require.NoError(t, err)
	defer db.Close()
	var name string
	require.NoError(t, db.QueryRowContext(t.Context(), "SELECT VALUE c.name FROM c WHERE c.id = '1'").Scan(&name))
	require.Equal(t, "Ada", name)
}
