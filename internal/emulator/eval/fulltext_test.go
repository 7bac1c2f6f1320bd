package eval

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/value"
)

var fullTextCases = []exprCase{
	{"FullTextContains('A red bicycle', 'red')", "true"},
	{"FullTextContains('A red bicycle', 'RED')", "true"},
	{"FullTextContains('A red bicycle', 'bicycles')", "true"},
	{"FullTextContains('A red bicycle', 'car')", "false"},
	{"FullTextContains('The United States of America', 'United States')", "true"},
	{"FullTextContains('States that are united', 'United States')", "false"},
	{"FullTextContains('well-worn', 'worn')", "true"},
	{"FullTextContains('well-known', 'known')", "false"},
	{"FullTextContains('5 of 12', '5')", "true"},
	{"FullTextContains('red (big) bicycle', 'red bicycle')", "false"},
	{"FullTextContains('red (the) bicycle', 'red bicycle')", "true"},
	{"FullTextContains('', 'a')", "false"},
	{"FullTextContains('a', '')", "false"},
	{"FullTextContains(7, '7')", ""},
	{"FullTextContains(null, 'a')", ""},
	{"FullTextContains('a', undefined)", ""},
	{"FullTextContainsAll('A red bicycle', 'red', 'bicycle')", "true"},
	{"FullTextContainsAll('A red bicycle', 'red', 'car')", "false"},
	{"FullTextContainsAll('A red bicycle', 'red', null)", ""},
	{"FullTextContainsAll(undefined, 'red')", ""},
	{"FullTextContainsAll('A red bicycle', ['red'])", ""},
	{"FullTextContainsAny('A red bicycle', 'car', 'red')", "true"},
	{"FullTextContainsAny('A red bicycle', 'car', 'bus')", "false"},
	{"FullTextContainsAny('A red bicycle', null)", ""},
	{"FullTextContainsAny(undefined, 'red')", ""},
	{"FullTextContainsAny('A red bicycle', 1)", ""},
	{"FullTextContains('A red bicycle', {'term': 'rad', 'distance': 1})", "true"},
	{"FullTextContains('A red bicycle', {'term': 'rad', 'distance': 0})", "false"},
	{"FullTextContains('A red bicycle', {'term': 'rde', 'distance': 1})", "false"},
	{"FullTextContains('A red bicycle', {'term': 'rde', 'distance': 2})", "true"},
	{"FullTextContains('A red bicycle', {'term': 'rad bycycle', 'distance': 1})", "true"},
	{"FullTextContains('A red bicycle', {'term': 'bycycle rad', 'distance': 1})", "false"},
	{"FullTextContains('A red bicycle', {'term': 'red', 'distance': 3})", ""},
	{"FullTextContains('A red bicycle', {'term': 'red', 'distance': -1})", ""},
	{"FullTextContains('A red bicycle', {'term': 'red', 'distance': '1'})", ""},
	{"FullTextContains('A red bicycle', {'term': 7, 'distance': 1})", ""},
	{"FullTextContains('A red bicycle', {'term': 'red'})", ""},
	{"FullTextContainsAll('A red bicycle', 'red', {'term': 'bycycle', 'distance': 1})", "true"},
	{"FullTextContainsAll('A red bicycle', 'red', {'term': 'car', 'distance': 1})", "false"},
	{"FullTextContainsAny('A red bicycle', 'car', {'term': 'bycycle', 'distance': 1})", "true"},
	{"FullTextContainsAny('A red bicycle', 'red', {'distance': 1})", ""},
	{"_FullTextWordCount('The red, red bicycle')", "3"},
	{"_FullTextWordCount('A well known bicycle – red, 5 (or 15)!')", "6"},
	{"_FullTextWordCount(null)", ""},
	{"_FullTextWordCount(undefined)", ""},
	{"_FullTextWordCount([])", ""},
	{"_FullTextScore('red bicycle', ['car'], 10, 20, [3])", "0"},
	{"_FullTextScore(null, ['car'], 10, 20, [3])", ""},
	{"_FullTextScore(undefined, ['car'], 10, 20, [3])", ""},
	{"_FullTextScore('red', 'red', 10, 20, [3])", ""},
}

