package rest

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A program adds headers of its own; it cannot take the place of what the client sends, nor break a request up.
func TestHeadersOfThePrograms(t *testing.T) {
	t.Parallel()
	require.NoError(t, CheckHeader("X-Trace", "a b\tc"))
	for _, tt := range []struct{ name, value, want string }{
		{"", "v", `cosmos: "" is not the name of a header`},
		{"X Trace", "v", `cosmos: "X Trace" is not the name of a header`},
		{"X-Tracé", "v", "is not the name of a header"},
		{"X-Trace:", "v", "is not the name of a header"},
		{"Authorization", "v",
			"cosmos: the header authorization is the client's own: use the option that it stands for"},
		{headerHubOnly, "True", "the header x-ms-cosmos-hub-region-processing-only is the client's own"},
		{"X-Trace", "a\r\nb: c", "cosmos: the value of the header x-trace has a control character"},
		{"X-Trace", "\x7f", "cosmos: the value of the header x-trace has a control character"},
	} {
		require.ErrorContains(t, CheckHeader(tt.name, tt.value), tt.want)
	}
}
