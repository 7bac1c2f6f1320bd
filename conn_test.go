package cosmossql_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql"
	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	_ "github.com/cosmossql/cosmossql/driver"
	"github.com/stretchr/testify/require"
)

func TestQuery(t *testing.T) {
	t.Parallel()
	s := open(t, "", ada,
		`{"id":"2","city":"Oslo","name":"Bo","age":41}`,
		`{"id":"3","city":"Oslo","name":"Cy","age":9007199254740993}`)
	type pair struct{ Name string }
	for _, tt := range []struct {
		name, text string
		args       []any
		want       []string
	}{
		{"list", "SELECT p.name, p.age AS years FROM people p WHERE p.id = '1'", nil, []string{"Ada 36"}},
		{"absent and null", "SELECT p.none, p.nick FROM people p WHERE p.id = '1'", nil, []string{"<nil> <nil>"}},
		{"nested", "SELECT p.langs, p.addr FROM people p WHERE p.id = '1'", nil, []string{`["en","fr"] {"zip":"W1"}`}},
		{"exact integers", "SELECT p.age FROM people p WHERE p.id = '3'", nil, []string{"9007199254740993"}},
		{"star", "SELECT * FROM people p WHERE p.id = '2'", nil, []string{"2 Oslo Bo 41"}},
		{"value", "SELECT VALUE p.name FROM people p WHERE p.id = '2'", nil, []string{"Bo"}},
		{"by position", "SELECT VALUE p.id FROM people p WHERE p.name = @p2 AND p.city = @p1", []any{"Oslo", "Bo"},
			[]string{"2"}},
		{"by name", "SELECT VALUE p.id FROM people p WHERE p.name = @name", []any{sql.Named("name", "Bo")},
			[]string{"2"}},
		{"by mark", "SELECT VALUE p.id FROM people p WHERE p.name = ? AND p.city = ?", []any{"Bo", "Oslo"},
			[]string{"2"}},
		{"slice", "SELECT VALUE p.id FROM people p WHERE ARRAY_CONTAINS(@p1, p.name)", []any{[]string{"Ada", "x"}},
			[]string{"1"}},
		{"struct", "SELECT VALUE @p1.Name FROM people p WHERE p.id = '1'", []any{pair{"Eve"}}, []string{"Eve"}},
		{"null", "SELECT VALUE p.id FROM people p WHERE p.nick = @p1", []any{nil}, []string{"1"}},
		{"JSON text", "SELECT VALUE p.id FROM people p WHERE p.addr = @p1", []any{json.RawMessage(`{"zip":"W1"}`)},
			[]string{"1"}},
		{"standard SQL", "SELECT name FROM people WHERE age > ? AND nick IS NULL AND id = '2'", []any{40},
			[]string{"Bo"}},
		{"nothing", "SELECT p.id FROM people p WHERE p.id = 'x'", nil, []string{}},
		{"option first", "SELECT VALUE p.name FROM people p WHERE p.age = @p1", []any{cosmos.PartitionKey("Oslo"), 41},
			[]string{"Bo"}},
		{"option last", "SELECT VALUE p.name FROM people p WHERE p.age = @p1",
			[]any{41, cosmos.PartitionKey("London")}, []string{}},
		{"option among names", "SELECT VALUE p.id FROM people p WHERE p.name = @n",
			[]any{cosmos.PageSize(1), sql.Named("n", "Cy")}, []string{"3"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			require.Equal(t, tt.want, s.query(t, tt.text, tt.args...))
			stmt, err := s.db.PrepareContext(t.Context(), tt.text)
			require.NoError(t, err)
			defer stmt.Close()
			for range 2 {
				rows, err := stmt.QueryContext(t.Context(), tt.args...)
				require.NoError(t, err)
				got, err := read(rows)
				require.NoError(t, err)
				require.Equal(t, tt.want, got, "prepared")
			}
		})
	}
}

