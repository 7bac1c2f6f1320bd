package cosmos

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestErrorsAndResponses(t *testing.T) {
	t.Parallel()
	for status, sentinel := range map[int]error{
		400: ErrBadRequest, 401: ErrUnauthorized, 403: ErrForbidden, 409: ErrConflict,
		412: ErrPreconditionFailed, 413: ErrTooLarge,
	} {
		f := newFake(t, refuse(status, "42"))
		resp, err := f.orders().CreateItem(t.Context(), order{ID: "1", Customer: "a"})
		require.ErrorIs(t, err, sentinel)
		require.NotErrorIs(t, err, ErrGone)
		require.Equal(t, status, resp.StatusCode, "the response comes beside the error")
		var e *Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, status, e.StatusCode)
		require.Equal(t, 42, e.SubStatus)
		require.Equal(t, "the message", e.Message)
		require.Equal(t, "Code", e.Code)
		require.Equal(t, 2.0, e.RequestCharge)
		require.ErrorContains(t, err, "cosmos: POST dbs/shop/colls/orders/docs: ")
		if status == 409 {
			require.ErrorContains(t, err, `; the document has id "1" and partition key ["a"]`)
		}
	}
	for status, sentinel := range map[int]error{408: ErrTimeout, 410: ErrGone, 429: ErrThrottled, 503: ErrUnavailable} {
		require.ErrorIs(t, &Error{StatusCode: status}, sentinel)
	}
	require.NotErrorIs(t, &Error{StatusCode: 418}, ErrBadRequest)
}

// Which error when: what a 404 says, and the errors that refine a 400.
func TestWhichErrorWhen(t *testing.T) {
	t.Parallel()
	all := []error{ErrNotFound, ErrOwnerNotFound, ErrUnavailable, ErrContainerRecreated, ErrBadContinuation,
		ErrBadRequest, ErrGone}
	for _, tt := range []struct {
		err  *Error
		want []error
	}{
		{&Error{StatusCode: 404}, []error{ErrNotFound}},
		{&Error{StatusCode: 404, SubStatus: 1002}, []error{ErrUnavailable}},
		{&Error{StatusCode: 404, SubStatus: 1003}, []error{ErrOwnerNotFound}},
		{&Error{StatusCode: 404, SubStatus: 1013}, []error{ErrUnavailable}},
		{&Error{StatusCode: 404, SubStatus: 42}, nil},
		{&Error{StatusCode: 404, Cause: ErrOwnerNotFound}, []error{ErrOwnerNotFound}},
		{&Error{StatusCode: 400}, []error{ErrBadRequest}},
		{&Error{StatusCode: 400, SubStatus: 1024}, []error{ErrContainerRecreated, ErrBadRequest}},
		{&Error{StatusCode: 400, Message: "Invalid Continuation Token"}, []error{ErrBadContinuation, ErrBadRequest}},
		{&Error{StatusCode: 410, SubStatus: 1000}, []error{ErrContainerRecreated, ErrGone}},
	} {
		var got []error
		for _, target := range all {
			if errors.Is(tt.err, target) {
				got = append(got, target)
			}
		}
		require.Equal(t, tt.want, got, tt.err.Error())
	}
}

// A 404 that does not come from a partition of the container may mean the container.
func TestNotFoundIsCheckedAgainstTheContainer(t *testing.T) {
	t.Parallel()
	header := "0"
	f := newFake(t, func(w http.ResponseWriter, c call) {
		if header != "" {
			w.Header().Set("x-ms-documentdb-partitionkeyrangeid", header)
		}
		refuse(404, "")(w, c)
	})
	read := func() error {
		_, err := f.orders().ReadItem(t.Context(), "1", PartitionKey("a"))
		return err
	}
	require.ErrorIs(t, read(), ErrNotFound)
	header = ""
	require.ErrorIs(t, read(), ErrNotFound, "the container is there")
	f.mu.Lock()
	f.status = 404
	f.mu.Unlock()
	err := read()
	require.ErrorIs(t, err, ErrOwnerNotFound)
	require.NotErrorIs(t, err, ErrNotFound)
	f.mu.Lock()
	f.status = 500
	f.mu.Unlock()
	_, err = f.orders().ReadItem(t.Context(), "1", PartitionKey("a"))
	require.NotErrorIs(t, err, ErrNotFound, "nobody knows")
	require.NotErrorIs(t, err, ErrOwnerNotFound)
}

func TestNotModified(t *testing.T) {
	t.Parallel()
	f := newFake(t, func(w http.ResponseWriter, c call) {
		require.Equal(t, `"e"`, c.header.Get("If-None-Match"))
		w.WriteHeader(http.StatusNotModified)
	})
	resp, err := f.orders().ReadItem(t.Context(), "1", PartitionKey("a"), IfNoneMatch(`"e"`))
	require.NoError(t, err)
	require.Equal(t, http.StatusNotModified, resp.StatusCode)
	var v any
	require.ErrorContains(t, resp.Decode(&v), "no body")
}

// What a refusal means for the call that was made is said beside it: how a condition is written, which document exists,
// and why one cannot be renamed where its id is its partition key.
func TestWaysOutOfRefusals(t *testing.T) {
	t.Parallel()
	f := newFake(t, func(w http.ResponseWriter, c call) {
		reply(w, 400, `{"code":"BadRequest","message":"Syntax error near 'c.status'"}`)
	})
	patch := []PatchOperation{PatchSet("/n", 1)}
	_, err := f.orders().PatchItem(t.Context(), "1", patch, PartitionKey("a"), PatchCondition("c.status = 'open'"))
	require.ErrorIs(t, err, ErrBadRequest)
	require.ErrorContains(t, err, `; a PatchCondition has the form "from c where c.status = 'open'"`)
	_, err = f.orders().PatchItem(t.Context(), "1", patch, PartitionKey("a"))
	require.ErrorContains(t, err, "Syntax error")
	require.NotContains(t, err.Error(), "PatchCondition", "there was none")

	f = newFake(t, okay)
	f.key = `{"paths":["/id"],"kind":"Hash","version":2}`
	_, err = f.orders().ReplaceItem(t.Context(), "1", map[string]string{"id": "2"})
	require.EqualError(t, err, `cosmos: document "1" cannot become "2": container "orders" is partitioned by /id, and `+
		`a document's partition key does not change; create the new one and delete the old one`)
	_, err = f.orders().CreateItem(t.Context(), map[string]any{"id": "1", "parent": Undefined})
	require.ErrorContains(t, err, "Undefined stands in a partition key only: leave the property out of the document")
	require.Zero(t, f.sent(), "nothing is sent")
}

// Size is what programs fill requests by: what an operation takes in one is no more.
func TestSizeOfAnOperation(t *testing.T) {
	t.Parallel()
	item := order{ID: strings.Repeat("i", 200), Customer: "ada", Note: strings.Repeat("x", 10_000)}
	for _, o := range []Operation{
		OpCreate(item), OpUpsert(item, IfMatch(`"etag"`)), OpReplace(item.ID, item, IfMatch(`"etag"`)),
		OpPatch(item.ID, []PatchOperation{PatchSet("/note", item.Note)}, PatchCondition("from c where c.n = 1")),
		OpDelete(item.ID, IfMatch(`"etag"`)), OpRead(item.ID, IfNoneMatch(`"etag"`)),
	} {
		require.NoError(t, o.Err())
		wire := o.wire()
		taken := len(wire.Append(nil))
		require.LessOrEqual(t, taken, o.Size(), o.Kind())
		require.Less(t, o.Size(), taken+len(item.ID)+150, "%s: nor much less", o.Kind())
	}
}
