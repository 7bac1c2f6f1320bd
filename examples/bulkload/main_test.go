package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

// output runs the program with args.
func output(ctx context.Context, args ...string) (out, errs string, err error) {
	var o, e bytes.Buffer
	err = run(ctx, &o, &e, args)
	return o.String(), e.String(), err
}

// account starts a server, makes it the one of COSMOS_DSN, and returns a client of it.
func account(t *testing.T) (*cosmostest.Server, *cosmos.Client) {
	srv := cosmostest.RunT(t)
	t.Setenv("COSMOS_DSN", srv.ConnectionString())
	client, err := cosmos.NewClientFromConnectionString(srv.ConnectionString(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { client.Close() })
	return srv, client
}

// stored are the documents of a container by their id, which must be there once.
func stored(t *testing.T, c *cosmos.Container) map[string]json.RawMessage {
	docs := map[string]json.RawMessage{}
	for doc, err := range c.Items(t.Context()) {
		require.NoError(t, err)
		var d struct{ ID string }
		require.NoError(t, json.Unmarshal(doc, &d))
		_, twice := docs[d.ID]
		require.False(t, twice, "document %q is there twice", d.ID)
		docs[d.ID] = bytes.Clone(doc)
	}
	return docs
}

func writeFile(t *testing.T, lines ...string) string {
	file := filepath.Join(t.TempDir(), "things.jsonl")
	require.NoError(t, os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o600))
	return file
}

func TestMadeUp(t *testing.T) {
	t.Setenv("COSMOS_DSN", "")
	out, errs, err := output(t.Context(), "-n", "500", "-partitions", "2")
	require.NoError(t, err)
	require.Empty(t, errs)
	require.Contains(t, out, "500 documents stored")
	require.Regexp(t, `\d+ requests, \d+\.\d\d RU, 0 retries`, out)
}

func TestFile(t *testing.T) {
	_, client := account(t)
	file := writeFile(t, `{"id":"1","city":"Oslo"}`, ``, `  {"city":"Rome"}`, `{}`, `{"id":"4"}`)
	out, _, err := output(t.Context(), "-pk", "city", "-db", "shop", file)
	require.NoError(t, err)
	require.Contains(t, out, "4 documents stored")
	require.Len(t, stored(t, client.Database("shop").Container("things")), 4)
	require.NoFileExists(t, file+checkpointSuffix)

	out, _, err = output(t.Context(), "-db", "shop", file)
	require.NoError(t, err)
	require.Contains(t, out, "0 documents stored")
	require.Contains(t, out, "4 were there already")
	require.Len(t, stored(t, client.Database("shop").Container("things")), 4,
		"documents without an id have to be found again")
}

// However a load ends, the next one finds its place and leaves every document there once.
func TestResume(t *testing.T) {
	srv, client := account(t)
	const n = 20_000
	lines := make([]string, n)
	for i := range lines {
		lines[i] = fmt.Sprintf(`{"n":%d}`, i)
	}
	file := writeFile(t, lines...)

	ctx, cancel := context.WithCancel(t.Context())
	end := srv.Inject(cosmostest.Fault{Match: func(cosmostest.Request) bool {
		if srv.Count(cosmostest.Create) > n/2 || srv.Count(cosmostest.Bulk) > n/200 {
			cancel()
		}
		return false
	}})
	out, _, err := output(ctx, file)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "-resume goes on from here")
	require.NotContains(t, out, "failed")
	end()
	before, offset, err := readCheckpoint(file)
	require.NoError(t, err)
	require.Positive(t, before)
	require.Positive(t, offset)

	out, _, err = output(t.Context(), "-resume", file)
	require.NoError(t, err)
	require.NotContains(t, out, fmt.Sprintf("%d documents stored", n), "it has to go on, not to begin anew")
	require.Contains(t, out,
		fmt.Sprintf("%d passed over, as stored by the load before: %d of the file are done", before, n))
	docs := stored(t, client.Database("bulkload").Container("things"))
	require.Len(t, docs, n)
	seen := map[int]bool{}
	for _, doc := range docs {
		var d struct{ N int }
		require.NoError(t, json.Unmarshal(doc, &d))
		seen[d.N] = true
	}
	require.Len(t, seen, n)
	require.NoFileExists(t, file+checkpointSuffix)
}

// An array is as good as lines, and a load of it goes on where the last one stood.
func TestArray(t *testing.T) {
	_, client := account(t)
	file := writeFile(t, "\ufeff[", ` {"id":"1","n":[1,{"a":"]"}]},`, `{"id":"2"} , {"id":"a/b"},`,
		`{"id":4},{"n":5}`, "]", "")
	out, errs, err := output(t.Context(), "-numeric-ids", file)
	require.ErrorContains(t, err, "1 documents could not be stored")
	require.Contains(t, out, "4 documents stored")
	require.Contains(t, errs, "document 3: ")

	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, bytes.Replace(text, []byte("a/b"), []byte("a-b"), 1), 0o600))
	out, _, err = output(t.Context(), "-numeric-ids", "-resume", file)
	require.NoError(t, err)
	require.Contains(t, out, "1 documents stored")
	require.Contains(t, out, "2 were there already")
	docs := stored(t, client.Database("bulkload").Container("things"))
	require.Len(t, docs, 5)
	require.Contains(t, docs, "4", "a number became a text")
}

