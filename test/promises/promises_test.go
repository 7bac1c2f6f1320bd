// Package promises holds every kind of write to the promise that what a result says is what happened, whatever becomes
// of its answer.
package promises

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/driver"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"golang.org/x/sync/errgroup"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// loss is what becomes of the first answer to a write.
type loss struct {
	name     string
	executed bool // the service has done it all the same
	answer   func(*http.Response) error
}

func status(code int, sub string) func(*http.Response) error {
	return func(r *http.Response) error {
		r.StatusCode = code
		r.Header.Set("X-Ms-Substatus", sub)
		body(r, `{"code":"Code","message":"the message"}`)
		return nil
	}
}

func body(r *http.Response, text string) {
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader([]byte(text))), int64(len(text))
	r.Header.Del("Content-Length")
}

func stranger(code int, text string) func(*http.Response) error {
	return func(r *http.Response) error {
		r.StatusCode, r.Header = code, http.Header{"Content-Type": {"text/html"}}
		body(r, text)
		return nil
	}
}

var losses = []loss{
	{"nothing", true, func(*http.Response) error { return nil }},
	{"answer lost", true, func(*http.Response) error { return errors.New("connection reset by peer") }},
	{"503 executed", true, status(503, "")},
	{"503", false, status(503, "")},
	{"500 executed", true, status(500, "")},
	{"408 executed", true, status(408, "")},
	{"408", false, status(408, "")},
	{"410/1022 executed", true, status(410, "1022")},
	{"410/1002", false, status(410, "1002")},
	{"449", false, status(449, "")},
	{"429", false, status(429, "3200")},
	{"403/3", false, status(403, "3")},
	{"404/1002", false, status(404, "1002")},
	{"a stranger's 200, executed", true, stranger(200, "<html>")},
	{"a stranger's 200", false, stranger(200, "<html>")},
	{"a stranger's 204", false, stranger(204, "")},
	{"an empty 200 of a stranger", true, stranger(200, "")},
	{"damaged body", true, func(r *http.Response) error {
		body(r, `{"id":"a","n`)
		r.Header.Set("Content-Length", "500")
		r.ContentLength = 500
		return nil
	}},
}

// write is a kind of write of the container with the documents a, b and c, each of which has n = 0.
type write struct {
	name string
	do   func(ctx context.Context, c *cosmos.Container, db *sql.DB) error
	// times says by the documents how often it was executed; for one that sets something it is 0 or 1.
	times func(docs map[string]float64) int
}

func created(docs map[string]float64) int { return count(docs, "new") }

func count(docs map[string]float64, id string) int {
	if _, ok := docs[id]; ok {
		return 1
	}
	return 0
}

// added is how often 1 was added to the documents, of which the one with the most counts.
func added(ids ...string) func(map[string]float64) int {
	return func(docs map[string]float64) int {
		most := 0
		for _, id := range ids {
			most = max(most, int(docs[id]))
		}
		return most
	}
}

func deleted(ids ...string) func(map[string]float64) int {
	return func(docs map[string]float64) int {
		for _, id := range ids {
			if count(docs, id) == 0 {
				return 1
			}
		}
		return 0
	}
}

// inSQL executes a statement, which must affect so many rows.
func inSQL(rows int64, text string) func(context.Context, *cosmos.Container, *sql.DB) error {
	return func(ctx context.Context, _ *cosmos.Container, db *sql.DB) error {
		r, err := db.ExecContext(ctx, text)
		if err != nil {
			return err
		}
		if n, _ := r.RowsAffected(); n != rows {
			return fmt.Errorf("%d rows affected, no error", n)
		}
		return nil
	}
}

func bulkErr(results []cosmos.BulkResult) error {
	for _, r := range results {
		if r.Err != nil {
			return r.Err
		}
	}
	return nil
}

var (
	pk       = cosmos.PartitionKey("p")
	document = map[string]any{"id": "new", "pk": "p", "n": 0}
	one      = map[string]any{"id": "a", "pk": "p", "n": 1}
	addOne   = []cosmos.PatchOperation{cosmos.PatchIncrement("/n", 1)}
)

