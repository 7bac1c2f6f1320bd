package conformance_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest/script"
	_ "github.com/cosmossql/cosmossql/driver"
	"github.com/cosmossql/cosmossql/internal/value"
)

// account is a server with a container for every data set.
type account struct {
	server     *cosmostest.Server
	partitions int
	client     *cosmos.Client
	dbs        map[string]*sql.DB
}

// composites are the indexes that ORDER BY of several keys wants.
const composites = `{"includedPaths":[{"path":"/*"}],"compositeIndexes":[
	[{"path":"/age","order":"ascending"},{"path":"/id","order":"descending"}],
	[{"path":"/pk","order":"ascending"},{"path":"/id","order":"descending"}],
	[{"path":"/pk","order":"ascending"},{"path":"/f","order":"ascending"}],
	[{"path":"/pk","order":"descending"},{"path":"/f","order":"ascending"}],
	[{"path":"/kind","order":"ascending"},{"path":"/f","order":"descending"}],
	[{"path":"/pk","order":"ascending"},{"path":"/kind","order":"descending"},{"path":"/f","order":"ascending"}]]}`

// newAccount serves the gateway as the service has it, or, with serveAll, one that also answers what a client has to
// merge.
func newAccount(t *testing.T, partitions int, serveAll bool) *account {
	options := []cosmostest.Option{cosmostest.Partitions(partitions), script.JavaScript()}
	if serveAll {
		options = append(options, cosmostest.ServeAll())
	}
	a := &account{server: cosmostest.NewServer(options...), partitions: partitions, dbs: map[string]*sql.DB{}}
	t.Cleanup(a.server.Close)
	var err error
	a.client, err = cosmos.NewClientFromConnectionString(a.server.ConnectionString(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, a.client.Close()) })
	_, err = a.client.CreateDatabase(t.Context(), "db")
	require.NoError(t, err)
	files, err := filepath.Glob("data*.jsonl")
	require.NoError(t, err)
	for _, file := range files {
		name := strings.TrimSuffix(file, ".jsonl")
		var policy cosmos.IndexingPolicy
		require.NoError(t, json.Unmarshal([]byte(composites), &policy))
		_, err := a.client.Database("db").CreateContainer(t.Context(),
			cosmos.ContainerProperties{ID: name, PartitionKey: cosmos.PartitionKeyPaths("/pk"),
				IndexingPolicy: &policy})
		require.NoError(t, err)
		_, err = a.client.Database("db").Container(name).UserDefinedFunctions().Create(t.Context(),
			cosmos.UserDefinedFunction{ID: "twice", Body: "function twice(x) { return 2 * x; }"})
		require.NoError(t, err)
		for _, doc := range readLines[json.RawMessage](t, file) {
			_, err := a.client.Database("db").Container(name).CreateItem(t.Context(), doc)
			require.NoError(t, err, "%s", doc)
		}
		a.dbs[name], err = sql.Open("cosmos", a.server.DSN("db")+";Container="+name)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, a.dbs[name].Close()) })
	}
	return a
}

func (k kase) container() string {
	if k.Data == "" {
		return "data"
	}
	return k.Data
}

// way is how a query is asked; it gives the rows as JSON.
type way func(ctx context.Context, a *account, k kase) ([]value.Value, error)

// TestConformance runs every case over one partition and several, in every way that can ask it.
func TestConformance(t *testing.T) {
	t.Parallel()
	cases := readCases(t)
	for _, partitions := range []int{1, 4, 8} {
		strict, lenient := newAccount(t, partitions, false), newAccount(t, partitions, true)
		for _, w := range []struct {
			name string
			on   *account
			ask  way
		}{{"cosmos", strict, throughClient}, {"database/sql", strict, throughSQL}, {"REST", lenient, overREST}} {
			t.Run(fmt.Sprintf("%d %s", partitions, w.name), func(t *testing.T) {
				t.Parallel()
				ran := 0
				for _, k := range cases {
					if strings.HasPrefix(k.Only, "rest") && w.name != "REST" ||
						strings.HasPrefix(k.Only, "sql") && w.name == "database/sql" {
						continue
					}
					ran++
					check(t, w.name, w.on, k, w.ask)
				}
				require.Greater(t, ran, 750)
			})
		}
	}
}

func check(t *testing.T, name string, a *account, k kase, ask way) {
	t.Helper()
	got, err := ask(t.Context(), a, k)
	about := fmt.Sprintf("case %s, %d partitions, %s", k, a.partitions, name)
	if k.Merged != "" && a.partitions > 1 && name != "REST" {
		if err == nil || !strings.Contains(err.Error(), k.Merged) {
			t.Errorf("%s: %v, want the error %q", about, err, k.Merged)
		}
		return
	}
	if k.Error != "" {
		if err == nil {
			t.Errorf("%s: rows %s, want the error %s", about, write(got), k.Error)
			return
		}
		code, at := codeOf(err)
		if k.Error != "?" && name == "REST" && code != k.Error {
			t.Errorf("%s: error %s (%v), want %s", about, code, err, k.Error)
		}
		if k.Error != "?" && !strings.Contains(err.Error(), k.Error) {
			t.Errorf("%s: error %v, want %s", about, err, k.Error)
		}
		if k.At != nil && name == "REST" && !slices.Equal(at, k.At) {
			t.Errorf("%s: error at %v (%v), want %v", about, at, err, k.At)
		}
		return
	}
	if err != nil {
		t.Errorf("%s: %v", about, err)
		return
	}
	want := make([]value.Value, len(k.Rows))
	for i, row := range k.Rows {
		want[i] = parse(t, row)
		if name == "database/sql" {
			want[i] = withoutNulls(want[i])
		}
	}
	if !sameRows(got, want, k) {
		t.Errorf("%s: %s, want %s", about, write(got), write(want))
	}
}

func (k kase) parameters() []any {
	var args []any
	for name, v := range k.Params {
		args = append(args, cosmos.Parameter{Name: name, Value: v})
	}
	return args
}
