package docs

import (
	"database/sql"
	"math"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql"
	"github.com/cosmossql/cosmossql/cosmos"
)

// docs/types.md
func TestTypes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, ";parse_time=true")
	ctx, db := w.ctx, w.db
	type Address struct{ City, Zip string }
	placed := time.Date(2026, 11, 29, 3, 0, 0, 0, time.FixedZone("Tokyo", 9*3600))
	run := func() error {
		_, err := db.ExecContext(ctx, "INSERT INTO orders (id, customer, placed, ship_to, tags) VALUES (?, ?, ?, ?, ?)",
			"1", "ada", placed, Address{"Oslo", "0150"}, []string{"new", "big"})
		if err != nil {
			return err
		}
		var at time.Time // with parse_time=true; else cosmos.JSON[time.Time], or Go 1.27
		var shipTo cosmos.JSON[Address]
		var note sql.NullString // a property that is not there is NULL
		row := db.QueryRowContext(ctx,
			"SELECT o.placed, o.ship_to, o.note FROM orders o WHERE o.id = ? AND o.customer = ?", "1", "ada")
		err = row.Scan(&at, &shipTo, &note)
		if err != nil {
			return err
		}
		require.True(t, placed.Equal(at))
		require.Equal(t, Address{"Oslo", "0150"}, shipTo.V)
		require.False(t, note.Valid)
		return nil
	}
	require.NoError(t, run())
	var text string
	require.NoError(t, db.QueryRowContext(ctx, "SELECT CONCAT(o.placed, '') AS t FROM orders o").Scan(new(any)))
	require.NoError(t, newSame(t, w).QueryRowContext(ctx, "SELECT o.placed FROM orders o").Scan(&text))
	require.Equal(t, "2026-11-28T18:00:00Z", text, "in UTC")
}

// newSame opens the database of w once more, without options.
func newSame(t *testing.T, w *world) *sql.DB {
	db, err := sql.Open("cosmos", w.server.DSN("shop"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

// The tables of docs/types.md: what a JSON value scans into any as, and what a Go value is written as.
func TestTypesTables(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	for literal, want := range map[string]any{
		"'text'": "text", "true": true, "7": int64(7), "-7": int64(-7), "2.5": 2.5,
		"18446744073709551615": uint64(math.MaxUint64),
		"{a: 1}":               []byte(`{"a":1}`), "[1, 2]": []byte(`[1,2]`), "null": nil,
	} {
		var got any
		require.NoError(t, w.db.QueryRow("SELECT VALUE "+literal).Scan(&got), literal)
		require.Equal(t, want, got, literal)
	}
	name, n := "x", 7
	for i, c := range []struct {
		value any
		json  string
	}{
		{"x", `"x"`}, {&name, `"x"`}, {(*string)(nil), "null"}, {nil, "null"},
		{7, "7"}, {&n, "7"}, {uint8(7), "7"}, {2.5, "2.5"}, {true, "true"},
		{[]string{"a"}, `["a"]`}, {map[string]int{"a": 1}, `{"a":1}`}, {struct{ A int }{1}, `{"A":1}`},
		{[]byte(`{"a": [1]}`), `{"a":[1]}`}, {cosmos.JSON[[]int]{V: []int{1}}, "[1]"},
		{sql.NullString{}, "null"}, {sql.Null[int]{V: 3, Valid: true}, "3"},
		{time.Date(2026, 1, 2, 3, 4, 5, 600, time.UTC), `"2026-01-02T03:04:05.0000006Z"`},
		{cosmos.Undefined, ""},
	} {
		id := strconv.Itoa(i)
		_, err := w.db.Exec("INSERT INTO orders (id, customer, v) VALUES (?, 'ada', ?)", id, c.value)
		if c.json == "" {
			require.ErrorContains(t, err, "Undefined stands in a partition key only")
			continue
		}
		require.NoError(t, err, "%T", c.value)
		var text string
		row := w.db.QueryRow("SELECT VALUE ToString(o.v) FROM orders o WHERE o.id = ? AND o.customer = 'ada'", id)
		require.NoError(t, row.Scan(&text), "%T", c.value)
		if s := c.json; s[0] == '"' {
			require.Equal(t, s[1:len(s)-1], text)
		} else {
			require.Equal(t, s, text, "%T", c.value)
		}
	}
	_, err := w.db.Exec("INSERT INTO orders (id, customer, v) VALUES ('nan', 'ada', ?)", math.NaN())
	require.ErrorContains(t, err, "NaN")
}

// docs/types.md, SELECT *.
func TestSelectStar(t *testing.T) {
	t.Parallel()
	w := newWorld(t, ";scan_ahead=0")
	ctx := w.ctx
	for id, field := range map[string]string{"1": "a", "2": "b"} {
		_, err := w.db.ExecContext(ctx, "INSERT INTO orders (id, customer, "+field+") VALUES (?, 'ada', 1)", id)
		require.NoError(t, err)
	}
	rows, err := w.db.QueryContext(ctx, "SELECT * FROM orders o ORDER BY o.id", cosmos.PageSize(1))
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
	}
	var changed *cosmossql.ColumnsChangedError
	require.ErrorAs(t, rows.Err(), &changed)
}
