package cosmossql_test

import (
	"context"
	"database/sql"
	"sync/atomic"
	"testing"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/stretchr/testify/require"
)

// statement is what one statement does in one case: how many rows it gives or affects, or how it fails.
type statement struct {
	name, text string
	args       []any
	rows       bool // it is a query
	want       int
	is         error  // or nil
	says       string // a part of the error; "" if it may say anything
}

// some is a number of rows that does not matter, but for 0.
const some = -1

// statements is each statement in each case that it has. Their names are "what: case"; those of the case "done"
// succeed.
var statements = []statement{
	{name: "SELECT: done", text: "SELECT p.id FROM people p WHERE p.city = @p1", args: []any{"Oslo"},
		rows: true, want: 2},
	{name: "SELECT: nothing found", text: "SELECT p.id FROM people p WHERE p.city = 'Rome'", rows: true},
	{name: "SELECT: no such container", text: "SELECT p.id FROM peple p", rows: true, is: cosmos.ErrOwnerNotFound,
		says: "peple"},
	{name: "SELECT: bad syntax", text: "SELECT p.id FRON people p", rows: true, says: "line 1, column 18"},
	{name: "SELECT: bad name", text: "SELECT x.id FROM people p", rows: true,
		says: "Identifier 'x' could not be resolved"},
	{name: "SELECT: no argument", text: "SELECT p.id FROM people p WHERE p.id = @id", rows: true,
		says: `pass sql.Named("id", value)`},
	{name: "SELECT: bad function", text: "SELECT ABS(p.age, 1) AS a FROM people p", rows: true,
		is: cosmos.ErrBadRequest, says: "ABS"},

	{name: "SELECT by id: done", text: "SELECT * FROM people p WHERE p.id = '1' AND p.city = 'London'",
		rows: true, want: 1},
	{name: "SELECT by id: not found",
		text: "SELECT * FROM people p WHERE p.id = 'x' AND p.city = 'London'", rows: true},

	{name: "SELECT sorted: done", text: "SELECT p.id, p.age FROM people p ORDER BY p.age DESC OFFSET 1 LIMIT 5",
		rows: true, want: 2},
	{name: "SELECT grouped: done", text: "SELECT p.city, COUNT(*) AS n FROM people p GROUP BY p.city",
		rows: true, want: 2},

	{name: "INSERT: done", text: "INSERT INTO people (id, city, age) VALUES (?, ?, ?)",
		args: []any{"4", "Rome", 7}, want: 1},
	{name: "INSERT: no such container", text: "INSERT INTO peple (id, city) VALUES ('4', 'Rome')",
		is: cosmos.ErrOwnerNotFound, says: "peple"},
	{name: "INSERT: conflict", text: "INSERT INTO people (id, city) VALUES ('1', 'London')", is: cosmos.ErrConflict},
	{name: "INSERT: conflict of a unique key",
		text: "INSERT INTO tills (id, shop, till, name) VALUES ('2', 'a', 1, 'front')", is: cosmos.ErrConflict},
	{name: "INSERT: bad id", text: "INSERT INTO people (id, city) VALUES (?, 'Rome')", args: []any{"a/b"},
		says: `"a/b"`},
	{name: "INSERT: bad document", text: "INSERT INTO people VALUES (?)", args: []any{"text"}, says: "a JSON object"},
	{name: "INSERT: bad count", text: "INSERT INTO people (id, city) VALUES ('4')", says: "1 value for 2 columns"},
	{name: "INSERT: other partition", text: "INSERT INTO people (id, city) VALUES ('4', 'Rome')",
		args: []any{cosmos.PartitionKey("Oslo")}, says: "partition key"},

	{name: "INSERT of rows: done",
		text: "INSERT INTO people (id, city) VALUES ('4', 'Oslo'), ('5', 'Oslo'), ('6', 'Oslo')", want: 3},
	{name: "INSERT of rows: no such container",
		text: "INSERT INTO peple (id, city) VALUES ('4', 'Oslo'), ('5', 'Oslo')", is: cosmos.ErrOwnerNotFound},
	{name: "INSERT of rows: conflict", text: "INSERT INTO people (id, city) VALUES ('4', 'Oslo'), ('2', 'Oslo')",
		is: cosmos.ErrConflict, says: "row 2 of 2"},
	{name: "INSERT of rows: two partitions", text: "INSERT INTO people (id, city) VALUES ('4', 'Oslo'), ('5', 'Rome')",
		says: "one partition key"},

	{name: "UPSERT: done", text: "UPSERT INTO people (id, city) VALUES ('1', 'London')", want: 1},
	{name: "UPSERT: a new one", text: "UPSERT INTO people (id, city) VALUES ('4', 'London')", want: 1},
	{name: "UPSERT: no such container", text: "UPSERT INTO peple (id, city) VALUES ('1', 'London')",
		is: cosmos.ErrOwnerNotFound},
	{name: "UPSERT: stale", text: "UPSERT INTO people (id, city) VALUES ('1', 'London')",
		args: []any{cosmos.IfMatch("stale")}, is: cosmos.ErrPreconditionFailed},
	{name: "UPSERT: bad id", text: "UPSERT INTO people (id, city) VALUES (1, 'London')", says: "id"},
	{name: "REPLACE: done", text: "REPLACE INTO people VALUES ({id: '1', city: 'London'})", want: 1},
	{name: "REPLACE: stale", text: "REPLACE INTO people VALUES ({id: '1', city: 'London'})",
		args: []any{cosmos.IfMatch("stale")}, is: cosmos.ErrPreconditionFailed},

	{name: "UPDATE: done", text: "UPDATE people SET age = age + 1, addr.zip = ? WHERE id = '1' AND city = 'London'",
		args: []any{"E1"}, want: 1},
	{name: "UPDATE: not found", text: "UPDATE people SET age = 1 WHERE id = 'x' AND city = 'London'"},
	{name: "UPDATE: no such container", text: "UPDATE peple SET age = 1 WHERE id = '1' AND city = 'London'",
		is: cosmos.ErrOwnerNotFound},
	{name: "UPDATE: stale", text: "UPDATE people SET age = 1 WHERE id = '1' AND city = 'London'",
		args: []any{cosmos.IfMatch("stale")}, is: cosmos.ErrPreconditionFailed},
	{name: "UPDATE: conflict of a unique key",
		text: "UPDATE tills SET name = 'front' WHERE id = '3' AND shop = 'a' AND till = 1", is: cosmos.ErrConflict},
	{name: "UPDATE: bad path", text: "UPDATE people SET name.part = 1 WHERE id = '1' AND city = 'London'",
		is: cosmos.ErrBadRequest},
	{name: "UPDATE: bad increment", text: "UPDATE people SET name = name + 1 WHERE id = '1' AND city = 'London'",
		is: cosmos.ErrBadRequest},
	{name: "UPDATE: an increment that is text", text: "UPDATE people SET age = age + ? WHERE id = '1'",
		args: []any{"1"}, says: "by a number"},
	{name: "UPDATE: the id", text: "UPDATE people SET id = 'x' WHERE id = '1'", says: "only to one document"},
	{name: "UPDATE: the partition key", text: "UPDATE people SET city = 'x' WHERE id = '1'", says: "partition key"},
	{name: "UPDATE: no WHERE", text: "UPDATE people SET age = 1", says: "WHERE true"},

	{name: "searched UPDATE: done", text: "UPDATE people SET seen = true WHERE age > ?", args: []any{30}, want: 3},
	{name: "searched UPDATE: not found", text: "UPDATE people SET seen = true WHERE age > 100"},
	{name: "searched UPDATE: no such container", text: "UPDATE peple SET seen = true WHERE true",
		is: cosmos.ErrOwnerNotFound},
	{name: "searched UPDATE: bad predicate", text: "UPDATE people SET seen = true WHERE ABS(age, 1) = 1",
		is: cosmos.ErrBadRequest},

	{name: "DELETE: done", text: "DELETE FROM people WHERE id = '1' AND city = 'London'", want: 1},
	{name: "DELETE: not found", text: "DELETE FROM people WHERE id = 'x' AND city = 'London'"},
	{name: "DELETE: no such container", text: "DELETE FROM peple WHERE id = '1' AND city = 'London'",
		is: cosmos.ErrOwnerNotFound},
	{name: "DELETE: stale", text: "DELETE FROM people WHERE id = '1' AND city = 'London'",
		args: []any{cosmos.IfMatch("stale")}, is: cosmos.ErrPreconditionFailed},
	{name: "DELETE: bad id", text: "DELETE FROM people WHERE id = 1 AND city = 'London'", says: "an id is a string"},
	{name: "DELETE: no WHERE", text: "DELETE FROM people", says: "WHERE true"},

	{name: "searched DELETE: done", text: "DELETE FROM people WHERE city = 'Oslo'", want: 2},
	{name: "searched DELETE: not found", text: "DELETE FROM people WHERE city = 'Rome'"},
	{name: "searched DELETE: no such container", text: "DELETE FROM peple WHERE true", is: cosmos.ErrOwnerNotFound},

	{name: "RETURNING: done", text: "UPDATE people SET age = 1 WHERE city = 'Oslo' RETURNING id, age",
		rows: true, want: 2},
	{name: "RETURNING: conflict", text: "INSERT INTO people (id, city) VALUES ('1', 'London') RETURNING *", rows: true,
		is: cosmos.ErrConflict},
	{name: "RETURNING: stale", text: "DELETE FROM people WHERE id = '1' AND city = 'London' RETURNING *",
		args: []any{cosmos.IfMatch("stale")}, rows: true, is: cosmos.ErrPreconditionFailed},

	{name: "CREATE DATABASE: done", text: "CREATE DATABASE other WITH (throughput = 400)", want: 1},
	{name: "CREATE DATABASE: conflict", text: "CREATE DATABASE shop", is: cosmos.ErrConflict},
	{name: "CREATE DATABASE: if there is none", text: "CREATE DATABASE IF NOT EXISTS shop"},
	{name: "CREATE DATABASE: bad name", text: `CREATE DATABASE "a/b"`, says: "a/b"},
	{name: "CREATE DATABASE: bad option", text: "CREATE DATABASE other WITH (colour = red)",
		says: "There is no option colour here"},
	{name: "CREATE DATABASE: bad throughput", text: "CREATE DATABASE other WITH (throughput = 450)",
		is: cosmos.ErrBadRequest},

	{name: "CREATE CONTAINER: done",
		text: "CREATE CONTAINER c PARTITION KEY (/a, /b) UNIQUE KEY (/x, /y) WITH (throughput = 400, ttl = 60)",
		want: 1},
	{name: "CREATE CONTAINER: no such database", text: "CREATE CONTAINER nowhere.c PARTITION KEY (/a)",
		is: cosmos.ErrNotFound},
	{name: "CREATE CONTAINER: conflict", text: "CREATE CONTAINER people PARTITION KEY (/a)", is: cosmos.ErrConflict},
	{name: "CREATE CONTAINER: if there is none", text: "CREATE CONTAINER IF NOT EXISTS people PARTITION KEY (/city)"},
	{name: "CREATE CONTAINER: no key", text: "CREATE CONTAINER c", says: "add PARTITION KEY (/path)"},
	{name: "CREATE CONTAINER: bad policy",
		text: `CREATE CONTAINER c PARTITION KEY (/a) WITH (indexing = {"indexingMode": "sometimes"})`,
		is:   cosmos.ErrBadRequest},

	{name: "ALTER DATABASE: done", text: "ALTER DATABASE paid WITH (throughput = 500)", want: 1},
	{name: "ALTER DATABASE: no such database", text: "ALTER DATABASE nowhere WITH (throughput = 500)",
		is: cosmos.ErrNotFound},
	{name: "ALTER DATABASE: without throughput", text: "ALTER DATABASE shop WITH (throughput = 500)",
		is: cosmos.ErrNotFound},
	{name: "ALTER DATABASE: nothing", text: "ALTER DATABASE shop", says: "changes nothing"},

	{name: "ALTER CONTAINER: done", text: "ALTER CONTAINER people WITH (ttl = 60)", want: 1},
	{name: "ALTER CONTAINER: no such container", text: "ALTER CONTAINER peple WITH (ttl = 60)", is: cosmos.ErrNotFound},
	{name: "ALTER CONTAINER: bad value", text: "ALTER CONTAINER people WITH (ttl = soon)", says: "ttl"},

	{name: "DROP CONTAINER: done", text: "DROP CONTAINER people", want: 1},
	{name: "DROP CONTAINER: no such container", text: "DROP CONTAINER peple", is: cosmos.ErrNotFound},
	{name: "DROP CONTAINER: if there is one", text: "DROP CONTAINER IF EXISTS peple"},
	{name: "DROP DATABASE: done", text: "DROP DATABASE shop", want: 1},
	{name: "DROP DATABASE: no such database", text: "DROP DATABASE nowhere", is: cosmos.ErrNotFound},
	{name: "DROP DATABASE: if there is one", text: "DROP DATABASE IF EXISTS nowhere"},
	{name: "DROP DATABASE: bad text", text: "DROP DATABASE a b", says: "incorrect syntax near 'b'"},

	{name: "LIST DATABASES: done", text: "LIST DATABASES", rows: true, want: 2},
	{name: "LIST CONTAINERS: done", text: "SHOW CONTAINERS FROM shop", rows: true, want: 2},
	{name: "LIST CONTAINERS: no such database", text: "SHOW CONTAINERS FROM nowhere", rows: true,
		is: cosmos.ErrNotFound},
	{name: "LIST CONTAINERS: an argument", text: "SHOW CONTAINERS FROM ?", args: []any{"shop"}, rows: true,
		says: "incorrect syntax near '?'"},
	{name: "DESCRIBE: done", text: "DESCRIBE people", rows: true, want: some},
	{name: "DESCRIBE DATABASE: done", text: "DESCRIBE DATABASE shop", rows: true, want: some},
	{name: "DESCRIBE: no such container", text: "DESCRIBE peple", rows: true, is: cosmos.ErrNotFound},
	{name: "DESCRIBE: no such database", text: "DESCRIBE DATABASE nowhere", rows: true, is: cosmos.ErrNotFound},
	{name: "EXPLAIN: done", text: "EXPLAIN SELECT name FROM people", rows: true, want: some},
	{name: "EXPLAIN: bad text", text: "EXPLAIN DELETE FROM people WHERE true", rows: true,
		says: "incorrect syntax near 'DELETE'"},
}

