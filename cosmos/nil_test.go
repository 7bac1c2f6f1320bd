package cosmos

import (
	"io"
	"iter"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// A nil argument is a clear error, or means the same as an empty one. None ends the program.
func TestNilArguments(t *testing.T) {
	t.Parallel()
	f := newFake(t, func(w http.ResponseWriter, c call) { t.Errorf("sent %s %s", c.method, c.path) })
	orders := f.Database("shop").Container("orders")

	_, err := FromDB(t.Context(), nil)
	require.EqualError(t, err, "cosmos: FromDB was given a nil *sql.DB")
	_, err = FromConn(nil)
	require.EqualError(t, err, "cosmos: FromConn was given a nil *sql.Conn")

	_, err = NewClient(f.Endpoint(), TokenFunc(nil), nil)
	require.ErrorContains(t, err, "cosmos: the credential is empty")

	ctx := t.Context()
	for name, results := range map[string]iter.Seq[BulkResult]{
		"Bulk":        orders.Bulk(ctx, nil),
		"CreateMany":  orders.CreateMany(ctx, nil),
		"UpsertMany":  orders.UpsertMany(ctx, nil),
		"ReplaceMany": orders.ReplaceMany(ctx, nil),
		"DeleteMany":  orders.DeleteMany(ctx, nil),
		"ReadMany":    orders.ReadMany(ctx, nil),
		"PatchMany":   orders.PatchMany(ctx, nil, nil),
		"Each":        orders.CreateMany(ctx, Each[any](nil), OnProgress(nil)),
		"Collect":     nil,
	} {
		require.Empty(t, Collect(results), name)
	}

	var answer *Response
	require.ErrorContains(t, answer.Decode(new(int)), "cosmos: there is no answer to decode")
	require.Empty(t, ScriptLog(answer))
}

func TestBatchErrorWithoutCause(t *testing.T) {
	t.Parallel()
	err := error(&BatchError{Operation: "Create 42"})
	require.EqualError(t, err, "cosmos: operation 1 of the batch (Create 42) failed, and nothing was done")
	require.NotErrorIs(t, err, ErrConflict)
	require.NotErrorIs(t, err, io.EOF)
}
