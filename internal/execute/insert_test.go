package execute_test

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/cosmossql/cosmossql/internal/execute"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func raw(docs ...string) []json.RawMessage {
	var all []json.RawMessage
	for _, doc := range docs {
		all = append(all, json.RawMessage(doc))
	}
	return all
}

func insert(t *testing.T, f *fake, docs []json.RawMessage, in execute.Insertion) (execute.Result, error) {
	t.Helper()
	in.Documents = docs
	return in.Run(t.Context(), f)
}

func TestInsertOne(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	r, err := insert(t, f, raw(`{"id":"a","pk":"p","n":1}`), execute.Insertion{Answer: true})
	require.NoError(t, err)
	require.Equal(t, int64(1), r.Affected)
	require.Equal(t, []string{`{"id":"a","n":1,"pk":"p"}`}, texts(r.Documents))
	require.Len(t, f.did, 1)
	require.Equal(t, `["p"]`, f.did[0].Key.Header())

	_, err = insert(t, f, raw(`{"id":"a","pk":"p"}`), execute.Insertion{})
	require.ErrorIs(t, err, failure(409))

	r, err = insert(t, f, raw(`{"id":"a","pk":"p","n":2}`), execute.Insertion{Kind: execute.Upsert})
	require.NoError(t, err)
	require.Equal(t, int64(1), r.Affected)
	require.Equal(t, 2.0, f.docs[0].doc["n"])
}

func TestInsertUnderAnETag(t *testing.T) {
	t.Parallel()
	f := newFake(t, `{"id":"a","pk":"p","n":1}`)
	_, err := insert(t, f, raw(`{"id":"a","pk":"p"}`), execute.Insertion{Kind: execute.Upsert, IfMatch: "stale"})
	require.ErrorIs(t, err, failure(412))
	_, err = insert(t, f, raw(`{"id":"a","pk":"p"}`), execute.Insertion{Kind: execute.Upsert, IfMatch: "1"})
	require.NoError(t, err)
	_, err = insert(t, f, raw(`{"id":"a","pk":"p"}`, `{"id":"b","pk":"p"}`), execute.Insertion{IfMatch: "1"})
	require.ErrorContains(t, err, "IfMatch is about one document")
}

func TestInsertMakesIDs(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	docs := raw(`{}`, ` { "pk" : "p" } `)
	for _, doc := range docs {
		_, err := insert(t, f, []json.RawMessage{doc}, execute.Insertion{AutoID: true})
		require.NoError(t, err)
	}
	require.Len(t, f.docs, 2)
	for _, s := range f.docs {
		require.NoError(t, uuid.Validate(s.id))
	}
	require.Equal(t, "p", f.docs[1].doc["pk"])

	_, err := insert(t, f, docs[1:], execute.Insertion{})
	require.ErrorContains(t, err, "has no id, and auto_id is off")
	_, err = insert(t, f, raw(`{"id":7}`), execute.Insertion{AutoID: true})
	require.ErrorContains(t, err, "the id of a document is a string, not 7")
}

func TestInsertChecksThePartitionKeyItWasTold(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	_, err := insert(t, f, raw(`{"id":"a","pk":"p"}`), execute.Insertion{KeyPaths: []string{"/pk"}})
	require.NoError(t, err)
	_, err = insert(t, f, raw(`{"id":"b","pk":"p"}`), execute.Insertion{KeyPaths: []string{"/other"}})
	require.ErrorContains(t, err, "says that the partition key is /other, but the container's is /pk")
}

func TestInsertRowsAreOneBatch(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	r, err := insert(t, f, raw(`{"id":"a","pk":"p","n":1}`, `{"id":"b","pk":"p","n":2}`), execute.Insertion{Answer: true})
	require.NoError(t, err)
	require.Equal(t, int64(2), r.Affected)
	require.Equal(t, []string{`{"id":"a","n":1,"pk":"p"}`, `{"id":"b","n":2,"pk":"p"}`}, texts(r.Documents))
	require.Len(t, f.batches, 1)
	require.Empty(t, f.did)

	_, err = insert(t, f, raw(`{"id":"c","pk":"p"}`, `{"id":"a","pk":"p"}`), execute.Insertion{})
	require.ErrorIs(t, err, failure(409))
	require.ErrorContains(t, err, "row 2 of 2, none of which was written")

	f.before = func(execute.Op) error { return io.ErrUnexpectedEOF }
	_, err = insert(t, f, raw(`{"id":"c","pk":"p"}`, `{"id":"d","pk":"p"}`), execute.Insertion{})
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.NotContains(t, err.Error(), "row")
}

func TestInsertRefusesRowsThatAreNoBatch(t *testing.T) {
	t.Parallel()
	var many, long []json.RawMessage
	for i := range 101 {
		many = append(many, fmt.Appendf(nil, `{"id":"%d","pk":"p"}`, i))
	}
	for i := range 3 {
		long = append(long, fmt.Appendf(nil, `{"id":"%d","pk":"p","text":"%s"}`, i, strings.Repeat("x", 700<<10)))
	}
	for _, tt := range []struct {
		name string
		docs []json.RawMessage
		want string
	}{
		{"two partitions", raw(`{"id":"a","pk":"p"}`, `{"id":"b","pk":"q"}`), `row 1 has ["p"] and row 2 has ["q"]`},
		{"absent and null", raw(`{"id":"a"}`, `{"id":"b","pk":null}`), `row 1 has [{}] and row 2 has [null]`},
		{"too many", many, "at most 100 of them, not 101"},
		{"too long", long, "at most 2 MB"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			_, err := insert(t, f, tt.docs, execute.Insertion{})
			require.ErrorContains(t, err, tt.want)
			require.ErrorContains(t, err, "CreateMany")
			require.Empty(t, f.batches)
		})
	}
}
