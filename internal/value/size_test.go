package value

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSize(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`null`, `"abc"`, `[]`, `[1,2,3]`, `{"a":1,"b":[{"c":"text"}]}`, `{ "a" : [ 1, "x" ] }`, `[[[[[]]]]]`,
	} {
		v := mustParse(t, text)
		written := len(AppendJSON(nil, v))
		require.InDelta(t, written, Size(v, 1<<20), float64(written)+4, text)
	}
	require.Zero(t, Size(Undefined, 10))
	require.Equal(t, len(benchText), Size(mustParse(t, benchText), 10), "a text is not looked into")
}

func TestSizeOfSharedParts(t *testing.T) {
	t.Parallel()
	// Written out it would have 10^30 bytes.
	v := String(strings.Repeat("x", 1000))
	for range 27 {
		v = Array([]Value{v, v, v, v, v, v, v, v, v, v})
	}
	require.Greater(t, Size(v, 1<<20), 1<<20)
}