// Into a pipe go lines that say how far it is.
func TestLinesOfAPipe(t *testing.T) {
	account(t)
	file := writeFile(t, strings.Split(strings.TrimSpace(madeUp(300)), "\n")...)
	_, errs, err := output(t.Context(), "-every", "1ns", file)
	require.NoError(t, err)
	require.Regexp(t, `(?m)^300 documents, \d+ % of the file, \d+ a second, \d+ RU, 0 retries$`, errs)
	for line := range strings.Lines(errs) {
		require.Less(t, len(line), 80)
	}
}

func TestFailedDocumentsAreTriedAgain(t *testing.T) {
	_, client := account(t)
	file := writeFile(t, `{"id":"1"}`, `{"id":"2"}`, `{"id":"a/b"}`, `{"id":"4"}`)
	out, errs, err := output(t.Context(), file)
	require.ErrorContains(t, err, "1 documents could not be stored")
	require.Contains(t, out, "3 documents stored")
	require.Contains(t, errs, "document 3: ")

	require.NoError(t,
		os.WriteFile(file, []byte(`{"id":"1"}`+"\n"+`{"id":"2"}`+"\n"+`{"id":"a-b"}`+"\n"+`{"id":"4"}`), 0o600))
	out, _, err = output(t.Context(), "-resume", file)
	require.NoError(t, err)
	require.Contains(t, out, "1 documents stored")
	require.Contains(t, out, "1 were there already", "what was stored before the failure is not sent again")
	require.Len(t, stored(t, client.Database("bulkload").Container("things")), 4)
}

func TestThrottledLoadLosesNothing(t *testing.T) {
	srv, client := account(t)
	file := writeFile(t, strings.Split(strings.TrimSpace(madeUp(300)), "\n")...)
	srv.Inject(cosmostest.Fault{
		Match: cosmostest.On(cosmostest.Create, cosmostest.Bulk), Times: 3, Status: http.StatusTooManyRequests,
		SubStatus: 3200,
	})
	out, _, err := output(t.Context(), file)
	require.NoError(t, err)
	require.Contains(t, out, "300 documents stored")
	require.NotContains(t, out, " 0 retries")
	require.Len(t, stored(t, client.Database("bulkload").Container("things")), 300)
}

func TestErrors(t *testing.T) {
	account(t)
	file := writeFile(t, `{"id":"1"}`, `nonsense`)
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"unknown flag", []string{"-nope"}, "-nope"},
		{"two files", []string{"a", "b"}, "one file at a time"},
		{"resume without a file", []string{"-resume"}, "-resume needs the file"},
		{"no partitions", []string{"-partitions", "0"}, "positive numbers"},
		{"no such file", []string{filepath.Join(t.TempDir(), "none.jsonl")}, "none.jsonl"},
		{"line that is not a document", []string{file}, "line 2: not a JSON object: nonsense"},
		{"array cut short", []string{writeFile(t, `[{"id":"1"},`, `{"id":"2"}`)}, "line 2: the array has no end"},
		{"array with a mistake", []string{writeFile(t, `[{"id":"1"},`, `{id:2}]`)}, "line 1: invalid character 'i'"},
		{"array of numbers", []string{writeFile(t, `[1]`)}, "line 1: not a JSON object: 1"},
		{"broken checkpoint", []string{"-resume", writeBroken(t)}, "does not say how far the load came"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := output(t.Context(), tt.args...)
			require.ErrorContains(t, err, tt.want)
		})
	}
}

// writeBroken writes a file whose checkpoint says nothing.
func writeBroken(t *testing.T) string {
	file := writeFile(t, `{"id":"1"}`)
	require.NoError(t, os.WriteFile(file+checkpointSuffix, []byte("far"), 0o600))
	return file
}

func TestWithID(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, doc, want string }{
		{"has one", `{"a":1,"id":"x"}`, `{"a":1,"id":"x"}`},
		{"has none", `{"a":1}`, `{"id":"10","a":1}`},
		{"empty", `{ }`, `{"id":"10"}`},
		{"a number is the service's to refuse", `{"id":7}`, `{"id":7}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			doc, err := new(input).withID([]byte(tt.doc), 36)
			require.NoError(t, err)
			require.Equal(t, tt.want, string(doc))
		})
	}
	for _, doc := range []string{`[1]`, `1`, `{"a":`, `"x"`} {
		_, err := new(input).withID([]byte(doc), 0)
		require.ErrorContains(t, err, "not a JSON object")
	}
}

// Documents are stored in any order; the checkpoint is the place before which all are.
func TestCheckpoint(t *testing.T) {
	t.Parallel()
	c := newCheckpoint("", 0, 100)
	for i := range 5 {
		c.begin(i, int64(100+10*i), int64(110+10*i))
	}
	steps := []struct {
		stored int
		want   int64
	}{{1, 100}, {0, 120}, {4, 120}, {2, 130}}
	for _, step := range steps {
		n, err := c.stored(step.stored)
		require.NoError(t, err)
		require.EqualValues(t, 10, n)
		require.Equal(t, step.want, c.offset)
	}
	c.fail(3)
	require.EqualValues(t, 130, c.offset)
	c.begin(5, 150, 160)
	_, err := c.stored(5)
	require.NoError(t, err)
	require.EqualValues(t, 130, c.offset)
	require.Len(t, c.pending, 1, "what comes after a failure is not kept")
}
