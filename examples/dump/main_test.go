package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

// output runs the program with args.
func output(ctx context.Context, args ...string) (string, error) {
	var out, errs bytes.Buffer
	err := run(ctx, &out, &errs, args)
	return out.String(), err
}

// account starts a server, makes it the one of COSMOS_DSN, and returns a client of it.
func account(t *testing.T) (*cosmostest.Server, *cosmos.Client) {
	srv := cosmostest.RunT(t, cosmostest.Partitions(3))
	t.Setenv("COSMOS_DSN", srv.ConnectionString())
	client, err := cosmos.NewClientFromConnectionString(srv.ConnectionString(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { client.Close() })
	return srv, client
}

// contents are the documents of a container as JSON without what the service adds, by key and id, each there once.
func contents(t *testing.T, c *cosmos.Container) map[string]string {
	t.Helper()
	docs := map[string]string{}
	for doc, err := range c.Items(t.Context()) {
		require.NoError(t, err)
		var d map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(doc, &d))
		for _, name := range added {
			delete(d, name)
		}
		text, err := json.Marshal(d)
		require.NoError(t, err)
		name := fmt.Sprint(string(d["tenant"]), string(d["user"]), string(d["id"]))
		_, twice := docs[name]
		require.False(t, twice, name)
		docs[name] = string(text)
	}
	return docs
}

// killed runs the program as a process of its own and kills it as soon as the server has answered so many of an
// operation.
func killed(t *testing.T, srv *cosmostest.Server, op cosmostest.Operation, after int, binary string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary, args...)
	var once sync.Once
	before := srv.Count(op)
	reached, dead, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	end := srv.Inject(cosmostest.Fault{Match: func(cosmostest.Request) bool {
		if srv.Count(op) >= before+after {
			once.Do(func() {
				close(reached)
				<-dead // nothing more is answered
			})
		}
		return false
	}})
	defer end()
	require.NoError(t, cmd.Start())
	go func() { ended <- cmd.Wait() }()
	var err error
	select {
	case <-reached:
		_ = cmd.Process.Kill()
		err = <-ended
	case err = <-ended:
	}
	close(dead)
	require.Error(t, err, "it was killed")
}

// A database with vectors and hierarchical keys is saved and loaded by processes that are killed in the middle and go
// on.
func TestKilledAndResumed(t *testing.T) {
	n := 6000
	if os.Getenv("COSMOS_TEST_FULL") != "" {
		n = 100_000
	}
	srv, client := account(t)
	_, err := client.CreateDatabase(t.Context(), "shop", cosmos.Throughput(1000))
	require.NoError(t, err)
	shop := client.Database("shop")
	var properties cosmos.ContainerProperties
	require.NoError(t, json.Unmarshal([]byte(`{
		"id":"texts","partitionKey":{"paths":["/tenant","/user"],"kind":"MultiHash","version":2},
		"vectorEmbeddingPolicy":{"vectorEmbeddings":[
			{"path":"/v","dataType":"float32","dimensions":16,"distanceFunction":"cosine"}]},
		"indexingPolicy":{"indexingMode":"consistent","automatic":true,
			"includedPaths":[{"path":"/*"}],"excludedPaths":[{"path":"/v/*"}],
			"vectorIndexes":[{"path":"/v","type":"flat"}],
			"compositeIndexes":[[{"path":"/a"},{"path":"/b","order":"descending"}]]},
		"uniqueKeyPolicy":{"uniqueKeys":[{"paths":["/serial"]}]},"defaultTtl":-1}`), &properties))
	_, err = shop.CreateContainer(t.Context(), properties, cosmos.AutoscaleThroughput(4000))
	require.NoError(t, err)
	_, err = shop.CreateContainer(t.Context(),
		cosmos.ContainerProperties{ID: "Ä: *.x", PartitionKey: cosmos.PartitionKeyPaths("/id")})
	require.NoError(t, err)
	_, err = shop.Container("Ä: *.x").CreateItem(t.Context(),
		json.RawMessage(`{"id":"é \" ü","n":9007199254740993,"nested":{"_ts":5,"x":[{}, null]}}`))
	require.NoError(t, err)
	texts := shop.Container("texts")
	for r := range texts.CreateMany(t.Context(), func(yield func(any) bool) {
		for i := range n {
			doc := map[string]any{"id": fmt.Sprint(i % 50), "tenant": fmt.Sprint("t", i%11),
				"user": i / 50, "serial": i,
				"text": strings.Repeat("é\n", i%40)}
			if i%3 > 0 {
				v := make([]float64, 16)
				for k := range v {
					v[k] = float64(i*k%97) / 8
				}
				doc["v"] = v
			}
			if i%5 == 0 {
				delete(doc, "user") // then the id alone tells documents of a tenant apart
				doc["id"] = fmt.Sprint("no user ", i)
			}
			if !yield(doc) {
				return
			}
		}
	}) {
		require.NoError(t, r.Err)
	}

	binary := filepath.Join(t.TempDir(), "dump.exe")
	build, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".").CombinedOutput()
	require.NoError(t, err, "%s", build)
	dir := filepath.Join(t.TempDir(), "shop.dump")
	killed(t, srv, cosmostest.List, 3, binary, "-db", "shop", "-parallel", "1", "save", dir)
	_, err = output(t.Context(), "-db", "copy", "load", dir)
	require.ErrorContains(t, err, "is not complete: end it with save -resume")
	_, err = output(t.Context(), "-db", "shop", "save", dir)
	require.ErrorContains(t, err, "has a dump already")
	out, err := output(t.Context(), "-db", "shop", "-resume", "save", dir)
	require.NoError(t, err)
	require.Contains(t, out, "texts: ")

	killed(t, srv, cosmostest.Bulk, n/200, binary, "-db", "copy", "-parallel", "2", "load", dir)
	copied := client.Database("copy").Container("texts")
	partly := len(contents(t, copied))
	require.Positive(t, partly)
	require.Less(t, partly, n)
	out, err = output(t.Context(), "-db", "copy", "-resume", "load", dir)
	require.NoError(t, err)
	require.Contains(t, out, "were there already")

	want := contents(t, texts)
	require.Len(t, want, n)
	require.True(t, mapsEqual(t, want, contents(t, copied)))
	require.Equal(t, contents(t, shop.Container("Ä: *.x")), contents(t, client.Database("copy").Container("Ä: *.x")))
	saved, err := texts.Read(t.Context())
	require.NoError(t, err)
	loaded, err := copied.Read(t.Context())
	require.NoError(t, err)
	before, err := definitionOf(saved)
	require.NoError(t, err)
	after, err := definitionOf(loaded)
	require.NoError(t, err)
	require.JSONEq(t, string(before), string(after))
	offer, err := copied.ReadThroughput(t.Context())
	require.NoError(t, err)
	require.Equal(t, 4000, offer.Autoscale)
	shared, err := client.Database("copy").ReadThroughput(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1000, shared.Manual)
}

