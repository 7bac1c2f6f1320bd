package cosmossql

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"io"
	"reflect"
	"slices"
	"testing"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/internal/columns"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestRowsOfAList(t *testing.T) {
	t.Parallel()
	p := &script{steps: []any{
		page(), page(), // a query across partitions may begin so
		page(`{"id":"a","n":1,"deep":{"x":[1]}}`, `{"id":"b","n":null}`),
		page(),
		page(`{"n":2.5}`),
	}}
	rows := query(t, listDB(t, p, "id", "n", "deep"))
	require.Equal(t, 3, p.asked, "the first page with rows is here before the first Next")
	got, err := all(t, rows)
	require.NoError(t, err)
	require.Equal(t, [][]any{
		{"a", int64(1), []byte(`{"x":[1]}`)},
		{"b", nil, nil},
		{nil, 2.5, nil},
	}, got)
	require.True(t, p.closed)
}

func TestRowsOfNothing(t *testing.T) {
	t.Parallel()
	p := &script{}
	rows := query(t, listDB(t, p, "id"))
	names, err := rows.Columns()
	require.NoError(t, err)
	require.Equal(t, []string{"id"}, names)
	got, err := all(t, rows)
	require.NoError(t, err)
	require.Empty(t, got)

	rows = query(t, starDB(t, &script{}, &Settings{}))
	names, err = rows.Columns()
	require.NoError(t, err)
	require.Empty(t, names)
	require.False(t, rows.Next())
}

func TestRowsOfValues(t *testing.T) {
	t.Parallel()
	rows := query(t, valueDB(t, &script{steps: []any{page(`"a"`, `7`, `null`, `{"a":1}`)}}))
	got, err := all(t, rows)
	require.NoError(t, err)
	require.Equal(t, [][]any{{"a"}, {int64(7)}, {nil}, {[]byte(`{"a":1}`)}}, got)
}

func TestRowsErrorOfTheQuery(t *testing.T) {
	t.Parallel()
	p := &script{steps: []any{io.ErrUnexpectedEOF}}
	_, err := listDB(t, p, "id").QueryContext(t.Context(), "")
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.True(t, p.closed)

	p = &script{steps: []any{page(`{"id":"a"}`), io.ErrUnexpectedEOF}}
	_, err = starDB(t, p, &Settings{}).QueryContext(t.Context(), "")
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.True(t, p.closed)

	p = &script{steps: []any{page(`{"id":"a"}`, `1`)}}
	_, err = starDB(t, p, &Settings{}).QueryContext(t.Context(), "")
	require.ErrorContains(t, err, "some rows are objects")
	require.True(t, p.closed)
}

func TestRowsErrorOfALaterPage(t *testing.T) {
	t.Parallel()
	p := &script{steps: []any{page(`{"id":"a"}`), io.ErrUnexpectedEOF, page(`{"id":"b"}`)}}
	got, err := all(t, query(t, listDB(t, p, "id")))
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.Equal(t, [][]any{{"a"}}, got)
	require.Equal(t, 2, p.asked, "nothing is asked after an error")
}

func TestRowsNumberBeyondFloat64(t *testing.T) {
	t.Parallel()
	rows := query(t, listDB(t, &script{steps: []any{page(`{"id":"a","n":1e999}`)}}, "id", "n"))
	defer rows.Close()
	var id, n any
	if rows.Next() { // Go 1.27 converts when it scans
		require.ErrorContains(t, rows.Scan(&id, &n), "1e999")
		return
	}
	require.ErrorContains(t, rows.Err(), `column "n": number 1e999`)
}

func TestRowsCancelledBetweenRows(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	r, err := newRows(ctx, &script{steps: []any{page(`1`, `2`)}}, columns.Whole())
	require.NoError(t, err)
	dest := make([]driver.Value, 1)
	require.NoError(t, r.Next(dest))
	cancel()
	require.ErrorIs(t, r.Next(dest), context.Canceled)
}

func TestRowsCloseAsksNothing(t *testing.T) {
	t.Parallel()
	p := &script{steps: []any{page(`{"id":"a"}`), page(`{"id":"b"}`)}}
	rows := query(t, listDB(t, p, "id"))
	require.True(t, rows.Next())
	require.NoError(t, rows.Close())
	require.Equal(t, 1, p.asked)
	require.True(t, p.closed)
}

