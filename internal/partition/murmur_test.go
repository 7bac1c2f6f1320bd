package partition

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMurmur(t *testing.T) {
	t.Parallel()
	require.Equal(t, uint32(0x248bfa47), murmur32([]byte("hello")))
	require.Equal(t, uint32(0), murmur32(nil))
	require.Equal(t, uint32(0x149bbb7f), murmur32([]byte("hello, world")), "whole words only")
	h1, h2 := murmur128([]byte("hello"))
	require.Equal(t, [2]uint64{0xcbd8a7b341bd9b02, 0x5b1e906a48ae1d19}, [2]uint64{h1, h2})
	h1, h2 = murmur128([]byte("The quick brown fox jumps over the lazy dog"))
	require.Equal(t, [2]uint64{0xe34bbc7bbc071b6c, 0x7a433ca9c49a9347}, [2]uint64{h1, h2})
}

// TestMurmurOfEveryLength: words and the rest behind them, of every length and with high bits set, hash as in another
// implementation, Python's mmh3 5.3.1.
func TestMurmurOfEveryLength(t *testing.T) {
	t.Parallel()
	data := make([]byte, 64)
	for i := range data {
		data[i] = byte(37*i + 200)
	}
	for _, tt := range []struct {
		n      int
		x86    uint32
		h1, h2 uint64
	}{
		{1, 0x0d4b8860, 0xa46bd16248e551c3, 0x0576fa7f1e47c1f6},
		{2, 0xfbbbe3f5, 0xe3304859fea69b98, 0x577c63caa7f6111f},
		{3, 0x218c8818, 0x1992c2c31158994d, 0x143caefcd93db752},
		{4, 0xe5bebeff, 0x41bff0560ab0f92c, 0x9835febe0267099a},
		{5, 0x30b6945c, 0x183680d3a1474632, 0xf724033002ac961b},
		{6, 0x02537241, 0x27a4dff7f4cce6a9, 0x8e596b2971a1a715},
		{7, 0xa17919b2, 0xcf7b85bf8584968d, 0x8620290c2702e00b},
		{8, 0x1147031a, 0x8c77ad3171d401d8, 0x08fba2669a9bf14b},
		{9, 0x6bf24626, 0xefc048af822f9d54, 0x7000ebb5eeced296},
		{10, 0x1d3dad63, 0xed12443dc33f2dc6, 0x5e59cf18ebaee7b0},
		{11, 0x75818ea2, 0x1b496dd0a682698a, 0x6d7b3711672dbe58},
		{12, 0x03830625, 0x1136832c61247ef8, 0x274b50fc6b3cf3dd},
		{13, 0x5f3c7b0f, 0xe630146d9dc7d022, 0x2fa13e398d9d4907},
		{14, 0x3206c61d, 0x208aae7e1f6f34e7, 0x65706f64f299e628},
		{15, 0x860bd275, 0x1237ca845d4c1800, 0xa173c723df24bf12},
		{16, 0xc1c8a00b, 0x015deb6369b72afb, 0x380ec9c7fc76a585},
		{17, 0x48cb23e8, 0x067f69ffe052646e, 0x77c57f2161e28472},
		{23, 0x649f4afc, 0x6243d84e98142aa4, 0x2a59653c61ad080c},
		{24, 0xb80874e0, 0x8073d71cf8f630ee, 0xeb8f8d3896b4f624},
		{31, 0xfb0a5093, 0xb01845ebc1e4df7c, 0x55a9a2cbf08f22c7},
		{32, 0xcd751a89, 0x5fcf6f12a39e0ca6, 0xa549c05a65d5d43b},
		{33, 0x4f159ee6, 0xed93e0c56ea3a764, 0x00d1cc1cf7c58d63},
		{47, 0x045335ef, 0x766f7fa800b97aab, 0x351d8215eef898d6},
		{64, 0xa8473b4c, 0x47aca1c9b94772f3, 0x0a0f023ad0563c9f},
	} {
		require.Equal(t, tt.x86, murmur32(data[:tt.n]), "%d bytes", tt.n)
		h1, h2 := murmur128(data[:tt.n])
		require.Equal(t, [2]uint64{tt.h1, tt.h2}, [2]uint64{h1, h2}, "%d bytes", tt.n)
	}
}

func BenchmarkMurmur(b *testing.B) {
	data := []byte("a partition key of a usual length")
	b.Run("32", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			murmur32(data)
		}
	})
	b.Run("128", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			murmur128(data)
		}
	})
}