// stocked is a shop in which every statement finds what it is about.
func stocked(t *testing.T) *shop {
	s := open(t, "", ada, `{"id":"2","city":"Oslo","age":41}`, `{"id":"3","city":"Oslo","age":50}`)
	s.exec(t, "CREATE DATABASE paid WITH (throughput = 400)")
	s.exec(t, "CREATE CONTAINER tills PARTITION KEY (/shop, /till) UNIQUE KEY (/name)")
	s.exec(t, "INSERT INTO tills (id, shop, till, name) VALUES ('1', 'a', 1, 'front'), ('3', 'a', 1, 'back')")
	return s
}

// run executes st, prepared or not, and says how many rows there are or were affected.
func (st statement) run(ctx context.Context, db *sql.DB, prepared bool) (int, error) {
	query := func(args ...any) (*sql.Rows, error) { return db.QueryContext(ctx, st.text, args...) }
	exec := func(args ...any) (sql.Result, error) { return db.ExecContext(ctx, st.text, args...) }
	if prepared {
		p, err := db.PrepareContext(ctx, st.text)
		if err != nil {
			return 0, err
		}
		defer p.Close()
		query = func(args ...any) (*sql.Rows, error) { return p.QueryContext(ctx, args...) }
		exec = func(args ...any) (sql.Result, error) { return p.ExecContext(ctx, args...) }
	}
	if st.rows {
		rows, err := query(st.args...)
		if err != nil {
			return 0, err
		}
		got, err := read(rows)
		return len(got), err
	}
	r, err := exec(st.args...)
	if err != nil {
		return 0, err
	}
	n, err := r.RowsAffected()
	return int(n), err
}

