package session

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func parse(t *testing.T, s string) Token {
	t.Helper()
	token, err := Parse(s)
	require.NoError(t, err, s)
	return token
}

func TestParseRoundTrip(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"12", "-1#12", "0#0", "1#100#1=20#2=5", "-1#9223372036854775807", "2#7#4294967295=-3",
		"1#100#0=1#2147483647=2#2147483648=3#4294967295=4"} {
		require.Equal(t, s, parse(t, s).String())
	}
	require.Equal(t, "1#100#1=20#2=5", parse(t, "1#100#2=5#1=20").String(), "regions are put in order")
	require.Equal(t, "1#9#0=1#1=2#4294967295=3", parse(t, "1#9#4294967295=3#1=2#0=1").String())
	require.Equal(t, int64(100), parse(t, "1#100#1=20").LSN())
	require.Equal(t, "-1#7", New(-1, 7).String())
	require.Equal(t, parse(t, "3#7#1=5#4=6"), New(3, 7, Region{1, 5}, Region{4, 6}))
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "x", "1#", "#1", "1#2#", "1#2#3", "1#2#x=3", "1#2#3=x", "1#2#-1=3", "1#2#3=4#3=5",
		"1#2#4294967296=1", "9223372036854775808", "-1#9223372036854775808", "0:-1#5", " 5", "5 ", "1#2#3=4#", "1##2"} {
		_, err := Parse(s)
		require.EqualError(t, err, fmt.Sprintf(
			"session token %q is not valid: it has the form 0:-1#12, as a Response has it", s))
	}
}

func TestSatisfies(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name           string
		required, have string
		want           bool
		fails          bool
	}{
		{name: "behind", required: "1#100", have: "1#99"},
		{name: "level", required: "1#100", have: "1#100", want: true},
		{name: "higher version", required: "1#100", have: "2#10", want: true},
		{name: "lower version", required: "2#10", have: "1#100"},
		{name: "region behind", required: "1#100#1=20", have: "1#100#1=19"},
		{name: "region ahead", required: "1#100#1=20", have: "1#101#1=21", want: true},
		{name: "level in its region", required: "1#100#1=20", have: "1#100#1=20", want: true},
		{name: "one region of two behind", required: "1#100#1=20#2=5", have: "1#100#1=20#2=4"},
		{name: "global behind, region ahead", required: "1#100#1=20", have: "1#99#1=21"},
		{name: "a higher version that is behind in a region", required: "1#100#1=20", have: "2#100#1=19"},
		{name: "a higher version with fewer regions", required: "1#100#1=20#2=5", have: "2#7#2=5", want: true},
		{name: "other count of regions, behind", required: "1#100#1=20", have: "1#9#1=20#2=5", fails: true},
		{name: "other count of regions", required: "1#100#1=20", have: "1#100#1=20#2=5", fails: true},
		{name: "other region, same version", required: "1#100#1=20", have: "1#100#2=20", fails: true},
		{name: "other region, higher version", required: "1#100#1=20", have: "2#100#2=3", want: true},
		{name: "simple behind", required: "12", have: "11"},
		{name: "simple level", required: "12", have: "12", want: true},
		{name: "vector against simple", required: "-1#12", have: "11"},
		{name: "simple against vector", required: "12", have: "-1#12", want: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := Satisfies(parse(t, tt.required), parse(t, tt.have))
			require.Equal(t, tt.fails, err != nil, "error: %v", err)
			require.Equal(t, tt.want, got)
		})
	}
}

func TestMerge(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, a, b, want string }{
		{"higher version brings its regions", "1#100#1=20#2=5#3=30", "2#105#4=10#2=5#3=30", "2#105#4=10#2=5#3=30"},
		{"maxima", "1#100#1=20#2=5", "1#90#1=25#2=4", "1#100#1=25#2=5"},
		{"global of the higher version", "1#500", "2#10", "2#10"},
		{"single region", "-1#12", "-1#15", "-1#15"},
		{"region counts differ", "1#100#1=20", "1#100#1=20#2=5", ""},
		{"regions differ", "1#100#1=20", "1#100#2=20", ""},
		{"the higher version behind in a region", "1#100#1=20", "2#10#1=5", "2#10#1=20"},
		{"the lower version knows fewer regions", "1#100#1=20", "2#10#1=5#2=7", "2#10#1=20#2=7"},
		{"simple", "12", "15", "15"},
		{"vector beats simple", "12", "-1#3", "-1#3"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a, b := parse(t, tt.a), parse(t, tt.b)
			ab, err := Merge(a, b)
			ba, errBA := Merge(b, a)
			if tt.want == "" {
				require.ErrorContains(t, err, "unexpected regions")
				require.Error(t, errBA)
				return
			}
			require.NoError(t, err)
			require.NoError(t, errBA)
			require.Equal(t, parse(t, tt.want).String(), ab.String())
			require.Equal(t, ab.String(), ba.String(), "merging is commutative")
			require.Equal(t, tt.a, a.String(), "merging changes no operand")
		})
	}
}

// TestErrorsOfTwoTokens: tokens that cannot be of one range are told both, as they were read.
func TestErrorsOfTwoTokens(t *testing.T) {
	t.Parallel()
	for _, tt := range [][2]string{{"1#100#1=20", "1#100#2=20"}, {"1#100#1=20", "1#90"}} {
		a, b := parse(t, tt[0]), parse(t, tt[1])
		want := fmt.Sprintf("session tokens %s and %s have unexpected regions", tt[0], tt[1])
		_, err := Merge(a, b)
		require.EqualError(t, err, want)
		_, err = Satisfies(a, b)
		require.EqualError(t, err, want)
	}
}

// TestMergedTokenSatisfiesBoth: whoever is as far as the merged token says is as far as each of the two: that is what a
// session keeps it for. A replica at one of the two may answer for both exactly if merging adds nothing to it.
func TestMergedTokenSatisfiesBoth(t *testing.T) {
	t.Parallel()
	var tokens []Token
	for version := range int64(3) {
		for lsn := range int64(3) {
			tokens = append(tokens, New(version, lsn))
			for local := range int64(3) {
				tokens = append(tokens, New(version, lsn, Region{7, local}),
					New(version, lsn, Region{7, local}, Region{9, 2 - local}))
			}
		}
	}
	merges := 0
	for _, a := range tokens {
		for _, b := range tokens {
			m, err := Merge(a, b)
			if err != nil {
				continue
			}
			merges++
			for _, required := range []Token{a, b} {
				ok, err := Satisfies(required, m)
				require.NoError(t, err, "%s, %s: %s", a, b, m)
				require.True(t, ok, "%s, %s: %s", a, b, m)
			}
			enough, err := Satisfies(a, b)
			require.NoError(t, err)
			require.Equal(t, enough, m.String() == b.String(), "%s, %s: %s", a, b, m)
		}
	}
	require.Greater(t, merges, len(tokens)*len(tokens)/2)
}