func TestFullTextFunctions(t *testing.T) {
	t.Parallel()
	checkExprs(t, fullTextCases)
}

func TestFullTextLanguages(t *testing.T) {
	t.Parallel()
	docs := documents(t, `{"t":"Die Häuser sind groß"}`)
	query := "SELECT VALUE FullTextContains(c.t, 'haus') FROM c"
	require.Equal(t, []string{"false"}, mustEvaluate(t, query, docs, Options{}))
	for name, languages := range map[string]map[string]string{
		"of the path":      {"/t": "de-DE"},
		"by default":       {"": "de-DE"},
		"path before both": {"/t": "de-DE", "": "en-US"},
	} {
		require.Equal(t, []string{"true"}, mustEvaluate(t, query, docs, Options{Languages: languages}), name)
	}
	require.Same(t, languages["en"], languageFor("xx-XX"), "English where nothing is known")
}

func TestScoreOfRewrittenQuery(t *testing.T) {
	t.Parallel()
	score := func(text string) float64 {
		return parse(t, evaluateExpr(t, "_FullTextScore('"+text+"', ['red','car'], 100, 400, [10, 50])", Options{})).
			AsFloat()
	}
	require.Greater(t, score("red"), score("car"), "the rarer term weighs more")
	require.Greater(t, score("red car"), score("red"))
	require.Greater(t, score("red red thing"), score("red blue thing"))
	require.Greater(t, score("red thing"), score("red thing in a very long text about other things"))
	require.Zero(t, score("nothing"))
}

func TestOrderByRank(t *testing.T) {
	t.Parallel()
	docs := documents(t, `
{"id":"1","t":"the red bicycle","v":[0,1]}
{"id":"2","t":"a car","v":[1,0]}
{"id":"3","t":"red red wine and a red car","v":[1,1]}
{"id":"4","v":[5,0.1]}
{"id":"5","t":"nothing here"}`)
	for _, tc := range []struct{ name, query, want string }{
		{"one score", "SELECT VALUE c.id FROM c ORDER BY RANK FullTextScore(c.t, 'red')", "3 1 2 5 4"},
		{"several terms", "SELECT VALUE c.id FROM c ORDER BY RANK FullTextScore(c.t, 'red', 'car')", "3 2 1 5 4"},
		{"terms in an array", "SELECT VALUE c.id FROM c ORDER BY RANK FullTextScore(c.t, ['red','car'])", "3 2 1 5 4"},
		{"terms in a parameter", "SELECT VALUE c.id FROM c ORDER BY RANK FullTextScore(c.t, @terms)", "3 2 1 5 4"},
		{"with a filter", "SELECT VALUE c.id FROM c WHERE c.id != '3' ORDER BY RANK FullTextScore(c.t, 'red')",
			"1 2 5 4"},
		{"first few", "SELECT TOP 2 VALUE c.id FROM c ORDER BY RANK FullTextScore(c.t, 'red')", "3 1"},
		{"page", "SELECT VALUE c.id FROM c ORDER BY RANK FullTextScore(c.t, 'red') OFFSET 1 LIMIT 2", "1 2"},
		{"vector", "SELECT VALUE c.id FROM c ORDER BY RANK VectorDistance(c.v, [1,0])", "2 4 3 1 5"},
		{"fused",
			"SELECT VALUE c.id FROM c ORDER BY RANK RRF(FullTextScore(c.t, 'red'), VectorDistance(c.v, [1,0]))",
			"2 3 1 4 5"},
		{"weights", "SELECT VALUE c.id FROM c " +
			"ORDER BY RANK RRF(FullTextScore(c.t, 'red'), VectorDistance(c.v, [1,0]), [0.01, 1])",
			"2 4 3 1 5"},
		{"weights in a parameter",
			"SELECT VALUE c.id FROM c " +
				"ORDER BY RANK RRF(FullTextScore(c.t, 'red'), VectorDistance(c.v, [1,0]), @weights)",
			"2 4 3 1 5"},
		{"negative weight", "SELECT VALUE c.id FROM c WHERE c.id < '4' " +
			"ORDER BY RANK RRF(FullTextScore(c.t, 'red'), VectorDistance(c.v, [1,0]), [0.01, -1])",
			"1 3 2"},
		{"nothing to rank", "SELECT VALUE c.id FROM c WHERE false ORDER BY RANK FullTextScore(c.t, 'red')", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			rows := mustEvaluate(t, tc.query, docs,
				Options{Params: params(t, "@terms", `["red","car"]`, "@weights", `[0.01,1]`)})
			require.Equal(t, tc.want, strings.ReplaceAll(strings.Join(rows, " "), `"`, ""))
		})
	}
}

