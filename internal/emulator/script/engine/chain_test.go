package engine

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The functions over all documents of the partition, alone and one behind the other. Without a callback what they give
// is the response's body.
func TestChains(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ body, want string }{
		{`c.filter((d) => d.n > 1)`, `[{"id":"a","n":2,"tags":["x",["y"]]},{"id":"c","n":3}]`},
		{`c.map((d) => d.n * 2)`, `[4,2,6]`},
		{`c.pluck("id")`, `["a","b","c"]`},
		{`c.pluck("tags")`, `[["x",["y"]],["z"]]`},
		{`c.sortBy((d) => d.n, {}, (e, d) => r.setBody(d.map((x) => x.id)))`, `["b","a","c"]`},
		{`c.sortByDescending((d) => d.n, (e, d) => r.setBody(d.map((x) => x.id)))`, `["c","a","b"]`},
		{`c.flatten()`, `[{"id":"a","n":2,"tags":["x",["y"]]},{"id":"b","n":1,"tags":["z"]},{"id":"c","n":3}]`},
		{`c.unwind((d) => d.tags, (d, tag) => [d.id, tag])`, `[["a","x"],["a",["y"]],["b","z"]]`},
		{`c.unwind((d) => d.tags, (d, tag) => d.id, (e, rows) => r.setBody(rows.join("")))`, `"aab"`},
		{`c.chain().filter((d) => d.n < 3).pluck("tags").flatten().value()`, `["x","y","z"]`},
		{`c.chain().pluck("tags").flatten(true).value()`, `["x",["y"],"z"]`},
		{`c.chain().unwind((d) => d.tags).map((x) => [x[0].id, x[1]]).value()`, `[["a","x"],["a",["y"]],["b","z"]]`},
		{`c.chain().map((d) => d.n).sortBy().value()`, `[1,2,3]`},
		{`c.chain().map((d) => d.n).sortByDescending().value()`, `[3,2,1]`},
		{`c.chain().sortBy((d) => d.tags ? 1 : 0).pluck("id").value()`, `["c","a","b"]`},
		{`c.chain().value()`, `[{"id":"a","n":2,"tags":["x",["y"]]},{"id":"b","n":1,"tags":["z"]},{"id":"c","n":3}]`},
		{`__.filter((d) => d.id === "c", (e, d, o) => r.setBody([e === undefined, d, o]))`,
			`[true,[{"id":"c","n":3}],{}]`},
		{`r.setBody(c.pluck("id", () => 1))`, `{"isAccepted":true}`},
		{`c.pluck("id"); c.pluck("n")`, `[2,1,3]`},
		{`c.filter((d) => false)`, `[]`},
	} {
		s := newShelf(t, `{"id":"a","n":2,"tags":["x",["y"]]}`, `{"id":"b","n":1,"tags":["z"]}`, `{"id":"c","n":3}`)
		got, err := s.run(t, test.body)
		require.NoError(t, err, test.body)
		require.Equal(t, test.want, got, test.body)
	}
}

// A page at a time goes through the functions, and the continuation leads to the next; what is sorted needs all pages.
func TestChainsInPages(t *testing.T) {
	t.Parallel()
	docs := []string{`{"id":"a","n":2}`, `{"id":"b","n":1}`, `{"id":"c","n":3}`}
	for _, test := range []struct {
		body, want string
		asked      []string
	}{
		{`r.setValue("q", c.pluck("id", {pageSize: 2}, (e, d, o) => r.setBody([d, o, r.getValue("q")])))`,
			`[["a","b"],{"continuation":"2"},{"isAccepted":true,"continuation":"2"}]`, []string{`query "" 0 2 ""`}},
		{`c.chain().pluck("id").value({pageSize: 2, continuation: "2"}, (e, d, o) => r.setBody([d, o]))`,
			`[["c"],{}]`, []string{`query "" 0 2 "2"`}},
		{`c.filter((d) => d.n > 2, {pageSize: 2})`, `[]`, []string{`query "" 0 2 ""`}},
		{`c.chain().sortBy((d) => d.n).pluck("id").value({pageSize: 1}, (e, d, o) => r.setBody([d, o]))`,
			`[["b","a","c"],{}]`, []string{`query "" 0 1 ""`, `query "" 0 1 "1"`, `query "" 0 1 "2"`}},
		{`c.chain().filter((d) => d.n !== 2).sortByDescending((d) => d.n).map((d) => d.id).value({pageSize: 2})`,
			`["c","b"]`, []string{`query "" 0 2 ""`, `query "" 0 2 "2"`}},
	} {
		s := newShelf(t, docs...)
		got, err := s.run(t, test.body)
		require.NoError(t, err, test.body)
		require.Equal(t, test.want, got, test.body)
		require.Equal(t, test.asked, s.asked, test.body)
	}
}

// What a function of a chain throws ends the script, as what a callback throws does.
func TestChainsThatThrow(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`c.filter((d) => d.x.y)`, `c.chain().map((d) => d.x.y).value(() => r.setBody(1))`,
		`c.pluck("id", (e, d) => d.x.y)`, `c.sortBy((d) => d.x.y)`} {
		got, err := newShelf(t, `{"id":"a"}`).run(t, body)
		require.ErrorContains(t, err, "TypeError: Cannot read property 'y' of undefined", body)
		require.Empty(t, got, body)
	}
}
