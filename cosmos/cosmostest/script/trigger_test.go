package script_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
)

func TestPreTrigger(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.trigger("stamp", "Pre", "Create", `function stamp() {
		const request = getContext().getRequest(), doc = request.getBody();
		if (!("at" in doc)) doc.at = new Date(0).toISOString();
		if (!doc.id) doc.id = "made";
		doc.by = request.getOperationType();
		request.setBody(doc);
	}`)
	res, err := w.CreateItem(t.Context(), json.RawMessage(`{"id":"1","pk":"p"}`), cosmos.PreTriggers("stamp"))
	require.NoError(t, err)
	require.Contains(t, string(res.Body), `"at":"1970-01-01T00:00:00.000Z","by":"Create"`)
	require.Equal(t, []string{`"1970-01-01T00:00:00.000Z"`}, w.all("SELECT VALUE c.at FROM c"))
	w.create(`{"id":"2","pk":"p"}`)
	require.Len(t, w.all("SELECT VALUE c.at FROM c"), 1, "a trigger that is not named does not run")

	_, err = w.ReplaceItem(t.Context(), "1", json.RawMessage(`{"id":"1","pk":"p"}`), cosmos.PreTriggers("stamp"))
	require.ErrorContains(t, err, `The trigger "stamp" is for the operation Create, not for Replace.`)
	_, err = w.CreateItem(t.Context(), json.RawMessage(`{"id":"3","pk":"p"}`), cosmos.PostTriggers("stamp"))
	require.ErrorContains(t, err, "is not a post-trigger")
	_, err = w.CreateItem(t.Context(), json.RawMessage(`{"id":"3","pk":"p"}`), cosmos.PreTriggers("none"))
	require.ErrorContains(t, err, `The trigger "none" does not exist.`)
	_, err = w.CreateItem(t.Context(), json.RawMessage(`{"id":"3","pk":"p"}`), cosmos.PreTriggers("stamp", "none"))
	require.ErrorContains(t, err, "Only one trigger")

	w.trigger("moves", "Pre", "All",
		`function () { const r = getContext().getRequest(), d = r.getBody(); d.pk = "q"; r.setBody(d); }`)
	_, err = w.UpsertItem(t.Context(), json.RawMessage(`{"id":"3","pk":"p"}`), cosmos.PreTriggers("moves"))
	require.ErrorIs(t, err, cosmos.ErrBadRequest, "a document cannot leave its partition")
	w.trigger("refuses", "Pre", "Delete", `function () { throw new Error(403, "Nothing is deleted here."); }`)
	_, err = w.DeleteItem(t.Context(), "1", cosmos.PartitionKey("p"), cosmos.PreTriggers("refuses"))
	require.ErrorContains(t, err, "Nothing is deleted here.")
	require.Equal(t, []string{"2"}, w.all("SELECT VALUE COUNT(1) FROM c"))
}

func TestPostTrigger(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.create(`{"id":"meta","pk":"p","count":0,"names":[]}`)
	w.trigger("count", "Post", "All", `function () {
		const c = getContext().getCollection(), made = getContext().getResponse().getBody();
		const accepted = c.filter((d) => d.id === "meta", (error, found) => {
			if (error) throw error;
			if (found.length !== 1) throw new Error("There is no metadata.");
			found[0].count++;
			found[0].names.push(made ? made.id : null);
			if (!c.replaceDocument(found[0]._self, found[0], (error) => {
				if (error) throw error;
			})) throw new Error("Not accepted.");
		});
		if (!accepted.isAccepted) throw new Error("Not accepted.");
	}`)
	_, err := w.CreateItem(t.Context(), json.RawMessage(`{"id":"1","pk":"p"}`), cosmos.PostTriggers("count"))
	require.NoError(t, err)
	_, err = w.DeleteItem(t.Context(), "1", cosmos.PartitionKey("p"), cosmos.PostTriggers("count"))
	require.NoError(t, err)
	require.JSONEq(t, `[2,["1",null]]`, w.all("SELECT VALUE [c.count, c.names] FROM c WHERE c.id = 'meta'")[0])

	_, err = w.CreateItem(t.Context(), json.RawMessage(`{"id":"1","pk":"q"}`), cosmos.PostTriggers("count"))
	require.ErrorContains(t, err, "There is no metadata.")
	require.Equal(t, []string{"1"}, w.all("SELECT VALUE COUNT(1) FROM c"), "the write is undone with its trigger")
}

// A post-trigger sees what was sent, as the pre-trigger left it, beside what was written.
func TestPostTriggerSeesTheRequest(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.trigger("mark", "Pre", "All", `function () {
		const r = getContext().getRequest(), doc = r.getBody();
		doc.mark = 1;
		r.setBody(doc);
	}`)
	w.trigger("check", "Post", "All", `function () {
		const sent = getContext().getRequest().getBody(), r = getContext().getResponse(), written = r.getBody();
		if (sent ? sent.mark !== 1 || sent._ts || written._ts === undefined : written) throw new Error("mismatch");
		if (sent) r.setBody({ sent: sent, id: written.id });
	}`)
	both := []cosmos.Option{cosmos.PreTriggers("mark"), cosmos.PostTriggers("check")}
	doc := json.RawMessage(`{"id":"1","pk":"p"}`)
	for name, write := range map[string]func() (*cosmos.Response, error){
		"create":  func() (*cosmos.Response, error) { return w.CreateItem(t.Context(), doc, both...) },
		"replace": func() (*cosmos.Response, error) { return w.ReplaceItem(t.Context(), "1", doc, both...) },
		"upsert":  func() (*cosmos.Response, error) { return w.UpsertItem(t.Context(), doc, both...) },
	} {
		if name == "replace" {
			_, err := w.UpsertItem(t.Context(), doc)
			require.NoError(t, err)
		}
		res, err := write()
		require.NoError(t, err, name)
		require.JSONEq(t, `{"sent":{"id":"1","pk":"p","mark":1},"id":"1"}`, string(res.Body), name)
		_, err = w.DeleteItem(t.Context(), "1", cosmos.PartitionKey("p"), cosmos.PostTriggers("check"))
		require.NoError(t, err, name)
	}
}
