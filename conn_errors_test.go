package cosmossql_test

import (
	"context"
	"database/sql"
	"math"
	"net/http"
	"testing"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	_ "github.com/cosmossql/cosmossql/driver"
	"github.com/stretchr/testify/require"
)

// TestBadInput is what is refused before anything is sent.
func TestBadInput(t *testing.T) {
	t.Parallel()
	s := open(t, "", ada)
	const byAge = "SELECT p.id FROM people p WHERE p.age = @p1"
	closed, err := sql.Open("cosmos", s.DSN("shop"))
	require.NoError(t, err)
	require.NoError(t, closed.Close())
	nowhere, err := sql.Open("cosmos", s.ConnectionString())
	require.NoError(t, err)
	defer nowhere.Close()
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, tt := range []struct {
		name string
		db   *sql.DB
		ctx  context.Context
		text string
		args []any
		want string
	}{
		{name: "syntax", text: "SELECT p.id FROM people p WHERE", want: "line 1, column 32"},
		{name: "syntax on a later line", text: "SELECT p.id\nFROM people p\nWHERE p.id ==", want: "line 3"},
		{name: "unknown name", text: "SELECT x.id FROM people p JOIN q IN p.langs", want: "x"},
		{name: "missing argument", text: byAge, want: "parameter @p1 has no argument"},
		{name: "unused argument", text: byAge, args: []any{1, 2}, want: "argument 2 is not used"},
		{name: "unused name", text: byAge, args: []any{sql.Named("age", 1)}, want: "parameter @p1 has no argument"},
		{
			name: "given twice", text: "SELECT p.id FROM people p WHERE p.age = @a",
			args: []any{sql.Named("a", 1), sql.Named("a", 2)}, want: "@a is given twice",
		},
		{
			name: "mixed", text: "SELECT p.id FROM people p WHERE p.age = @a AND p.x = @p1",
			args: []any{sql.Named("a", 1), 2}, want: "named and positional arguments are mixed",
		},
		{name: "channel", text: byAge, args: []any{make(chan int)}, want: "chan int"},
		{name: "NaN", text: byAge, args: []any{math.NaN()}, want: "NaN is not a JSON number"},
		{name: "binary", text: byAge, args: []any{[]byte{0xff}}, want: "base64"},
		{name: "partition key that fits nowhere", text: byAge, args: []any{1, cosmos.PartitionKey("a", "b")},
			want: "partition key"},
		{name: "partition key of an impossible type", text: byAge, args: []any{1, cosmos.PartitionKey([]int{1})},
			want: "[]int"},
		{name: "operation as a value", text: byAge, args: []any{cosmos.OpDelete("1")},
			want: "cosmos.Operation cannot be sent: run it with Container.Do"},
		{name: "negative page size", text: byAge, args: []any{1, cosmos.PageSize(-2)},
			want: "page size -2 is negative"},
		{name: "bad option of a context", ctx: cosmos.WithOptions(t.Context(), cosmos.PageSize(-2)), text: byAge,
			args: []any{1}, want: "page size -2"},
		{name: "no database", db: nowhere, text: "SELECT VALUE 1 FROM c", want: "no database"},
		{name: "no container", text: "SELECT VALUE 1 + 1", want: "no container"},
		{name: "bad container", text: `SELECT VALUE 1 FROM "a/b" c`, want: "a/b"},
		{name: "cancelled", ctx: cancelled, text: byAge, args: []any{1}, want: "context canceled"},
		{name: "closed", db: closed, text: byAge, args: []any{1}, want: "sql: database is closed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db, ctx := s.db, t.Context()
			if tt.db != nil {
				db = tt.db
			}
			if tt.ctx != nil {
				ctx = tt.ctx
			}
			before := s.Count(cosmostest.Query)
			rows, err := db.QueryContext(ctx, tt.text, tt.args...)
			if err == nil {
				rows.Close()
			}
			require.ErrorContains(t, err, tt.want)
			require.Equal(t, before, s.Count(cosmostest.Query), "nothing was sent")
		})
	}
}

func TestUnknownContainer(t *testing.T) {
	t.Parallel()
	s := open(t, "", ada)
	_, err := s.db.QueryContext(t.Context(), "SELECT * FROM peple p")
	require.ErrorIs(t, err, cosmos.ErrOwnerNotFound)
	require.ErrorContains(t, err, "peple")
}

func TestExecOfASelect(t *testing.T) {
	t.Parallel()
	s := open(t, "", ada)
	_, err := s.db.ExecContext(t.Context(), "SELECT * FROM people")
	require.ErrorContains(t, err, "use Query")
}

func TestErrorsOfTheService(t *testing.T) {
	t.Parallel()
	s := open(t, "", ada)
	s.Fail(cosmostest.Query, 1, http.StatusForbidden, 0, 0)
	_, err := s.db.QueryContext(t.Context(), "SELECT * FROM people p")
	var failed *cosmos.Error
	require.ErrorAs(t, err, &failed)
	require.Equal(t, http.StatusForbidden, failed.StatusCode)
	require.NotEmpty(t, failed.ActivityID)
	require.Equal(t, []string{"Ada"}, s.query(t, "SELECT VALUE p.name FROM people p"),
		"the connection is as good as before")
}
