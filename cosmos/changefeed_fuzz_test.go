package cosmos

import (
	"testing"

	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/stretchr/testify/require"
)

// FuzzChangeFeedToken: whatever is passed as a token, it is refused, or the feed stands at ranges that are not empty
// and has a token of the same meaning.
func FuzzChangeFeedToken(f *testing.F) {
	for _, s := range []string{
		`{"version":1,"resourceId":"r","continuation":[{"minInclusive":"","maxExclusive":"FF",` +
			`"continuationToken":"\"7\""}]}`,
		`{"version":1,"resourceId":"r","partitionKey":"[\"a\"]","continuation":[{"minInclusive":"",` +
			`"maxExclusive":""}]}`,
		`{"version":1,"resourceId":"r","continuation":[null]}`, `z1.q1YqSy0qzszPU7IyrgUA`, `z1.%%`, ``, `{}`, `[]`,
	} {
		f.Add(s)
	}
	c := &Container{id: "c"}
	f.Fuzz(func(t *testing.T, token string) {
		feed := &ChangeFeed{container: c, set: &option.Set{Continuation: token}}
		if err := feed.resume(&definition{rid: "r"}); err != nil {
			require.ErrorIs(t, err, ErrBadContinuation)
			require.ErrorIs(t, err, ErrBadRequest)
			return
		}
		feed.ready = true
		again, err := feed.Token()
		require.NoError(t, err)
		second := &ChangeFeed{container: c, set: &option.Set{Continuation: again}}
		require.NoError(t, second.resume(&definition{rid: "r"}))
		require.Equal(t, feed.token, second.token)
	})
}
