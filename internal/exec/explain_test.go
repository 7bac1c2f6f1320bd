package exec_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/internal/exec"
	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/statement"
	"github.com/stretchr/testify/require"
)

func lines(rows []json.RawMessage) string {
	all := make([]string, len(rows))
	for i, row := range rows {
		all[i] = string(row)
	}
	return strings.Join(all, "\n")
}

func TestExplain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, one)
	explain := func(text string, args ...any) (string, error) {
		s, terms, ctx, _ := w.terms(t, t.Context(), text, args...)
		rows, err := exec.Explain(ctx, w.c, s.(*statement.Explain), terms.Args)
		return lines(rows), err
	}
	plan, err := explain("EXPLAIN SELECT * FROM c WHERE c.id = @p1 AND c.pk = 'p'", "a")
	require.NoError(t, err)
	require.Contains(t, plan, `{"plan":"access: point read`)
	require.Zero(t, w.Count(cosmostest.Read), "nothing is executed")
	plan, err = explain("EXPLAIN ANALYZE SELECT * FROM c WHERE c.n = 1")
	require.NoError(t, err)
	require.Contains(t, plan, "RU")
	_, err = explain("EXPLAIN SELECT * FROM c WHERE c.id = @p1")
	require.ErrorContains(t, err, "@p1")
	w.Fail(cosmostest.Query, 0, 403, 0, 0)
	_, err = explain("EXPLAIN ANALYZE SELECT * FROM c WHERE c.n = 1")
	require.ErrorIs(t, err, cosmos.ErrForbidden)
}

func TestAdvised(t *testing.T) {
	t.Parallel()
	require.NoError(t, exec.Advised(nil, nil))
	own := errors.New("not the service's")
	require.Equal(t, own, exec.Advised(own, nil))
	missing := &cosmos.Error{StatusCode: 404, Message: "Owner resource does not exist"}
	s, err := statement.Parse("SELECT * FROM c", statement.Options{Database: true})
	require.NoError(t, err)
	err = exec.Advised(fmt.Errorf("reading: %w", missing), s.(*statement.Select))
	require.ErrorIs(t, err, missing)
	require.ErrorContains(t, err, "FROM names a container of the database: write FROM products c")
	nothing := &cosmos.Error{StatusCode: 409, Message: "nobody knows a way out"}
	require.Equal(t, error(nothing), exec.Advised(nothing, nil))
}

func TestSample(t *testing.T) {
	t.Parallel()
	w := newWorld(t, `{"id":"a","pk":"p","n":1,"tags":["x",{"deep":null}],"on":false}`, `{"id":"b","pk":"q","n":"1"}`)
	sample := func(n int, set *option.Set) string {
		rows, err := exec.Sample(t.Context(), w.c, n, set)
		require.NoError(t, err)
		return lines(rows)
	}
	all := sample(10, &option.Set{})
	for _, want := range []string{
		`{"path":"c.n","types":"string, number","documents":2,"percent":100,"nulls":0`,
		`{"path":"c.tags[]","types":"string, object","documents":1,"percent":50,"nulls":0,"example":"\"x\""}`,
		`{"path":"c.tags[].deep","types":"null","documents":1,"percent":50,"nulls":1,"example":null}`,
		`{"path":"c.on","types":"boolean","documents":1,"percent":50,"nulls":0,"example":"false"}`,
	} {
		require.Contains(t, strings.ReplaceAll(all, "number, string", "string, number"), want)
	}
	require.Contains(t, sample(1, &option.Set{}), `"path":"c.id","types":"string","documents":1,"percent":100`)

	w.put(t, `{"id":"a","pk":"p","text":"`+strings.Repeat("é", 100)+`"}`)
	require.Contains(t, sample(10, &option.Set{}), strings.Repeat("é", 29)+"…")
	var wide strings.Builder
	for i := range 2100 {
		fmt.Fprintf(&wide, `,"m%d":%d`, i, i)
	}
	w.put(t, `{"id":"b","pk":"q"`+wide.String()+`}`)
	require.Contains(t, sample(10, &option.Set{}), `values of more than 2000 different paths`)

	_, err := exec.Sample(t.Context(), w.c.Database().Container("none"), 10, &option.Set{})
	require.ErrorIs(t, err, cosmos.ErrOwnerNotFound)
	w.Fail(cosmostest.List, 0, 403, 0, 0)
	_, err = exec.Sample(t.Context(), w.c, 10, &option.Set{})
	require.ErrorIs(t, err, cosmos.ErrForbidden)
}

// named puts the names of database and container in the place of d and c.
func (w *world) named(text string) string {
	d := w.c.Database().ID()
	return strings.NewReplacer(" d.c", " "+d+"."+w.c.ID(), " d", " "+d).Replace(text)
}

// What the service refuses on the way of a statement about containers is its error, and nothing more is sent.
func TestManagementThatFails(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text  string
		op    cosmostest.Operation
		shows bool
	}{
		{"ALTER CONTAINER d.c WITH ttl=60", cosmostest.ReadContainer, false},
		{"ALTER CONTAINER d.c WITH ttl=60", cosmostest.ReplaceContainer, false},
		{"CREATE CONTAINER d.c WITH PK=/a", cosmostest.CreateContainer, false},
		{"DROP DATABASE d", cosmostest.DeleteDatabase, false},
		{"LIST DATABASES", cosmostest.ListDatabases, true},
		{"LIST CONTAINERS FROM d", cosmostest.ListContainers, true},
		{"DESCRIBE DATABASE d", cosmostest.ReadDatabase, true},
		{"DESCRIBE CONTAINER d.c", cosmostest.ReadContainer, true},
		{"DESCRIBE CONTAINER d.c", cosmostest.ListOffers, true},
	} {
		w := newWorld(t)
		s, err := statement.Parse(w.named(tt.text), statement.Options{})
		require.NoError(t, err)
		w.Fail(tt.op, 1, 403, 0, 0)
		if tt.shows {
			_, err = exec.Show(t.Context(), w.client, s, "")
		} else {
			_, err = exec.DDL(t.Context(), w.client, s, "")
		}
		require.ErrorIs(t, err, cosmos.ErrForbidden, tt.text)
	}
	w := newWorld(t)
	s, err := statement.Parse("LIST CONTAINERS", statement.Options{})
	if err == nil {
		_, err = exec.Show(t.Context(), w.client, s, "")
	}
	require.ErrorContains(t, err, "no database")
}