func TestStarReadsAhead(t *testing.T) {
	t.Parallel()
	const a, b, c = `{"id":"a","n":1}`, `{"id":"b","m":2}`, `{"id":"c","n":3,"m":4}`
	for _, tt := range []struct {
		name  string
		ahead int
		asked int // of three pages, and the end
	}{
		{"default", 0, 4},
		{"all", -1, 4},
		{"two pages", len(a) + 1, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := &script{steps: []any{page(a), page(b), page(c)}}
			rows := query(t, starDB(t, p, &Settings{ScanAhead: tt.ahead}))
			require.Equal(t, tt.asked, min(p.asked+boolInt(tt.asked == 4), 4))
			names, err := rows.Columns()
			require.NoError(t, err)
			require.Equal(t, []string{"id", "n", "m"}, names)
			got, err := all(t, rows)
			require.NoError(t, err)
			require.Equal(t, [][]any{{"a", int64(1), nil}, {"b", nil, int64(2)}, {"c", int64(3), int64(4)}}, got)
		})
	}
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestStarDrift(t *testing.T) {
	t.Parallel()
	p := &script{steps: []any{page(`{"id":"a"}`), page(`{"id":"42","nick":"x"}`), page(`{"id":"c"}`)}}
	got, err := all(t, query(t, starDB(t, p, &Settings{ScanAhead: 1})))
	require.Equal(t, [][]any{{"a"}}, got)
	var changed *ColumnsChangedError
	require.ErrorAs(t, err, &changed)
	require.Equal(t, "nick", changed.Field)
	require.Equal(t, "42", changed.DocumentID)
	require.EqualError(t, err,
		`cosmos: SELECT *: document "42" has field "nick", absent from the first page of results; `+
			`name the columns, use SELECT VALUE c, or set extra`)

	p = &script{steps: []any{page(`{"id":"a"}`), page(`7`)}}
	_, err = all(t, query(t, starDB(t, p, &Settings{ScanAhead: 1})))
	require.ErrorAs(t, err, &changed)
	require.ErrorContains(t, err, "a row is not an object")
}

func TestStarExtra(t *testing.T) {
	t.Parallel()
	p := &script{steps: []any{page(`{"id":"a","_ts":1}`), page(`{"id":"b","nick":"x","_etag":"e"}`)}}
	rows := query(t, starDB(t, p, &Settings{ScanAhead: 1, Extra: "_extra"}))
	got, err := all(t, rows)
	require.NoError(t, err)
	require.Equal(t, [][]any{{"a", []byte(`{}`)}, {"b", []byte(`{"nick":"x"}`)}}, got)
}

func TestStarSystemColumns(t *testing.T) {
	t.Parallel()
	const row = `{"id":"a","_rid":"r","_self":"s","_etag":"e","_attachments":"x","_ts":1764000000}`
	names, err := query(t, starDB(t, &script{steps: []any{page(row)}}, &Settings{})).Columns()
	require.NoError(t, err)
	require.Equal(t, []string{"id"}, names)
	names, err = query(t, starDB(t, &script{steps: []any{page(row)}}, &Settings{SystemColumns: true})).Columns()
	require.NoError(t, err)
	require.Equal(t, []string{"id", "_rid", "_self", "_etag", "_attachments", "_ts"}, names)
}

func TestByteCount(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{1: "page", 1 << 20: "1 MiB", 3 << 10: "3 KiB", 1000: "1000 bytes"} {
		require.Equal(t, want, byteCount(n))
	}
}

func TestColumnTypes(t *testing.T) {
	t.Parallel()
	rows := query(t, listDB(t, &script{steps: []any{
		page(`{"s":"x","n":1,"mixed":1}`, `{"s":"y","n":null,"mixed":"z"}`), page(`{"s":1}`),
	}}, "s", "n", "mixed", "absent"))
	require.True(t, rows.Next())
	types, err := rows.ColumnTypes()
	require.NoError(t, err)
	var names []string
	for _, ct := range types {
		names = append(names, ct.DatabaseTypeName())
		require.Equal(t, "interface {}", ct.ScanType().String())
		nullable, ok := ct.Nullable()
		require.True(t, nullable && ok)
	}
	require.Equal(t, []string{"STRING", "NUMBER", "ANY", "ANY"}, names)
	var s string
	var n, mixed, absent any
	require.NoError(t, rows.Scan(&s, &n, &mixed, &absent), "the row is where it was")
	require.Equal(t, "x", s)
}

