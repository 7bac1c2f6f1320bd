package connector_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/test/programs/connector"
)

type event struct {
	ID      string `json:"id"`
	Device  string `json:"device"`
	Updated int    `json:"updated"`
}

type world struct {
	t      *testing.T
	c      *cosmostest.Container
	events *cosmos.Container
	config connector.Config
	saved  string
	source connector.Source
	got    map[event]int // and how often
}

func open(t *testing.T, orderBy string) *world {
	w := &world{t: t, c: cosmostest.RunT(t).Container("/device"), got: map[event]int{},
		config: connector.Config{OrderBy: orderBy, PageSize: 7}}
	client, err := cosmos.NewClientFromConnectionString(w.c.Server().ConnectionString(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { client.Close() })
	w.events = client.Database(w.c.Database).Container(w.c.ID)
	w.restart()
	return w
}

func (w *world) restart() {
	w.t.Helper()
	if w.source != nil {
		require.NoError(w.t, w.source.Close())
	}
	source, err := connector.Open(w.events, w.config, w.saved)
	require.NoError(w.t, err)
	w.source = source
	w.t.Cleanup(func() { source.Close() })
}

func (w *world) write(device string, updated int, ids ...int) {
	w.t.Helper()
	for _, id := range ids {
		_, err := w.events.UpsertItem(w.t.Context(), event{ID: fmt.Sprint(id), Device: device, Updated: updated})
		require.NoError(w.t, err)
	}
}

// next takes one batch, and reports whether there was one.
func (w *world) next() bool {
	w.t.Helper()
	b, err := w.source.Next(w.t.Context())
	if errors.Is(err, connector.ErrNothing) {
		return false
	}
	require.NoError(w.t, err)
	w.take(b)
	return true
}

func (w *world) take(b *connector.Batch) {
	w.t.Helper()
	require.NotEmpty(w.t, b.Documents)
	for _, document := range b.Documents {
		var e event
		require.NoError(w.t, json.Unmarshal(document, &e))
		w.got[e]++
	}
	w.saved = b.Position
}

func (w *world) drain() {
	w.t.Helper()
	for w.next() {
	}
}

// TestNothingIsLost restarts the connector after every batch while documents are written, and splits a partition.
func TestNothingIsLost(t *testing.T) {
	for name, orderBy := range map[string]string{"change feed": "", "order": "updated"} {
		t.Run(name, func(t *testing.T) {
			w := open(t, orderBy)
			want := map[event]bool{}
			put := func(device string, updated, id int) {
				w.write(device, updated, id)
				want[event{fmt.Sprint(id), device, updated}] = true
			}
			for i := range 60 {
				put(fmt.Sprint("d", i%5), 100+i/10, i) // ten have the same time
			}
			for i := range 30 { // in the middle of the snapshot, then of the changes
				require.True(t, w.next(), "batch %d", i)
				put(fmt.Sprint("d", i%7), 200+i/10, 1000+i)
				w.restart()
				if i == 4 {
					ranges := w.c.Server().Contents()[0].Containers[0].Ranges
					_, err := w.c.Server().Split(w.c.Database, w.c.ID, ranges[0].ID)
					require.NoError(t, err)
				}
			}
			w.drain()
			for e := range want {
				require.Positive(t, w.got[e], "%+v", e)
			}
			require.False(t, w.next())
			put("d1", 900, 3)
			w.restart()
			require.True(t, w.next())
			require.Equal(t, 1, w.got[event{"3", "d1", 900}])
		})
	}
}

// TestTies: documents that get the last value later are not lost, nor is any handed out twice after the snapshot.
func TestTies(t *testing.T) {
	w := open(t, "updated")
	require.False(t, w.next(), "empty")
	w.write("a", 5, 1, 2, 3)
	w.drain()
	w.write("b", 5, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21)
	w.drain()
	w.restart()
	w.write("c", 5, 30)
	w.drain()
	require.Len(t, w.got, 16)
	for e, n := range w.got {
		require.Equal(t, 1, n, "%+v", e)
	}
}

// TestTrouble: an error loses nothing, and Next goes on behind it.
func TestTrouble(t *testing.T) {
	for name, orderBy := range map[string]string{"change feed": "", "order": "updated"} {
		t.Run(name, func(t *testing.T) {
			w := open(t, orderBy)
			for i := range 40 {
				w.write(fmt.Sprint("d", i%5), i, i)
			}
			failed := 0
			for {
				end := w.c.Server().Inject(cosmostest.Fault{Status: 403, Message: "the firewall",
					Match: cosmostest.On(cosmostest.List, cosmostest.Query, cosmostest.ChangeFeed)})
				b, err := w.source.Next(t.Context())
				end()
				if err == nil { // it was fetched ahead
					w.take(b)
					continue
				}
				require.ErrorIs(t, err, cosmos.ErrForbidden)
				if failed++; failed%2 == 0 {
					w.restart()
				}
				b, err = w.source.Next(t.Context())
				if errors.Is(err, connector.ErrNothing) {
					break
				} else if errors.Is(err, cosmos.ErrForbidden) { // of what was fetched ahead
					continue
				}
				require.NoError(t, err)
				w.take(b)
			}
			require.Len(t, w.got, 40)
			require.Greater(t, failed, 2)
		})
	}
}

// TestPositions: a position that cannot be is told at once.
func TestPositions(t *testing.T) {
	w := open(t, "updated")
	w.write("a", 1, 1)
	w.drain()
	for _, saved := range []string{"{", "null", `{"feed": "x"}`} {
		_, err := connector.Open(w.events, w.config, saved)
		require.ErrorContains(t, err, "position")
	}
	_, err := connector.Open(w.events, connector.Config{}, w.saved)
	require.ErrorContains(t, err, "another configuration")
	_, err = connector.Open(w.events, connector.Config{OrderBy: "a] = 1"}, "")
	require.ErrorContains(t, err, "not the name of a property")
	damaged, err := connector.Open(w.events, connector.Config{}, `{"feed": "damaged"}`)
	require.NoError(t, err)
	_, err = damaged.Next(t.Context())
	require.ErrorIs(t, err, cosmos.ErrBadContinuation)
}
