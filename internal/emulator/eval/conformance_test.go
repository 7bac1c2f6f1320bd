package eval

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/value"
)

const conformance = "../../../test/conformance/"

// conformanceCase is a line of the list of cases that the whole project holds itself to.
type conformanceCase struct {
	Number    int                        `json:"n"`
	Query     string                     `json:"q"`
	Params    map[string]json.RawMessage `json:"p"`
	Rows      []json.RawMessage          `json:"r"`
	Ordered   bool                       `json:"o"`
	Error     string                     `json:"e"`
	Tolerance float64                    `json:"t"`
}

func TestConformance(t *testing.T) {
	t.Parallel()
	var docs []value.Value
	for _, line := range readLines[json.RawMessage](t, conformance+"data.jsonl") {
		docs = append(docs, parse(t, string(line)))
	}
	cases := readLines[conformanceCase](t, conformance+"cases.jsonl")
	require.GreaterOrEqual(t, len(cases), 260)
	for _, tc := range cases {
		t.Run(fmt.Sprintf("%d %s", tc.Number, tc.Query), func(t *testing.T) {
			t.Parallel()
			o := Options{Params: map[string]value.Value{}}
			o.Functions = functions("twice", twice)
			for name, text := range tc.Params {
				o.Params[name] = parse(t, string(text))
			}
			rows, err := evaluate(t, tc.Query, docs, o)
			if tc.Error != "" {
				require.Error(t, err)
				if tc.Error != "?" {
					require.Equal(t, tc.Error, codes(err)[0])
				}
				return
			}
			require.NoError(t, err)
			tolerance := max(tc.Tolerance, defaultTolerance)
			var want, got []value.Value
			for _, r := range tc.Rows {
				want = append(want, parse(t, string(r)))
			}
			for _, r := range rows {
				got = append(got, parse(t, r))
			}
			require.True(t, sameRows(got, want, tc.Ordered, tolerance), "got %s, want %s", rows, tc.Rows)
		})
	}
}

// sameRows compares rows in order, or as multisets.
func sameRows(got, want []value.Value, ordered bool, tolerance float64) bool {
	if len(got) != len(want) {
		return false
	}
	left := append([]value.Value(nil), want...)
	for i, g := range got {
		found := -1
		for k, w := range left {
			if (!ordered || k == 0) && near(g, w, tolerance) {
				found = k
				break
			}
		}
		if found < 0 {
			return false
		}
		left = append(left[:found], left[found+1:]...)
		_ = i
	}
	return true
}
