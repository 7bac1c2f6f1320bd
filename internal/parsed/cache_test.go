package parsed

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/cosmossql/cosmossql/internal/statement"
	"github.com/stretchr/testify/require"
)

func TestCacheParsesOnce(t *testing.T) {
	t.Parallel()
	var c Cache
	o := statement.Options{Database: true}
	first, err := c.Parse("SELECT * FROM people", o)
	require.NoError(t, err)
	again, err := c.Parse("SELECT * FROM people", o)
	require.NoError(t, err)
	require.Same(t, first, again)

	o.Container = true
	other, err := c.Parse("SELECT * FROM people", o)
	require.NoError(t, err)
	require.NotSame(t, first, other)
	require.Equal(t, "people", first.(*statement.Select).Container)
	require.Empty(t, other.(*statement.Select).Container, "the options change what a text means")
}

func TestCacheKeepsNoErrors(t *testing.T) {
	t.Parallel()
	var c Cache
	_, err := c.Parse("SELECT", statement.Options{})
	require.Error(t, err)
	require.Empty(t, c.statements)
}

func TestCacheIsBounded(t *testing.T) {
	t.Parallel()
	var c Cache
	for i := range 2 * maxStatements {
		_, err := c.Parse(fmt.Sprintf("SELECT VALUE %d", i), statement.Options{})
		require.NoError(t, err)
	}
	require.Len(t, c.statements, maxStatements)

	var long Cache
	_, err := long.Parse("SELECT VALUE 1"+strings.Repeat(" ", maxText), statement.Options{})
	require.NoError(t, err)
	require.Empty(t, long.statements)
}

func TestCacheIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	var c Cache
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 400 {
				if _, err := c.Parse(fmt.Sprintf("SELECT VALUE %d", (i+j)%300), statement.Options{}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	require.LessOrEqual(t, len(c.statements), maxStatements)
}
