package orm_test

import (
	"database/sql"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	_ "github.com/cosmossql/cosmossql/driver"
	"github.com/cosmossql/cosmossql/dsl"
	"github.com/cosmossql/cosmossql/test/programs/orm"
)

type order struct {
	ID       string   `json:"id"`
	Customer string   `json:"customer"`
	Year     int      `json:"year"`
	Total    float64  `json:"total"`
	Note     string   `json:"note,omitempty"`
	Tags     []string `json:"tags,omitempty"`
}

func open(t *testing.T) (*orm.Repository[order], *cosmostest.Server) {
	c := cosmostest.RunT(t).Container("/customer", "/year")
	db, err := sql.Open("cosmos", c.DSN())
	require.NoError(t, err)
	t.Cleanup(func() { db.Close() })
	orders, err := orm.New(t.Context(), db, orm.Model[order]{
		Database: c.Database, Container: c.ID, Key: []string{"customer", "year"},
		Identity: func(o *order) (string, []any) { return o.ID, []any{o.Customer, o.Year} },
	})
	require.NoError(t, err)
	return orders, c.Server()
}

func TestObject(t *testing.T) {
	orders, srv := open(t)
	first, err := orders.Insert(t.Context(), order{ID: "1", Customer: "ada", Year: 2026, Total: 7, Note: "soon"})
	require.NoError(t, err)
	_, err = orders.Insert(t.Context(), first.Value)
	require.ErrorIs(t, err, orm.ErrExists)

	got, err := orders.Get(t.Context(), "1", "ada", 2026)
	require.NoError(t, err)
	require.Equal(t, first, got)
	require.Equal(t, 1, srv.Count(cosmostest.Read))
	require.Zero(t, srv.Count(cosmostest.Query), "a point read")

	got.Value.Note, got.Value.Total = "", 8
	require.NoError(t, orders.Update(t.Context(), got))
	got.Value.Tags = []string{"gift"}
	require.NoError(t, orders.Update(t.Context(), got), "under the new version")
	require.ErrorIs(t, orders.Update(t.Context(), first), orm.ErrChanged)
	require.ErrorIs(t, orders.Delete(t.Context(), first), orm.ErrChanged)
	again, err := orders.Get(t.Context(), "1", "ada", 2026)
	require.NoError(t, err)
	require.Equal(t, got, again)

	require.NoError(t, orders.Delete(t.Context(), again))
	require.Zero(t, srv.Count(cosmostest.Query), "id and key are known")
	require.ErrorIs(t, orders.Delete(t.Context(), again), orm.ErrNotFound)
	require.ErrorIs(t, orders.Update(t.Context(), again), orm.ErrNotFound, "what is deleted does not come back")
	_, err = orders.Get(t.Context(), "1", "ada", 2026)
	require.ErrorIs(t, err, orm.ErrNotFound)
	_, err = orders.Get(t.Context(), "1", "ada")
	require.ErrorContains(t, err, "1 values for the partition key [customer year]")
	require.Error(t, orders.Update(t.Context(), &orm.Stored[order]{Value: again.Value}), "never read")
	require.Error(t, orders.Delete(t.Context(), &orm.Stored[order]{Value: again.Value}))
}

