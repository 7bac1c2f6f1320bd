package eval

import (
	"testing"

	"github.com/stretchr/testify/require"
)

var vectorCases = []exprCase{
	{"VectorDistance([1,0], [1,1])", "0.70710678118654746"},
	{"VectorDistance([1,0], [2,0])", "1"},
	{"VectorDistance([1,0], [-3,0])", "-1"},
	{"VectorDistance([1,0], [0,0])", ""},
	{"VectorDistance([1,2], [3,4], true, {'distanceFunction':'dotproduct'})", "11"},
	{"VectorDistance([1,2], [3,4], true, {'distanceFunction':'DotProduct'})", "11"},
	{"VectorDistance([0,0], [3,4], false, {'distanceFunction':'euclidean'})", "5"},
	{"VectorDistance([1,0], [1,1], false, {})", "0.70710678118654746"},
	{"VectorDistance([1,0], [1,1], false, {'distanceFunction':'other'})", "0.70710678118654746"},
	{"VectorDistance([1,0], [1,0,0])", ""},
	{"VectorDistance([1,'0'], [1,0])", ""},
	{"VectorDistance([], [])", ""},
	{"VectorDistance('a', [1])", ""},
	{"VectorDistance(null, [1])", ""},
	{"VectorDistance([1], undefined)", ""},
	{"VectorDistance([1], [1], 1)", ""},
	{"_VectorScore([1,0], [1,1], true, {'distanceFunction':'euclidean'})", "1"},
	{"_VectorScore([1,0], null)", ""},
	{"_VectorScore(undefined, [1])", ""},
}

func TestVectorFunctions(t *testing.T) {
	t.Parallel()
	checkExprs(t, vectorCases)
}

const pictures = `
{"id":"far","v":[0,10],"title":"a red car"}
{"id":"near","v":[1,0.1],"title":"a red bicycle and a blue one"}
{"id":"none","title":"no picture of a bicycle"}
{"id":"same","v":[2,0],"title":"houses"}
{"id":"text","v":"x","title":7}`

func TestOrderByVectorDistance(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, query string
		vectors     map[string]Vector
		want        []string
	}{
		{"cosine by default, best first", "SELECT VALUE c.id FROM c ORDER BY VectorDistance(c.v, [1,0])", nil,
			[]string{"same", "near", "far", "text", "none"}},
		{"policy of the path", "SELECT VALUE c.id FROM c ORDER BY VectorDistance(c.v, [1,0])",
			map[string]Vector{"/v": {Function: "euclidean"}}, []string{"near", "same", "far", "none", "text"}},
		{"options before policy",
			`SELECT VALUE c.id FROM c ORDER BY VectorDistance(c.v, [1,0], true, {"distanceFunction":"dotproduct"})`,
			map[string]Vector{"/v": {Function: "euclidean"}}, []string{"same", "near", "far", "text", "none"}},
		{"arguments swapped", "SELECT TOP 1 VALUE c.id FROM c ORDER BY VectorDistance([0,1], c.v)", nil,
			[]string{"far"}},
		{"with a filter", "SELECT VALUE c.id FROM c WHERE IS_ARRAY(c.v) ORDER BY VectorDistance(c.v, [0,1])", nil,
			[]string{"far", "near", "same"}},
		{"of a rewritten query", "SELECT VALUE c.id FROM c WHERE IS_ARRAY(c.v) ORDER BY _VectorScore(c.v, [0,1])", nil,
			[]string{"far", "near", "same"}},
		{"of a rewritten query, worst first",
			"SELECT VALUE c.id FROM c WHERE IS_ARRAY(c.v) ORDER BY _VectorScore(c.v, [0,1]) ASC", nil,
			[]string{"same", "near", "far"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var want []string
			for _, id := range tc.want {
				want = append(want, `"`+id+`"`)
			}
			require.Equal(t, want, mustEvaluate(t, tc.query, documents(t, pictures), Options{Vectors: tc.vectors}))
		})
	}
}
