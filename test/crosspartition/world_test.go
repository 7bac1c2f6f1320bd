package crosspartition_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/internal/emulator/eval"
	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

// keys are the partition keys of the containers that hold the same documents.
var keys = map[string]cosmos.PartitionKeyDefinition{
	"flat": cosmos.PartitionKeyPaths("/pk"),
	"old":  {Paths: []string{"/pk"}, Kind: "Hash", Version: 1},
	"tree": cosmos.PartitionKeyPaths("/t", "/u"),
}

// world is the same documents twice: in a server with a number of partitions, and as values for the evaluator to say
// what the answer should be.
type world struct {
	server     *cosmostest.Server
	partitions int
	containers map[string]*cosmos.Container
	docs       []value.Value
}

func newWorld(t testing.TB, partitions int, texts []string, properties map[string]cosmos.ContainerProperties) *world {
	t.Helper()
	w := &world{server: cosmostest.NewServer(cosmostest.Partitions(partitions), cosmostest.WithoutCompositeIndexes()),
		partitions: partitions, containers: map[string]*cosmos.Container{}}
	t.Cleanup(w.server.Close)
	client, err := cosmos.NewClientFromConnectionString(w.server.ConnectionString(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, client.Close()) })
	ctx := t.Context()
	_, err = client.CreateDatabase(ctx, "db")
	require.NoError(t, err)
	for name, p := range properties {
		p.ID = name
		_, err := client.Database("db").CreateContainer(ctx, p)
		require.NoError(t, err)
		w.containers[name] = client.Database("db").Container(name)
		for _, text := range texts {
			_, err := w.containers[name].CreateItem(ctx, json.RawMessage(text))
			require.NoError(t, err)
		}
	}
	for _, text := range texts {
		v, err := value.ParseString(text, value.MaxDepth)
		require.NoError(t, err)
		w.docs = append(w.docs, v)
	}
	return w
}

// plainWorld has the containers of keys.
func plainWorld(t testing.TB, partitions int, texts []string) *world {
	t.Helper()
	properties := map[string]cosmos.ContainerProperties{}
	for name, key := range keys {
		properties[name] = cosmos.ContainerProperties{PartitionKey: key}
	}
	return newWorld(t, partitions, texts, properties)
}

// should returns what the evaluator makes of a query over all documents, as if there were no partitions.
func (w *world) should(t testing.TB, text, params string) []string {
	t.Helper()
	tree, err := nosql.Parse(text, nosql.Cosmos)
	require.NoError(t, err, text)
	o := eval.Options{}
	if params != "" {
		v, err := value.ParseString(params, value.MaxDepth)
		require.NoError(t, err)
		o.Params = map[string]value.Value{"@p": v}
	}
	program, err := eval.Compile(tree, o)
	require.NoError(t, err, text)
	var rows []string
	for row, err := range program.Rows(t.Context(), slices.Values(w.docs)) {
		require.NoError(t, err, text)
		rows = append(rows, canonical(t, value.AppendJSON(nil, row.Value)))
	}
	return rows
}

// run is how a query is asked.
type run struct {
	container string
	options   []cosmos.Option
	moving    *rand.Rand // splits and merges partitions between pages; nil for none
	resuming  bool       // every page by a pager of its own, where the query allows that
}

// does returns the rows that the client gives.
func (w *world) does(t testing.TB, q query, r run) ([]string, error) {
	var params []cosmos.Parameter
	if q.params != "" {
		params = append(params, cosmos.Parameter{Name: "@p", Value: json.RawMessage(q.params)})
	}
	var rows []string
	continuation := ""
	for {
		args := []any{params}
		for _, o := range r.options {
			args = append(args, o)
		}
		if continuation != "" {
			args = append(args, cosmos.Continuation(continuation))
		}
		again, err := w.pages(t, w.containers[r.container].NewPager(q.text, args...), r, func(page *cosmos.Page) bool {
			for _, item := range page.Items {
				rows = append(rows, canonical(t, item))
			}
			continuation = page.Continuation
			return !r.resuming || continuation == ""
		})
		if err != nil || !again {
			return rows, err
		}
	}
}

