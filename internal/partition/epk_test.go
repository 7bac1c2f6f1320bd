package partition

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	v1    = Definition{Paths: []string{"/pk"}, Kind: "Hash"}
	v2    = Definition{Paths: []string{"/pk"}, Kind: "Hash", Version: 2}
	multi = Definition{Paths: []string{"/a", "/b"}, Kind: "MultiHash", Version: 2}
)

func key(t testing.TB, values ...any) Key {
	t.Helper()
	k, err := NewKey(values...)
	require.NoError(t, err)
	return k
}

// TestPublishedEPKs holds the vectors of the .NET SDK's tests.
func TestPublishedEPKs(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 1024)
	for _, tt := range []struct {
		name   string
		def    Definition
		values []any
		want   string
	}{
		{"V1 empty string", v1, []any{""}, "05C1CF33970FF80800"},
		{"V1 partitionKey", v1, []any{"partitionKey"}, "05C1E1B3D9CD2608716273756A756A706F4C667A00"},
		{"V1 redmond", v1, []any{"redmond"}, "05C1EFE313830C087366656E706F6500"},
		{"V1 long string", v1, []any{long}, "05C1EB5921F70608" + strings.Repeat("62", 100) + "00"},
		{"V1 null", v1, []any{nil}, "05C1ED45D7475601"},
		{"V1 undefined", v1, []any{Undefined}, "05C1D529E345DC00"},
		{"V1 true", v1, []any{true}, "05C1D7C5A903D803"},
		{"V1 false", v1, []any{false}, "05C1DB857D857C02"},
		{"V1 0", v1, []any{0}, "05C1BF6DA11560058000"},
		{"V1 1", v1, []any{1}, "05C1ED172B6B2605BFF0"},
		{"V1 5", v1, []any{5}, "05C1D9C1C5517C05C014"},
		{"V1 -1", v1, []any{-1}, "05C1D1A5BDDF9C054010"},
		{"V1 -128", v1, []any{int8(-128)}, "05C1D73349F54C053FA0"},
		{"V1 127", v1, []any{int8(127)}, "05C1DD539DDFCC05C05FE0"},
		{"V1 least int32", v1, []any{math.MinInt32}, "05C1DFBF252BCC053E20"},
		{"V1 greatest int32", v1, []any{math.MaxInt32}, "05C1E1F503DFB205C1DFFFFFFFFC"},
		{"V1 least int64", v1, []any{int64(math.MinInt64)}, "05C1DB35F33D1C053C20"},
		{"V1 greatest int64", v1, []any{int64(math.MaxInt64)}, "05C1B799AB2DD005C3E0"},
		{"V1 least double", v1, []any{math.SmallestNonzeroFloat64}, "05C1E5C91F4D3005800101010101010102"},
		{"V1 greatest double", v1, []any{math.MaxFloat64}, "05C1CBE367C53005FFEFFFFFFFFFFFFFFE"},
		{"V1 not ASCII", v1, []any{"éa"}, "05C1D391DB25E408C4AA6200"},
		{"V1 no component", v1, nil, ""},

		{"V2 empty string", v2, []any{""}, "32E9366E637A71B4E710384B2F4970A0"},
		{"V2 partitionKey", v2, []any{"partitionKey"}, "013AEFCF77FA271571CF665A58C933F1"},
		{"V2 redmond", v2, []any{"redmond"}, "22E342F38A486A088463DFF7838A5963"},
		{"V2 customer42", v2, []any{"customer42"}, "19819C94CE42A1654CCC8110539D9589"},
		{"V2 not ASCII", v2, []any{"éa"}, "3F2D6C05DFD55D8845BE984E3F287428"},
		{"V2 long string", v2, []any{long}, "332BDF5512AE49615F32C7D98C2DB86C"},
		{"V2 null", v2, []any{nil}, "378867E4430E67857ACE5C908374FE16"},
		{"V2 undefined", v2, []any{Undefined}, "11622DAA78F835834610ABE56EFF5CB5"},
		{"V2 true", v2, []any{true}, "0E711127C5B5A8E4726AC6DD306A3E59"},
		{"V2 false", v2, []any{false}, "2FE1BE91E90A3439635E0E9E37361EF2"},
		{"V2 0", v2, []any{0}, "155B95BEDAC4B1E9EC1CDC9BB0DDDE58"},
		{"V2 1", v2, []any{1}, "20CD98B339BA78A5D0CF6953B87070B0"},
		{"V2 5", v2, []any{5.0}, "19C08621B135968252FB34B4CF66F811"},
		{"V2 -128", v2, []any{-128}, "01DAEDABF913540367FE219B2AD06148"},
		{"V2 127", v2, []any{uint8(127)}, "0C507ACAC853ECA7977BF4CEFB562A25"},
		{"V2 fraction", v2, []any{5.123124190509124}, "0EF2E2D82460884AF0F6440BE4F726A8"},
		{"V2 least int64", v2, []any{int64(math.MinInt64)}, "23D5C6395512BDFEAFADAD15328AD2BB"},
		{"V2 greatest double", v2, []any{math.MaxFloat64}, "31424D996457102634591FF245DBCC4D"},
		{"V2 four paths", v2, []any{5, "redmond", true, nil}, "3032DECBE2AB1768D8E0AEDEA35881DF"},

		{"MultiHash one", multi, []any{"/path1"}, "3499FD5198AE0F1EB6B77F6E428D2FF0"},
		{"MultiHash two", multi, []any{"redmond", "98052"},
			"22E342F38A486A088463DFF7838A596336C8BBEC5EEB4676558994E4D8DF79A7"},
		{"MultiHash false, null", multi, []any{false, nil},
			"2FE1BE91E90A3439635E0E9E37361EF2378867E4430E67857ACE5C908374FE16"},
		{"MultiHash titles", multi, []any{"title_player_account!9E711EFBD3BBB492", "Title-B60C1"},
			"2306FDF78C35ED4FD1C5835B075FC0B0248E1F58635558D12708326234F93A21"},
		{"MultiHash prefix", multi, []any{"title_player_account!9E711EFBD3BBB499"}, "378CCD42FC556DDDE688B05DC178BB92"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, tt.def.EPK(key(t, tt.values...)))
		})
	}
}