var writes = []write{
	{"create", func(ctx context.Context, c *cosmos.Container, _ *sql.DB) error {
		_, err := c.CreateItem(ctx, document)
		return err
	}, created},
	{"upsert", func(ctx context.Context, c *cosmos.Container, _ *sql.DB) error {
		_, err := c.UpsertItem(ctx, document)
		return err
	}, created},
	{"replace", func(ctx context.Context, c *cosmos.Container, _ *sql.DB) error {
		_, err := c.ReplaceItem(ctx, "a", one)
		return err
	}, added("a")},
	{"replace under an ETag", func(ctx context.Context, c *cosmos.Container, _ *sql.DB) error {
		read, err := c.ReadItem(ctx, "a", pk)
		if err != nil {
			return err
		}
		_, err = c.ReplaceItem(ctx, "a", one, cosmos.IfMatch(read.ETag))
		return err
	}, added("a")},
	{"patch", func(ctx context.Context, c *cosmos.Container, _ *sql.DB) error {
		_, err := c.PatchItem(ctx, "a", addOne, pk)
		return err
	}, added("a")},
	{"patch under an ETag", func(ctx context.Context, c *cosmos.Container, _ *sql.DB) error {
		read, err := c.ReadItem(ctx, "a", pk)
		if err != nil {
			return err
		}
		_, err = c.PatchItem(ctx, "a", addOne, pk, cosmos.IfMatch(read.ETag))
		return err
	}, added("a")},
	{"delete", func(ctx context.Context, c *cosmos.Container, _ *sql.DB) error {
		_, err := c.DeleteItem(ctx, "a", pk)
		return err
	}, deleted("a")},
	{"batch", func(ctx context.Context, c *cosmos.Container, _ *sql.DB) error {
		_, err := c.TransactionalBatch(ctx, []cosmos.Operation{cosmos.OpPatch("a", addOne), cosmos.OpPatch("b", addOne)}, pk)
		return err
	}, added("a", "b")},
	{"bulk create", func(ctx context.Context, c *cosmos.Container, _ *sql.DB) error {
		return bulkErr(cosmos.Collect(cosmos.CreateMany(ctx, c, slices.Values([]any{document}))))
	}, created},
	{"bulk upsert", func(ctx context.Context, c *cosmos.Container, _ *sql.DB) error {
		return bulkErr(cosmos.Collect(cosmos.UpsertMany(ctx, c, slices.Values([]any{document}))))
	}, created},
	{"bulk patch", func(ctx context.Context, c *cosmos.Container, _ *sql.DB) error {
		return bulkErr(cosmos.Collect(c.PatchMany(ctx, slices.Values([]cosmos.ItemKey{cosmos.At("a", "p")}), addOne)))
	}, added("a")},
	{"bulk delete", func(ctx context.Context, c *cosmos.Container, _ *sql.DB) error {
		return bulkErr(cosmos.Collect(c.DeleteMany(ctx, slices.Values([]cosmos.ItemKey{cosmos.At("a", "p")}))))
	}, deleted("a")},
	{"INSERT", inSQL(1, "INSERT INTO c (id, pk, n) VALUES ('new', 'p', 0)"), created},
	{"INSERT of rows", inSQL(2, "INSERT INTO c (id, pk, n) VALUES ('new', 'p', 0), ('newer', 'p', 0)"), created},
	{"UPDATE of one", inSQL(1, "UPDATE c SET n = n + 1 WHERE id = 'a' AND pk = 'p'"), added("a")},
	{"UPDATE of many", inSQL(3, "UPDATE c SET n = n + 1 WHERE c.n = 0"), added("a", "b", "c")},
	{"UPDATE of the id", inSQL(1, "UPDATE c SET id = 'new' WHERE id = 'a' AND pk = 'p'"), created},
	{"DELETE of one", inSQL(1, "DELETE FROM c WHERE id = 'a' AND pk = 'p'"), deleted("a")},
	{"DELETE of many", inSQL(3, "DELETE FROM c WHERE c.n = 0"), deleted("a", "b", "c")},
	{"transaction", func(ctx context.Context, _ *cosmos.Container, db *sql.DB) error {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "UPDATE c SET n = n + 1 WHERE id = 'a' AND pk = 'p'"); err != nil {
			return err
		}
		return tx.Commit()
	}, added("a")},
}

