// Package mistakes provokes what people do wrong, and holds each error to its job: it says what is wrong, where, and
// the way out.
package mistakes

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql"
	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	_ "github.com/cosmossql/cosmossql/driver"
)

// mistake is something that somebody does wrong.
type mistake struct {
	name string
	do   func(*world) error
	want string // the parts of the error, with … between them
	why  string // why the error cannot say more; empty where it says the way out
}

// world is an account with what there is to do wrong in it. Each mistake has one of its own.
type world struct {
	*cosmostest.Server
	t        *testing.T
	db       *sql.DB // with the database shop, and no container
	client   *cosmos.Client
	products *cosmos.Container // by /category
	events   *cosmos.Container // by /tenant and /user
}

type product struct {
	ID       string   `json:"id"`
	Category string   `json:"category"`
	Name     string   `json:"name"`
	Price    float64  `json:"price"`
	Tags     []string `json:"tags"`
	At       string   `json:"at"`
}

func open(t *testing.T) *world {
	srv := cosmostest.RunT(t, cosmostest.Data(cosmostest.Database{ID: "shop", Containers: []cosmostest.ContainerData{
		{ID: "products", PartitionKey: []string{"/category"}, Documents: []any{
			product{"1", "books", "Go", 12.5, []string{"new"}, "2026-01-02T03:04:05Z"},
			product{"2", "books", "SQL", 30, nil, "2026-02-03T04:05:06Z"},
			product{"3", "tools", "Saw", 31, []string{"sale"}, "2026-03-04T05:06:07Z"},
		}},
		{ID: "events", PartitionKey: []string{"/tenant", "/user"}, Documents: []any{
			map[string]any{"id": "1", "tenant": "acme", "user": "ada"},
		}},
		{ID: "my-orders", PartitionKey: []string{"/id"}},
	}}))
	w := &world{Server: srv, t: t}
	var err error
	w.db, err = sql.Open("cosmos", srv.DSN("shop"))
	require.NoError(t, err)
	t.Cleanup(func() { w.db.Close() })
	w.client, err = cosmos.FromDB(t.Context(), w.db)
	require.NoError(t, err)
	w.products = w.client.Database("shop").Container("products")
	w.events = w.client.Database("shop").Container("events")
	return w
}

func (w *world) ctx() context.Context { return w.t.Context() }

// query runs a query and reads all of its rows.
func query(text string, args ...any) func(*world) error {
	return func(w *world) error { return w.rows(w.ctx(), w.db, text, args...) }
}

func exec(text string, args ...any) func(*world) error {
	return func(w *world) error {
		_, err := w.db.ExecContext(w.ctx(), text, args...)
		return err
	}
}

func (w *world) rows(ctx context.Context, db *sql.DB, text string, args ...any) error {
	rows, err := db.QueryContext(ctx, text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
	}
	return rows.Err()
}

// scan runs a query and scans its first row.
func scan(text string, into ...any) func(*world) error {
	return func(w *world) error { return w.db.QueryRowContext(w.ctx(), text).Scan(into...) }
}

// dsn opens a database by a data source name, in which SERVER and KEY stand for those of the server, and pings it.
func dsn(text string) func(*world) error {
	return func(w *world) error {
		text := strings.NewReplacer("SERVER", w.Endpoint(), "KEY", w.Key()).Replace(text)
		db, err := sql.Open("cosmos", text)
		if err != nil {
			return err
		}
		defer db.Close()
		return w.rows(w.ctx(), db, "SELECT p.id FROM products p")
	}
}

// items are documents for a bulk.
func items(docs ...any) func(func(any) bool) { return slices.Values(docs) }

// first is the first error of a bulk.
func first(results func(func(cosmos.BulkResult) bool)) error {
	for r := range results {
		if r.Err != nil {
			return r.Err
		}
	}
	return nil
}

func all[T any](seq func(func(T, error) bool)) error {
	for _, err := range seq {
		if err != nil {
			return err
		}
	}
	return nil
}

// Why an error does not say a way out.
const (
	ofTheStandardLibrary = "it is database/sql's own, or the context's"
	ofTheService         = "what is wrong and where is the service's own text, which is handed on as it is"
	ofTheNetwork         = "the network tells the address, and what came of it"
	theProgramDecides    = "only the program can decide: errors.Is tells the kind, and docs/errors.md what to do"
	whatIsWrongSaysIt    = "once it is known what is wrong there is one thing to do"
)

// check provokes mistakes in requests. What no service answered is of a kind that a program can ask for.
func check(t *testing.T, list []mistake) {
	t.Helper()
	provoke(t, list, func(t *testing.T, err error) {
		if answer := (*cosmos.Error)(nil); errors.As(err, &answer) {
			return
		}
		for _, kind := range []error{
			cosmos.ErrBadRequest, cosmos.ErrTooLarge, cosmos.ErrUnknownOutcome, cosmossql.ErrTxQuery,
		} {
			if errors.Is(err, kind) {
				return
			}
		}
		t.Errorf("errors.Is knows no kind of it: %v", err)
	})
}

// checkText provokes mistakes that are not in a request: in how a program sets things up, and reads what came.
func checkText(t *testing.T, list []mistake) {
	t.Helper()
	provoke(t, list, func(*testing.T, error) {})
}

func provoke(t *testing.T, list []mistake, kind func(*testing.T, error)) {
	t.Helper()
	for _, m := range list {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			err := m.do(open(t))
			require.Error(t, err)
			t.Log(err)
			require.NotEmpty(t, m.want)
			rest := err.Error()
			for _, part := range strings.Split(m.want, "…") {
				_, after, found := strings.Cut(rest, strings.TrimSpace(part))
				require.True(t, found, "%q is not in, or not in its place in:\n%v", part, err)
				rest = after
			}
			for _, odd := range []string{"cosmos: cosmos:", "%!", "<nil>", "\n", "..", ": :"} {
				require.NotContains(t, err.Error(), odd)
			}
			if m.why != ofTheStandardLibrary {
				require.Equal(t, 1, strings.Count(err.Error(), "cosmos: "), "its prefix stands once: %v", err)
			}
			require.NotContains(t, err.Error(), cosmostest.DefaultKey[:20])
			if m.why != ofTheStandardLibrary {
				kind(t, err)
			}
		})
	}
}
