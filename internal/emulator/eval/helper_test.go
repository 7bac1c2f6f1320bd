package eval

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

// parse reads a JSON text that the test itself has written.
func parse(t testing.TB, text string) value.Value {
	t.Helper()
	v, err := value.Parse([]byte(text))
	require.NoError(t, err, text)
	return v
}

// documents reads one document per line.
func documents(t testing.TB, text string) []value.Value {
	t.Helper()
	var docs []value.Value
	lines := bufio.NewScanner(bytes.NewBufferString(text))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if line := bytes.TrimSpace(lines.Bytes()); len(line) > 0 {
			docs = append(docs, parse(t, string(line)))
		}
	}
	return docs
}

// params turns name, JSON, name, JSON, … into parameters.
func params(t testing.TB, pairs ...string) map[string]value.Value {
	t.Helper()
	all := make(map[string]value.Value)
	for i := 0; i < len(pairs); i += 2 {
		all[pairs[i]] = parse(t, pairs[i+1])
	}
	return all
}

func compile(text string, o Options) (*Program, error) {
	q, err := nosql.Parse(text, nosql.Cosmos)
	if err != nil {
		return nil, err
	}
	return Compile(q, o)
}

// evaluate runs a query and returns its rows as JSON.
func evaluate(t testing.TB, text string, docs []value.Value, o Options) ([]string, error) {
	t.Helper()
	p, err := compile(text, o)
	if err != nil {
		return nil, err
	}
	rows := []string{}
	for row, err := range p.Rows(t.Context(), slices.Values(docs)) {
		if err != nil {
			return nil, err
		}
		rows = append(rows, string(value.AppendJSON(nil, row.Value)))
	}
	return rows, nil
}

// mustEvaluate is evaluate for a query that is right.
func mustEvaluate(t testing.TB, text string, docs []value.Value, o Options) []string {
	t.Helper()
	rows, err := evaluate(t, text, docs, o)
	require.NoError(t, err, text)
	return rows
}

// codes returns the codes of the findings in err, "?" for those without.
func codes(err error) []string {
	var list nosql.ErrorList
	var one *nosql.Error
	switch {
	case errors.As(err, &list):
	case errors.As(err, &one):
		list = nosql.ErrorList{one}
	}
	var all []string
	for _, e := range list {
		if e.Code == "" {
			all = append(all, "?")
			continue
		}
		all = append(all, e.Code)
	}
	return all
}

// near compares values as the conformance list asks: whole numbers exactly, others within a relative tolerance.
func near(a, b value.Value, tolerance float64) bool {
	if a.Kind() != b.Kind() || a.Len() != b.Len() {
		return false
	}
	switch a.Kind() {
	case value.KindNumber:
		if value.Equal(a, b) {
			return true
		}
		_, whole := b.AsInt()
		x, y := a.AsFloat(), b.AsFloat()
		return (!whole || tolerance > defaultTolerance) && math.Abs(x-y) <= tolerance*math.Abs(y)
	case value.KindArray:
		for i := range a.Len() {
			if !near(a.At(i), b.At(i), tolerance) {
				return false
			}
		}
		return true
	case value.KindObject:
		for m := range a.Members() {
			if !near(m.Value, b.Get(m.Name), tolerance) {
				return false
			}
		}
		return true
	default:
		return value.Equal(a, b)
	}
}

const defaultTolerance = 1e-12

// seq gives docs as Rows takes them.
func seq(docs []value.Value) iter.Seq[value.Value] { return slices.Values(docs) }

// readLines reads a file of JSON lines into a slice.
func readLines[T any](t testing.TB, file string) []T {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var all []T
	for i, line := range bytes.Split(bytes.TrimSpace(text), []byte("\n")) {
		var v T
		require.NoError(t, json.Unmarshal(line, &v), fmt.Sprintf("%s:%d", file, i+1))
		all = append(all, v)
	}
	return all
}

// requireRows compares the rows of a query, in their order, with JSON texts.
func requireRows(t *testing.T, query string, docs []value.Value, want []string) {
	t.Helper()
	rows := mustEvaluate(t, query, docs, Options{})
	if len(want) == 0 {
		require.Empty(t, rows, query)
		return
	}
	require.Equal(t, want, rows, query)
}