func TestList(t *testing.T) {
	orders, srv := open(t)
	for i := range 50 {
		_, err := orders.Insert(t.Context(), order{ID: fmt.Sprint(i), Customer: fmt.Sprint("c", i%5), Year: 2020 + i%2,
			Total: float64(i), Tags: []string{fmt.Sprint("t", i%3)}})
		require.NoError(t, err)
	}
	total, tagged := []string{"c.total"}, dsl.ArrayContains("c.tags", "t1")
	for name, test := range map[string]struct {
		query orm.Query
		want  []float64
	}{
		"order": {orm.Query{Where: dsl.GtOrEq{"c.total": 47}, OrderBy: []string{"c.total DESC"}},
			[]float64{49, 48, 47}},
		"and": {orm.Query{Where: dsl.And{dsl.Lt{"c.total": 9}, tagged}, OrderBy: total}, []float64{1, 4, 7}},
		"key": {orm.Query{Key: []any{"c0", 2020}, Where: dsl.Lt{"c.total": 25}, OrderBy: total},
			[]float64{0, 10, 20}},
		"prefix": {orm.Query{Key: []any{"c0"}, Where: dsl.Lt{"c.total": 11}, OrderBy: total}, []float64{0, 5, 10}},
		"in":     {orm.Query{Where: dsl.Eq{"c.id": []string{"3", "5"}}, OrderBy: total}, []float64{3, 5}},
		"none":   {orm.Query{Where: dsl.Eq{"c.id": "x"}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var got []float64
			for o, err := range orders.List(t.Context(), test.query) {
				require.NoError(t, err)
				require.NotEmpty(t, o.Version)
				got = append(got, o.Value.Total)
			}
			require.Equal(t, test.want, got)
			objects, token, err := orders.Page(t.Context(), test.query, 10, "")
			require.NoError(t, err)
			require.Len(t, objects, len(test.want))
			require.Empty(t, token)
		})
	}
	for _, err := range orders.List(t.Context(), orm.Query{OrderBy: []string{"c.total +"}}) {
		require.ErrorContains(t, err, `"c.total +": Syntax error`)
	}

	queries, pages, token := srv.Count(cosmostest.Query), 0, ""
	seen := map[string]bool{}
	for ; pages == 0 || token != ""; pages++ {
		objects, next, err := orders.Page(t.Context(), orm.Query{Key: []any{"c0", 2020}}, 2, token)
		require.NoError(t, err)
		for _, o := range objects {
			require.False(t, seen[o.Value.ID])
			seen[o.Value.ID] = true
		}
		token = next
	}
	require.Len(t, seen, 5)
	require.Equal(t, pages, srv.Count(cosmostest.Query)-queries, "a page of a partition is a request")
	// Last of all: the request that breaking off calls back may still be counted.
	for o, err := range orders.List(t.Context(), orm.Query{}) {
		require.NoError(t, err)
		o.Value.Total++
		require.NoError(t, orders.Update(t.Context(), &o))
		break
	}
	_, _, err := orders.Page(t.Context(), orm.Query{}, 2, "damaged")
	require.ErrorIs(t, err, cosmos.ErrBadContinuation)
}

func TestTransaction(t *testing.T) {
	orders, srv := open(t)
	of := func(id string) order { return order{ID: id, Customer: "ada", Year: 2026} }
	key := []any{"ada", 2026}
	var a, b *orm.Stored[order]
	require.NoError(t, orders.Transaction(t.Context(), key, func(tx *orm.Tx[order]) error {
		a, b = tx.Insert(of("a")), tx.Insert(of("b"))
		return nil
	}))
	stale := *a
	require.NoError(t, orders.Transaction(t.Context(), key, func(tx *orm.Tx[order]) error {
		a.Value.Total = 5
		tx.Update(a)
		tx.Delete(b)
		tx.Insert(of("c"))
		return nil
	}))
	require.NotEqual(t, stale.Version, a.Version)
	require.Equal(t, 2, srv.Count(cosmostest.Batch))

	for name, test := range map[string]struct {
		work func(*orm.Tx[order]) error
		is   error
	}{
		"changed": {func(tx *orm.Tx[order]) error { tx.Insert(of("d")); tx.Update(&stale); return nil },
			orm.ErrChanged},
		"exists": {func(tx *orm.Tx[order]) error { tx.Insert(of("d")); tx.Insert(of("c")); return nil },
			orm.ErrExists},
		"deleted": {func(tx *orm.Tx[order]) error { tx.Insert(of("d")); tx.Update(b); return nil },
			cosmos.ErrBadRequest},
		"own": {func(tx *orm.Tx[order]) error {
			tx.Insert(of("d"))
			return errors.ErrUnsupported
		}, errors.ErrUnsupported},
		"other key": {func(tx *orm.Tx[order]) error {
			tx.Insert(of("d"))
			tx.Insert(order{ID: "e", Customer: "bob", Year: 2026})
			return nil
		}, cosmos.ErrBadRequest},
	} {
		t.Run(name, func(t *testing.T) {
			require.ErrorIs(t, orders.Transaction(t.Context(), key, test.work), test.is)
			_, err := orders.Get(t.Context(), "d", key...)
			require.ErrorIs(t, err, orm.ErrNotFound, "all or nothing")
		})
	}
	require.NoError(t, orders.Update(t.Context(), a), "a version from a transaction is good")
}
