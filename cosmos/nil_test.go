package cosmos

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"net/http"
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// A nil argument is a clear error, or means the same as an empty one. None ends the program.
func TestNilArguments(t *testing.T) {
	t.Parallel()
	f := newFake(t, func(w http.ResponseWriter, c call) { t.Errorf("sent %s %s", c.method, c.path) })
	orders := f.Database("shop").Container("orders")

	_, err := FromDB(t.Context(), nil)
	require.EqualError(t, err, "cosmos: FromDB was given a nil *sql.DB")
	_, err = FromConn(nil)
	require.EqualError(t, err, "cosmos: FromConn was given a nil *sql.Conn")

	_, err = NewClient(f.Endpoint(), TokenFunc(nil), nil)
	require.ErrorContains(t, err, "cosmos: the credential is empty")

	ctx := t.Context()
	for name, results := range map[string]iter.Seq[BulkResult]{
		"Bulk":        orders.Bulk(ctx, nil),
		"CreateMany":  orders.CreateMany(ctx, nil),
		"UpsertMany":  orders.UpsertMany(ctx, nil),
		"ReplaceMany": orders.ReplaceMany(ctx, nil),
		"DeleteMany":  orders.DeleteMany(ctx, nil),
		"ReadMany":    orders.ReadMany(ctx, nil),
		"PatchMany":   orders.PatchMany(ctx, nil, nil),
		"Each":        orders.CreateMany(ctx, Each[any](nil), OnProgress(nil)),
		"Collect":     nil,
	} {
		require.Empty(t, Collect(results), name)
	}

	var answer *Response
	require.ErrorContains(t, answer.Decode(new(int)), "cosmos: there is no answer to decode")
	require.Empty(t, ScriptLog(answer))
}

func TestBatchErrorWithoutCause(t *testing.T) {
	t.Parallel()
	err := error(&BatchError{Operation: "Create 42"})
	require.EqualError(t, err, "cosmos: operation 1 of the batch (Create 42) failed, and nothing was done")
	require.NotErrorIs(t, err, ErrConflict)
	require.NotErrorIs(t, err, io.EOF)
}

// No method of a nil handle ends the program. What can say so says that the handle is nil.
func TestNilHandles(t *testing.T) {
	t.Parallel()
	var noClient *Client
	var noDatabase *Database
	var noContainer *Container
	for name, handle := range map[string]any{
		"*Client":                    noClient,
		"*Database":                  noDatabase,
		"*Container":                 noContainer,
		"a database of no client":    noClient.Database("d"),
		"a container of no client":   noClient.Database("d").Container("c"),
		"a container of no database": noDatabase.Container("c"),
	} {
		v := reflect.ValueOf(handle)
		for i := range v.NumMethod() {
			method := v.Type().Method(i)
			if method.Name == "Close" {
				continue
			}
			t.Run(name+" "+method.Name, func(t *testing.T) {
				args := []reflect.Value{}
				for j := 1; j < method.Type.NumIn(); j++ {
					switch in := method.Type.In(j); {
					case in == reflect.TypeFor[context.Context]():
						args = append(args, reflect.ValueOf(t.Context()))
					case method.Type.IsVariadic() && j == method.Type.NumIn()-1:
					case in == reflect.TypeFor[iter.Seq[Operation]]():
						args = append(args, reflect.ValueOf(slices.Values([]Operation{OpDelete("1")})))
					case in == reflect.TypeFor[iter.Seq[any]]():
						args = append(args, reflect.ValueOf(Each([]order{{ID: "1"}})))
					case in == reflect.TypeFor[iter.Seq[ItemKey]]():
						args = append(args, reflect.ValueOf(slices.Values([]ItemKey{At("1")})))
					case in == reflect.TypeFor[string]():
						args = append(args, reflect.ValueOf("SELECT 1"))
					case in == reflect.TypeFor[Operation]():
						args = append(args, reflect.ValueOf(OpDelete("1")))
					case in.Kind() == reflect.Interface && in.NumMethod() > 0:
						return
					default:
						args = append(args, reflect.Zero(in))
					}
				}
				for _, out := range v.Method(i).Call(args) {
					err := errors.New("is nil") // what has no error to say is not asked
					switch got := out.Interface().(type) {
					case error:
						err = got
					case *Pager:
						_, err = got.Next(t.Context())
					case *ChangeFeed:
						_, err = got.Next(t.Context())
					case *Resources[Trigger]:
						_, err = got.Read(t.Context(), "x")
					case *Resources[User]:
						_, err = got.Read(t.Context(), "x")
					case *Resources[Permission]:
						_, err = got.Read(t.Context(), "x")
					case iter.Seq[BulkResult]:
						err = bulkError(got)
					case iter.Seq2[json.RawMessage, error]:
						err = drained(got)
					case iter.Seq2[*DatabaseProperties, error]:
						err = drained(got)
					case iter.Seq2[*ContainerProperties, error]:
						err = drained(got)
					}
					require.ErrorContains(t, err, "is nil")
				}
			})
		}
	}
	require.ErrorContains(t, drained(Query[any](t.Context(), noContainer, "SELECT 1")), "the *Container is nil")
	_, _, err := ReadItem[order](t.Context(), noContainer, "1")
	require.ErrorContains(t, err, "the *Container is nil")
}