func TestQueryColumns(t *testing.T) {
	t.Parallel()
	s := open(t, "", ada)
	for _, tt := range []struct {
		text string
		want []string
	}{
		{"SELECT p.name, p.addr.zip, p.age AS years, p.age + 1 FROM people p", []string{"name", "zip", "years", "$1"}},
		{`SELECT p.addr.zip AS "addr.zip", p.id FROM people p`, []string{"addr.zip", "id"}},
		{"SELECT * FROM people", []string{"id", "city", "name", "age", "langs", "addr", "nick"}},
		{"SELECT VALUE p FROM people p", []string{"value"}},
		{"SELECT p._etag, p._ts FROM people p", []string{"_etag", "_ts"}},
		{"SELECT p.id FROM people p WHERE false", []string{"id"}},
	} {
		rows, err := s.db.QueryContext(t.Context(), tt.text)
		require.NoError(t, err, tt.text)
		got, err := rows.Columns()
		require.NoError(t, err)
		require.Equal(t, tt.want, got, tt.text)
		require.NoError(t, rows.Close())
	}
}

func TestQueryOverPages(t *testing.T) {
	t.Parallel()
	s := open(t, "PageSize=7")
	for i := range 100 {
		_, err := s.people.CreateItem(t.Context(), map[string]any{"id": fmt.Sprint(i), "city": fmt.Sprint("c", i%10)})
		require.NoError(t, err)
	}
	var st cosmos.Stats
	rows, err := s.db.QueryContext(cosmos.WithStats(t.Context(), &st), "SELECT p.id FROM people p")
	require.NoError(t, err)
	got, err := read(rows)
	require.NoError(t, err)
	require.Len(t, got, 100)
	u := st.Snapshot()
	require.Greater(t, u.Pages, 100/7)
	require.Positive(t, u.RequestCharge)

	ctx := cosmos.WithOptions(t.Context(), cosmos.PageSize(50), cosmos.PartitionKey("c3"))
	rows, err = s.db.QueryContext(cosmos.WithStats(ctx, &st), "SELECT p.id FROM people p")
	require.NoError(t, err)
	got, err = read(rows)
	require.NoError(t, err)
	require.Len(t, got, 10)
	require.Equal(t, u.Pages+1, st.Snapshot().Pages, "the context's page size wins over the DSN's")

	rows, err = s.db.QueryContext(cosmos.WithStats(ctx, &st), "SELECT p.id FROM people p", cosmos.PageSize(5))
	require.NoError(t, err)
	_, err = read(rows)
	require.NoError(t, err)
	require.GreaterOrEqual(t, st.Snapshot().Pages, u.Pages+3, "an argument wins over the context")
}

func TestPartitionKeyOfTheDSN(t *testing.T) {
	t.Parallel()
	s := open(t, "PartitionKey=Oslo", ada, `{"id":"2","city":"Oslo","name":"Bo"}`)
	require.Equal(t, []string{"Bo"}, s.query(t, "SELECT VALUE p.name FROM people p"))
	require.Equal(t, []string{"Ada"}, s.query(t, "SELECT VALUE p.name FROM people p", cosmos.PartitionKey("London")))
	require.Equal(t, int64(1), s.exec(t, "DELETE FROM people WHERE true"))
	require.Equal(t, []string{"Ada"}, s.query(t, "SELECT VALUE p.name FROM people p", cosmos.PartitionKey("London")))
	// It is of statements and documents that name none.
	require.Equal(t, []string{"Ada"}, s.query(t, "SELECT VALUE p.name FROM people p WHERE p.city = 'London'"))
	require.Equal(t, []string{"Ada"},
		s.query(t, "SELECT VALUE p.name FROM people p WHERE p.city = @p1 AND p.age > 1 ORDER BY p.age", "London"))
	for _, tt := range []struct {
		text string
		want int64
	}{
		{"INSERT INTO people (id, city) VALUES ('2', 'Oslo')", 1},
		{"INSERT INTO people (id, city) VALUES ('3', 'Rome')", 1},
		{"INSERT INTO people (id, city) VALUES ('4', 'Bonn'), ('5', 'Bonn')", 2},
		{"UPDATE people SET n = 1 WHERE id = '1' AND city = 'London'", 1},
		{"UPDATE people SET n = 1 WHERE city = 'Rome'", 1},
		{"UPDATE people SET n = 2 WHERE id = '2'", 1},
		{"UPDATE people SET n = 3 WHERE id = '1'", 0},
		{"DELETE FROM people WHERE city = 'Rome'", 1},
		{"DELETE FROM people WHERE true", 1},
	} {
		r, err := s.db.ExecContext(t.Context(), tt.text)
		require.NoError(t, err, tt.text)
		n, err := r.RowsAffected()
		require.NoError(t, err)
		require.Equal(t, tt.want, n, tt.text)
	}
	_, err := s.db.QueryContext(t.Context(), "SELECT * FROM people p WHERE p.city = 'London'",
		cosmos.PartitionKey("Oslo"))
	require.ErrorContains(t, err,
		`the query's WHERE names partition key ["London"], but the option PartitionKey says ["Oslo"]`)

}

