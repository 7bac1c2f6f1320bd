package cosmossql_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// exec runs a statement and returns how many rows it affected.
func (s *shop) exec(t *testing.T, text string, args ...any) int64 {
	t.Helper()
	r, err := s.db.ExecContext(t.Context(), text, args...)
	require.NoError(t, err)
	n, err := r.RowsAffected()
	require.NoError(t, err)
	return n
}

// execError runs a statement that fails.
func (s *shop) execError(t *testing.T, text string, args ...any) error {
	t.Helper()
	_, err := s.db.ExecContext(t.Context(), text, args...)
	require.Error(t, err)
	return err
}

// person is the document with an id, without what the service adds.
func (s *shop) person(t *testing.T, id string) string {
	t.Helper()
	rows := s.query(t, "SELECT VALUE p FROM people p WHERE p.id = @p1", id)
	require.Len(t, rows, 1, id)
	members := map[string]json.RawMessage{}
	require.NoError(t, json.Unmarshal([]byte(rows[0]), &members))
	for _, name := range []string{"_rid", "_self", "_etag", "_attachments", "_ts"} {
		delete(members, name)
	}
	text, err := json.Marshal(members)
	require.NoError(t, err)
	return string(text)
}

func TestInsert(t *testing.T) {
	t.Parallel()
	s := open(t, "")
	type person struct {
		ID   string `json:"id"`
		City string `json:"city"`
	}
	for _, tt := range []struct {
		name, text string
		args       []any
		id, want   string
	}{
		{"values", "INSERT INTO people (id, city, age) VALUES (@p1, @p2, @p3)", []any{"1", "Oslo", 7}, "1",
			`{"age":7,"city":"Oslo","id":"1"}`},
		{"literals", `INSERT INTO people (id, city, x) VALUES ('2', 'Oslo', {"a": [1, null, true]})`, nil, "2",
			`{"city":"Oslo","id":"2","x":{"a":[1,null,true]}}`},
		{"marks", "INSERT INTO people (id,city,tags) VALUES (?,?,?)", []any{"3", "Oslo", []string{"a"}}, "3",
			`{"city":"Oslo","id":"3","tags":["a"]}`},
		{"nested", "INSERT INTO people (id, city, addr.zip, addr.lines) VALUES ('4', 'Oslo', @p1, 2)", []any{"0150"},
			"4", `{"addr":{"zip":"0150","lines":2},"city":"Oslo","id":"4"}`},
		{"a struct", "INSERT INTO people VALUES (?)", []any{person{"5", "Oslo"}}, "5", `{"city":"Oslo","id":"5"}`},
		{"JSON text", "INSERT INTO shop.people VALUES (?)", []any{json.RawMessage(`{"id":"6","city":"Oslo"}`)}, "6",
			`{"city":"Oslo","id":"6"}`},
		{"names", "INSERT INTO people (id, city) VALUES (@id, @city)",
			[]any{sql.Named("city", "Oslo"), sql.Named("id", "7")}, "7", `{"city":"Oslo","id":"7"}`},
		{"null", "INSERT INTO people (id, city) VALUES (@p1, @p2)", []any{"8", nil}, "8", `{"city":null,"id":"8"}`},
		{"nothing for the key", "INSERT INTO people (id) VALUES (@p1)", []any{"9"}, "9", `{"id":"9"}`},
		{"upsert", "UPSERT INTO people (id, city, age) VALUES ('1', 'Oslo', 8)", nil, "1",
			`{"age":8,"city":"Oslo","id":"1"}`},
		{"replace", "REPLACE INTO people (id, city) VALUES ('1', 'Oslo')", nil, "1", `{"city":"Oslo","id":"1"}`},
		{"upsert of a new one", "UPSERT INTO people (id, city) VALUES ('10', 'Oslo')", nil, "10",
			`{"city":"Oslo","id":"10"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			require.Equal(t, int64(1), s.exec(t, tt.text, tt.args...))
			require.Equal(t, tt.want, s.person(t, tt.id))
		})
	}
}

func TestInsertMakesAnID(t *testing.T) {
	t.Parallel()
	s := open(t, "")
	require.Equal(t, int64(1), s.exec(t, "INSERT INTO people (city) VALUES ('Oslo')"))
	require.NoError(t, uuid.Validate(s.query(t, "SELECT VALUE p.id FROM people p")[0]))

	s = open(t, "AutoId=false")
	require.ErrorContains(t, s.execError(t, "INSERT INTO people (city) VALUES ('Oslo')"), "has no id")
}

func TestInsertErrors(t *testing.T) {
	t.Parallel()
	s := open(t, "", ada)
	for _, tt := range []struct {
		name, text string
		args       []any
		want       string
		is         error
	}{
		{name: "conflict", text: "INSERT INTO people (id, city) VALUES ('1', 'London')", is: cosmos.ErrConflict},
		{name: "unknown container", text: "INSERT INTO peple (id) VALUES ('1')", is: cosmos.ErrOwnerNotFound,
			want: "peple"},
		{name: "too few values", text: "INSERT INTO people (id, city) VALUES ('1')", want: "1 value for 2 columns"},
		{name: "missing argument", text: "INSERT INTO people (id) VALUES (@p1)", want: "parameter @p1 has no argument"},
		{name: "unused argument", text: "INSERT INTO people (id) VALUES (@p1)", args: []any{"2", 3},
			want: "argument 2 is not used"},
		{name: "no document", text: "INSERT INTO people VALUES (?)", args: []any{[]int{1}}, want: "whole document"},
		{name: "forbidden characters", text: "INSERT INTO people (id) VALUES (?)", args: []any{"a/b"}, want: "a/b"},
		{name: "an id that is a number", text: "INSERT INTO people (id) VALUES (?)", args: []any{7},
			want: "the id of a document is a string"},
		{name: "channel", text: "INSERT INTO people (id, x) VALUES ('2', ?)", args: []any{make(chan int)},
			want: "chan int"},
		{name: "partition key that is not the document's", text: "INSERT INTO people (id, city) VALUES ('2', 'Oslo')",
			args: []any{cosmos.PartitionKey("Rome")}, want: "partition key"},
		{name: "syntax", text: "INSERT INTO people (id VALUES ('2')", want: "line 1, column"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := s.execError(t, tt.text, tt.args...)
			if tt.is != nil {
				require.ErrorIs(t, err, tt.is)
			}
			require.ErrorContains(t, err, tt.want)
		})
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.db.ExecContext(cancelled, "INSERT INTO people (id) VALUES ('2')")
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, []string{"1"}, s.query(t, "SELECT VALUE p.id FROM people p"))
}

func TestInsertHasNoLastInsertID(t *testing.T) {
	t.Parallel()
	s := open(t, "")
	r, err := s.db.ExecContext(t.Context(), "INSERT INTO people (id) VALUES ('1')")
	require.NoError(t, err)
	_, err = r.LastInsertId()
	require.Error(t, err)
}

func TestInsertRows(t *testing.T) {
	t.Parallel()
	s := open(t, "", ada)
	require.Equal(t, int64(2), s.exec(t, "INSERT INTO people (id, city) VALUES ('2', 'Oslo'), (?, ?)", "3", "Oslo"))
	require.Equal(t, 1, s.Count(cosmostest.Batch))
	require.Equal(t, []string{"2", "3"}, s.query(t, "SELECT VALUE p.id FROM people p WHERE p.city = 'Oslo'"))

	err := s.execError(t, "INSERT INTO people (id, city) VALUES ('5', 'London'), ('1', 'London')")
	require.ErrorIs(t, err, cosmos.ErrConflict)
	require.ErrorContains(t, err, "row 2 of 2")
	require.Len(t, s.query(t, "SELECT VALUE p.id FROM people p"), 3, "none of the rows was written")

	err = s.execError(t, "INSERT INTO people (id, city) VALUES ('5', 'London'), ('6', 'Oslo')")
	require.ErrorContains(t, err, "stays in one logical partition")
	require.Equal(t, 2, s.Count(cosmostest.Batch), "nothing was sent")
}

func TestReturning(t *testing.T) {
	t.Parallel()
	s := open(t, "", ada)
	for _, tt := range []struct {
		name, text string
		args       []any
		want       []string
	}{
		{"insert", "INSERT INTO people (id, city, addr.zip) VALUES ('2', 'Oslo', '0150') RETURNING id, addr.zip AS zip",
			nil, []string{"2 0150"}},
		{"insert, everything", "INSERT INTO people (id, city) VALUES ('3', 'Oslo') RETURNING *", nil,
			[]string{"3 Oslo"}},
		{"insert of rows", "INSERT INTO people (id, city) VALUES ('4', 'Oslo'), ('5', 'Oslo') RETURNING id", nil,
			[]string{"4", "5"}},
		{"update", "UPDATE people SET n = 1 WHERE id = '2' AND city = 'Oslo' RETURNING id, n, none", nil,
			[]string{"2 1 <nil>"}},
		{"searched update", "UPDATE people p SET n = 2 WHERE p.id IN ('4', '5') RETURNING p.id, p.n", nil,
			[]string{"4 2", "5 2"}},
		{"update of nothing", "UPDATE people SET n = 1 WHERE id = 'x' AND city = 'Oslo' RETURNING id", nil, []string{}},
		{"delete", "DELETE FROM people WHERE id = '2' AND city = 'Oslo' RETURNING n", nil, []string{"1"}},
		{"searched delete", "DELETE FROM people WHERE n = @p1 RETURNING id, n", []any{2}, []string{"4 2", "5 2"}},
		{"no RETURNING", "DELETE FROM people WHERE id = '3' AND city = 'Oslo'", nil, []string{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			require.ElementsMatch(t, tt.want, s.query(t, tt.text, tt.args...))
		})
	}
	require.Equal(t, []string{"1"}, s.query(t, "SELECT VALUE p.id FROM people p"))
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	const bo = `{"id":"2","city":"Oslo","n":1,"o":{"a":1},"l":[1,2]}`
	for _, tt := range []struct {
		name, text string
		args       []any
		want       string
	}{
		{"set", "UPDATE people SET n = @p1, s = 'x' WHERE id = @p2 AND city = @p3", []any{5, "2", "Oslo"},
			`{"city":"Oslo","id":"2","l":[1,2],"n":5,"o":{"a":1},"s":"x"}`},
		{"nested", "UPDATE people SET o.b = ? WHERE id = '2' AND city = 'Oslo'", []any{[]int{1}},
			`{"city":"Oslo","id":"2","l":[1,2],"n":1,"o":{"a":1,"b":[1]}}`},
		{"add", "UPDATE people SET n = n + ? WHERE id = '2' AND city = 'Oslo'", []any{2},
			`{"city":"Oslo","id":"2","l":[1,2],"n":3,"o":{"a":1}}`},
		{"subtract", "UPDATE people p SET p.n = p.n - 5 WHERE p.id = '2' AND p.city = 'Oslo'", nil,
			`{"city":"Oslo","id":"2","l":[1,2],"n":-4,"o":{"a":1}}`},
		{"null", "UPDATE people SET n = null WHERE id = '2' AND city = 'Oslo'", nil,
			`{"city":"Oslo","id":"2","l":[1,2],"n":null,"o":{"a":1}}`},
		{"remove", "UPDATE people SET n = undefined WHERE id = '2' AND city = 'Oslo'", nil,
			`{"city":"Oslo","id":"2","l":[1,2],"o":{"a":1}}`},
		{"by predicate", "UPDATE people SET n = 9 WHERE ARRAY_CONTAINS(l, 2) AND n < @p1", []any{5},
			`{"city":"Oslo","id":"2","l":[1,2],"n":9,"o":{"a":1}}`},
		{
			"twelve fields", "UPDATE people SET a=1, b=2, c=3, d=4, e=5, f=6, g=7, h=8, i=9, j=10, k=11, m=12 " +
				"WHERE id = '2' AND city = 'Oslo'", nil,
			`{"a":1,"b":2,"c":3,"city":"Oslo","d":4,"e":5,"f":6,"g":7,"h":8,"i":9,"id":"2","j":10,"k":11,"l":[1,2],` +
				`"m":12,"n":1,"o":{"a":1}}`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := open(t, "", ada, bo)
			require.Equal(t, int64(1), s.exec(t, tt.text, tt.args...))
			require.Equal(t, tt.want, s.person(t, "2"))
		})
	}
}

func TestUpdateOfNothing(t *testing.T) {
	t.Parallel()
	s := open(t, "", ada)
	require.Zero(t, s.exec(t, "UPDATE people SET n = 1 WHERE id = 'x' AND city = 'London'"))
	require.Zero(t, s.exec(t, "UPDATE people SET n = 1 WHERE age > 100"))
	require.Zero(t, s.exec(t, "DELETE FROM people WHERE id = 'x' AND city = 'London'"))
	require.Zero(t, s.exec(t, "DELETE FROM people WHERE age > 100"))
}

func TestUpdateErrors(t *testing.T) {
	t.Parallel()
	s := open(t, "", ada)
	for _, tt := range []struct {
		name, text string
		args       []any
		want       string
		is         error
	}{
		{name: "no WHERE", text: "UPDATE people SET n = 1", want: "WHERE true"},
		{name: "delete without WHERE", text: "DELETE FROM people", want: "WHERE true"},
		{name: "id", text: "UPDATE people SET id = 'x' WHERE true", want: "can give another id"},
		{name: "partition key", text: "UPDATE people SET city = 'x' WHERE true",
			want: "a document's key does not change"},
		{name: "system field", text: "UPDATE people SET _etag = 'x' WHERE true", want: "_etag"},
		{name: "id that is not a string", text: "DELETE FROM people WHERE id = 7 AND city = 'London'",
			want: "an id is a string"},
		{name: "missing argument", text: "DELETE FROM people WHERE id = ?", want: "no argument"},
		{name: "unknown container", text: "DELETE FROM peple WHERE true", is: cosmos.ErrOwnerNotFound},
		{name: "stale", text: "UPDATE people SET n = 1 WHERE id = '1' AND city = 'London'",
			args: []any{cosmos.IfMatch("stale")}, is: cosmos.ErrPreconditionFailed},
		{name: "stale delete", text: "DELETE FROM people WHERE id = '1' AND city = 'London'",
			args: []any{cosmos.IfMatch("stale")}, is: cosmos.ErrPreconditionFailed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := s.execError(t, tt.text, tt.args...)
			if tt.is != nil {
				require.ErrorIs(t, err, tt.is)
			}
			require.ErrorContains(t, err, tt.want)
		})
	}
	require.Equal(t, []string{"London"}, s.query(t, "SELECT VALUE p.city FROM people p"))
}

func TestPointOperationsAreOneRequest(t *testing.T) {
	t.Parallel()
	s := open(t, "", ada)
	s.exec(t, "UPDATE people SET n = 1 WHERE (city = 'London') AND people.id = ?", "1")
	s.exec(t, "DELETE FROM people p WHERE 'London' = p.city AND p.id = '1'")
	require.Zero(t, s.Count(cosmostest.Query))
	require.Equal(t, 1, s.Count(cosmostest.Patch))
	require.Equal(t, 1, s.Count(cosmostest.Delete))
}

func TestDeleteByPredicate(t *testing.T) {
	t.Parallel()
	s := open(t, "", ada, `{"id":"2","city":"Oslo","age":50}`, `{"id":"3"}`, `{"id":"4","city":null,"age":50}`,
		`{"id":"5","city":{"odd":1},"age":50}`)
	require.Equal(t, int64(3), s.exec(t, "DELETE FROM people WHERE age = 50"))
	require.ElementsMatch(t, []string{"1", "3"}, s.query(t, "SELECT VALUE p.id FROM people p"))
	require.Equal(t, int64(2), s.exec(t, "DELETE FROM people WHERE true"))
}

func TestUpdateFailsInTheMiddle(t *testing.T) {
	t.Parallel()
	s := open(t, "MaxConcurrency=1", ada, `{"id":"2","city":"London","age":50}`)
	s.Fail(cosmostest.Delete, 1, http.StatusForbidden, 0, 0)
	err := s.execError(t, "DELETE FROM people WHERE true")
	require.ErrorIs(t, err, cosmos.ErrForbidden)
	require.ErrorContains(t, err, "DELETE stopped after 0 of 2 documents")
}
