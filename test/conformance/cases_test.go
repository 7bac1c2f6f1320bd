package conformance_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/value"
)

// kase is a line of a file of cases; see the documentation of the package.
type kase struct {
	Number    int                        `json:"n"`
	Query     string                     `json:"q"`
	Params    map[string]json.RawMessage `json:"p"`
	Data      string                     `json:"d"`
	Rows      []json.RawMessage          `json:"r"`
	Ordered   bool                       `json:"o"`
	Error     string                     `json:"e"`
	At        []int                      `json:"at"`
	Only      string                     `json:"x"`
	Merged    string                     `json:"m"`
	Tolerance float64                    `json:"t"`
	Certain   string                     `json:"c"`
	Source    string                     `json:"s"`
}

func (k kase) String() string { return fmt.Sprintf("%d %s", k.Number, k.Query) }

// readCases reads every file of cases.
func readCases(t testing.TB) []kase {
	names, err := filepath.Glob("*.jsonl")
	require.NoError(t, err)
	var all []kase
	for _, name := range names {
		if !strings.HasPrefix(name, "data") {
			all = append(all, readLines[kase](t, name)...)
		}
	}
	return all
}

func readLines[T any](t testing.TB, name string) (lines []T) {
	f, err := os.Open(name)
	require.NoError(t, err)
	defer f.Close()
	scanner := bufio.NewScanner(f)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		var line T
		require.NoError(t, json.Unmarshal(scanner.Bytes(), &line), "%s: %s", name, scanner.Text())
		lines = append(lines, line)
	}
	require.NoError(t, scanner.Err())
	return lines
}

// TestCases holds the files themselves to their rules.
func TestCases(t *testing.T) {
	t.Parallel()
	cases := readCases(t)
	require.GreaterOrEqual(t, len(cases), 900)
	numbers := map[int]bool{}
	for _, k := range cases {
		require.False(t, numbers[k.Number], "%s: the number is not unique", k)
		numbers[k.Number] = true
		require.NotEmpty(t, k.Source, "%s: no source", k)
		require.Contains(t, []string{"C", "I"}, k.Certain, "%s", k)
		require.True(t, (k.Error == "") != (k.Rows == nil), "%s: rows or an error", k)
		require.True(t, k.At == nil || len(k.At) == 2 && k.Error != "", "%s: the place of an error", k)
	}
}

// parse reads JSON that a test or the server has written.
func parse(t testing.TB, text []byte) value.Value {
	v, err := value.Parse(append([]byte(nil), text...))
	require.NoError(t, err, "%s", text)
	return withoutSystem(v)
}

// withoutSystem takes the service's own properties out of documents, wherever they are.
func withoutSystem(v value.Value) value.Value {
	switch v.Kind() {
	case value.KindArray:
		var elems []value.Value
		for e := range v.Elems() {
			elems = append(elems, withoutSystem(e))
		}
		return value.Array(elems)
	case value.KindObject:
		document := v.Get("_rid").IsDefined()
		var members []value.Member
		for m := range v.Members() {
			switch m.Name {
			case "_rid", "_self", "_etag", "_attachments", "_ts":
				if document {
					continue
				}
			}
			members = append(members, value.Member{Name: m.Name, Value: withoutSystem(m.Value)})
		}
		return value.Object(members)
	}
	return v
}

const defaultTolerance = 1e-12

// sameRows compares rows, as a multiset unless they are ordered.
func sameRows(got, want []value.Value, k kase) bool {
	if len(got) != len(want) {
		return false
	}
	tolerance := max(k.Tolerance, defaultTolerance)
	used := make([]bool, len(got))
	for i, w := range want {
		found := false
		for j, g := range got {
			if used[j] || k.Ordered && i != j {
				continue
			}
			if near(g, w, tolerance) {
				used[j], found = true, true
				break
			}
		}
		if !found {
			return false
		}
	}
	return true
}

// near is equality, but for the last digits of numbers.
func near(a, b value.Value, tolerance float64) bool {
	switch {
	case a.Kind() != b.Kind() || a.Len() != b.Len() && a.Kind() != value.KindString:
		return false
	case a.Kind() == value.KindNumber:
		x, y := a.AsFloat(), b.AsFloat()
		return value.Equal(a, b) || !(a.IsInt() && b.IsInt()) && math.Abs(x-y) <= tolerance*math.Abs(y)
	case a.Kind() == value.KindArray:
		for i := range a.Len() {
			if !near(a.At(i), b.At(i), tolerance) {
				return false
			}
		}
		return true
	case a.Kind() == value.KindObject:
		for m := range a.Members() {
			if !near(m.Value, b.Get(m.Name), tolerance) {
				return false
			}
		}
		return true
	}
	return value.Equal(a, b)
}

func write(rows []value.Value) string {
	var text []string
	for _, r := range rows {
		text = append(text, string(value.AppendJSON(nil, r)))
	}
	return strings.Join(text, " ")
}