// mapsEqual tells of the first difference: a diff of all documents is of no use.
func mapsEqual(t *testing.T, want, got map[string]string) bool {
	t.Helper()
	require.Equal(t, len(want), len(got))
	for name, text := range want {
		require.Equal(t, text, got[name], name)
	}
	return true
}

// Ranges that are split while they are saved lose nothing.
func TestSplitWhileSaving(t *testing.T) {
	srv, client := account(t)
	c := srv.Container("/tenant")
	var docs []map[string]any
	for i := range 3000 {
		docs = append(docs,
			map[string]any{"id": fmt.Sprint(i), "tenant": fmt.Sprint(i), "text": strings.Repeat("x", 500)})
	}
	cosmos.Collect(client.Database(c.Database).Container(c.ID).CreateMany(t.Context(), cosmos.Each(docs)))
	var once sync.Once
	end := srv.Inject(cosmostest.Fault{Match: func(r cosmostest.Request) bool {
		if r.Operation == cosmostest.List {
			once.Do(func() {
				ranges, err := srv.Ranges(c.Database, c.ID)
				if err == nil {
					_, _ = srv.Split(c.Database, c.ID, ranges[0].ID)
				}
			})
		}
		return false
	}})
	defer end()
	dir := t.TempDir()
	out, err := output(t.Context(), "-db", c.Database, "save", dir)
	require.NoError(t, err)
	require.Contains(t, out, c.ID+": 3000 documents saved")
	out, err = output(t.Context(), "-db", "copy", "-ru", "1000000", "load", dir)
	require.NoError(t, err)
	require.Contains(t, out, c.ID+": 3000 documents loaded")
	require.True(t, mapsEqual(t, contents(t, client.Database(c.Database).Container(c.ID)),
		contents(t, client.Database("copy").Container(c.ID))))
}

func TestWithoutSystem(t *testing.T) {
	t.Parallel()
	for doc, want := range map[string]string{
		`{"id":"1","_rid":"x","n":1.50,"_self":"s","_etag":"\"e\"","_attachments":"a","_ts":5}`: `{"id":"1","n":1.50}`,
		`{"_ts":5,"id":"1"}`: `{"id":"1"}`,
		`{ "id" : "1" ,` + "\n" + ` "a" : { "_ts" : 5 } , "_tsx":1}`: `{"id" : "1","a" : { "_ts" : 5 },"_tsx":1}`,
		`{"n":12345678901234567890123456789}`:                        `{"n":12345678901234567890123456789}`,
		`{"t":"a\nb"}`:                                               `{"t":"a\nb"}`,
		`{}`:                                                         `{}`,
	} {
		line, err := withoutSystem([]byte(doc))
		require.NoError(t, err, doc)
		require.Equal(t, want+"\n", string(line))
	}
	for _, doc := range []string{"", "[1]", `{"a"`, `{"a":}`} {
		_, err := withoutSystem([]byte(doc))
		require.Error(t, err, doc)
	}
}
