package eval

import "testing"

func TestLet(t *testing.T) {
	t.Parallel()
	docs := documents(t, `{"id":"a","n":3,"t":[1,2]}`+"\n"+`{"id":"b","n":5}`)
	for query, want := range map[string][]string{
		"SELECT VALUE (LET x = c.n + 1 IN x * x) FROM c":                                        {"16", "36"},
		"SELECT VALUE (LET x = 2 IN (LET y = x + 1 IN x * y))":                                  {"6"},
		"SELECT VALUE (LET c = c.n IN c) FROM c":                                                {"3", "5"},
		"SELECT VALUE (LET x = c.t IN ARRAY_LENGTH(x)) FROM c":                                  {"2"},
		"SELECT VALUE (LET x = c.n IN (SELECT VALUE SUM(t * x) FROM t IN c.t)) FROM c":          {"9", "0"},
		"SELECT VALUE (LET n = COUNT(1) IN n + n) FROM c":                                       {"4"},
		"SELECT VALUE c.id FROM c WHERE (LET x = c.n IN x > 4)":                                 {`"b"`},
		"SELECT VALUE let.id FROM let WHERE (LET rank = let.n IN rank > 4) ORDER BY let.n":      {`"b"`},
		"SELECT VALUE [c.n, (LET x = c.n IN [x, x]), (LET x = 'a' IN x || x)] FROM c WHERE c.t": {},
	} {
		requireRows(t, query, docs, want)
	}
}

func TestGroupedRowsAreSorted(t *testing.T) {
	t.Parallel()
	docs := documents(t,
		`{"g":"b","n":1}`+"\n"+`{"g":"a","n":5}`+"\n"+`{"g":"b","n":2}`+"\n"+`{"n":7}`+"\n"+`{"g":"c","n":0}`)
	for query, want := range map[string][]string{
		"SELECT c.g, COUNT(1) AS n FROM c GROUP BY c.g ORDER BY c.g": {`{"n":1}`, `{"g":"a","n":1}`,
			`{"g":"b","n":2}`, `{"g":"c","n":1}`},
		"SELECT VALUE c.g FROM c GROUP BY c.g ORDER BY c.g DESC": {`"c"`, `"b"`, `"a"`},
		"SELECT c.g FROM c GROUP BY c.g ORDER BY SUM(c.n) DESC, c.g": {`{}`, `{"g":"a"}`,
			`{"g":"b"}`, `{"g":"c"}`},
		"SELECT c.g, SUM(c.n) AS s FROM c GROUP BY c.g ORDER BY s": {`{"g":"c","s":0}`, `{"g":"b","s":3}`,
			`{"g":"a","s":5}`, `{"s":7}`},
		"SELECT TOP 2 c.g AS k FROM c GROUP BY c.g ORDER BY k DESC":           {`{"k":"c"}`, `{"k":"b"}`},
		"SELECT c.g FROM c GROUP BY c.g ORDER BY UPPER(c.g) OFFSET 1 LIMIT 2": {`{"g":"a"}`, `{"g":"b"}`},
		"SELECT COUNT(1) AS n FROM c ORDER BY c.g":                            {`{"n":5}`},
	} {
		requireRows(t, query, docs, want)
	}
}

func TestParametersThatAreNotPassedAreUndefined(t *testing.T) {
	t.Parallel()
	requireRows(t, "SELECT @p AS v, IS_DEFINED(@p) AS d", nil, []string{`{"d":false}`})
	requireRows(t, "SELECT VALUE @p", nil, []string{})
	requireRows(t, "SELECT VALUE c.n FROM c WHERE c.n = @p", documents(t, `{"n":1}`), []string{})
}
