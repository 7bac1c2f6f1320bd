package rest

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

// A 404 is about a document only if the container's partition says so, or the container is known to be there.
func TestWhatIsMissing(t *testing.T) {
	t.Parallel()
	unreadable := errors.New("no answer")
	absent := answers(404, `{"code":"NotFound","message":"no"}`)
	fromPartition := answers(404, `{"code":"NotFound","message":"no"}`, HeaderRangeID, "0")
	for _, tt := range []struct {
		name    string
		step    step
		missing bool
		err     error
		asked   bool // whether the container is there
		cause   error
	}{
		{name: "its partition says so", step: fromPartition},
		{name: "the container is there", step: absent, asked: true},
		{name: "the container is not", step: absent, missing: true, asked: true, cause: ErrOwnerNotFound},
		{name: "nobody knows", step: absent, err: unreadable, asked: true, cause: errUnsure},
		{name: "the service says it", step: status(404, SubOwnerNotFound), cause: ErrOwnerNotFound},
		{name: "a session", step: status(404, SubSessionUnavailable)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, _ := scripted(t, nil, tt.step)
			asked := false
			c.missing = func(_ context.Context, link string) (bool, error) {
				require.Equal(t, "dbs/d/colls/c", link)
				asked = true
				return tt.missing, tt.err
			}
			var f *Failure
			require.ErrorAs(t, do(t, c, readReq()), &f)
			require.Equal(t, tt.asked, asked)
			if tt.cause == nil {
				require.NoError(t, f.Cause)
			} else {
				require.ErrorIs(t, f, tt.cause)
			}
			if tt.err != nil {
				require.ErrorIs(t, f, tt.err)
			}
			require.Equal(t, tt.cause == nil && f.SubStatus == 0, f.IsNoDocument())
		})
	}
	c, _ := scripted(t, nil, answers(404, `{}`, HeaderSubStatus, "1002, 1002", HeaderRangeID, "0"))
	var unclear *Failure
	require.ErrorAs(t, do(t, c, readReq()), &unclear)
	require.False(t, unclear.IsNoDocument(), "which substatus it has cannot be read")
	c, _ = scripted(t, nil, absent)
	c.missing = func(context.Context, string) (bool, error) { return false, errors.New("asked") }
	database := &Request{Verb: "GET", Kind: Databases, Link: "dbs/d", Path: "/dbs/d"}
	var f *Failure
	require.ErrorAs(t, do(t, c, database), &f)
	require.NoError(t, f.Cause, "a database has no container that might be missing")
}
