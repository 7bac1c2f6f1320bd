package session

import (
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
	for _, s := range []string{"12", "-1#12", "0#0", "1#100#1=20#2=5", "-1#9223372036854775807", "2#7#4294967295=-3"} {
		require.Equal(t, s, parse(t, s).String())
	}
	require.Equal(t, "1#100#1=20#2=5", parse(t, "1#100#2=5#1=20").String(), "regions are put in order")
	require.Equal(t, int64(100), parse(t, "1#100#1=20").LSN())
	require.Equal(t, "-1#7", New(-1, 7).String())
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "x", "1#", "#1", "1#2#", "1#2#3", "1#2#x=3", "1#2#3=x", "1#2#-1=3", "1#2#3=4#3=5",
		"1#2#4294967296=1", "9223372036854775808"} {
		_, err := Parse(s)
		require.ErrorContains(t, err, "is not valid", s)
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
		{name: "other count of regions", required: "1#100#1=20", have: "1#100#1=20#2=5", fails: true},
		{name: "other region, same version", required: "1#100#1=20", have: "1#100#2=20", fails: true},
		{name: "other region, higher version", required: "1#100#1=20", have: "2#100#2=3", want: true},
		{name: "simple behind", required: "12", have: "11"},
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

func TestCompound(t *testing.T) {
	t.Parallel()
	v, err := ParseCompound("10:-1#4, 2:-1#12,2:-1#13")
	require.NoError(t, err)
	require.Equal(t, "2:-1#13,10:-1#4", v.String(), "by number, the ranges merged")
	require.NoError(t, v.Merge(Vector{"2": New(-1, 5), "0": New(-1, 1)}))
	require.Equal(t, "0:-1#1,2:-1#13,10:-1#4", v.String())
	require.Error(t, v.Merge(Vector{"2": parse(t, "-1#5#1=2")}))
	for _, s := range []string{"", "1", ":1#2", "0:x", "0:-1#1,", "0:-1#1,0:-1#1#1=2"} {
		_, err := ParseCompound(s)
		require.Error(t, err, s)
	}
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
