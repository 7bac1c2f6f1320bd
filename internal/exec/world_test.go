package exec_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/internal/argument"
	"github.com/cosmossql/cosmossql/internal/exec"
	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/statement"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a container with documents, on a server of its own.
type world struct {
	*cosmostest.Server
	client *cosmos.Client
	c      *cosmos.Container
}

// newWorld makes a container by /pk.
func newWorld(t *testing.T, docs ...string) *world {
	t.Helper()
	srv := cosmostest.RunT(t, cosmostest.Partitions(3), cosmostest.DistributedTransactions())
	made := srv.Container("/pk")
	client, err := cosmos.NewClientFromConnectionString(srv.ConnectionString(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { client.Close() })
	w := &world{srv, client, client.Database(made.Database).Container(made.ID)}
	for _, doc := range docs {
		w.put(t, doc)
	}
	return w
}

func (w *world) put(t *testing.T, doc string) {
	t.Helper()
	_, err := w.c.UpsertItem(t.Context(), json.RawMessage(doc))
	require.NoError(t, err)
}

// docs returns the documents that there are, without system properties, in order.
func (w *world) docs(t *testing.T) []string {
	t.Helper()
	var all []string
	for doc, err := range cosmos.Query[map[string]any](t.Context(), w.c, "SELECT * FROM c") {
		require.NoError(t, err)
		for name := range doc {
			if strings.HasPrefix(name, "_") {
				delete(doc, name)
			}
		}
		text, err := json.Marshal(doc)
		require.NoError(t, err)
		all = append(all, string(text))
	}
	slices.Sort(all)
	return all
}

// ids returns those of the documents that there are, in order.
func (w *world) ids(t *testing.T) (all []string) {
	t.Helper()
	for id, err := range cosmos.Query[string](t.Context(), w.c, "SELECT VALUE c.id FROM c ORDER BY c.id") {
		require.NoError(t, err)
		all = append(all, id)
	}
	return all
}

// terms makes a statement and what it is executed with. args are values, and options.
func (w *world) terms(t *testing.T, ctx context.Context, text string, args ...any) (statement.Statement, exec.Terms,
	context.Context, []cosmos.Option) {
	t.Helper()
	s, err := statement.Parse(text, statement.Options{Database: true})
	require.NoError(t, err)
	list, err := argument.Read(args)
	require.NoError(t, err)
	op, _ := exec.Operation(s)
	set, err := option.Resolve(ctx, op, nil, list.Options)
	require.NoError(t, err)
	terms := exec.Terms{Container: w.c, Set: set, AutoID: true, Answer: true}
	for i, p := range list.Parameters {
		terms.Args = append(terms.Args, statement.Arg{Ordinal: i + 1, Value: json.RawMessage(p.Value.(argument.JSON))})
	}
	return s, terms, option.Unguarded(ctx, list.Options), list.Options
}

// run executes a statement.
func (w *world) run(t *testing.T, ctx context.Context, text string, args ...any) (exec.Result, error) {
	t.Helper()
	s, terms, ctx, _ := w.terms(t, ctx, text, args...)
	return exec.Run(ctx, s, terms)
}

// affected runs a statement that succeeds.
func (w *world) affected(t *testing.T, text string, args ...any) int64 {
	t.Helper()
	r, err := w.run(t, t.Context(), text, args...)
	require.NoError(t, err)
	return r.Affected
}

// each calls the function for the next requests of an operation, before they are carried out.
func (w *world) each(op cosmostest.Operation, times int, f func()) {
	w.Inject(cosmostest.Fault{Match: cosmostest.On(op), Times: times, Hold: func(context.Context) { f() }})
}