// TestScan is what database/sql makes of each JSON type on every Go version; see rows_go1.27_test.go for what Go 1.27
// adds.
func TestScan(t *testing.T) {
	t.Parallel()
	const row = `{"s":"text","n":42,"big":1234567890,"exact":9007199254740993,"f":1.5,"b":true,"o":{"a":1},` +
		`"l":["x"],"z":null,` +
		`"id":"f47ac10b-58cc-4372-a567-0e02b2c3d479"}`
	for _, tt := range []struct {
		name, column string
		dest, want   any
	}{
		{"string", "s", new(string), "text"},
		{"string as bytes", "s", new([]byte), []byte("text")},
		{"int", "n", new(int), 42},
		{"int as string", "n", new(string), "42"},
		{"int as float", "n", new(float64), 42.0},
		{"int64 above 1e6", "big", new(int64), int64(1234567890)},
		{"int64 beyond 2^53", "exact", new(int64), int64(9007199254740993)},
		{"float", "f", new(float64), 1.5},
		{"bool", "b", new(bool), true},
		{"object as bytes", "o", new([]byte), []byte(`{"a":1}`)},
		{"object as string", "o", new(string), `{"a":1}`},
		{"object as JSON", "o", new(json.RawMessage), json.RawMessage(`{"a":1}`)},
		{"object as any", "o", new(any), any([]byte(`{"a":1}`))},
		{"array as bytes", "l", new([]byte), []byte(`["x"]`)},
		{"null as bytes", "z", new([]byte), []byte(nil)},
		{"null as any", "z", new(any), any(nil)},
		{"null as pointer", "z", new(*string), (*string)(nil)},
		{"null as NullString", "z", new(sql.NullString), sql.NullString{}},
		{"null as Null", "z", new(sql.Null[int]), sql.Null[int]{}},
		{"absent as NullString", "none", new(sql.NullString), sql.NullString{}},
		{"absent as pointer", "none", new(*string), (*string)(nil)},
		{"absent as any", "none", new(any), any(nil)},
		{"uuid", "id", new(uuid.UUID), uuid.MustParse("f47ac10b-58cc-4372-a567-0e02b2c3d479")},
		{"null as uuid", "z", new(uuid.UUID), uuid.UUID{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			db := listDB(t, &script{steps: []any{page(row)}}, tt.column)
			require.NoError(t, db.QueryRowContext(t.Context(), "").Scan(tt.dest))
			require.Equal(t, tt.want, deref(tt.dest))
		})
	}
	for _, dest := range []any{new(string), new(int), new(float64)} {
		db := listDB(t, &script{steps: []any{page(row)}}, "z")
		require.ErrorContains(t, db.QueryRowContext(t.Context(), "").Scan(dest), "converting NULL to")
	}
}

func TestScanRawBytes(t *testing.T) {
	t.Parallel()
	rows := query(t, listDB(t, &script{steps: []any{page(`{"o":{"a":1}}`), page(`{"o":[2]}`)}}, "o"))
	defer rows.Close()
	var raw sql.RawBytes
	for _, want := range []string{`{"a":1}`, `[2]`} {
		require.True(t, rows.Next())
		require.NoError(t, rows.Scan(&raw))
		require.Equal(t, want, string(raw))
	}
}

func deref(p any) any { return reflect.ValueOf(p).Elem().Interface() }

// endless is a pager of one page, over and over.
type endless struct{ page *cosmos.Page }

func (e endless) Next(context.Context) (*cosmos.Page, error) { return e.page, nil }
func (e endless) Close() error                               { return nil }

func BenchmarkNext(b *testing.B) {
	const row = `{"id":"a1234567","customer":"c1234567","total":12.5,"lines":[{"sku":"x","n":1}],"count":70000}`
	pages := endless{page(slices.Repeat([]string{row}, 1000)...)}
	names := []string{"id", "customer", "total", "lines", "count"}
	r, err := newRows(b.Context(), pages, columns.List(names, names))
	require.NoError(b, err)
	dest := make([]driver.Value, len(names))
	b.SetBytes(int64(len(row)))
	b.ReportAllocs()
	for b.Loop() {
		if err := r.Next(dest); err != nil {
			b.Fatal(err)
		}
	}
}
