package cosmos

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFailedPager(t *testing.T) {
	t.Parallel()
	p := failedPager(io.ErrNoProgress)
	for range 2 {
		_, err := p.Next(t.Context())
		require.Equal(t, io.ErrNoProgress, err)
		require.True(t, p.More(), "a loop over More meets the error")
	}
	_, err := p.Token()
	require.Equal(t, io.ErrNoProgress, err)
	require.NoError(t, p.Close())
}