func TestWhichContainer(t *testing.T) {
	t.Parallel()
	s := open(t, "", ada)
	s.create(t, "my-orders", "/id")
	for dsn, texts := range map[string][]string{
		s.DSN("shop"): {"SELECT VALUE p.name FROM people p",
			`SELECT VALUE people.name FROM people`, `SELECT name FROM "people"`},
		s.DSN("shop") + ";Container=people": {"SELECT VALUE c.name FROM c", "SELECT VALUE x.name FROM people x",
			"SELECT name FROM c"},
		s.ConnectionString():                       {"SELECT VALUE p.name FROM shop.people p"},
		s.DSN("other") + ";Container=x":            nil,
		s.ConnectionString() + "Database=notthere": nil,
	} {
		db, err := sql.Open("cosmos", dsn)
		require.NoError(t, err)
		for _, text := range texts {
			var name string
			require.NoError(t, db.QueryRowContext(t.Context(), text).Scan(&name), "%s", text)
			require.Equal(t, "Ada", name)
		}
		var name string
		text := "SELECT VALUE c.name FROM c"
		require.NoError(t,
			db.QueryRowContext(t.Context(), text, cosmos.InDatabase("shop"), cosmos.InContainer("people")).Scan(&name))
		require.Equal(t, "Ada", name)
		require.NoError(t, db.Close())
	}
	require.Empty(t, s.query(t, `SELECT * FROM "my-orders" o`))
}

func TestPrepareReadsTheStatement(t *testing.T) {
	t.Parallel()
	s := open(t, "", ada)
	_, err := s.db.PrepareContext(t.Context(), "SELECT FROM")
	require.ErrorContains(t, err, "line 1, column")
	require.Zero(t, s.Count(cosmostest.Query))
}

func TestDeadlineInTheMiddleOfAResult(t *testing.T) {
	t.Parallel()
	s := open(t, "PageSize=1", ada, `{"id":"2","city":"London"}`, `{"id":"3","city":"London"}`)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	rows, err := s.db.QueryContext(ctx, "SELECT p.id FROM people p", cosmos.PartitionKey("London"))
	require.NoError(t, err)
	defer rows.Close()
	s.Delay(time.Hour)
	require.True(t, rows.Next())
	time.AfterFunc(20*time.Millisecond, cancel)
	for rows.Next() {
	}
	require.ErrorIs(t, rows.Err(), context.Canceled, "the answer was not waited for")
}

func TestRowsClosedEarly(t *testing.T) {
	t.Parallel()
	s := open(t, "PageSize=1", ada, `{"id":"2","city":"London"}`, `{"id":"3","city":"London"}`)
	s.db.SetMaxOpenConns(1)
	for range 3 {
		rows, err := s.db.QueryContext(t.Context(), "SELECT p.id FROM people p", cosmos.PartitionKey("London"))
		require.NoError(t, err)
		require.True(t, rows.Next())
		require.NoError(t, rows.Close())
	}
	require.Equal(t, 1, s.db.Stats().OpenConnections, "the connection went back into the pool")
}

func TestRaw(t *testing.T) {
	t.Parallel()
	s := open(t, "", ada)
	conn, err := s.db.Conn(t.Context())
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.Raw(func(raw any) error {
		own, ok := raw.(*cosmossql.Conn)
		if !ok {
			return errors.New("not ours")
		}
		r, err := own.CosmosClient().Database("shop").Container("people").
			ReadItem(t.Context(), "1", cosmos.PartitionKey("London"))
		if err == nil && r.StatusCode != http.StatusOK {
			err = errors.New("not read")
		}
		return err
	}))
}

