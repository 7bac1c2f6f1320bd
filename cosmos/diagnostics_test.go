package cosmos_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

// TestDiagnostics: every attempt is told, of what succeeded and of what failed, as text and as JSON.
func TestDiagnostics(t *testing.T) {
	t.Parallel()
	c := cosmostest.RunT(t).Container("/pk")
	client := connect(t, c.Server(), nil)
	items := client.Database(c.Database).Container(c.ID)
	read := cosmostest.On(cosmostest.Read)
	resp, err := items.CreateItem(t.Context(), map[string]any{"id": "1", "pk": "p"})
	require.NoError(t, err)
	require.Len(t, resp.Diagnostics().Attempts, 1)
	require.Equal(t, 201, resp.Diagnostics().Attempts[0].StatusCode)

	c.Server().
		Inject(cosmostest.Fault{Match: read, Times: 1, Status: 429, SubStatus: 3200, RetryAfter: time.Millisecond})
	resp, err = items.ReadItem(t.Context(), "1", cosmos.PartitionKey("p"))
	require.NoError(t, err)
	d := resp.Diagnostics()
	require.Len(t, d.Attempts, 2)
	require.Equal(t, 429, d.Attempts[0].StatusCode)
	require.Equal(t, 200, d.Attempts[1].StatusCode)
	require.Contains(t, d.String(), "429/3200")
	c.Server().Inject(cosmostest.Fault{Match: read, Times: 1, Cut: cosmostest.CutBody})
	resp, err = items.ReadItem(t.Context(), "1", cosmos.PartitionKey("p"))
	require.NoError(t, err)
	cut := resp.Diagnostics()
	require.Len(t, cut.Attempts, 2)
	require.Error(t, cut.Attempts[0].Err)
	require.Contains(t, cut.String(), "no answer")
	d.Attempts = append(d.Attempts, cut.Attempts...)
	text, err := json.Marshal(d)
	require.NoError(t, err)
	var decoded struct {
		Attempts []struct {
			Method, Region, ActivityID, Error string
			StatusCode, SubStatus             int
			RequestCharge, DurationMs         float64
		}
	}
	require.NoError(t, json.Unmarshal(text, &decoded))
	require.Equal(t, 3200, decoded.Attempts[0].SubStatus)
	require.NotEmpty(t, decoded.Attempts[2].Error)
	require.Positive(t, decoded.Attempts[3].RequestCharge)

	_, err = items.ReadItem(t.Context(), "none", cosmos.PartitionKey("p"))
	var e *cosmos.Error
	require.True(t, errors.As(err, &e))
	require.Len(t, e.Diagnostics().Attempts, 1)
	require.Equal(t, 404, e.Diagnostics().Attempts[0].StatusCode)
	require.Empty(t, (&cosmos.Error{StatusCode: 404}).Diagnostics().Attempts)
}