func TestNegativeZero(t *testing.T) {
	t.Parallel()
	negative := math.Copysign(0, -1)
	require.Equal(t, key(t, 0), key(t, negative), "equal values must be one logical partition")
	raw := Component{kind: kindNumber, num: negative}
	require.Equal(t, "3D018BB1DF3DB27235766E81FD10406E", v2.EPK(Key{raw}), "the published vector of the hash itself")
}

func TestOrderedNumbers(t *testing.T) {
	t.Parallel()
	for f, want := range map[float64]string{
		0:          "058000",
		1:          "05BFF0",
		-1:         "054010",
		5:          "05C014",
		0.5:        "05BFE0",
		100:        "05C05980",
		-128:       "053FA0",
		1e300:      "05FE37F30F918103D738",
		4263665798: "05C1EFE313830C",
	} {
		require.Equal(t, want, hexUpper(appendOrdered(nil, f)), "%v", f)
	}
}

// A V1 key shows the first 100 bytes of a string behind its hash, each raised by one, and ends in 00; of a longer one
// it shows a byte more, and no end.
func TestStringsOfV1(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text  string
		shown int
		end   string
	}{
		{"", 0, "00"},
		{"a", 1, "00"},
		{strings.Repeat("a", 99), 99, "00"},
		{strings.Repeat("a", 100), 100, "00"},
		{strings.Repeat("a", 101), 100, "00"}, // what is cut away leaves 100
		{strings.Repeat("é", 50), 100, "00"},
		{strings.Repeat("é", 51), 101, ""},
		{strings.Repeat("é", 100) + "x", 101, ""},
		{strings.Repeat("\U0010FFFF", 40), 101, ""},
	} {
		var want []byte
		for i := range tt.shown {
			want = append(want, tt.text[i]+1)
		}
		got := hexUpper(String(tt.text).cut().appendOrdered(nil))
		require.Equal(t, "08"+hexUpper(want)+tt.end, got, "%.30s", tt.text)
	}
	long := strings.Repeat("a", 100)
	require.Equal(t, v1.EPK(key(t, long+"b")), v1.EPK(key(t, long+"c")), "V1 does not look any further")
	require.NotEqual(t, v1.EPK(key(t, long)), v1.EPK(key(t, long[1:])))
	require.NotEqual(t, v2.EPK(key(t, long+"b")), v2.EPK(key(t, long+"c")), "which V2 does")
}

// Values of different types, and those whose texts are alike, are different keys, and each lies among the EPKs.
func TestEPKsDiffer(t *testing.T) {
	t.Parallel()
	values := []any{"", "0", "1", "true", "null", "{}", "a", "A", "a ", "a\x00", 0, 1, -1, 0.5, true, false, nil,
		Undefined}
	whole := Range{Min: Min, Max: Max}
	for _, d := range []Definition{v1, v2, multi} {
		seen := map[string]any{}
		for _, value := range values {
			epk := d.EPK(key(t, value))
			require.NotContains(t, seen, epk, "%v and %v", value, seen[epk])
			seen[epk] = value
			require.True(t, whole.Contains(epk))
			require.Regexp(t, "^([0-9A-F]{2})+$", epk)
		}
	}
	require.Equal(t, multi.EPK(key(t, "a"))+multi.EPK(key(t, 1)), multi.EPK(key(t, "a", 1)), "each level alone")
	require.NotEqual(t, v2.EPK(key(t, "ab", "c")), v2.EPK(key(t, "a", "bc")))
}

func TestCutKeepsHalfAPair(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("a", 99) + "😀"
	require.Equal(t, strings.Repeat("a", 99)+"\uFFFD", String(text).cut().str)
	require.Equal(t, strings.Repeat("é", 100), String(strings.Repeat("é", 120)).cut().str)
	require.Equal(t, strings.Repeat("é", 60), String(strings.Repeat("é", 60)).cut().str)
}

func BenchmarkEPK(b *testing.B) {
	for name, def := range map[string]Definition{"V1": v1, "V2": v2, "MultiHash": multi} {
		k := key(b, "customer-4711", 42)[:len(def.Paths)]
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				def.EPK(k)
			}
		})
	}
}

func BenchmarkExtract(b *testing.B) {
	doc := []byte(`{"id":"1","name":"someone","address":{"city":"Bern","zip":3000},"tags":["a","b"]}`)
	def := Definition{Paths: []string{"/address/zip"}, Version: 2}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := def.Extract(doc); err != nil {
			b.Fatal(err)
		}
	}
}
