package execute_test

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"testing"

	"github.com/cosmossql/cosmossql/internal/execute"
	"github.com/cosmossql/cosmossql/internal/statement"
	"github.com/stretchr/testify/require"
)

// account writes down what it is asked to do. Every operation fails with status, if that is set.
type account struct {
	status     int
	did        []string
	properties string
	throughput statement.Throughput
}

func (a *account) do(format string, args ...any) (int, error) {
	a.did = append(a.did, fmt.Sprintf(format, args...))
	if a.status != 0 {
		return a.status, failure(a.status)
	}
	return 0, nil
}

func (a *account) CreateDatabase(_ context.Context, database string, t statement.Throughput) (int, error) {
	return a.do("create %s %v", database, t)
}

func (a *account) CreateContainer(_ context.Context, database string, properties json.RawMessage, t statement.Throughput) (int, error) {
	return a.do("create in %s %s %v", database, properties, t)
}

func (a *account) Drop(_ context.Context, database, container string) (int, error) {
	return a.do("drop %s.%s", database, container)
}

func (a *account) Properties(_ context.Context, database, container string) (json.RawMessage, error) {
	_, err := a.do("read %s.%s", database, container)
	return json.RawMessage(a.properties), err
}

func (a *account) ReplaceProperties(_ context.Context, database, container string, properties json.RawMessage) error {
	_, err := a.do("replace %s.%s %s", database, container, properties)
	return err
}

func (a *account) Throughput(context.Context, string, string) (statement.Throughput, error) {
	return a.throughput, nil
}

func (a *account) ReplaceThroughput(_ context.Context, database, container string, t statement.Throughput) error {
	_, err := a.do("throughput %s.%s %v", database, container, t)
	return err
}

func (a *account) List(_ context.Context, database string) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		if _, err := a.do("list %s", database); err != nil {
			yield(nil, err)
			return
		}
		_ = yield(json.RawMessage(`{"id":"a"}`), nil) && yield(json.RawMessage(`{"id":"b"}`), nil)
	}
}

func parse(t *testing.T, text string) statement.Statement {
	t.Helper()
	s, err := statement.Parse(text, statement.Options{})
	require.NoError(t, err)
	return s
}

func TestManage(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text string
		want []string
	}{
		{"CREATE DATABASE d WITH (throughput = 400)", []string{"create d {400 0}"}},
		{"ALTER DATABASE d WITH (max_throughput = 4000)", []string{"throughput d. {0 4000}"}},
		{"DROP DATABASE d", []string{"drop d."}},
		{"CREATE CONTAINER c PARTITION KEY (/pk)", []string{`create in shop {"id":"c","partitionKey":{"paths":["/pk"],"kind":"Hash","version":2}} {0 0}`}},
		{"DROP CONTAINER d.c", []string{"drop d.c"}},
		{"DROP CONTAINER c", []string{"drop shop.c"}},
		{"ALTER CONTAINER c WITH (throughput = 500)", []string{"throughput shop.c {500 0}"}},
		{
			"ALTER CONTAINER c WITH (throughput = 500, ttl = 60, geospatial = {\"type\": \"Geometry\"})",
			[]string{"read shop.c", `replace shop.c {"defaultTtl":60,"geospatialConfig":{"type":"Geometry"},"id":"c","kept":[1]}`, "throughput shop.c {500 0}"},
		},
		{"ALTER CONTAINER d.c WITH (ttl = off)", []string{"read d.c", `replace d.c {"geospatialConfig":1,"id":"c","kept":[1]}`}},
	} {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			a := &account{properties: `{"id":"c","kept":[1],"defaultTtl":5,"geospatialConfig":1}`}
			n, err := execute.Manage(t.Context(), a, parse(t, tt.text), "shop")
			require.NoError(t, err)
			require.Equal(t, int64(1), n)
			require.Equal(t, tt.want, a.did)
			a.status = http.StatusForbidden
			_, err = execute.Manage(t.Context(), a, parse(t, tt.text), "shop")
			require.ErrorIs(t, err, failure(http.StatusForbidden))
		})
	}
}

