package gateway

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestCursorsOfAbandonedQueriesGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var cs cursors
		rows := func() int {
			cs.mu.Lock()
			defer cs.mu.Unlock()
			return cs.rows
		}
		cs.keep(&cursor{id: "a", rows: make([]result, 3)})
		time.Sleep(cursorLife / 2)
		cs.keep(&cursor{id: "b", rows: make([]result, 2)})
		require.Equal(t, 5, rows())
		time.Sleep(cursorLife/2 + time.Second)
		synctest.Wait()
		require.Nil(t, cs.take("a", ""))
		require.Equal(t, 2, rows())
		b := cs.take("b", "")
		require.NotNil(t, b)
		cs.keep(b) // as a reader does who goes on
		time.Sleep(cursorLife - time.Second)
		synctest.Wait()
		require.Equal(t, 2, rows())
		time.Sleep(time.Second)
		synctest.Wait()
		require.Zero(t, rows())
		cs.mu.Lock()
		defer cs.mu.Unlock()
		require.Empty(t, cs.list)
		require.Nil(t, cs.wake)
	})
}

func TestCursorsOfFirstPagesAreFew(t *testing.T) {
	rows := make([]result, maxFirstRows*2/3)
	var cs cursors
	for _, c := range []*cursor{
		{id: "a", goes: true}, {id: "b", query: "1"}, {id: "c", query: "1"}, {id: "d", query: "2"},
		{id: "e", query: "3", scope: "1"}, {id: "f", query: "3", scope: "2"},
	} {
		c.rows = rows
		cs.keep(c)
	}
	var ids []string
	for _, c := range cs.list {
		ids = append(ids, c.id)
	}
	require.Equal(t, []string{"a", "d", "e", "f"}, ids)
	require.Equal(t, 4*len(rows), cs.rows)
	require.True(t, cs.wake.Stop())
}
