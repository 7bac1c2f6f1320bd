package gateway_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/gateway"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

// Queries that the indexes of one container answer give the pages, charges and orders of another that indexes nothing
// and has the same documents, whatever is written between the pages.
func TestIndexesChangeNoResult(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(_ *gateway.Options, so *store.Options) { so.Partitions = 2 })
	s.do("POST", "/dbs", nil, map[string]any{"id": "d"}).want(t, 201)
	key := map[string]any{"paths": []string{"/pk"}, "version": 2}
	s.do("POST", "/dbs/d/colls", nil, map[string]any{"id": "with", "partitionKey": key}).want(t, 201)
	none := map[string]any{"indexingMode": "consistent", "includedPaths": []any{},
		"excludedPaths": []any{map[string]any{"path": "/*"}}}
	s.do("POST", "/dbs/d/colls", nil,
		map[string]any{"id": "without", "partitionKey": key, "indexingPolicy": none}).want(t, 201)
	both := []string{"/dbs/d/colls/with", "/dbs/d/colls/without"}

	r := rand.New(rand.NewPCG(7, 8))
	values := []any{nil, true, false, -2, 0, 1, 2.5, 7, 7, 7, 1000, int64(1 << 53), "", "a", "b", "é",
		[]any{}, []any{1},
		map[string]any{"k": 1}}
	document := func(id int) map[string]any {
		doc := map[string]any{"id": fmt.Sprintf("d%03d", id), "pk": fmt.Sprint("p", id%9), "n": r.IntN(12),
			"o": map[string]any{"x": r.IntN(5)}}
		if r.IntN(5) > 0 {
			doc["m"] = values[r.IntN(len(values))]
		}
		return doc
	}
	write := func() {
		id := r.IntN(160)
		doc, remove := document(id), r.IntN(4) == 0
		for _, coll := range both {
			if remove {
				s.do("DELETE", fmt.Sprintf("%s/docs/%s", coll, doc["id"]), pk(doc["pk"]), nil)
				continue
			}
			headers := pk(doc["pk"])
			headers["x-ms-documentdb-is-upsert"] = "True"
			require.Less(t, s.do("POST", coll+"/docs", headers, doc).status, 300)
		}
	}
	for range 300 {
		write()
	}
	c, err := s.account.Container("d", "with")
	require.NoError(t, err)
	ranges := c.Ranges()
	filters := []string{"c.n = 3", "c.m = 7", "c.m = null", "c.m = 'a'", "c.n > 9", "3 >= c.n", "c.n > 2 AND c.n <= 4",
		"c.n > 4 AND c.n < 3", "c.m >= 'a'", "c.m < 1", "c.n IN (1, 5, 5, 'x')", "c.n BETWEEN 2 AND 3", "c.id = 'd007'",
		"c.o.x = 1 AND c.n = 2", "c.m = [1]", "c.m = -2", "c.n = 2 OR c.n = 3", "c.n != 3", "NOT (c.n < 5)",
		"c.n < 5 AND c.m = true", "c.m = 9007199254740992", "c.n >= 0", "c.m = NaN", "c.m > NaN", "c.m < undefined"}
	selects := []string{"* FROM c", "VALUE c.id FROM c", "VALUE COUNT(1) FROM c",
		"COUNT(1) AS n, COUNT(c.m) AS m FROM c", "VALUE SUM(c.n) FROM c",
		"TOP 7 c.id, c.n FROM c", "DISTINCT VALUE c.n FROM c", "VALUE [c.id, x] FROM c JOIN x IN [1, 2]"}
	orders := []string{"", " ORDER BY c.n", " ORDER BY c.n DESC", " ORDER BY c.m", " ORDER BY c.m DESC",
		" ORDER BY c.o.x DESC", " ORDER BY c.id", " ORDER BY c.pk"}
	limits := []string{"", "", " OFFSET 3 LIMIT 20", " OFFSET 0 LIMIT 2"}
	for range 300 {
		query := "SELECT " + selects[r.IntN(len(selects))]
		if r.IntN(3) > 0 {
			query += " WHERE " + filters[r.IntN(len(filters))]
		}
		query += orders[r.IntN(len(orders))]
		if query[:10] != "SELECT TOP" {
			query += limits[r.IntN(len(limits))]
		}
		size, writes := 1+r.IntN(40), r.IntN(2)
		for i := range ranges {
			tokens := [2]string{}
			for page := 0; page == 0 || tokens[0] != ""; page++ {
				var answers [2]answer
				for j, coll := range both {
					own, err := s.account.Container("d", coll[len("/dbs/d/colls/"):])
					require.NoError(t, err)
					require.Len(t, own.Ranges(), len(ranges))
					id := own.Ranges()[i].ID
					headers := h{"x-ms-documentdb-partitionkeyrangeid": id, "x-ms-continuation": tokens[j],
						"x-ms-max-item-count": fmt.Sprint(size)}
					if i == 0 && size%7 == 0 {
						headers = pk("p3")
						headers["x-ms-continuation"], headers["x-ms-max-item-count"] = tokens[j], fmt.Sprint(size)
					}
					answers[j] = s.post(coll, query, headers)
				}
				require.Equal(t, answers[1].status, answers[0].status, query)
				if answers[0].status != 200 {
					break
				}
				require.Equal(t, rowsWithoutSystem(answers[1]), rowsWithoutSystem(answers[0]),
					"%s, page %d of %d", query, page,
					size)
				require.Equal(t, answers[1].header.Get("x-ms-request-charge"),
					answers[0].header.Get("x-ms-request-charge"), query)
				for j := range answers {
					tokens[j] = answers[j].header.Get("x-ms-continuation")
				}
				require.Equal(t, tokens[1] == "", tokens[0] == "", query)
				for range writes {
					write()
				}
			}
		}
	}
}

// rowsWithoutSystem are the rows of an answer without what differs between two containers.
func rowsWithoutSystem(a answer) []any {
	rows := a.rows("Documents")
	for _, row := range rows {
		if doc, ok := row.(map[string]any); ok {
			for _, name := range []string{"_rid", "_self", "_etag", "_ts"} {
				delete(doc, name)
			}
		}
	}
	return rows
}
