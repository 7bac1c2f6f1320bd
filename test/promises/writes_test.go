package promises

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/cosmossql/cosmossql/cosmos"
)

// write is a kind of write of the container with the documents a, b and c, each of which has n = 0 and the partition
// key p. Other keys have no document.
type write struct {
	name string
	do   writing
	// times says by the documents how often it was executed; for one that sets something it is 0 or 1.
	times func(docs map[string]float64) int
}

// writing executes a write by either package.
type writing func(ctx context.Context, c *cosmos.Container, db *sql.DB) error

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

// together is how often 1 was added to a and new was created; 2 if one was done without the other.
func together(docs map[string]float64) int {
	if added("a")(docs) != created(docs) {
		return 2
	}
	return created(docs)
}

// underETag executes the operation that make makes of the ETag of a.
func underETag(make func(etag string) cosmos.Operation) writing {
	return func(ctx context.Context, c *cosmos.Container, _ *sql.DB) error {
		read, err := c.ReadItem(ctx, "a", pk)
		if err != nil {
			return err
		}
		_, err = c.Do(ctx, make(read.ETag))
		return err
	}
}

// returning runs a statement that changes documents for its rows.
func returning(text string) writing {
	return func(ctx context.Context, _ *cosmos.Container, db *sql.DB) error {
		rows, err := db.QueryContext(ctx, text)
		if err != nil {
			return err
		}
		defer rows.Close()
		n := 0
		for rows.Next() {
			n++
		}
		if rows.Err() == nil && n == 0 {
			return errors.New("no rows, no error")
		}
		return rows.Err()
	}
}

// transaction runs statements in one, begun with the context that with makes.
func transaction(with func(context.Context) context.Context, texts ...string) writing {
	return func(ctx context.Context, _ *cosmos.Container, db *sql.DB) error {
		if with != nil {
			ctx = with(ctx)
		}
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		for _, text := range texts {
			if _, err := tx.ExecContext(ctx, text); err != nil {
				return errors.Join(err, tx.Rollback())
			}
		}
		return tx.Commit()
	}
}

