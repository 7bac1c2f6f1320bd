package store

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRIDText(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, bytes, text string }{
		{"database", "0cf66d00", "DPZtAA=="},
		{"container", "0cf66d00ac8e8f98", "DPZtAKyOj5g="},
		{"document", "0cf66d00ac8e8f980100000000000000", "DPZtAKyOj5gBAAAAAAAAAA=="},
		{"range", "0cf66d00ac8e8f980200000000000050", "DPZtAKyOj5gCAAAAAAAAUA=="},
		{"user", "aee2630058ea4000", "ruJjAFjqQAA="},
		{"slash of base64", "5cfd26009dc7fc00", "XP0mAJ3H-AA="},
		{"offer", "1eefad", "Hu+t"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b, err := hex.DecodeString(test.bytes)
			require.NoError(t, err)
			require.Equal(t, test.text, ridText(b))
			require.Equal(t, b, ridBytes(test.text))
		})
	}
}

func TestRIDLayout(t *testing.T) {
	t.Parallel()
	container := ridBytes("DPZtAKyOj5g=")
	require.Equal(t, "DPZtAKyOj5gBAAAAAAAAAA==", childRID(container, kindDocument, 1))
	require.Equal(t, "DPZtAKyOj5gCAAAAAAAAUA==", childRID(container, kindRange, 2))
	require.Equal(t, "ruJjAFjqQABUp3QAAAAAAA==", newPermissionRID(ridBytes("ruJjAFjqQAA="), 0x74a754))
	for range 100 {
		d := newDatabaseRID()
		require.True(t, IsDatabaseRID(ridText(d)))
		require.NotZero(t, newContainerRID(d)[4]&0x80)
		require.Zero(t, newUserRID(d)[4]&0x80)
		require.Equal(t, d, newUserRID(d)[:4])
		require.Len(t, newOfferRID(), 4)
	}
	for _, name := range []string{"d", "shop", "abcd1234", "x==", "======", "DPZtAKyOj5g=", "", "my db", "ab=c", "====",
		"DPZtA A=", "DPZt/A==", "DPZtAA=A", "DPZtAA==DPZtAA=="} {
		require.False(t, IsDatabaseRID(name), name)
	}
	n, ok := DocumentNumber("DPZtAKyOj5gBAAAAAAAAAA==")
	require.Equal(t, uint64(1), n)
	require.True(t, ok)
	for _, other := range []string{"DPZtAKyOj5gCAAAAAAAAUA==", "DPZtAKyOj5g=", "a", ""} {
		_, ok := DocumentNumber(other)
		require.False(t, ok, other)
	}
}
