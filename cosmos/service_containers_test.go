package cosmos_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"testing"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/stretchr/testify/require"
)

func TestContainersEndToEnd(t *testing.T) {
	t.Parallel()
	_, books := library(t)
	ctx := t.Context()
	db := books.Database()
	p, err := books.Read(ctx)
	require.NoError(t, err)
	ttl := 3600
	p.DefaultTTL = &ttl
	p.ComputedProperties = []cosmos.ComputedProperty{{Name: "upper", Query: "SELECT VALUE UPPER(c.title) FROM c"}}
	_, err = books.Replace(ctx, *p)
	require.NoError(t, err)
	again, err := books.Read(ctx)
	require.NoError(t, err)
	require.Equal(t, &ttl, again.DefaultTTL)
	require.Equal(t, p.ComputedProperties, again.ComputedProperties)
	require.Equal(t, p.IndexingPolicy, again.IndexingPolicy)
	for c, err := range db.Containers(ctx) {
		require.NoError(t, err)
		require.Equal(t, "books", c.ID)
	}
	_, err = books.Database().Container("none").Read(ctx)
	require.ErrorIs(t, err, cosmos.ErrNotFound)
	_, err = books.Database().Container("none").CreateItem(ctx, book{ID: "1"})
	require.ErrorIs(t, err, cosmos.ErrOwnerNotFound)
	require.ErrorContains(t, err, `container "none"`)
	_, err = books.Delete(ctx)
	require.NoError(t, err)
	_, err = db.Delete(ctx)
	require.NoError(t, err)
	for _, err := range db.Client().Databases(ctx) {
		t.Error("a database is left", err)
	}
}

// makeAnew drops the container of books and makes it again, with a partition key of its own, as somebody else would.
func makeAnew(t *testing.T, srv *cosmostest.Server, key string) *cosmos.Container {
	t.Helper()
	other := connect(t, srv, nil).Database("library")
	_, err := other.Container("books").Delete(t.Context())
	require.NoError(t, err)
	_, err = other.CreateContainer(t.Context(),
		cosmos.ContainerProperties{ID: "books", PartitionKey: cosmos.PartitionKeyPaths(key)})
	require.NoError(t, err)
	return other.Container("books")
}

// A container that is dropped and made again with another key, by somebody else, works on without a restart.
func TestContainerMadeAnew(t *testing.T) {
	t.Parallel()
	srv, books := library(t)
	ctx := t.Context()
	_, err := books.CreateItem(ctx, book{ID: "1", Author: "Ann"})
	require.NoError(t, err)
	makeAnew(t, srv, "/title")
	_, err = books.CreateItem(ctx, book{ID: "1", Author: "Ann", Title: "T"})
	require.NoError(t, err)
	_, err = books.ReadItem(ctx, "1", cosmos.PartitionKey("T"))
	require.NoError(t, err)
}

// A batch finds the partition that its documents have under the key there is now.
func TestBatchOnAContainerMadeAnew(t *testing.T) {
	t.Parallel()
	srv, books := library(t)
	ctx := t.Context()
	batch := []cosmos.Operation{cosmos.OpUpsert(book{ID: "1", Author: "Ann", Title: "T"}),
		cosmos.OpUpsert(book{ID: "2", Author: "Ann", Title: "T"})}
	_, err := books.TransactionalBatch(ctx, batch)
	require.NoError(t, err)
	makeAnew(t, srv, "/title")
	_, err = books.TransactionalBatch(ctx, batch)
	require.NoError(t, err)
	_, err = books.ReadItem(ctx, "2", cosmos.PartitionKey("T"))
	require.NoError(t, err)
}

// The session and the partitions of a container that is gone say nothing about the one that has its name now.
func TestContainerMadeAnewForReaders(t *testing.T) {
	t.Parallel()
	ways := map[string]func(context.Context, *cosmos.Container) error{
		"point read": func(ctx context.Context, c *cosmos.Container) error {
			_, err := c.ReadItem(ctx, "1", cosmos.PartitionKey("Ann"))
			return err
		},
		"query of one partition": func(ctx context.Context, c *cosmos.Container) error {
			return one(cosmos.Query[book](ctx, c, `SELECT * FROM b WHERE b.title > "A"`, cosmos.PartitionKey("Ann")))
		},
		"query by filter": func(ctx context.Context, c *cosmos.Container) error {
			return one(cosmos.Query[book](ctx, c, `SELECT VALUE b FROM b WHERE b.author = "Ann" AND b.id = "1"`))
		},
		"query of all": func(ctx context.Context, c *cosmos.Container) error {
			return one(cosmos.Query[book](ctx, c, `SELECT * FROM b ORDER BY b.title`))
		},
		"batch": func(ctx context.Context, c *cosmos.Container) error {
			_, err := c.TransactionalBatch(ctx,
				[]cosmos.Operation{cosmos.OpUpsert(book{ID: "2", Author: "Ann"}), cosmos.OpRead("1")})
			return err
		},
		"bulk read": func(ctx context.Context, c *cosmos.Container) error {
			return cosmos.Collect(c.ReadMany(ctx, slices.Values([]cosmos.ItemKey{cosmos.At("1", "Ann")})))[0].Err
		},
	}
	for name, read := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv, books := library(t)
			ctx := t.Context()
			for range 20 {
				_, err := books.UpsertItem(ctx, book{ID: "1", Author: "Ann", Title: "Old"})
				require.NoError(t, err)
			}
			require.NoError(t, read(ctx, books))
			other := makeAnew(t, srv, "/author")
			_, err := other.CreateItem(ctx, book{ID: "1", Author: "Ann", Title: "T"})
			require.NoError(t, err)
			require.NoError(t, read(ctx, books))
		})
	}
}

// one fails unless there is exactly one row.
func one(rows iter.Seq2[book, error]) error {
	n := 0
	for _, err := range rows {
		if err != nil {
			return err
		}
		n++
	}
	if n != 1 {
		return fmt.Errorf("%d rows", n)
	}
	return nil
}
