//go:build go1.27

package cosmossql

import (
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/internal/columns"
	"github.com/stretchr/testify/require"
)

type address struct {
	City string            `json:"city"`
	Tags []string          `json:"tags"`
	More map[string]string `json:"more"`
}

type shade string

func (s *shade) UnmarshalJSON(b []byte) error { *s = "decoded"; return nil }

func TestScanColumn(t *testing.T) {
	t.Parallel()
	const row = `{"s":"text","n":42,"o":{"city":"Oslo","tags":["a"],"more":{"k":"v"}},` +
		`"l":["x","y"],"os":[{"city":"A"}],` +
		`"z":null,"t":"2026-11-24T06:07:08.000000009Z","fs":[1,2.5]}`
	oslo := address{City: "Oslo", Tags: []string{"a"}, More: map[string]string{"k": "v"}}
	for _, tt := range []struct {
		name, column string
		dest, want   any
	}{
		{"struct", "o", new(address), oslo},
		{"pointer to struct", "o", new(*address), &oslo},
		{"map", "o", new(map[string]json.RawMessage), map[string]json.RawMessage{
			"city": json.RawMessage(`"Oslo"`), "tags": json.RawMessage(`["a"]`), "more": json.RawMessage(`{"k":"v"}`),
		}},
		{"slice of strings", "l", new([]string), []string{"x", "y"}},
		{"slice of structs", "os", new([]address), []address{{City: "A"}}},
		{"array", "fs", new([2]float64), [2]float64{1, 2.5}},
		{"time", "t", new(time.Time), time.Date(2026, 11, 24, 6, 7, 8, 9, time.UTC)},
		{"raw string", "s", new(json.RawMessage), json.RawMessage(`"text"`)},
		{"raw number", "n", new(json.RawMessage), json.RawMessage(`42`)},
		{"scalars stay database/sql's", "s", new(shade), shade("text")},
		{"any stays bytes", "l", new(any), any([]byte(`["x","y"]`))},
		{"null map", "z", &map[string]any{"old": 1}, map[string]any(nil)},
		{"null slice", "z", &[]string{"old"}, []string(nil)},
		{"null raw message", "z", &json.RawMessage{'1'}, json.RawMessage(nil)},
		{"null pointer to struct", "z", &[]*address{{}}[0], (*address)(nil)},
		{"absent string", "none", ptr("old"), ""},
		{"absent int", "none", ptr(7), 0},
		{"absent struct", "none", ptr(oslo), address{}},
		{"absent time", "none", ptr(time.Now()), time.Time{}},
		{"absent raw bytes", "none", &[]byte{1}, []byte(nil)},
		{"NullTime", "t", new(sql.NullTime),
			sql.NullTime{Time: time.Date(2026, 11, 24, 6, 7, 8, 9, time.UTC), Valid: true}},
		{"Null of time", "t", new(sql.Null[time.Time]),
			sql.Null[time.Time]{V: time.Date(2026, 11, 24, 6, 7, 8, 9, time.UTC), Valid: true}},
		{"Null of a slice", "l", new(sql.Null[[]string]), sql.Null[[]string]{V: []string{"x", "y"}, Valid: true}},
		{"Null of a struct", "o", new(sql.Null[address]), sql.Null[address]{V: oslo, Valid: true}},
		{"Null of a scalar", "n", new(sql.Null[int]), sql.Null[int]{V: 42, Valid: true}},
		{"Null of null", "z", &sql.Null[[]string]{V: []string{"old"}, Valid: true}, sql.Null[[]string]{}},
		{"absent NullTime", "none", &sql.NullTime{Valid: true}, sql.NullTime{}},
		{"absent NullString", "none", &sql.NullString{Valid: true}, sql.NullString{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			db := listDB(t, &script{steps: []any{page(row)}}, tt.column)
			require.NoError(t, db.QueryRowContext(t.Context(), "").Scan(tt.dest))
			require.Equal(t, tt.want, deref(tt.dest))
		})
	}
}

func ptr[T any](v T) *T { return &v }

func TestScanColumnErrors(t *testing.T) {
	t.Parallel()
	const row = `{"s":"text","z":null,"big":1e999}`
	for _, tt := range []struct {
		name, column string
		dest         any
		want         string
	}{
		{"null struct", "z", new(address), "unsupported Scan, storing driver.Value type <nil>"},
		{"null time", "z", new(time.Time), "unsupported Scan"},
		{"null string", "z", new(string), "converting NULL to string"},
		{"string into a struct", "s", new(address), "decoding into *cosmossql.address"},
		{"number beyond float64", "big", new(float64), "beyond float64"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			db := listDB(t, &script{steps: []any{page(row)}}, tt.column)
			require.ErrorContains(t, db.QueryRowContext(t.Context(), "").Scan(tt.dest), tt.want)
		})
	}
	r, err := newRows(t.Context(), &script{steps: []any{page(row)}}, columns.List([]string{"s"}, []string{"s"}))
	require.NoError(t, err)
	scanner := r.(driver.RowsColumnScanner)
	require.NoError(t, scanner.NextRow())
	require.ErrorContains(t, scanner.ScanColumn(driver.ScanContext{}, 0, nil), "not a pointer")
	require.ErrorContains(t, scanner.ScanColumn(driver.ScanContext{}, 0, (*string)(nil)), "not a pointer")
}

func TestScanColumnForgetsTheRowBefore(t *testing.T) {
	t.Parallel()
	rows := query(t,
		listDB(t, &script{steps: []any{page(`{"o":{"city":"A","more":{"k":"v"}}}`, `{"o":{"more":{"x":"y"}}}`)}}, "o"))
	defer rows.Close()
	var a address
	require.True(t, rows.Next())
	require.NoError(t, rows.Scan(&a))
	require.True(t, rows.Next())
	require.NoError(t, rows.Scan(&a))
	require.Equal(t, address{More: map[string]string{"x": "y"}}, a)
}
