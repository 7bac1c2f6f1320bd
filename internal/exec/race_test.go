package exec

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// TestRacesAreBounded: a statement that other writers are always faster than gives up, about half a minute on.
func TestRacesAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		lost := errors.New("412")
		start := time.Now()
		var r race
		var err error
		for err == nil {
			err = r.again(t.Context(), lost)
		}
		require.ErrorIs(t, err, lost)
		require.ErrorContains(t, err, "other writers changed the document 40 times before this statement could")
		require.Greater(t, time.Since(start), 15*time.Second)
		require.Less(t, time.Since(start), time.Minute)
	})
}
