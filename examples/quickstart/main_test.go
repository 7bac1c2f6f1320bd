package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// output runs the program with args.
func output(t *testing.T, args ...string) (string, error) {
	var out bytes.Buffer
	err := run(t.Context(), &out, io.Discard, args)
	return out.String(), err
}

func TestTour(t *testing.T) {
	out, err := output(t)
	require.NoError(t, err, out)
	for _, want := range []string{
		"Loaded   327 documents into quickstart/world",
		"1. A query through database/sql",
		"United States   Washington, D.C.     334,900,000",
		"South America          12     440,262,000",
		"Russia has 14 neighbours",
		"Norway         385,207   Norwegian, Sámi                3",
		"ORDER BY w.height DESC OFFSET 0 LIMIT 5",
		"Everest           8849   Himalaya",
		"create   201 Created",
		"replace  412 Precondition Failed",
		"delete   204 No Content",
		"line 1, column",
		"argument 2 is missing",
		"a second document NO: 409 Conflict",
	} {
		require.Contains(t, out, want)
	}
	countries := 0
	for _, page := range regexp.MustCompile(`page \d: +(\d+) countries`).FindAllStringSubmatch(out, -1) {
		n, err := strconv.Atoi(page[1])
		require.NoError(t, err)
		require.LessOrEqual(t, n, 40)
		countries += n // how they are divided depends on which partition answers first
	}
	require.Equal(t, 196, countries)
	require.Regexp(t, `Altogether [\d,]+ requests, \d+\.\d\d RU\.`, out)
}

func TestWorldIsWellFormed(t *testing.T) {
	t.Parallel()
	type place struct {
		ID, Kind, Name, Continent string
		Neighbours, Countries     []string
	}
	places := map[string]place{}
	for line := range strings.Lines(world) {
		var p place
		require.NoError(t, json.Unmarshal([]byte(line), &p))
		require.NotContains(t, places, p.ID)
		require.NotEmpty(t, p.Name)
		require.Contains(t, []string{"Africa", "Asia", "Europe", "North America", "South America", "Oceania"},
			p.Continent)
		places[p.ID] = p
	}
	for id, p := range places {
		for _, n := range p.Neighbours {
			require.Contains(t, places[n].Neighbours, id, "%s is a neighbour of %s", n, id)
		}
		for _, c := range p.Countries {
			require.Equal(t, "country", places[c].Kind, "%s of %s", c, id)
		}
	}
}

func TestData(t *testing.T) {
	const query = "SELECT c.name FROM c WHERE c.x > 10 ORDER BY c.name"
	tests := []struct {
		name string
		data string
		args []string
		want []string
	}{
		{"array", `[{"id":"1","name":"Bo","x":11},{"id":"2","name":"Al","x":12},{"id":"3","name":"Cy","x":1}]`,
			[]string{"-partitions", "1", "-query", query},
			[]string{"Loaded   3 documents", "   name\n   ────\n   Al\n   Bo\n", "2 rows: "}},
		{"lines", "{\"id\":\"1\",\"name\":\"Bo\",\"x\":11}\n\n{\"id\":\"2\",\"name\":\"Al\",\"x\":12}\n",
			[]string{"-partitions", "1", "-query", query}, []string{"Loaded   2 documents", "   Al\n   Bo\n"}},
		{"byte order mark", "\ufeff [ {\"id\":\"1\"} ]", nil, []string{"Loaded   1 document "}},
		{"documents without an id", `[{"name":"Bo"},{"name":"Al","id":null}]`,
			[]string{"-query", "SELECT c.id, c.name FROM c"}, []string{"000001   Bo", "000002   Al"}},
		{"ids that are numbers", `[{"id":7,"name":"Bo"},{"id":8.5}]`,
			[]string{"-query", "SELECT VALUE c.id FROM c"}, []string{"7", "8.5", "2 rows"}},
		{"partition key of its own", `[{"id":"1","city":"Oslo"},{"id":"1","city":"Rome"}]`,
			[]string{"-pk", "city"}, []string{"Loaded   2 documents", "Oslo", "Rome"}},
		{"the same document twice", `[{"id":"1"},{"id":"1"}]`, nil,
			[]string{"Loaded   1 document ", "left out: 1 document with an id that is taken already"}},
		{"documents that are refused", `[{"id":"a/b"},{"id":"ok"}]`, nil,
			[]string{"Loaded   1 document ", `refused: document 1: cosmos: document id "a/b"`}},
		{"nothing", ``, nil, []string{"Loaded   0 documents", "0 rows"}},
		{"empty array", `[]`, nil, []string{"Loaded   0 documents"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "people.json")
			require.NoError(t, os.WriteFile(file, []byte(tt.data), 0o600))
			out, err := output(t, append([]string{"-data", file}, tt.args...)...)
			require.NoError(t, err, out)
			for _, want := range tt.want {
				require.Contains(t, out, want)
			}
		})
	}
}

