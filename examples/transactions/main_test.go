package main

import (
	"bytes"
	"database/sql"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

func TestRun(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out, ""))
	require.Equal(t, `t-1 done
t-1 done
t-2 refused: not enough money in checking
t-3 refused: no such account: nowhere
checking has 25.00
savings has 75.00
`, out.String())
}

// The answer of a Commit is lost: nobody knows what became of it, until the transfer is tried again.
func TestLostAnswer(t *testing.T) {
	t.Parallel()
	for name, cut := range map[string]cosmostest.Cut{
		"before it was done": cosmostest.CutBefore,
		"after":              cosmostest.CutAfter,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := cosmostest.RunT(t)
			db, err := sql.Open("cosmos", srv.DSN("bank"))
			require.NoError(t, err)
			defer db.Close()
			require.NoError(t, run(t.Context(), new(bytes.Buffer), srv.DSN("bank")))

			srv.Inject(cosmostest.Fault{Match: cosmostest.On(cosmostest.Batch), Times: 1, Cut: cut})
			again := Transfer{"t-4", "ada", "savings", "checking", 500}
			require.ErrorIs(t, again.Do(t.Context(), db), cosmos.ErrUnknownOutcome)
			require.NoError(t, again.Do(t.Context(), db))
			var cents int
			require.NoError(t, db.QueryRow("SELECT VALUE a.cents FROM accounts a WHERE a.id = 'checking'").Scan(&cents))
			require.Equal(t, 3000, cents, "the money was moved once")
		})
	}
}