// once lets a loss happen to the first request that writes a document.
type once struct {
	next  http.RoundTripper
	loss  loss
	armed atomic.Bool
}

func (o *once) RoundTrip(r *http.Request) (*http.Response, error) {
	writes := r.Method != http.MethodGet && r.Header.Get("X-Ms-Documentdb-Isquery") == "" && r.Header.Get("X-Ms-Cosmos-Is-Query-Plan-Request") == ""
	if !writes || !o.armed.CompareAndSwap(true, false) {
		return o.next.RoundTrip(r)
	}
	var resp *http.Response
	if o.loss.executed {
		var err error
		if resp, err = o.next.RoundTrip(r); err != nil {
			return nil, err
		}
	} else {
		if r.Body != nil {
			_, _ = io.Copy(io.Discard, r.Body)
		}
		resp = &http.Response{Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r, Body: http.NoBody, Header: http.Header{
			"X-Ms-Activity-Id": {"a"}, "X-Ms-Request-Charge": {"1"}, "X-Ms-Gatewayversion": {"1"}, "Content-Type": {"application/json"},
		}}
	}
	before := resp.Body
	if err := o.loss.answer(resp); err != nil {
		before.Close()
		return nil, err
	}
	if resp.Body != before {
		before.Close()
	}
	return resp, nil
}

func TestWhatAResultSaysIsWhatHappened(t *testing.T) {
	// Not t.Parallel, which -parallel bounds by the number of cores: most of the time is pauses between attempts.
	var group errgroup.Group
	group.SetLimit(16)
	for _, regions := range []int{1, 2} {
		for _, w := range writes {
			for _, l := range losses {
				group.Go(func() error {
					t.Run(fmt.Sprintf("%d regions/%s/%s", regions, w.name, l.name), func(t *testing.T) { check(t, regions, w, l) })
					return nil
				})
			}
		}
	}
	require.NoError(t, group.Wait())
}

func check(t *testing.T, regions int, w write, l loss) {
	opts := []cosmostest.Option{cosmostest.Partitions(2)}
	if regions > 1 {
		opts = append(opts, cosmostest.Regions("West US", "East US"), cosmostest.MultiWrite())
	}
	srv := cosmostest.RunT(t, opts...)
	trip := &once{next: srv.HTTPClient().Transport, loss: l}
	cred, err := cosmos.KeyCredential(srv.Key())
	require.NoError(t, err)
	client, err := cosmos.NewClient(srv.Endpoint(), cred, &cosmos.ClientOptions{HTTPClient: &http.Client{Transport: trip}})
	require.NoError(t, err)
	defer client.Close()
	db := sql.OpenDB(driver.NewConnector(client, driver.Config{Database: "shop"}))
	defer db.Close()
	_, err = client.CreateDatabase(t.Context(), "shop")
	require.NoError(t, err)
	_, err = client.Database("shop").CreateContainer(t.Context(), cosmos.ContainerProperties{ID: "c", PartitionKey: cosmos.PartitionKeyPaths("/pk")})
	require.NoError(t, err)
	c := client.Database("shop").Container("c")
	for _, id := range []string{"a", "b", "c"} {
		_, err := c.CreateItem(t.Context(), map[string]any{"id": id, "pk": "p", "n": 0})
		require.NoError(t, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()

	trip.armed.Store(true)
	err = w.do(ctx, c, db)
	require.False(t, trip.armed.Load(), "the write was not sent: %v", err)

	docs := map[string]float64{}
	for raw, err := range cosmos.Query[json.RawMessage](t.Context(), c, "SELECT c.id, c.n FROM c") {
		require.NoError(t, err)
		var doc struct {
			ID string
			N  float64
		}
		require.NoError(t, json.Unmarshal(raw, &doc))
		docs[doc.ID] = doc.N
	}
	times := w.times(docs)
	require.LessOrEqual(t, times, 1, "executed twice; the result was %v", err)
	switch {
	case err == nil:
		require.Equal(t, 1, times, "a success that did not happen")
	case !errors.Is(err, cosmos.ErrUnknownOutcome):
		require.Zero(t, times, "it happened, and the error does not say that it may have: %v", err)
	}
}
