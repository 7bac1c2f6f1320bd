package script_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest/script"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/dlclark/regexp2/v2.runClock"))
}

// world is a container whose scripts run.
type world struct {
	*cosmos.Container
	t *testing.T
}

func start(t *testing.T, opts ...script.Option) world {
	t.Helper()
	made := cosmostest.RunT(t, script.JavaScript(opts...)).Container("/pk")
	client, err := cosmos.NewClientFromConnectionString(made.Server().ConnectionString(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { client.Close() })
	return world{client.Database(made.Database).Container(made.ID), t}
}

func (w world) procedure(id, body string) {
	w.t.Helper()
	_, err := w.StoredProcedures().Create(w.t.Context(), cosmos.StoredProcedure{ID: id, Body: body})
	require.NoError(w.t, err)
}

func (w world) trigger(id string, kind cosmos.TriggerType, operation cosmos.TriggerOperation, body string) {
	w.t.Helper()
	_, err := w.Triggers().Create(w.t.Context(), cosmos.Trigger{ID: id, Type: kind, Operation: operation, Body: body})
	require.NoError(w.t, err)
}

func (w world) function(id, body string) {
	w.t.Helper()
	_, err := w.UserDefinedFunctions().Create(w.t.Context(), cosmos.UserDefinedFunction{ID: id, Body: body})
	require.NoError(w.t, err)
}

// run executes a procedure in partition p; what it answers is the body, or the error.
func (w world) run(id string, args ...any) (string, error) {
	w.t.Helper()
	res, err := w.ExecuteStoredProcedure(w.t.Context(), id, args, cosmos.PartitionKey("p"))
	if err != nil {
		return "", err
	}
	return string(res.Body), nil
}

// once creates a procedure, runs it and deletes it.
func (w world) once(body string, args ...any) (string, error) {
	w.t.Helper()
	w.procedure("once", body)
	defer func() {
		_, err := w.StoredProcedures().Delete(context.WithoutCancel(w.t.Context()), "once")
		require.NoError(w.t, err)
	}()
	return w.run("once", args...)
}

func (w world) create(doc string) {
	w.t.Helper()
	_, err := w.CreateItem(w.t.Context(), json.RawMessage(doc))
	require.NoError(w.t, err)
}

// all are the rows of a query as JSON.
func (w world) all(query string, args ...any) []string {
	w.t.Helper()
	var out []string
	for row, err := range cosmos.Query[json.RawMessage](w.t.Context(), w.Container, query, args...) {
		require.NoError(w.t, err)
		out = append(out, string(row))
	}
	return out
}

func TestUserDefinedFunction(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.function("tax", `function tax(income) {
		if (income === undefined) throw "no input";
		return income < 1000 ? income * 0.1 : income < 10000 ? income * 0.2 : income * 0.4;
	}`)
	w.function("kind", `x => typeof x + (x === null ? " null" : "")`)
	w.function("nothing", `() => undefined`)
	w.create(`{"id":"a","pk":"p","income":500,"x":null}`)
	w.create(`{"id":"b","pk":"q","income":20000}`)
	require.ElementsMatch(t, []string{`{"id":"b","tax":8000}`},
		w.all("SELECT c.id, udf.tax(c.income) AS tax FROM c WHERE udf.tax(c.income) > 100"))
	require.Equal(t, []string{"8000", "50"}, w.all("SELECT VALUE udf.tax(c.income) FROM c ORDER BY c.income DESC"))
	require.Equal(t, []string{`"object null"`}, w.all("SELECT VALUE udf.kind(c.x) FROM c"),
		"it is not called with undefined")
	require.Equal(t, []string{"{}", "{}"}, w.all("SELECT udf.nothing() AS v FROM c"))
	require.Equal(t, []string{`4025`}, w.all("SELECT VALUE AVG(udf.tax(c.income)) FROM c"))

	var st cosmos.Stats
	for _, err := range cosmos.Query[any](cosmos.WithStats(t.Context(), &st), w.Container, "SELECT VALUE udf.tax(1)",
		cosmos.PartitionKey("p")) {
		require.NoError(t, err)
	}
	require.InDelta(t, 2.56, st.Snapshot().RequestCharge, 0.1, "as recorded")

	w.function("broken", `function broken(x) { return x.y.z }`)
	for _, err := range cosmos.Query[any](t.Context(), w.Container, "SELECT VALUE udf.broken(c) FROM c") {
		require.ErrorIs(t, err, cosmos.ErrBadRequest)
		require.ErrorContains(t, err, "TypeError: Cannot read property")
	}
	for _, err := range cosmos.Query[any](t.Context(), w.Container, "SELECT VALUE udf.none(c) FROM c",
		cosmos.PartitionKey("p")) {
		require.ErrorContains(t, err, "udf.none' cannot be called: it does not exist")
	}
}

// The clock of scripts is the server's.
func TestScriptsSeeTheServersClock(t *testing.T) {
	t.Parallel()
	made := cosmostest.RunT(t, script.JavaScript(), cosmostest.Clock(func() time.Time { return time.Unix(1000, 0) })).
		Container("/pk")
	client, err := cosmos.NewClientFromConnectionString(made.Server().ConnectionString(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { client.Close() })
	w := world{client.Database(made.Database).Container(made.ID), t}
	got, err := w.once(`() => __.response.setBody([new Date().toISOString(), Date.now()])`)
	require.NoError(t, err)
	require.JSONEq(t, `["1970-01-01T00:16:40.000Z",1000000]`, got)
	made.Server().Advance(time.Minute)
	w.function("now", "() => Date.now()")
	require.Equal(t, []string{"1060000"}, w.all("SELECT VALUE udf.now()", cosmos.PartitionKey("p")))
}

func TestScriptLog(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.procedure("log",
		`function (x) { console.log("é", 1, {a: [x]}); console.error(new Error("e")); if (x) throw new Error("boom") }`)
	res, err := w.ExecuteStoredProcedure(t.Context(), "log", []any{nil}, cosmos.PartitionKey("p"),
		cosmos.ScriptLogging(true))
	require.NoError(t, err)
	require.Equal(t, "é 1 {\"a\":[null]}\nError: e", cosmos.ScriptLog(res))
	res, err = w.ExecuteStoredProcedure(t.Context(), "log", []any{true}, cosmos.PartitionKey("p"),
		cosmos.ScriptLogging(true))
	require.Error(t, err)
	require.Contains(t, cosmos.ScriptLog(res), "Error: e")
	res, err = w.ExecuteStoredProcedure(t.Context(), "log", []any{nil}, cosmos.PartitionKey("p"))
	require.NoError(t, err)
	require.Empty(t, cosmos.ScriptLog(res))
}

func TestWithoutEngine(t *testing.T) {
	t.Parallel()
	made := cosmostest.RunT(t).Container("/pk")
	client, err := cosmos.NewClientFromConnectionString(made.Server().ConnectionString(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { client.Close() })
	w := world{client.Database(made.Database).Container(made.ID), t}
	w.procedure("p", "() => 1")
	_, err = w.run("p")
	require.ErrorContains(t, err, "no JavaScript engine. Import cosmos/cosmostest/script")
	w.trigger("t", "Pre", "All", "() => 1")
	_, err = w.CreateItem(t.Context(), json.RawMessage(`{"id":"1","pk":"p"}`), cosmos.PreTriggers("t"))
	require.ErrorContains(t, err, "no JavaScript engine")
}
