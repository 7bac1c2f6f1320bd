package compat

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/stretchr/testify/require"
)

// refused stands for a destination that Scan refuses.
type refused struct{}

// outcome is what a destination holds after a scan, on Go before 1.27 and from 1.27 on.
type outcome struct{ before, since any }

func always(v any) outcome { return outcome{v, v} }

func (o outcome) want() any {
	if columnScanner {
		return o.since
	}
	return o.before
}

// TestMissingNullZero is what becomes of a property that is missing, null, and the zero value of its type, whatever the
// destination. A missing one is NULL, and since Go 1.27, where a driver can tell, it is the zero value; null stays
// NULL.
func TestMissingNullZero(t *testing.T) {
	_, db := open(t)
	_, err := db.ExecContext(t.Context(), "INSERT INTO people VALUES (?)", json.RawMessage(
		`{"id":"1","city":"Oslo","null":null,"s":"","n":0,"f":0.0,"b":false,"a":[],"o":{},
		"u":"00000000-0000-0000-0000-000000000000","t":"0001-01-01T00:00:00Z"}`))
	require.NoError(t, err)
	var no refused
	for _, tt := range []struct {
		dest                any
		property            string
		missing, null, zero outcome
	}{
		{"string", "s", outcome{no, ""}, always(no), always("")},
		{0, "n", outcome{no, 0}, always(no), always(0)},
		{int64(0), "n", outcome{no, int64(0)}, always(no), always(int64(0))},
		{uint8(0), "n", outcome{no, uint8(0)}, always(no), always(uint8(0))},
		{0.5, "f", outcome{no, 0.0}, always(no), always(0.0)},
		{true, "b", outcome{no, false}, always(no), always(false)},
		{new(string), "s", always((*string)(nil)), always((*string)(nil)), always(new(string))},
		{new(int), "n", always((*int)(nil)), always((*int)(nil)), always(new(int))},
		{new(bool), "b", always((*bool)(nil)), always((*bool)(nil)), always(new(bool))},
		{any(nil), "s", always(nil), always(nil), always("")},
		{any(nil), "n", always(nil), always(nil), always(int64(0))},
		{any(nil), "a", always(nil), always(nil), always([]byte("[]"))},
		{sql.NullString{}, "s", always(sql.NullString{}), always(sql.NullString{}),
			always(sql.NullString{Valid: true})},
		{sql.Null[int]{}, "n", always(sql.Null[int]{}), always(sql.Null[int]{}), always(sql.Null[int]{Valid: true})},
		{[]byte("x"), "o", always([]byte(nil)), always([]byte(nil)), always([]byte("{}"))},
		{json.RawMessage("1"), "o", outcome{no, json.RawMessage(nil)}, outcome{no, json.RawMessage(nil)},
			always(json.RawMessage("{}"))},
		{sql.Null[json.RawMessage]{}, "a", always(sql.Null[json.RawMessage]{}), always(sql.Null[json.RawMessage]{}),
			always(sql.Null[json.RawMessage]{V: json.RawMessage("[]"), Valid: true})},
		{cosmos.JSON[[]string]{V: []string{"x"}}, "a", always(cosmos.JSON[[]string]{}), always(cosmos.JSON[[]string]{}),
			always(cosmos.JSON[[]string]{V: []string{}})},
		{cosmos.JSON[*address]{V: &address{}}, "o", always(cosmos.JSON[*address]{}), always(cosmos.JSON[*address]{}),
			always(cosmos.JSON[*address]{V: &address{}})},
		{cosmos.JSON[time.Time]{}, "t", always(cosmos.JSON[time.Time]{}), always(cosmos.JSON[time.Time]{}),
			always(cosmos.JSON[time.Time]{})},
		{uuid.UUID{}, "u", always(uuid.UUID{}), always(uuid.UUID{}), always(uuid.UUID{})},
		{uuid.NullUUID{}, "u", always(uuid.NullUUID{}), always(uuid.NullUUID{}), always(uuid.NullUUID{Valid: true})},
		{[]string{"x"}, "a", outcome{no, []string(nil)}, outcome{no, []string(nil)}, outcome{no, []string{}}},
		{map[string]int{"x": 1}, "o", outcome{no, map[string]int(nil)}, outcome{no, map[string]int(nil)},
			outcome{no, map[string]int{}}},
		{address{Zip: "x"}, "o", outcome{no, address{}}, always(no), outcome{no, address{}}},
		{&address{Zip: "x"}, "o", always((*address)(nil)), always((*address)(nil)), outcome{no, &address{}}},
		{time.Now(), "t", outcome{no, time.Time{}}, always(no), outcome{no, time.Time{}}},
	} {
		for _, state := range []struct {
			name, path string
			outcome
		}{
			{"missing", "p.none", tt.missing},
			{"null", `p["null"]`, tt.null},
			{"zero", "p." + tt.property, tt.zero},
		} {
			t.Run(fmt.Sprintf("%T/%s/%s", tt.dest, tt.property, state.name), func(t *testing.T) {
				// The destination holds something, which the scan must not leave there.
				dest := reflect.New(typeOf(tt.dest))
				if tt.dest != nil {
					dest.Elem().Set(reflect.ValueOf(tt.dest))
				}
				err := db.QueryRowContext(t.Context(), "SELECT "+state.path+" AS x FROM people p").
					Scan(dest.Interface())
				if state.want() == no {
					require.Error(t, err)
					return
				}
				require.NoError(t, err)
				require.Equal(t, state.want(), dest.Elem().Interface())
			})
		}
	}
}

// typeOf is any for nil.
func typeOf(v any) reflect.Type {
	if v == nil {
		return reflect.TypeFor[any]()
	}
	return reflect.TypeOf(v)
}

// TestPlainStruct is `SELECT *` into a struct of plain fields: since Go 1.27 as json.Unmarshal would fill it.
func TestPlainStruct(t *testing.T) {
	sqlxDBs(t, func(t *testing.T, db *sqlx.DB) {
		type plain struct {
			ID, City, Name string
			Age            int
			Addr           address
			Tags           []string
		}
		var p plain
		err := db.GetContext(t.Context(), &p, "SELECT * FROM people p WHERE p.id = '1'")
		if !columnScanner {
			require.ErrorContains(t, err, "addr")
			return
		}
		require.NoError(t, err)
		require.Equal(t, plain{"1", "London", "Ada", 36, address{"W1", "St James's"}, []string{"math", "engines"}}, p)
		require.Error(t, db.GetContext(t.Context(), &p, "SELECT * FROM people p WHERE p.id = '2'"),
			"null is not an address")
	})
}