// pages hands pages to f until it has enough. It reports whether there are more.
func (w *world) pages(t testing.TB, p *cosmos.Pager, r run, f func(*cosmos.Page) bool) (bool, error) {
	defer p.Close()
	for {
		w.move(t, r)
		page, err := p.Next(t.Context())
		if err == io.EOF {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if !f(page) {
			return true, nil
		}
	}
}

// move splits a partition, or joins two.
func (w *world) move(t testing.TB, r run) {
	t.Helper()
	if r.moving == nil || r.moving.IntN(3) > 0 {
		return
	}
	ranges, err := w.server.Ranges("db", r.container)
	require.NoError(t, err)
	if r.moving.IntN(w.partitions+4) > len(ranges)-w.partitions {
		// A partition may be too small to be split: then there is nothing to test here.
		_, _ = w.server.Split("db", r.container, ranges[r.moving.IntN(len(ranges))].ID)
		return
	}
	if i := r.moving.IntN(len(ranges)); i+1 < len(ranges) {
		_, err := w.server.Merge("db", r.container, ranges[i].ID, ranges[i+1].ID)
		require.NoError(t, err)
	}
}

// canonical is a row without what the server adds, in a form in which equal rows are equal texts.
func canonical(t testing.TB, row []byte) string {
	t.Helper()
	v, err := value.Parse(row)
	require.NoError(t, err)
	return write(v)
}

func write(v value.Value) string {
	switch v.Kind() {
	case value.KindArray:
		var items []string
		for item := range v.Elems() {
			items = append(items, write(item))
		}
		return "[" + strings.Join(items, ",") + "]"
	case value.KindObject:
		var members []string
		for m := range v.Members() {
			if !slices.Contains([]string{"_rid", "_self", "_etag", "_attachments", "_ts"}, m.Name) {
				members = append(members, fmt.Sprintf("%q:%s", m.Name, write(m.Value)))
			}
		}
		slices.Sort(members)
		return "{" + strings.Join(members, ",") + "}"
	}
	return string(value.AppendJSON(nil, v))
}

// listsSorted puts the elements of the arrays in a row into an order of their own.
func listsSorted(t testing.TB, row string) string {
	t.Helper()
	var v any
	require.NoError(t, json.Unmarshal([]byte(row), &v))
	var order func(v any) any
	order = func(v any) any {
		switch v := v.(type) {
		case []any:
			texts := make([]string, len(v))
			for i := range v {
				b, _ := json.Marshal(order(v[i]))
				texts[i] = string(b)
			}
			slices.Sort(texts)
			return texts
		case map[string]any:
			for name := range v {
				v[name] = order(v[name])
			}
		}
		return v
	}
	b, err := json.Marshal(order(v))
	require.NoError(t, err)
	return string(b)
}

// compare checks rows against what they should be.
func (w *world) compare(t testing.TB, q query, got []string, about string) {
	t.Helper()
	want := w.should(t, q.text, q.params)
	switch q.kind {
	case ties:
		require.Equal(t, keysOf(t, want), keysOf(t, got), about)
		slices.Sort(want)
		slices.Sort(got)
	case subset:
		require.Len(t, got, len(want), about)
		whole := count(w.should(t, q.whole, q.params))
		for row, n := range count(got) {
			require.LessOrEqual(t, n, whole[row], "%s: %s", about, row)
		}
		return
	case lists:
		for i := range want {
			want[i] = listsSorted(t, want[i])
		}
		for i := range got {
			got[i] = listsSorted(t, got[i])
		}
		fallthrough
	case bag:
		slices.Sort(want)
		slices.Sort(got)
	}
	require.Equal(t, strings.Join(want, "\n"), strings.Join(got, "\n"), about)
}

// keysOf returns the property k of every row, or undefined.
func keysOf(t testing.TB, rows []string) []string {
	t.Helper()
	keys := make([]string, len(rows))
	for i, row := range rows {
		v, err := value.ParseString(row, value.MaxDepth)
		require.NoError(t, err)
		keys[i] = "undefined"
		if k := v.Get("k"); k.IsDefined() {
			keys[i] = write(k)
		}
	}
	return keys
}

func count(rows []string) map[string]int {
	n := map[string]int{}
	for _, row := range rows {
		n[row]++
	}
	return n
}

// drained is how rows of type T look to a caller of cosmos.Query.
func drained(ctx context.Context, c *cosmos.Container, text string, args ...any) (rows []string, err error) {
	for row, err := range cosmos.Query[json.RawMessage](ctx, c, text, args...) {
		if err != nil {
			return rows, err
		}
		rows = append(rows, string(row))
	}
	return rows, nil
}
