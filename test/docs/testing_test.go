package docs

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest/script"
)

// docs/testing.md
func TestTesting(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	start := func() error {
		c := cosmostest.RunT(t).Container("/customer")
		db, err := sql.Open("cosmos", c.DSN())
		if err != nil {
			return err
		}
		defer db.Close()
		return db.PingContext(ctx)
	}
	require.NoError(t, start())
	named := func() error {
		db, err := sql.Open("cosmos", cosmostest.RunT(t).DSN("shop"))
		if err != nil {
			return err
		}
		defer db.Close()
		for _, text := range []string{"CREATE DATABASE shop", "CREATE CONTAINER orders PARTITION KEY (/customer)"} {
			if _, err := db.Exec(text); err != nil {
				return err
			}
		}
		return db.QueryRow("SELECT VALUE COUNT(1) FROM orders o").Err()
	}
	require.NoError(t, named())

	srv := cosmostest.RunT(t, cosmostest.Data(cosmostest.Database{ID: "shop", Containers: []cosmostest.ContainerData{{
		ID:           "orders",
		PartitionKey: []string{"/customer"},
		Properties:   map[string]any{"defaultTtl": -1},
		Documents:    []any{order{ID: "1", Customer: "ann"}},
	}}}))
	require.Len(t, srv.Contents(), 1)

	client, err := cosmos.NewClientFromConnectionString(srv.ConnectionString(), nil)
	require.NoError(t, err)
	defer client.Close()
	orders := client.Database("shop").Container("orders")
	fault := func() error {
		// The next two creates are throttled: the client repeats them.
		srv.Fail(cosmostest.Create, 2, 429, 3200, 10*time.Millisecond)
		resp, err := orders.CreateItem(ctx, order{ID: "2", Customer: "ann"})
		if err != nil || resp.Retries != 2 {
			t.Errorf("%+v, %v", resp, err)
		}
		// An answer is lost, although the write was done: the client asks, and knows.
		srv.Inject(cosmostest.Fault{Match: cosmostest.On(cosmostest.Create), Times: 1, Cut: cosmostest.CutAfter})
		_, err = orders.CreateItem(ctx, order{ID: "3", Customer: "ann"})
		return err
	}
	require.NoError(t, fault())
	require.Equal(t, 5, srv.Count(cosmostest.Create))
}

func TestScripts(t *testing.T) {
	t.Parallel()
	srv := cosmostest.RunT(t, script.JavaScript())
	require.NotNil(t, srv.Container("/customer"))
}

// docs/testing.md, a fake of one's own.
func TestFake(t *testing.T) {
	t.Parallel()
	var _ doer = (*cosmos.Container)(nil)
	var _ doer = fake{}
	f := fake{}
	_, err := f.Do(t.Context(), cosmos.OpCreate(order{ID: "1", Customer: "ada"}))
	require.NoError(t, err)
	_, err = f.Do(t.Context(), cosmos.OpCreate(order{ID: "1", Customer: "ada"}))
	require.True(t, errors.Is(err, cosmos.ErrConflict))
}

type doer interface {
	Do(context.Context, cosmos.Operation, ...cosmos.Option) (*cosmos.Response, error)
}

type fake map[string]cosmos.Operation // by id; the newest operation on each document

func (f fake) Do(_ context.Context, o cosmos.Operation, _ ...cosmos.Option) (*cosmos.Response, error) {
	if old, known := f[o.ID()]; known && o.Kind() == cosmos.KindCreate {
		return nil, &cosmos.Error{StatusCode: 409, Operation: old.String()}
	}
	f[o.ID()] = o
	return &cosmos.Response{StatusCode: 201}, nil
}

// docs/testing-failover.md
func TestFailover(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	srv := cosmostest.RunT(t, cosmostest.Regions("West US", "East US"))
	client, err := cosmos.NewClientFromConnectionString(srv.ConnectionString(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	made := srv.Container("/customer")
	orders := client.Database(made.Database).Container(made.ID)

	if err := srv.PauseReplication("West US", "East US"); err != nil {
		t.Fatal(err)
	}
	_, err = orders.CreateItem(ctx, order{ID: "1", Customer: "ann"}) // acknowledged in West US alone
	if err != nil {
		t.Fatal(err)
	}
	lost, err := srv.ForceFailover("East US") // returns what had not arrived, and is lost
	if err != nil || len(lost) != 1 || lost[0].Item != "1" {
		t.Fatal(lost, err)
	}
	resp, err := orders.CreateItem(ctx, order{ID: "2", Customer: "ann"})
	if err != nil || resp.Region != "East US" {
		t.Fatal(resp, err)
	}
}