func (st statement) fails() bool { return st.is != nil || st.says != "" }

// counts holds n to the number of rows wanted.
func (st statement) counts(t *testing.T, n int) {
	if st.want == some {
		require.Positive(t, n)
		return
	}
	require.Equal(t, st.want, n)
}

func TestStatements(t *testing.T) {
	t.Parallel()
	for _, st := range statements {
		for name, prepared := range map[string]bool{"": false, ", prepared": true} {
			t.Run(st.name+name, func(t *testing.T) {
				t.Parallel()
				s := stocked(t)
				n, err := st.run(t.Context(), s.db, prepared)
				if !st.fails() {
					require.NoError(t, err)
					st.counts(t, n)
					return
				}
				require.ErrorContains(t, err, "cosmos: ")
				require.ErrorContains(t, err, st.says)
				if st.is != nil {
					require.ErrorIs(t, err, st.is)
				}
				require.Equal(t, []string{"1 London 36", "2 Oslo 41", "3 Oslo 50"},
					s.query(t, "SELECT p.id, p.city, p.age FROM people p ORDER BY p.id"), "nothing was changed")
			})
		}
	}
}

// TestStatementsCancelled ends the context of each statement before it, and while the server has its first request.
func TestStatementsCancelled(t *testing.T) {
	t.Parallel()
	for _, st := range statements {
		if st.fails() {
			continue
		}
		t.Run(st.name, func(t *testing.T) {
			t.Parallel()
			s := stocked(t)
			var requests atomic.Int32
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			end := s.Inject(cosmostest.Fault{
				Match: func(cosmostest.Request) bool { requests.Add(1); return true },
				Hold: func(request context.Context) {
					cancel()
					<-request.Done()
				},
			})
			ended, cancelNow := context.WithCancel(t.Context())
			cancelNow()
			_, err := st.run(ended, s.db, false)
			require.ErrorIs(t, err, context.Canceled)
			require.Zero(t, requests.Load(), "nothing is sent")

			_, err = st.run(ctx, s.db, false)
			if requests.Load() > 0 { // EXPLAIN may know all that it needs
				require.ErrorIs(t, err, context.Canceled)
			} else {
				require.NoError(t, err)
			}
			end()

			n, err := st.run(t.Context(), s.db, false)
			require.NoError(t, err, "the connection is as good as before")
			st.counts(t, n)
		})
	}
}
