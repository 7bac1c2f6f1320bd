package rest

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestExcludedRegions(t *testing.T) {
	t.Parallel()
	c, w := worldOf(t, accountMulti, func(cfg *Config) { cfg.Preferred = []string{"East US"} })
	require.NoError(t, do(t, c, readReq()))
	req := readReq()
	req.Excluded = []string{"eastus"}
	require.NoError(t, do(t, c, req))
	req.Excluded = []string{"East US", "West US"}
	require.NoError(t, do(t, c, req))
	require.Equal(t, "east west east", w.took(), "where none is left, the first serves")
	req.Excluded = []string{"Norht Europe"}
	err := do(t, c, req)
	require.ErrorContains(t, err,
		`there is no region "Norht Europe", which is among the excluded ones; the account has East US, West US`)

	c, w = worldOf(t, accountMulti, func(cfg *Config) { cfg.Excluded = []string{"West US"} })
	require.NoError(t, do(t, c, writeReq()))
	require.Equal(t, "east", w.took())
}

// A preferred region that does not exist is a mistake; one that the account does not have now is not.
func TestMisspeltRegion(t *testing.T) {
	t.Parallel()
	c, w := worldOf(t, accountTwo, func(cfg *Config) { cfg.Preferred = []string{"Norht Europe", "East US"} })
	for range 2 {
		require.ErrorContains(t, do(t, c, readReq()),
			`there is no region "Norht Europe", which is among the preferred ones; the account has West US, East US`)
	}
	require.Empty(t, w.took())
	c, w = worldOf(t, accountTwo, func(cfg *Config) { cfg.Preferred = []string{"North Europe", "eastus"} })
	require.NoError(t, do(t, c, readReq()))
	require.Equal(t, "east", w.took())
}
