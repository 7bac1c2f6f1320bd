package session

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCompound(t *testing.T) {
	t.Parallel()
	v, err := ParseCompound("10:-1#4, 2:-1#12,2:-1#13")
	require.NoError(t, err)
	require.Equal(t, "2:-1#13,10:-1#4", v.String(), "by number, the ranges merged")
	require.NoError(t, v.Merge(Vector{"2": New(-1, 5), "0": New(-1, 1)}))
	require.Equal(t, "0:-1#1,2:-1#13,10:-1#4", v.String())
	require.Error(t, v.Merge(Vector{"2": parse(t, "-1#5#1=2")}))
	for _, s := range []string{"", "1", ":1#2", "0:x", "0:-1#1,", "0:-1#1,1:", ",0:-1#1"} {
		_, err := ParseCompound(s)
		require.EqualError(t, err, fmt.Sprintf(
			"session token %q is not valid: it has the form 0:-1#12, as a Response has it", s))
	}
	_, err = ParseCompound("0:-1#1,0:-1#1#1=2")
	require.EqualError(t, err, "session tokens -1#1 and -1#1#1=2 have unexpected regions")
}

// TestVectorText: a header has one text, whatever the ids: what a session has seen is compared by it, and kept in
// cookies.
func TestVectorText(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		ids  []string
		want string
	}{
		{nil, ""},
		{[]string{"7"}, "7:-1#1"},
		{[]string{"100", "20", "3", "21"}, "3:-1#1,20:-1#1,21:-1#1,100:-1#1"},
		{[]string{"10", "9", "1a"}, "9:-1#1,10:-1#1,1a:-1#1"},
		{[]string{"9223372036854775808", "9223372036854775807", "2"},
			"2:-1#1,9223372036854775807:-1#1,9223372036854775808:-1#1"},
	} {
		for range len(tt.ids) + 1 { // maps are iterated in another order each time
			v := Vector{}
			for _, id := range tt.ids {
				v[id] = New(-1, 1)
			}
			require.Equal(t, tt.want, v.String())
		}
	}
}

// TestContradictionsChangeNothing: a token that contradicts the known one of its range is refused, and the known one
// stays for the caller to decide about.
func TestContradictionsChangeNothing(t *testing.T) {
	t.Parallel()
	v := Vector{"1": New(-1, 5)}
	require.ErrorContains(t, v.Add("1", New(-1, 9, Region{1, 1})), "unexpected regions")
	require.Equal(t, Vector{"1": New(-1, 5)}, v)
	other := Vector{"1": New(-1, 7), "2": New(-1, 3)}
	require.NoError(t, v.Merge(other))
	require.Equal(t, Vector{"1": New(-1, 7), "2": New(-1, 3)}, v)
	require.NoError(t, v.Add("2", New(-1, 4)))
	require.Equal(t, New(-1, 3), other["2"], "what was merged is not changed with it")
}

func TestParseFor(t *testing.T) {
	t.Parallel()
	parents := []string{"0", "3"}
	for _, tt := range []struct{ name, header, want string }{
		{"its own", "7:-1#5", "-1#5"},
		{"its own among others", "1:-1#2, 7:-1#5,3:-1#9", "-1#5"},
		{"merged", "7:-1#5,7:-1#6", "-1#6"},
		{"a parent's", "0:-1#5", "-1#5"},
		{"the nearest parent's", "0:-1#5,3:-1#4", "-1#4"},
		{"the farthest parent's", "0:-1#5,1:-1#4", "-1#5"},
		{"its own before a parent's that is ahead", "3:-1#9,7:-1#5", "-1#5"},
		{"another's", "1:-1#5", ""},
		{"others'", "1:-1#5,2:-1#5", ""},
	} {
		token, ok, err := ParseFor(tt.header, "7", parents)
		require.NoError(t, err, tt.name)
		require.Equal(t, tt.want != "", ok, tt.name)
		if ok {
			require.Equal(t, tt.want, token.String(), tt.name)
		}
	}
	for _, s := range []string{"", "1", ":1#2", "7:x", "7:-1#1,", "7:-1#1,7:-1#1#1=2"} {
		_, _, err := ParseFor(s, "7", nil)
		require.Error(t, err, s)
	}
	for _, s := range []string{"7:-1#1,3", "3:-1#1,x:y"} {
		_, ok, err := ParseFor(s, "7", parents)
		require.ErrorContains(t, err, s, "what is wrong beside its own token is wrong, too")
		require.False(t, ok)
	}
}

func FuzzParseCompound(f *testing.F) {
	for _, s := range []string{"0:-1#12", "0:1#100#1=20#2=5,1:0#4", "3:12", "a:1#2,:", "0:1#2#3=4#3=5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := ParseCompound(s)
		if err != nil {
			return
		}
		again, err := ParseCompound(v.String())
		require.NoError(t, err)
		require.Equal(t, v, again)
		for id, token := range v {
			merged, err := Merge(token, again[id])
			require.NoError(t, err)
			require.Equal(t, token, merged, "merging a token with itself changes nothing")
			ok, err := Satisfies(token, token)
			require.NoError(t, err)
			require.True(t, ok)
		}
	})
}
