package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

func TestShow(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, show(t.Context(), &out))
	require.Equal(t, `order 1 written to West Europe
order 1 read from North Europe
-- North Europe is gone
order 1 read from West Europe
-- writes are to go to East US
order 2 written to East US
order 2 read from West Europe
-- West Europe takes requests and never answers
order 2 read from East US
`, out.String())
}

func TestAsk(t *testing.T) {
	t.Parallel()
	c := cosmostest.RunT(t).Container("/customer")
	dsn, name := c.Server().ConnectionString(), c.Database+"/"+c.ID
	var out bytes.Buffer
	require.NoError(t, ask(t.Context(), &out, dsn, "", name))
	require.Contains(t, out.String(), "0 documents, ")
	require.ErrorContains(t, ask(t.Context(), &out, dsn, "Norht Europe", name), "Norht Europe")
	require.ErrorContains(t, ask(t.Context(), &out, "", "", "orders"), "database/container")
}