// inSQL executes a statement, which must affect so many rows.
func inSQL(rows int64, text string) writing {
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
	away     = map[string]any{"id": "new", "pk": "q", "n": 0}
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
	{"upsert under an ETag", underETag(func(etag string) cosmos.Operation {
		return cosmos.OpUpsert(one, cosmos.IfMatch(etag))
	}), added("a")},
	{"delete under an ETag", underETag(func(etag string) cosmos.Operation {
		return cosmos.OpDelete("a", pk, cosmos.IfMatch(etag))
	}), deleted("a")},
	{"patch under a condition", func(ctx context.Context, c *cosmos.Container, _ *sql.DB) error {
		_, err := c.PatchItem(ctx, "a", addOne, pk, cosmos.PatchCondition("FROM c WHERE c.n = 0"))
		return err
	}, added("a")},
	{"create that repeats writes", func(ctx context.Context, c *cosmos.Container, _ *sql.DB) error {
		_, err := c.CreateItem(ctx, document, cosmos.RepeatWrites(true))
		return err
	}, created},
	{"upsert that repeats writes", func(ctx context.Context, c *cosmos.Container, _ *sql.DB) error {
		_, err := c.UpsertItem(ctx, document, cosmos.RepeatWrites(true))
		return err
	}, created},
	{"delete that repeats writes", func(ctx context.Context, c *cosmos.Container, _ *sql.DB) error {
		_, err := c.DeleteItem(ctx, "a", pk, cosmos.RepeatWrites(true))
		return err
	}, deleted("a")},
	{"batch", func(ctx context.Context, c *cosmos.Container, _ *sql.DB) error {
		_, err := c.TransactionalBatch(ctx,
			[]cosmos.Operation{cosmos.OpPatch("a", addOne), cosmos.OpPatch("b", addOne)}, pk)
		return err
	}, added("a", "b")},
	{"batch of creates", func(ctx context.Context, c *cosmos.Container, _ *sql.DB) error {
		_, err := c.TransactionalBatch(ctx,
			[]cosmos.Operation{cosmos.OpCreate(document), cosmos.OpPatch("a", addOne)}, pk)
		return err
	}, together},
	{"distributed transaction", func(ctx context.Context, c *cosmos.Container, _ *sql.DB) error {
		tx := c.Database().Client().NewTransaction()
		if err := tx.Add(ctx, c, cosmos.OpPatch("a", addOne, pk), cosmos.OpCreate(away)); err != nil {
			return err
		}
		_, err := tx.Commit(ctx)
		return err
	}, together},
	{"bulk create", func(ctx context.Context, c *cosmos.Container, _ *sql.DB) error {
		return bulkErr(cosmos.Collect(cosmos.CreateMany(ctx, c, slices.Values([]any{document}))))
	}, created},
	{"bulk upsert", func(ctx context.Context, c *cosmos.Container, _ *sql.DB) error {
		return bulkErr(cosmos.Collect(cosmos.UpsertMany(ctx, c, slices.Values([]any{document}))))
	}, created},
	{"bulk replace", func(ctx context.Context, c *cosmos.Container, _ *sql.DB) error {
		return bulkErr(cosmos.Collect(cosmos.ReplaceMany(ctx, c, slices.Values([]any{one}))))
	}, added("a")},
	{"bulk of several patches", func(ctx context.Context, c *cosmos.Container, _ *sql.DB) error {
		return bulkErr(cosmos.Collect(c.Bulk(ctx, slices.Values([]cosmos.Operation{
			cosmos.OpPatch("a", addOne, pk), cosmos.OpPatch("b", addOne, pk), cosmos.OpPatch("c", addOne, pk),
		}))))
	}, added("a", "b", "c")},
	{"bulk patch", func(ctx context.Context, c *cosmos.Container, _ *sql.DB) error {
		return bulkErr(cosmos.Collect(c.PatchMany(ctx, slices.Values([]cosmos.ItemKey{cosmos.At("a", "p")}), addOne)))
	}, added("a")},
	{"bulk delete", func(ctx context.Context, c *cosmos.Container, _ *sql.DB) error {
		return bulkErr(cosmos.Collect(c.DeleteMany(ctx, slices.Values([]cosmos.ItemKey{cosmos.At("a", "p")}))))
	}, deleted("a")},
	{"INSERT", inSQL(1, "INSERT INTO c (id, pk, n) VALUES ('new', 'p', 0)"), created},
	{"INSERT of rows", inSQL(2, "INSERT INTO c (id, pk, n) VALUES ('new', 'p', 0), ('newer', 'p', 0)"), created},
	{"UPSERT", inSQL(1, "UPSERT INTO c (id, pk, n) VALUES ('new', 'p', 0)"), created},
	{"REPLACE", inSQL(1, "REPLACE INTO c (id, pk, n) VALUES ('a', 'p', 1)"), added("a")},
	{"UPSERT of rows", inSQL(2, "UPSERT INTO c (id, pk, n) VALUES ('new', 'p', 0), ('newer', 'p', 0)"), created},
	{"UPDATE of more fields than a patch has", inSQL(1,
		"UPDATE c SET n = n + 1, b1=1, b2=1, b3=1, b4=1, b5=1, b6=1, b7=1, b8=1, b9=1, b10=1 WHERE id = 'a' "+
			"AND pk = 'p'"), added("a")},
	{"UPDATE that a patch cannot do", inSQL(1, "UPDATE c SET n = n + 1, far.away = 1 WHERE id = 'a' AND pk = 'p'"),
		added("a")},
	{"UPDATE of one", inSQL(1, "UPDATE c SET n = n + 1 WHERE id = 'a' AND pk = 'p'"), added("a")},
	{"UPDATE of many", inSQL(3, "UPDATE c SET n = n + 1 WHERE c.n = 0"), added("a", "b", "c")},
	{"UPDATE of the id", inSQL(1, "UPDATE c SET id = 'new' WHERE id = 'a' AND pk = 'p'"), created},
	{"DELETE of one", inSQL(1, "DELETE FROM c WHERE id = 'a' AND pk = 'p'"), deleted("a")},
	{"DELETE of many", inSQL(3, "DELETE FROM c WHERE c.n = 0"), deleted("a", "b", "c")},
	{"DELETE of one with RETURNING", returning("DELETE FROM c WHERE id = 'a' AND pk = 'p' RETURNING *"), deleted("a")},
	{"UPDATE of many with RETURNING", returning("UPDATE c SET n = n + 1 WHERE c.n = 0 RETURNING *"),
		added("a", "b", "c")},
	{"transaction of several statements", transaction(nil,
		"UPDATE c SET n = n + 1 WHERE id = 'a' AND pk = 'p'",
		"INSERT INTO c (id, pk, n) VALUES ('new', 'p', 0)"), together},
	{"distributed transaction in SQL", transaction(func(ctx context.Context) context.Context {
		return cosmos.WithOptions(ctx, cosmos.Distributed())
	}, "UPDATE c SET n = n + 1 WHERE id = 'a' AND pk = 'p'",
		"INSERT INTO c (id, pk, n) VALUES ('new', 'q', 0)"), together},
	{"transaction", transaction(nil, "UPDATE c SET n = n + 1 WHERE id = 'a' AND pk = 'p'"), added("a")},
}
