package script_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest/script"
)

const importBody = `function importAll(documents) {
	const container = getContext().getCollection(), answer = getContext().getResponse();
	if (!documents) throw new Error("There are no documents.");
	let done = 0;
	answer.setBody(0);
	next();
	function next() {
		if (done === documents.length) return;
		const accepted = container.createDocument(container.getSelfLink(), documents[done], (error) => {
			if (error) throw error;
			answer.setBody(++done);
			next();
		});
		if (!accepted) answer.setBody(done);
	}
}`

func documents(n int) []any {
	var docs []any
	for i := range n {
		docs = append(docs, map[string]any{"id": fmt.Sprint("d", i), "pk": "p", "n": i})
	}
	return docs
}

func TestBulkImport(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.procedure("import", importBody)
	got, err := w.run("import", documents(250))
	require.NoError(t, err)
	require.Equal(t, "250", got)
	require.Equal(t, []string{"250"}, w.all("SELECT VALUE COUNT(1) FROM c"))

	_, err = w.run("import", append([]any{map[string]any{"id": "new", "pk": "p"}}, documents(1)...))
	require.ErrorIs(t, err, cosmos.ErrBadRequest)
	require.ErrorContains(t, err, "already exists")
	require.Equal(t, []string{"250"}, w.all("SELECT VALUE COUNT(1) FROM c"), "what failed is undone as a whole")
}

// A client calls the procedure with what is left, until nothing is.
func TestBulkImportInParts(t *testing.T) {
	t.Parallel()
	w := start(t, script.Operations(30))
	w.procedure("import", importBody)
	left, calls := documents(100), 0
	for ; len(left) > 0; calls++ {
		got, err := w.run("import", left)
		require.NoError(t, err)
		var n int
		require.NoError(t, json.Unmarshal([]byte(got), &n))
		require.Positive(t, n)
		left = left[n:]
	}
	require.Equal(t, 4, calls)
	require.Equal(t, []string{"100"}, w.all("SELECT VALUE COUNT(1) FROM c"))
}

func TestBulkDeleteWithContinuation(t *testing.T) {
	t.Parallel()
	w := start(t, script.Operations(40))
	for i := range 100 {
		w.create(fmt.Sprintf(`{"id":"d%d","pk":"p","old":%t}`, i, i%10 != 0))
	}
	w.create(`{"id":"other","pk":"q","old":true}`)
	w.procedure("delete", `function deleteAll(query) {
		const c = getContext().getCollection(), answer = {deleted: 0, continuation: true};
		more();
		function more(token) {
			const page = {continuation: token, pageSize: 10};
			const accepted = c.queryDocuments(c.getSelfLink(), query, page, (error, found, options) => {
				if (error) throw error;
				if (found.length > 0) remove(found);
				else if (options.continuation) more(options.continuation);
				else { answer.continuation = false; tell(); }
			});
			if (!accepted) tell();
		}
		function remove(found) {
			if (found.length === 0) return more();
			const accepted = c.deleteDocument(found[0]._self, {}, (error) => {
				if (error) throw error;
				answer.deleted++;
				found.shift();
				remove(found);
			});
			if (!accepted) tell();
		}
		function tell() { getContext().getResponse().setBody(answer); }
	}`)
	total, calls := 0, 0
	for more := true; more; calls++ {
		require.Less(t, calls, 10)
		got, err := w.run("delete", "SELECT * FROM c WHERE c.old")
		require.NoError(t, err)
		var answer struct {
			Deleted      int
			Continuation bool
		}
		require.NoError(t, json.Unmarshal([]byte(got), &answer))
		total, more = total+answer.Deleted, answer.Continuation
	}
	require.Equal(t, 90, total)
	require.Equal(t, 3, calls)
	require.Equal(t, []string{"11"}, w.all("SELECT VALUE COUNT(1) FROM c"), "the other partition is as it was")
}

func TestTransactionalSwap(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.create(`{"id":"ann","pk":"p","item":"sword"}`)
	w.create(`{"id":"bob","pk":"p","item":"shield"}`)
	w.procedure("swap", `function swap(one, other, fail) {
		const c = getContext().getCollection();
		find(one, (a) => find(other, (b) => {
			[a.item, b.item] = [b.item, a.item];
			put(a, () => {
				if (fail) throw new Error("No deal.");
				put(b, () => getContext().getResponse().setBody([a.item, b.item]));
			});
		}));
		function find(id, then) {
			const q = {query: "SELECT * FROM c WHERE c.id = @id", parameters: [{name: "@id", value: id}]};
			if (!c.queryDocuments(c.getSelfLink(), q, {}, (error, docs) => {
				if (error) throw error;
				if (docs.length !== 1) throw new Error(404, "There is no " + id + ".");
				then(docs[0]);
			})) throw new Error("Not accepted.");
		}
		function put(doc, then) {
			if (!c.replaceDocument(doc._self, doc, {etag: doc._etag}, (error) => {
				if (error) throw error;
				then();
			})) throw new Error("Not accepted.");
		}
	}`)
	got, err := w.run("swap", "ann", "bob")
	require.NoError(t, err)
	require.JSONEq(t, `["shield","sword"]`, got)
	_, err = w.run("swap", "ann", "bob", true)
	require.ErrorContains(t, err, "Exception = Error: No deal.")
	require.ElementsMatch(t, []string{`"shield"`, `"sword"`}, w.all("SELECT VALUE c.item FROM c"))
	require.Equal(t, []string{`"shield"`}, w.all("SELECT VALUE c.item FROM c WHERE c.id = 'ann'"),
		"the first replace is undone")
	_, err = w.run("swap", "ann", "nobody")
	require.ErrorContains(t, err, "There is no nobody.")
	var e *cosmos.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, [2]int{400, 404}, [2]int{e.StatusCode, e.SubStatus}, "the number of the error is the substatus")
}