func TestStatementCacheIsBounded(t *testing.T) {
	t.Parallel()
	s := open(t, "", ada)
	for i := range 600 {
		stmt, err := s.db.PrepareContext(t.Context(), fmt.Sprintf("SELECT VALUE %d FROM people p", i))
		require.NoError(t, err)
		require.NoError(t, stmt.Close())
	}
	require.Equal(t, []string{"1"}, s.query(t, "SELECT VALUE 1 FROM people p"))
	long := "SELECT VALUE 2 FROM people p" + strings.Repeat(" ", 20<<10)
	require.Equal(t, []string{"2"}, s.query(t, long))
}

// A cosmos.Parameter means the same here as in package cosmos, whatever its name.
func TestParametersOfPackageCosmos(t *testing.T) {
	t.Parallel()
	s := open(t, "", ada)
	for name, args := range map[string][]any{
		"one by one": {cosmos.Parameter{Name: "@city", Value: "London"},
			cosmos.Parameter{Name: "__age_0__", Value: 30}},
		"a list": {cosmos.PageSize(1), []cosmos.Parameter{
			{Name: "city", Value: "London"}, {Name: "@__age_0__", Value: 30}, {Name: "@unused", Value: 1},
		}},
	} {
		var n int
		err := s.db.QueryRowContext(t.Context(),
			"SELECT VALUE COUNT(1) FROM people p WHERE p.city = @city AND p.age > @__age_0__", args...).Scan(&n)
		require.NoError(t, err, name)
		require.NotZero(t, n, name)
	}
}

// An option that has no effect on a statement is refused before anything is sent, by both names; one that rides the
// context only if it guards or narrows a statement about documents.
func TestEveryOptionOnEveryStatement(t *testing.T) {
	t.Parallel()
	s := open(t, "", ada)
	statements := map[string]struct {
		text  string
		takes []string
	}{
		"SELECT": {"SELECT * FROM people p",
			[]string{"PartitionKey", "PageSize", "Continuation", "IfNoneMatch"}},
		"INSERT": {"INSERT INTO people (id, city) VALUES ('2', 'Oslo')",
			[]string{"PartitionKey", "IndexingDirective"}},
		"UPSERT": {"UPSERT INTO people (id, city) VALUES ('1', 'London')",
			[]string{"PartitionKey", "IfMatch", "IndexingDirective"}},
		"UPDATE": {"UPDATE people SET n = 1 WHERE id = '1' AND city = 'London'",
			[]string{"PartitionKey", "IfMatch", "PatchCondition", "PageSize", "IndexingDirective"}},
		"DELETE": {"DELETE FROM people WHERE id = '1' AND city = 'London'",
			[]string{"PartitionKey", "IfMatch", "PageSize"}},
		"CREATE, ALTER and DROP": {"DROP CONTAINER nothing", []string{"Throughput"}},
		"LIST and DESCRIBE":      {"LIST CONTAINERS", []string{"PageSize"}},
	}
	var sent atomic.Int64
	s.Inject(cosmostest.Fault{Match: func(cosmostest.Request) bool { sent.Add(1); return false }})
	for name, st := range statements {
		for _, o := range []cosmos.Option{
			cosmos.PartitionKey("x"), cosmos.IfMatch("e"), cosmos.IfNoneMatch("e"), cosmos.PatchCondition("c"),
			cosmos.PageSize(5), cosmos.Continuation("t"), cosmos.IndexingDirective("Include"), cosmos.Throughput(400),
			cosmos.FromNow(), cosmos.ScriptLogging(true), cosmos.TokenLife(time.Hour),
		} {
			if slices.Contains(st.takes, o.Name()) {
				continue
			}
			sent.Store(0)
			_, err := s.db.QueryContext(t.Context(), st.text, o)
			require.ErrorContains(t, err, "cosmos: the option "+o.String()+" does not apply to "+name+": ", st.text)
			require.Zero(t, sent.Load(), st.text)
			guards := slices.Contains([]string{"PartitionKey", "IfMatch", "IfNoneMatch", "PatchCondition"}, o.Name())
			if guards && !strings.Contains(name, " ") {
				_, err = s.db.QueryContext(cosmos.WithOptions(t.Context(), o), st.text)
				require.ErrorContains(t, err,
					"the context carries the option "+o.String()+", which "+name+" cannot carry out: ", st.text)
				require.Zero(t, sent.Load(), st.text)
			}
		}
	}
}