func TestManageIfExists(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text   string
		status int
	}{
		{"CREATE DATABASE %s d", http.StatusConflict},
		{"CREATE CONTAINER %s c PARTITION KEY (/pk)", http.StatusConflict},
		{"DROP DATABASE %s d", http.StatusNotFound},
		{"DROP CONTAINER %s c", http.StatusNotFound},
	} {
		words := map[int]string{http.StatusConflict: "IF NOT EXISTS", http.StatusNotFound: "IF EXISTS"}[tt.status]
		a := &account{status: tt.status}
		_, err := execute.Manage(t.Context(), a, parse(t, fmt.Sprintf(tt.text, "")), "shop")
		require.ErrorIs(t, err, failure(tt.status))
		n, err := execute.Manage(t.Context(), a, parse(t, fmt.Sprintf(tt.text, words)), "shop")
		require.NoError(t, err)
		require.Zero(t, n)
		a.status = http.StatusForbidden
		_, err = execute.Manage(t.Context(), a, parse(t, fmt.Sprintf(tt.text, words)), "shop")
		require.ErrorIs(t, err, failure(http.StatusForbidden), "another error is one all the same")
	}
}

func TestManageNeedsADatabase(t *testing.T) {
	t.Parallel()
	a := &account{}
	for _, text := range []string{"CREATE CONTAINER c PARTITION KEY (/pk)", "ALTER CONTAINER c WITH (ttl = 1)", "DROP CONTAINER c"} {
		_, err := execute.Manage(t.Context(), a, parse(t, text), "")
		require.ErrorContains(t, err, "cosmos: no database", text)
	}
	for _, text := range []string{"LIST CONTAINERS", "DESCRIBE c"} {
		_, err := execute.Show(t.Context(), a, parse(t, text), "")
		require.ErrorContains(t, err, "cosmos: no database", text)
	}
	require.Empty(t, a.did)
}

func TestManageAndShowKnowTheirStatements(t *testing.T) {
	t.Parallel()
	_, err := execute.Manage(t.Context(), &account{}, parse(t, "LIST DATABASES"), "shop")
	require.ErrorContains(t, err, "nothing to execute")
	_, err = execute.Show(t.Context(), &account{}, parse(t, "CREATE DATABASE d"), "shop")
	require.ErrorContains(t, err, "has no rows")
}

func TestAlterOfADefinitionThatIsNone(t *testing.T) {
	t.Parallel()
	_, err := execute.Manage(t.Context(), &account{properties: `[`}, parse(t, "ALTER CONTAINER c WITH (ttl = 1)"), "shop")
	require.ErrorContains(t, err, "cosmos: reading a container's definition")
}

func TestShow(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text string
		did  string
		want []string
	}{
		{"LIST DATABASES", "list ", []string{`{"id":"a"}`, `{"id":"b"}`}},
		{"LIST CONTAINERS", "list shop", []string{`{"id":"a"}`, `{"id":"b"}`}},
		{"LIST CONTAINERS FROM d", "list d", []string{`{"id":"a"}`, `{"id":"b"}`}},
		{
			"DESCRIBE c", "read shop.c",
			[]string{`{"property":"id","value":"c"}`, `{"property":"n","value":[1]}`, `{"property":"throughput","value":400}`, `{"property":"max_throughput","value":4000}`},
		},
	} {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			a := &account{properties: `{"id":"c","n":[1]}`, throughput: statement.Throughput{Manual: 400, Autoscale: 4000}}
			rows, err := execute.Show(t.Context(), a, parse(t, tt.text), "shop")
			require.NoError(t, err)
			require.Equal(t, tt.want, texts(rows))
			require.Equal(t, []string{tt.did}, a.did)
			a.status = http.StatusForbidden
			_, err = execute.Show(t.Context(), a, parse(t, tt.text), "shop")
			require.ErrorIs(t, err, failure(http.StatusForbidden))
		})
	}
}
