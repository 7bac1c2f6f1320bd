package eval

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/value"
)

// TestWhereAggregatesBelong: an aggregate is of the nearest select list whose aliases it uses, through LET and through
// what has no aliases of its own; where no select list is it is refused.
func TestWhereAggregatesBelong(t *testing.T) {
	t.Parallel()
	docs := documents(t, `{"a":1,"l":[1,2]}
		{"a":2,"l":[3]}
		{"l":[]}`)
	for text, want := range map[string]string{
		"SELECT VALUE COUNT(1) FROM c":                                       "3",
		"SELECT VALUE (LET n = 2 IN COUNT(c.a) * n) FROM c":                  "4",
		"SELECT VALUE (LET n = SUM(c.a) IN n + 1) FROM c":                    "4",
		"SELECT VALUE {n: COUNT(1), s: [SUM(c.a), MAX(c.a)]} FROM c":         `{"n":3,"s":[3,2]}`,
		"SELECT VALUE IIF(COUNT(1) > 2, 'many', 'few') FROM c":               `"many"`,
		"SELECT VALUE (SELECT VALUE COUNT(1) FROM x IN c.l) FROM c":          "2 1 0",
		"SELECT VALUE (SELECT VALUE SUM(x) FROM x IN c.l) FROM c":            "3 3 0",
		"SELECT VALUE (SELECT VALUE MAX(x) FROM x IN c.l) FROM c":            "2 3",
		"SELECT VALUE SUM(n) FROM (SELECT VALUE ARRAY_LENGTH(c.l) FROM c) n": "3",
		"SELECT VALUE ARRAY(SELECT VALUE COUNT(1) FROM x IN c.l) FROM c":     "[2] [1] [0]",
		"SELECT VALUE COUNT(1)":                                              "1",
		"SELECT VALUE {n: COUNT(1)}":                                         `{"n":1}`,
	} {
		require.Equal(t, want, strings.Join(mustEvaluate(t, text, docs, Options{}), " "), text)
	}
	for text, code := range map[string]string{
		"SELECT VALUE c.a FROM c WHERE COUNT(1) > 1":                            "?",
		"SELECT VALUE c.a FROM c JOIN x IN (SELECT VALUE [1]) WHERE MAX(x) = 1": "?",
		"SELECT VALUE c.a FROM c GROUP BY MAX(c.a)":                             "?",
		"SELECT VALUE MAX(MIN(c.a)) FROM c":                                     "SC2101",
		"SELECT VALUE SUM((SELECT VALUE 1)) FROM c":                             "SC2101",
		"SELECT VALUE SUM(EXISTS(SELECT 1)) FROM c":                             "SC2101",
		"SELECT VALUE SUM(1 + COUNT(c.a)) FROM c":                               "SC2101",
		"SELECT c.a, COUNT(1) FROM c":                                           "SC2102",
	} {
		_, err := compile(text, Options{})
		require.Contains(t, codes(err), code, "%s: %v", text, err)
	}
}

// TestVectorsOfDocuments: long arrays of numbers are held as doubles, short and mixed ones are not; a distance is the
// same either way, and undefined for what is not a vector of its length.
func TestVectorsOfDocuments(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(51, 52))
	for _, n := range []int{1, 2, 3, 7, 8, 9, 64, 129} {
		a, b := make([]float64, n), make([]float64, n)
		dotted, aa, bb, squares := 0.0, 0.0, 0.0, 0.0
		for i := range n {
			a[i], b[i] = float64(r.IntN(2000)-1000)/8, float64(r.IntN(2000)-1000)/8
			dotted += a[i] * b[i]
			aa, bb, squares = aa+a[i]*a[i], bb+b[i]*b[i], squares+(a[i]-b[i])*(a[i]-b[i])
		}
		list := func(v []float64) string { return strings.ReplaceAll(fmt.Sprint(v), " ", ",") }
		doc := parse(t, `{"a":`+list(a)+`,"b":`+list(b)+`,"short":`+list(a[:n-1])+`,"mixed":["x"`+
			strings.Repeat(",1", n-1)+`],"text":"v"}`)
		for function, want := range map[string]float64{
			"cosine": dotted / math.Sqrt(aa*bb), "dotproduct": dotted, "euclidean": math.Sqrt(squares),
		} {
			for _, args := range []string{"c.a, c.b", "c.b, c.a", "c.a, @b", "@b, c.a", "@a, @b"} {
				rows := mustEvaluate(t,
					"SELECT VALUE VectorDistance("+args+", true, {'distanceFunction': '"+function+"'}) FROM c",
					[]value.Value{doc}, Options{Params: params(t, "@a", list(a), "@b", list(b))})
				require.Len(t, rows, 1, "%s of %d", function, n)
				require.InDelta(t, want, parse(t, rows[0]).AsFloat(), 1e-9*math.Max(1, math.Abs(want)),
					"%s of %d, %s", function, n,
					args)
			}
			for _, other := range []string{"c.short", "c.mixed", "c.text", "c.none", "[]"} {
				rows := mustEvaluate(t,
					"SELECT VALUE VectorDistance(c.a, "+other+", true, {'distanceFunction': '"+function+
						"'}) FROM c", []value.Value{doc}, Options{})
				require.Empty(t, rows, "%s with %s of %d", function, other, n)
			}
		}
	}
}
