package crosspartition_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
)

// readLines reads a file of ../conformance.
func readLines[T any](t *testing.T, name string) (lines []T) {
	t.Helper()
	f, err := os.Open("../conformance/" + name)
	require.NoError(t, err)
	defer f.Close()
	scanner := bufio.NewScanner(f)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		var line T
		require.NoError(t, json.Unmarshal(scanner.Bytes(), &line), "%s", scanner.Text())
		lines = append(lines, line)
	}
	require.NoError(t, scanner.Err())
	return lines
}

// TestConformanceOverPartitions asks the cases of the query language over five partitions. The evaluator is held to the
// expected rows elsewhere; here the merged rows are held to it.
func TestConformanceOverPartitions(t *testing.T) {
	t.Parallel()
	var docs []string
	for _, doc := range readLines[json.RawMessage](t, "data.jsonl") {
		docs = append(docs, string(doc))
	}
	w := plainWorld(t, 5, docs)
	answered := 0
	for _, tc := range readLines[struct {
		Number  int                        `json:"n"`
		Query   string                     `json:"q"`
		Params  map[string]json.RawMessage `json:"p"`
		Ordered bool                       `json:"o"`
		Error   string                     `json:"e"`
	}](t, "cases.jsonl") {
		if strings.Contains(tc.Query, "udf.") || len(tc.Params) > 0 {
			continue // the server runs no JavaScript; parameters are the business of other tests
		}
		if tc.Number == 17 || tc.Number == 170 {
			continue // the client refuses the one and has to sort the other
		}
		about := fmt.Sprintf("case %d: %s", tc.Number, tc.Query)
		rows, err := w.does(t, query{text: tc.Query}, run{container: "flat", options: []cosmos.Option{cosmos.PageSize(2)}})
		if tc.Error != "" {
			require.Error(t, err, about)
			continue
		}
		if err != nil && (strings.Contains(err.Error(), "Compositions of aggregates") || strings.Contains(err.Error(), "cannot be merged from")) {
			continue // right only in a single partition, and refused
		}
		require.NoError(t, err, about)
		answered++
		kind := lists
		if tc.Ordered {
			kind = exact
		}
		w.compare(t, query{text: tc.Query, kind: kind}, rows, about)
	}
	require.Greater(t, answered, 190)
}
