package store

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A policy of conflicts names its procedure by id, or by a path of ids or rids to the container itself.
func TestConflictProcedureIsFound(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 1, "")
	other, err := c.db.CreateContainer([]byte(`{"id":"other","partitionKey":{"paths":["/pk"]}}`), Throughput{})
	require.NoError(t, err)
	const body = `{"id":"decide","body":"function () {}"}`
	decide, err := c.Scripts.Create(Procedure, []byte(body))
	require.NoError(t, err)
	_, err = c.Scripts.Create(Function, []byte(`{"id":"f","body":"function () {}"}`))
	require.NoError(t, err)
	_, err = other.Scripts.Create(Procedure, []byte(body))
	require.NoError(t, err)
	d, x := c.db.RID(), c.RID()
	for _, name := range []string{"decide", decide.RID(), "dbs/d/colls/c/sprocs/decide",
		"/dbs/d/colls/c/sprocs/decide/", "dbs/" + d + "/colls/" + x + "/sprocs/" + decide.RID(),
		"dbs/d/colls/" + x + "/sprocs/decide",
		"dbs/" + d + "/colls/c/sprocs/decide", strings.TrimSuffix(decide.Self(), "/")} {
		found, err := c.ConflictProcedure(name)
		require.NoError(t, err, name)
		require.Same(t, decide, found)
	}
	for _, name := range []string{"", "none", "f", "dbs/d/colls/c/sprocs/none", "dbs/d/colls/other/sprocs/decide",
		"dbs/e/colls/c/sprocs/decide", "dbs/d/colls/" + other.RID() + "/sprocs/decide", "dbs/d/colls/c/udfs/decide",
		"dbs/d/colls/c/sprocs/decide/x", "colls/c/sprocs/decide", "dbs/d/sprocs/c/colls/decide", "d/c/decide",
		"sprocs/decide", "x/d/colls/c/sprocs/decide", "dbs/d/x/c/sprocs/decide"} {
		_, err := c.ConflictProcedure(name)
		refused(t, err, 404, "Resource Not Found")
	}
}

// A script's id is taken within its kind; its JSON is what was sent, with what the server adds.
func TestWhatAScriptKeeps(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 1, "")
	for kind, name := range map[ScriptKind]string{Procedure: "sprocs", Trigger: "triggers", Function: "udfs"} {
		r, err := c.Scripts.Create(kind, []byte(`{"triggerType":"Pre","body":"function () {}","_rid":"mine",`+
			`"triggerOperation":"All","id":"s","mine":[1]}`))
		require.NoError(t, err)
		require.Equal(t, "dbs/"+c.db.RID()+"/colls/"+c.RID()+"/"+name+"/"+r.RID()+"/", r.Self())
		require.True(t, strings.HasPrefix(string(r.JSON()),
			`{"triggerType":"Pre","body":"function () {}","triggerOperation":"All","id":"s","mine":[1],"_rid":"`+
				r.RID()+`","_self":"`+r.Self()+`","_etag":`), "%s", r.JSON())
		for _, again := range []string{"s", r.RID()} {
			_, err = c.Scripts.Create(kind, []byte(`{"triggerType":"Pre","body":"","triggerOperation":"All","id":"`+
				again+`"}`))
			refused(t, err, 409, "")
		}
		next, err := c.Scripts.Replace(kind, r.RID(),
			[]byte(`{"triggerType":"Pre","body":"b","triggerOperation":"All","id":"s"}`), "*")
		require.NoError(t, err)
		require.Equal(t, []string{r.RID(), r.Self()}, []string{next.RID(), next.Self()})
		require.Greater(t, next.ETag(), r.ETag())
		require.Greater(t, next.LSN(), r.LSN())
		require.Equal(t, "function () {}", r.Value().Get("body").AsString(), "who holds the old one still has it")
		require.NoError(t, c.Scripts.Delete(kind, r.RID(), ""))
		anew, err := c.Scripts.Create(kind, []byte(`{"triggerType":"Pre","body":"","triggerOperation":"All","id":"s"}`))
		require.NoError(t, err)
		require.NotEqual(t, r.RID(), anew.RID(), "a number is given once")
	}
}

// A script that lacks what its kind needs is refused, new or in the place of another.
func TestScriptsThatLackSomething(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 1, "")
	const trigger = `"triggerType":"Pre","triggerOperation":"All"`
	for _, kind := range []ScriptKind{Procedure, Trigger, Function} {
		_, err := c.Scripts.Create(kind, []byte(`{"id":"s","body":"",`+trigger+`}`))
		require.NoError(t, err)
	}
	for _, test := range []struct {
		kind       ScriptKind
		body, want string
	}{
		{Procedure, `{"id":"s"}`, "'body; '"},
		{Procedure, `{"id":"s","body":5}`, "'body; '"},
		{Function, `{"id":"s","body":null}`, "'body; '"},
		{Function, `{"body":""}`, "'id; '"},
		{Function, `{"id":7,"body":""}`, "'id; '"},
		{Function, `["s"]`, "request payload is invalid"},
		{Function, `{"id":"s"`, "request payload is invalid"},
		{Trigger, `{"id":"s","body":"","triggerType":"Pre"}`, "'triggerType; triggerOperation; '"},
		{Trigger, `{"id":"s","body":"","triggerOperation":"All"}`, "'triggerType; triggerOperation; '"},
		{Trigger, `{"id":"s","body":"","triggerType":1,"triggerOperation":"All"}`, "'triggerType; triggerOperation; '"},
		{Trigger, `{"id":"s",` + trigger + `}`, "'body; '"},
		{Procedure, `{"id":"a/b","body":""}`, "invalid character"},
	} {
		before := c.Scripts.List(test.kind)
		_, err := c.Scripts.Create(test.kind, []byte(test.body))
		refused(t, err, 400, test.want)
		_, err = c.Scripts.Replace(test.kind, "s", []byte(test.body), "")
		refused(t, err, 400, test.want)
		require.Equal(t, before, c.Scripts.List(test.kind))
	}
}
