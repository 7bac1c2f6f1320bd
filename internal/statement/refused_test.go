package statement

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWay(t *testing.T) {
	t.Parallel()
	sorted, err := Parse(`SELECT * FROM c ORDER BY c.category, c.price DESC, c.addr["first name"]`, database)
	require.NoError(t, err)
	q := sorted.(*Select).Query
	for text, way := range map[string]string{
		"'COALESCE' is not a recognized built-in function name.":   "instead of COALESCE write a ?? b for",
		"'len' is not a recognized built-in function name.":        "instead of LEN write LENGTH(x)",
		"'Frobnicate' is not a recognized built-in function name.": "",
		"The order by query does not have a corresponding composite index that it can be " +
			"served from.": `add to the compositeIndexes of the indexing policy: ` +
			`[{"path":"/category","order":"ascending"},{"path":"/price","order":"descending"},` +
			`{"path":"/addr/\"first name\"","order":"ascending"}]`,
		"Unsupported ORDER BY clause. " +
			"ORDER BY item expression could not be mapped to a document path.": "Cosmos DB sorts by paths",
		"Request rate is large.": "",
	} {
		if way == "" {
			require.Empty(t, Way(text, q), text)
			continue
		}
		require.Contains(t, Way(text, q), way)
	}
	require.Empty(t, Way("composite index", nil))
	require.Contains(t, Way("The input authorization token can't serve the request.", nil),
		"the key is most likely not this account's")
	for text, ways := range map[string][2]string{
		"SELECT * FROM c ORDER BY RRF(VectorDistance(c.v, [1]), c.w)": {"",
			"ORDER BY RANK RRF(VectorDistance(c.v, [1]), c.w)"},
		"SELECT * FROM c ORDER BY c.a, c.b[0]": {"", "Cosmos DB sorts by paths"},
		"SELECT * FROM c ORDER BY c.a, c":      {"", "Cosmos DB sorts by paths"},
	} {
		s, err := Parse(text, database)
		require.NoError(t, err)
		for i, refusal := range []string{"it lacks a composite index",
			"ORDER BY item expression could not be mapped to a document path"} {
			if ways[i] == "" {
				require.Empty(t, Way(refusal, s.(*Select).Query), text)
				continue
			}
			require.Contains(t, Way(refusal, s.(*Select).Query), ways[i], text)
		}
	}
	require.GreaterOrEqual(t, len(foreignFunctions), 20)
}

func TestConstants(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"SELECT 1":                            `{"$1":1}`,
		"SELECT 1 AS one, 'x', NULL AS n":     `{"one":1,"$1":"x","n":null}`,
		"SELECT ? AS a":                       `{"a":7}`,
		"SELECT VALUE [1, {a: 'b'}]":          `[1,{"a":"b"}]`,
		"SELECT -1 AS a /* ping */;":          `{"a":-1}`,
		"SELECT false AS no, -1, +2":          `{"no":false,"$1":-1,"$2":2}`,
		"SELECT VALUE [undefined, 1]":         `[1]`,
		"SELECT NOT true":                     "",
		"SELECT -'x'":                         "",
		"SELECT VALUE +null":                  "",
		"SELECT ~1":                           "",
		"SELECT -(1 + 1)":                     "",
		"SELECT -@x":                          "",
		"SELECT VERSION()":                    "",
		"SELECT 1 + 1":                        "",
		"SELECT 1 FROM c":                     "",
		"SELECT 1 WHERE true":                 "",
		"SELECT * FROM c":                     "",
		"SELECT VALUE ARRAY(SELECT 1 FROM c)": "",
	} {
		s, err := Parse(text, nothing)
		require.NoError(t, err, text)
		row, ok, err := s.(*Select).Constants(positional("7")[:len(s.(*Select).Parameters)])
		require.NoError(t, err, text)
		require.Equal(t, want != "", ok, text)
		require.Equal(t, want, string(row))
	}
}

// SELECT of a parameter that nobody gave is an error, not a row without it.
func TestConstantsBind(t *testing.T) {
	t.Parallel()
	s, err := Parse("SELECT ? AS a", nothing)
	require.NoError(t, err)
	_, _, err = s.(*Select).Constants(nil)
	require.ErrorContains(t, err, "@p1 has no argument")
}

func TestStep(t *testing.T) {
	t.Parallel()
	for text, step := range map[string]string{
		"SELECT * FROM shop.orders":                                               "orders",
		"SELECT o.id FROM shop.orders o":                                          "orders",
		"SELECT VALUE i FROM i IN orders.items":                                   "items",
		"SELECT orders.id FROM orders":                                            "",
		"SELECT VALUE (SELECT VALUE COUNT(1) FROM orders.items)":                  "",
		"SELECT o.id FROM orders o WHERE EXISTS(SELECT 1 FROM i IN orders.items)": "",
		"SELECT * FROM orders o WHERE o.a.b = 1":                                  "",
	} {
		s, err := Parse(text, database)
		require.NoError(t, err)
		require.Equal(t, step, s.(*Select).Step, text)
	}
}