// Where texts have the term once, the shorter goes first: stop words do not count, single digits and parentheses do.
func TestLengthsOfTexts(t *testing.T) {
	t.Parallel()
	docs := documents(t, `
{"id":"big","t":"red big bicycle of two wheels"}
{"id":"known","t":"the red, well known bicycle which is also useful"}
{"id":"digit","t":"red bicycle 5"}
{"id":"number","t":"red bicycle 55, 66"}
{"id":"parentheses","t":"red (fast) bicycle"}
{"id":"none","t":"(nothing) here at all"}`)
	rows := mustEvaluate(t, "SELECT VALUE c.id FROM c ORDER BY RANK FullTextScore(c.t, 'red')", docs, Options{})
	require.Equal(t, `"known" "digit" "big" "number" "parentheses" "none"`, strings.Join(rows, " "))
	require.Equal(t, []string{"2", "3", "4", "4", "5", "2"}, []string{
		evaluateExpr(t, "_FullTextWordCount('the red, well known bicycle which is also useful')", Options{}),
		evaluateExpr(t, "_FullTextWordCount('red bicycle 5')", Options{}),
		evaluateExpr(t, "_FullTextWordCount('red big bicycle of two wheels')", Options{}),
		evaluateExpr(t, "_FullTextWordCount('red bicycle 55, 66')", Options{}),
		evaluateExpr(t, "_FullTextWordCount('red (fast) bicycle')", Options{}),
		evaluateExpr(t, "_FullTextWordCount('(nothing) here at all')", Options{}),
	})
}

func TestReciprocalRankFusion(t *testing.T) {
	t.Parallel()
	// Two components; the first row ranks 1 and 2.
	rows := []scored{
		{parts: []measure{{score: 9}, {score: 5}}},
		{parts: []measure{{score: 7}, {score: 8}}},
		{parts: []measure{{score: 7}, {missing: true}}},
	}
	vector := func(*env) value.Value { return value.Undefined }
	parts := []component{{weight: 1, vector: vector}, {weight: 1, vector: vector}}
	for i := range parts {
		fuse(&parts[i], rows, i, newCorpora(parts))
	}
	require.InDelta(t, 0.03252247488101534, rows[0].score, 1e-15)
	require.InDelta(t, 0.03252247488101534, rows[1].score, 1e-15)
	require.InDelta(t, 1.0/62+1.0/63, rows[2].score, 1e-15, "equal scores share a rank, and the next follows at once")
}

func TestDocumentID(t *testing.T) {
	t.Parallel()
	docs := documents(t, `
{"_rid":"DPZtAKyOj5gBAAAAAAAAAA=="}
{"_rid":"DPZtAKyOj5gBAQAAAAAAAA=="}
{"_rid":"short"}
{}`)
	require.Equal(t, []string{"1", "257"}, mustEvaluate(t, "SELECT VALUE DOCUMENTID(c) FROM c", docs, Options{}))
	_, err := evaluate(t, "SELECT VALUE DOCUMENTID(c.x) FROM c", docs, Options{})
	require.ErrorContains(t, err, "alias of the item")
}
