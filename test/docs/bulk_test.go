package docs

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
)

// load stores a document a line.
func load(ctx context.Context, orders *cosmos.Container, r io.Reader) (stored int, err error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 2<<20) // a document has at most 2 MB
	items := func(yield func(json.RawMessage) bool) {
		for lines.Scan() && yield(json.RawMessage(slices.Clone(lines.Bytes()))) {
		}
	}
	for r := range cosmos.UpsertMany(ctx, orders, items) {
		if r.Err != nil {
			err = errors.Join(err, fmt.Errorf("line %d: %w", r.Index+1, r.Err)) // the others go on
			continue
		}
		stored++
	}
	return stored, errors.Join(err, lines.Err())
}

// docs/bulk.md
func TestBulk(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", three...)
	ctx, orders := w.ctx, w.orders
	var file strings.Builder
	for n := range 300 {
		fmt.Fprintf(&file, `{"id":"n%d","customer":"%d","total":%d}`+"\n", n, n%7, n)
	}
	stored, err := load(ctx, orders, strings.NewReader(file.String()+`{"customer":"ada"}`+"\n"))
	require.Equal(t, 300, stored)
	require.ErrorContains(t, err, "line 301")

	var told cosmos.Progress
	mixed := func() error {
		ops := []cosmos.Operation{
			cosmos.OpCreate(order{ID: "4", Customer: "eve", Total: 3}),
			cosmos.OpPatch("1", []cosmos.PatchOperation{cosmos.PatchSet("/total", 8)}, cosmos.PartitionKey("ada")),
			cosmos.OpDelete("3", cosmos.PartitionKey("bob")),
		}
		report := func(p cosmos.Progress) { told = p } // Done, Failed, RequestCharge, Rate …; called one at a time
		for r := range orders.Bulk(ctx, slices.Values(ops), cosmos.OnProgress(report), cosmos.MaxRUPerSecond(5000)) {
			if r.Err != nil {
				return fmt.Errorf("%v: %w", ops[r.Index], r.Err)
			}
		}
		return nil
	}
	require.NoError(t, mixed())
	require.Equal(t, 3, told.Done)
	require.Zero(t, told.Failed)

	read := func() error {
		keys := []cosmos.ItemKey{cosmos.At("1", "ada"), cosmos.At("3", "bob")}
		for _, r := range cosmos.Collect(orders.ReadMany(ctx, slices.Values(keys))) { // in the order of the keys
			switch {
			case errors.Is(r.Err, cosmos.ErrNotFound):
				fmt.Println(r.ID, "is not there")
			case r.Err != nil:
				return r.Err
			default:
				fmt.Printf("%s\n", r.Body)
			}
		}
		return nil
	}
	require.NoError(t, read())
}
