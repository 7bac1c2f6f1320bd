package cosmos_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

// TestLogTracer: a line for each operation and attempt, at the level that fits, without anything of a document.
func TestLogTracer(t *testing.T) {
	t.Parallel()
	c := cosmostest.RunT(t).Container("/pk")
	var log bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	client := connect(t, c.Server(), &cosmos.ClientOptions{
		Tracer: cosmos.LogTracer(logger, cosmos.LogThresholds{Slow: time.Hour, Dear: 10}),
	})
	items := client.Database(c.Database).Container(c.ID)
	lines := func() (all []map[string]any) {
		for d := json.NewDecoder(&log); d.More(); {
			var line map[string]any
			require.NoError(t, d.Decode(&line))
			if line["operation"] != "read_container" && line["operation"] != "read_account" {
				all = append(all, line)
			}
		}
		return all
	}
	last := func() map[string]any { all := lines(); return all[len(all)-1] }

	_, err := items.CreateItem(t.Context(), map[string]any{"id": "1", "pk": "p", "note": "secret"})
	require.NoError(t, err)
	require.NotContains(t, log.String(), "secret")
	line := last()
	require.Equal(t, "DEBUG", line["level"])
	require.Equal(t, "create_item", line["operation"])
	require.Equal(t, c.Database, line["database"])
	require.Equal(t, c.ID, line["container"])
	require.EqualValues(t, 201, line["status"])
	require.Positive(t, line["ru"])
	require.NotEmpty(t, line["activity_id"])

	_, err = items.ReadItem(t.Context(), "none", cosmos.PartitionKey("p"))
	require.ErrorIs(t, err, cosmos.ErrNotFound)
	require.Equal(t, "INFO", last()["level"])

	_, err = items.CreateItem(t.Context(),
		[]byte(`{"id":"2","pk":"p","many":["`+string(bytes.Repeat([]byte("x"), 20000))+`"]}`))
	require.NoError(t, err)
	require.Equal(t, "WARN", last()["level"])

	c.Server().Inject(
		cosmostest.Fault{Match: cosmostest.On(cosmostest.Read), Times: 1, Status: 429, RetryAfter: time.Millisecond})
	_, err = items.ReadItem(t.Context(), "1", cosmos.PartitionKey("p"))
	require.NoError(t, err)
	all := lines()
	require.Len(t, all, 3)
	require.Equal(t, "INFO", all[0]["level"])
	require.EqualValues(t, 429, all[0]["status"])
	require.Equal(t, "cosmos attempt", all[1]["msg"])
	require.EqualValues(t, 2, all[2]["attempts"])

	c.Server().Inject(cosmostest.Fault{Match: cosmostest.On(cosmostest.Read), Times: 1, Status: 400})
	_, err = items.ReadItem(t.Context(), "1", cosmos.PartitionKey("p"))
	require.Error(t, err)
	require.Equal(t, "ERROR", last()["level"])
}

// What is special about an attempt is in its line, and nothing of it where it is not special.
func TestLogTracerOfAttempts(t *testing.T) {
	t.Parallel()
	special := []string{"region", "hedge", "avoided_regions", "error"}
	for _, tt := range []struct {
		name  string
		end   cosmos.AttemptEnd
		level string
		want  map[string]any
	}{
		{"plain", cosmos.AttemptEnd{StatusCode: 200}, "DEBUG", nil},
		{"refused", cosmos.AttemptEnd{StatusCode: 429}, "INFO", nil},
		{"without an answer", cosmos.AttemptEnd{Err: errors.New("connection reset")}, "INFO",
			map[string]any{"error": "connection reset"}},
		{"of a hedge", cosmos.AttemptEnd{StatusCode: 200,
			AttemptBegin: cosmos.AttemptBegin{Region: "West US", Hedge: 1, Avoided: []string{"East US"}}}, "DEBUG",
			map[string]any{"region": "West US", "hedge": 1.0, "avoided_regions": []any{"East US"}}},
	} {
		var log bytes.Buffer
		logger := slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		cosmos.LogTracer(logger).AttemptEnds(t.Context(), tt.end)
		var line map[string]any
		require.NoError(t, json.Unmarshal(log.Bytes(), &line), tt.name)
		require.Equal(t, tt.level, line["level"], tt.name)
		for _, name := range special {
			require.Equal(t, tt.want[name], line[name], "%s: %s", tt.name, name)
		}
	}
	var log bytes.Buffer
	quiet := cosmos.LogTracer(slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelError})))
	quiet.AttemptEnds(t.Context(), cosmos.AttemptEnd{StatusCode: 500})
	quiet.OperationEnds(t.Context(), cosmos.OperationEnd{Err: cosmos.ErrNotFound})
	require.Zero(t, log.Len(), "below the level of the logger")
}
