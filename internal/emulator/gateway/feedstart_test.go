package gateway

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

func TestFeedPositions(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, etag string
		mark       store.Mark
		want       int64
	}{
		{"one for all", "7", store.Mark{Range: "3"}, 7},
		{"its own", "3:7,4:9", store.Mark{Range: "4"}, 9},
		{"its own before a parent's", "3:7,4:9", store.Mark{Range: "4", Parents: []string{"3"}}, 9},
		{"parent's", "3:7,4:9", store.Mark{Range: "5", Parents: []string{"1", "3"}}, 7},
		{"the first of merged parents", "3:7,4:9", store.Mark{Range: "5", Parents: []string{"3", "4"}}, 7},
		{"the first, wherever it is named", "3:9,4:7", store.Mark{Range: "5", Parents: []string{"3", "4"}}, 7},
		{"of none of its kin", "3:7,4:9", store.Mark{Range: "5", Parents: []string{"1"}}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var f feedStart
			require.NoError(t, f.parse(test.etag))
			require.Equal(t, test.want, f.after(test.mark).LSN)
		})
	}
	for _, bad := range []string{"", "x", "1:", ":", "1:2,3", "1:x"} {
		var f feedStart
		require.Error(t, f.parse(bad), bad)
	}
}
