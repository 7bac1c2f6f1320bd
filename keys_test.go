package cosmossql_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/stretchr/testify/require"
)

// TestPartitionKeysOfEveryType: a document is written, found, changed and deleted by SQL whatever its partition key is.
// Those of the same value are told apart by their type.
func TestPartitionKeysOfEveryType(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, document string
		key            string // as a condition; "" where no condition fixes it
	}{
		{"string", `{"id":"x","k":"1"}`, "k = '1'"},
		{"empty string", `{"id":"x","k":""}`, "k = ''"},
		{"string that is hostile", `{"id":"x","k":"[\"a\",{}]"}`, `k = '["a",{}]'`},
		{"integer", `{"id":"x","k":1}`, "k = 1"},
		{"zero", `{"id":"x","k":0}`, "k = 0"},
		{"negative", `{"id":"x","k":-7}`, "k = -7"},
		{"fraction", `{"id":"x","k":1.5}`, "k = 1.5"},
		{"large number", `{"id":"x","k":1e21}`, "k = 1e21"},
		{"true", `{"id":"x","k":true}`, "k = true"},
		{"false", `{"id":"x","k":false}`, "k = false"},
		{"null", `{"id":"x","k":null}`, "k = null"},
		{"missing", `{"id":"x"}`, ""},
		{"object, which is none", `{"id":"x","k":{"a":1}}`, ""},
		{"array, which is none", `{"id":"x","k":[1]}`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := open(t, "", ada)
			s.create(t, "docs", "/k")
			for _, other := range []string{`"other"`, `2`} {
				s.exec(t, "INSERT INTO docs VALUES (?)", json.RawMessage(fmt.Sprintf(`{"id":"x","k":%s,"n":0}`, other)))
			}
			s.exec(t, "INSERT INTO docs VALUES (?)", json.RawMessage(tt.document))
			where := "id = 'x' AND " + tt.key
			if tt.key == "" {
				where = "id = 'x' AND NOT IS_DEFINED(n)"
			}
			before := s.Count(cosmostest.Query)
			require.Equal(t, int64(1), s.exec(t, "UPDATE docs SET n = 1 WHERE "+where))
			if tt.key != "" {
				require.Equal(t, before, s.Count(cosmostest.Query), "a point operation")
				require.Equal(t, []string{"x"}, s.query(t, "SELECT VALUE d.id FROM docs d WHERE d."+tt.key))
			}
			require.Equal(t, int64(1), s.exec(t, "UPDATE docs SET n = n + 1 WHERE n > 0"), "by predicate")
			require.Equal(t, []string{"x 2"}, s.query(t, "DELETE FROM docs WHERE n = 2 RETURNING id, n"))
			require.Equal(t, []string{"2"}, s.query(t, "SELECT VALUE COUNT(1) FROM docs d"), "the others are there")
		})
	}
}

// TestHierarchicalKeys: a point operation fixes every level; fewer levels are a search, which finds documents that lack
// some, too.
func TestHierarchicalKeys(t *testing.T) {
	t.Parallel()
	s := open(t, "")
	s.exec(t, "CREATE CONTAINER docs PARTITION KEY (/a, /b/c, /d)")
	for i, doc := range []string{
		`"a":"x","b":{"c":1},"d":true`, `"a":"x","b":{"c":1},"d":null`, `"a":"x","b":{"c":2}`, `"a":"x"`,
		`"a":"y","b":{"c":1},"d":true`, `"d":true`,
	} {
		s.exec(t, "INSERT INTO docs VALUES (?)", json.RawMessage(fmt.Sprintf(`{"id":"%d",%s,"n":0}`, i, doc)))
	}
	ids := func(where string) string {
		return strings.Join(s.query(t, "SELECT VALUE d.id FROM docs d WHERE "+where+" ORDER BY d.id"), " ")
	}
	require.Equal(t, int64(1),
		s.exec(t, "UPDATE docs SET n = 1 WHERE id = '0' AND docs.b.c = 1 AND d = true AND a = 'x'"))
	require.Zero(t, s.Count(cosmostest.Query), "a point operation, whatever the order")
	require.Zero(t, s.exec(t, "UPDATE docs SET n = 1 WHERE id = '0' AND a = 'x' AND docs.b.c = 2 AND d = true"))
	require.Equal(t, "0", ids("d.n = 1"))

	require.Equal(t, int64(2), s.exec(t, "UPDATE docs SET n = 2 WHERE a = 'x' AND docs.b.c = 1"))
	require.Equal(t, "0 1", ids("d.n = 2"))
	require.Equal(t, int64(4), s.exec(t, "UPDATE docs SET n = 3 WHERE a = 'x'"))
	require.Equal(t, "0 1 2 3", ids("d.n = 3"))
	require.Equal(t, "0 1", ids("d.a = 'x' AND d.b.c = 1"))
	require.Len(t, s.query(t, "SELECT VALUE d.id FROM docs d", cosmos.PartitionKey("x", 1)), 2, "a prefix as an option")

	require.ErrorContains(t, s.execError(t, "DELETE FROM docs WHERE p.x IS NULL"), "could not be resolved",
		"with a property p it would be every document, and p looks like an alias that was forgotten")
	require.ErrorContains(t, s.execError(t, "UPDATE docs SET b = {c: 2} WHERE true"), "partition key")
	require.ErrorContains(t, s.execError(t, "UPDATE docs SET b.c = 2 WHERE true"), "partition key")
	require.Equal(t, int64(4), s.exec(t, "UPDATE docs SET b.other = 2 WHERE IS_DEFINED(b)"),
		"what stands beside the key can be set")
	require.Equal(t, int64(6), s.exec(t, "DELETE FROM docs WHERE n >= 0"))
}
