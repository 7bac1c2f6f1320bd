package cosmostest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/eval"
	"github.com/cosmossql/cosmossql/internal/emulator/script"
	"github.com/cosmossql/cosmossql/internal/value"
)

// engine runs what a test says in the place of JavaScript.
type engine struct {
	run      func(script.Invocation) (script.Result, error)
	function eval.Function
}

func (e *engine) Run(_ context.Context, in script.Invocation) (script.Result, error) {
	return e.run(in)
}

func (e *engine) Function(s script.Source, _ func() time.Time) (eval.Function, error) {
	if s.Body == "broken" {
		return nil, &script.Error{Number: 7, Message: "it is broken"}
	}
	return e.function, nil
}

// scripted is a server whose container orders has a procedure p and a function f.
func scripted(t *testing.T, e *engine, operations int) *Server {
	t.Helper()
	srv := RunT(t, RunScripts(e, operations), Clock(func() time.Time { return time.Unix(1000, 0) }))
	shop(t, srv)
	for path, body := range map[string]string{"sprocs": `{"id":"p","body":"text of p"}`,
		"udfs": `{"id":"f","body":"text of f"}`, "triggers": `{"id":"t","body":"text of t","triggerType":"Pre",` +
			`"triggerOperation":"All"}`} {
		require.Equal(t, 201, send(t.Context(), srv, srv.Endpoint(), "POST", "/dbs/shop/colls/orders/"+path, body))
	}
	return srv
}

// A server's engine is given the text of a procedure, its arguments, the server's clock, the documents of its partition
// in a transaction, and as many operations as it may do.
func TestEngineRunsProcedures(t *testing.T) {
	t.Parallel()
	var fails error
	e := &engine{run: func(in script.Invocation) (script.Result, error) {
		require.Equal(t, script.Source{ID: "p", Body: "text of p"}, in.Source)
		require.Equal(t, time.Unix(1000, 0), in.Now())
		require.Equal(t, "Execute", in.Operation)
		require.Equal(t, "dbs/shop/colls/orders", in.Collection.AltLink())
		require.Equal(t, []bool{true, true, false},
			[]bool{in.Collection.Accept(), in.Collection.Accept(), in.Collection.Accept()})
		doc, err := value.Parse([]byte(`{"id":"made","pk":"p"}`))
		require.NoError(t, err)
		_, err = in.Collection.Create(doc)
		require.NoError(t, err)
		return script.Result{Response: value.Array(in.Args), Log: "a log"}, fails
	}}
	srv := scripted(t, e, 2)
	execute := func() (int, string, string) {
		status, header, body := exchange(t.Context(), srv, srv.Endpoint(), "POST",
			"/dbs/shop/colls/orders/sprocs/p", `[1,"a",null]`, "x-ms-documentdb-partitionkey", `["p"]`,
			"x-ms-documentdb-script-enable-logging", "True")
		return status, header.Get("x-ms-documentdb-script-log-results"), body
	}
	for _, test := range []struct {
		fails  error
		status int
		body   string
	}{
		{&script.Error{Number: 17, Message: "it does not want to"}, 400, "it does not want to"},
		{&script.Error{Message: "too long", Timeout: true}, 408, "too long"},
	} {
		fails = test.fails
		status, _, body := execute()
		require.Equal(t, test.status, status)
		require.Contains(t, body, test.body)
		require.Equal(t, 404, read(t.Context(), srv, "made"), "it is undone")
	}
	fails = nil
	status, log, body := execute()
	require.Equal(t, []any{200, "a%20log", `[1,"a",null]`}, []any{status, log, body})
	require.Equal(t, 200, read(t.Context(), srv, "made"))
}

// A trigger changes what is written, and a function takes part in a query.
func TestEngineRunsTriggersAndFunctions(t *testing.T) {
	t.Parallel()
	e := &engine{
		run: func(in script.Invocation) (script.Result, error) {
			require.Equal(t, []any{"text of t", "Create"}, []any{in.Body, in.Operation})
			changed, err := value.Parse([]byte(`{"id":"changed","pk":"p"}`))
			return script.Result{Request: changed}, err
		},
		function: func(_ context.Context, args []value.Value) (value.Value, error) {
			if args[0].AsString() == "fail" {
				return value.Undefined, errors.New("it has failed")
			}
			return value.String(args[0].AsString() + "!"), nil
		},
	}
	srv := scripted(t, e, 0)
	const docs = "/dbs/shop/colls/orders/docs"
	require.Equal(t, 201, send(t.Context(), srv, srv.Endpoint(), "POST", docs, `{"id":"a","pk":"p"}`,
		"x-ms-documentdb-partitionkey", `["p"]`, "x-ms-documentdb-pre-trigger-include", "t"))
	require.Equal(t, []int{404, 200}, []int{read(t.Context(), srv, "a"), read(t.Context(), srv, "changed")})
	query := func(text string) (int, string) {
		status, _, body := exchange(t.Context(), srv, srv.Endpoint(), "POST", docs, `{"query":"`+text+`"}`,
			"content-type", "application/query+json", "x-ms-documentdb-partitionkey", `["p"]`)
		return status, body
	}
	status, body := query("SELECT VALUE udf.f(c.id) FROM c")
	require.Equal(t, 200, status)
	require.Contains(t, body, `["changed!"]`)
	status, body = query("SELECT VALUE udf.f('fail')")
	require.Equal(t, 400, status)
	require.Contains(t, body, "it has failed")
	require.Equal(t, 201, send(t.Context(), srv, srv.Endpoint(), "POST", "/dbs/shop/colls/orders/udfs",
		`{"id":"b","body":"broken"}`))
	status, body = query("SELECT VALUE udf.b(1)")
	require.Equal(t, 400, status)
	require.Contains(t, body, "it is broken")
}
