package cosmos

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestJSONScans(t *testing.T) {
	t.Parallel()
	scan := func(j sql.Scanner, src any) { t.Helper(); require.NoError(t, j.Scan(src)) }
	var s JSON[string]
	scan(&s, "text")
	require.Equal(t, "text", s.V)
	scan(&s, nil)
	require.Empty(t, s.V, "NULL is the zero value")
	var n JSON[int64]
	scan(&n, int64(9007199254740993))
	require.Equal(t, int64(9007199254740993), n.V)
	var f JSON[float64]
	scan(&f, 1.5)
	require.Equal(t, 1.5, f.V)
	var b JSON[bool]
	scan(&b, true)
	require.True(t, b.V)
	var list JSON[[]string]
	scan(&list, []byte(`["a","b"]`))
	require.Equal(t, []string{"a", "b"}, list.V)
	scan(&list, []byte(`["c"]`))
	require.Equal(t, []string{"c"}, list.V, "nothing of the former row is left")
	var at JSON[time.Time]
	scan(&at, "2024-05-06T07:08:09Z")
	require.Equal(t, 2024, at.V.Year())
	require.ErrorContains(t, n.Scan("text"), "cosmos: scanning into int64")
	require.ErrorContains(t, n.Scan(make(chan int)), "cosmos: scanning into int64")
}

func TestJSONValues(t *testing.T) {
	t.Parallel()
	v, err := JSON[[]int]{V: []int{1}}.Value()
	require.NoError(t, err)
	require.Equal(t, []byte(`[1]`), v)
	text, err := json.Marshal(struct{ A JSON[map[string]int] }{JSON[map[string]int]{V: map[string]int{"x": 1}}})
	require.NoError(t, err)
	require.JSONEq(t, `{"A":{"x":1}}`, string(text))
	var back struct{ A JSON[map[string]int] }
	require.NoError(t, json.Unmarshal(text, &back))
	require.Equal(t, 1, back.A.V["x"])
}

type conn struct {
	driver.Conn
	client *Client
}

func (c conn) CosmosClient() *Client { return c.client }
func (c conn) Close() error          { return nil }

type rawWrapper struct{ driver.Conn }

func (w rawWrapper) Raw() driver.Conn { return w.Conn }

type unwrapper struct{ driver.Conn }

func (w unwrapper) Unwrap() driver.Conn { return w.Conn }

type foreign struct{ driver.Conn }

func (foreign) Close() error { return nil }

type connector struct {
	conn driver.Conn
	err  error
}

func (c connector) Connect(context.Context) (driver.Conn, error) { return c.conn, c.err }
func (c connector) Driver() driver.Driver                        { return nil }

func TestFromDB(t *testing.T) {
	t.Parallel()
	client := &Client{}
	own := conn{client: client}
	for _, c := range []driver.Conn{own, rawWrapper{own}, unwrapper{rawWrapper{own}}} {
		db := sql.OpenDB(connector{conn: c})
		got, err := FromDB(t.Context(), db)
		require.NoError(t, err)
		require.Same(t, client, got)
		require.NoError(t, db.Close())
	}
	db := sql.OpenDB(connector{conn: foreign{}})
	defer db.Close()
	_, err := FromDB(t.Context(), db)
	require.ErrorContains(t, err, "does not belong to this module's driver")
	broken := errors.New("no")
	dead := sql.OpenDB(connector{err: broken})
	defer dead.Close()
	_, err = FromDB(t.Context(), dead)
	require.ErrorIs(t, err, broken)
}
