package rest

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// Tokens of ranges that are gone go to those that took their place, and a header never grows with every split.
func TestTokensOfRangesThatAreGone(t *testing.T) {
	t.Parallel()
	var s Sessions
	s.Keep("c", "", "0:-1#50,1:-1#7")
	require.True(t, s.Several("c"))
	s.Arrange("c", map[string][]string{"1": nil, "4": {"0"}, "5": {"0"}})
	require.Equal(t, "4:-1#50", s.Token("c", "4"), "what was seen of the parent is wanted of each part")
	require.Equal(t, "5:-1#50", s.Token("c", "5"))
	require.Equal(t, "1:-1#7,4:-1#50,5:-1#50", s.Token("c", ""))

	s.Keep("c", "", "4:-1#60")
	s.Keep("c", "", "0:-1#55")
	require.Equal(t, "4:-1#60", s.Token("c", "4"), "an answer that is late")
	require.Equal(t, "5:-1#55", s.Token("c", "5"))

	s.Arrange("c", map[string][]string{"1": nil, "6": {"0", "4", "5"}})
	require.Equal(t, "6:-1#60", s.Token("c", "6"), "after a merge, every parent's")
	require.Equal(t, "1:-1#7,6:-1#60", s.Token("c", ""))
	s.Keep("c", "", "6:-1#61")
	s.Arrange("c", map[string][]string{"1": nil, "6": {"0", "4", "5"}})
	require.Equal(t, "6:-1#61", s.Token("c", "6"), "its own covers them")

	require.Empty(t, func() string {
		s.Arrange("c", map[string][]string{"1": nil, "6": nil, "9": nil})
		return s.Token("c", "9")
	}(),
		"the session has seen nothing of a range that is known and has no token")
	require.Equal(t, "1:-1#7,6:-1#61", s.Token("c", "77"), "a range that is new may be the child of any")

	for i := range 100 {
		id, next := fmt.Sprint(100+i), fmt.Sprint(101+i)
		s.Keep("d", "", id+":-1#"+fmt.Sprint(i+1))
		s.Arrange("d", map[string][]string{next: {id}})
	}
	require.Equal(t, "200:-1#100", s.Token("d", ""))
	require.False(t, s.Several("d"))
	require.False(t, s.Several("nothing"))

	s.Keep("c", "rid1", "1:-1#8")
	s.Keep("c", "rid2", "1:-1#2")
	require.Equal(t, "1:-1#2", s.Token("c", "6"), "another container, of which no range is known")
}

// What a session has seen is not forgotten where ranges are told late: one that a split has replaced is asked with the
// tokens of its parts, whatever was known of the ranges when they were read.
func TestTokensOfRangesThatAreToldLate(t *testing.T) {
	t.Parallel()
	before, after := map[string][]string{"0": nil}, map[string][]string{"1": {"0"}, "2": {"0"}}
	var s Sessions
	s.Arrange("c", before)
	s.Keep("c", "", "1:-1#50,2:-1#40")
	require.Equal(t, "1:-1#50,2:-1#40", s.Token("c", "0"), "the newer ones are not told yet")
	s.Keep("c", "", "0:-1#30")
	require.Equal(t, "0:-1#30,1:-1#50,2:-1#40", s.Token("c", "0"), "nor where it has a token of its own")

	s.Arrange("c", after)
	s.Arrange("c", before)
	require.Equal(t, "1:-1#50,2:-1#40", s.Token("c", "0"), "ranges that were read before the newer ones")
	require.Equal(t, "2:-1#40", s.Token("c", "2"))
	s.Keep("c", "", "0:-1#60")
	require.Equal(t, "1:-1#60", s.Token("c", "1"), "a late answer of the range that is gone")
}

// Tokens that contradict each other do not lose the child's own.
func TestTokensThatDoNotMerge(t *testing.T) {
	t.Parallel()
	var s Sessions
	s.Keep("c", "", "0:1#50#1=5#2=5,4:1#60#1=6")
	s.Arrange("c", map[string][]string{"4": {"0"}})
	require.Equal(t, "4:1#60#1=6", s.Token("c", ""))
	s.Keep("c", "", "nonsense,:-1#5,x")
	require.Equal(t, "4:1#60#1=6", s.Token("c", ""), "what has no range is not sent back")
}