func TestErrors(t *testing.T) {
	dir := t.TempDir()
	write := func(name, data string) string {
		file := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(file, []byte(data), 0o600))
		return file
	}
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"unknown flag", []string{"-nope"}, "-nope"},
		{"query without its flag", []string{"SELECT 1"}, "a query goes after -query"},
		{"no partitions", []string{"-partitions", "0"}, "has to be 1 at least"},
		{"no such file", []string{"-data", filepath.Join(dir, "none.json")}, "none.json"},
		{"array cut short", []string{"-data", write("cut.json", `[{"id":"1"}`)}, "load: "},
		{"document cut short", []string{"-data", write("half.json", `[{"id":"1"},{"id"`)}, "load: document 2: "},
		{"line cut short", []string{"-data", write("half.jsonl", "{\"id\":\"1\"}\n{\"id\":")}, "load: document 2: "},
		{"line with a mistake", []string{"-data", write("slip.jsonl", "{\"id\":\"1\"}\n{id:2}")}, "load: document 2: "},
		{"more than an array", []string{"-data", write("two.json", `[{"id":"1"}] [{"id":"2"}]`)},
			"something follows the array"},
		{"folder", []string{"-data", dir}, "is a directory"},
		{"not JSON", []string{"-data", write("text.json", `hello`)}, "load: document 1: "},
		{"not objects", []string{"-data", write("numbers.json", `[1]`)}, "document 1: not a JSON object: 1"},
		{"query with a mistake", []string{"-query", "SELECT FROM"}, "line 1, column"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := output(t, tt.args...)
			require.ErrorContains(t, err, tt.want)
		})
	}
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, run(ctx, io.Discard, io.Discard, nil), context.Canceled)
}

// What the program prints first is enough to reach the server of COSMOS_DSN, or its own.
func TestServerLine(t *testing.T) {
	t.Parallel()
	out, err := output(t, "-query", "SELECT VALUE COUNT(1) FROM c", "-partitions", "1")
	require.NoError(t, err)
	require.Regexp(t, regexp.MustCompile(`^Server   http://127\.0\.0\.1:\d+/\n`), out)
	require.Contains(t, out, "327")
}

func TestTable(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	tab := table{columns: []string{"a", "long"}, rows: [][]string{{"1", "x"}, {"1,000", strings.Repeat("y", widest+9)}}}
	tab.flush(&out)
	tab.rows = [][]string{{"22", ""}}
	tab.flush(&out)
	long := strings.Repeat("y", widest-1) + "…"
	require.Equal(t, fmt.Sprintf("       a   long\n   ─────   %s\n       1   x\n   1,000   %s\n      22\n",
		strings.Repeat("─", widest), long), out.String())
}

func TestGrouped(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", -1234567: "-1,234,567", -999: "-999"} {
		require.Equal(t, want, grouped(n))
	}
}
