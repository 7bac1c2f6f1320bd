package gateway

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The forms of numbers, texts and arrays that a sender of binary JSON may choose, each with what it stands for; "" is
// refused.
func TestFormsOfBinaryJSON(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, in, want string }{
		{"largest literal", "1f", "31"},
		{"unsigned, 64 bits", "c7ffffffffffffffff", "18446744073709551615"},
		{"unsigned, 8 bits", "c8ff", "255"},
		{"signed, 8 bits", "d880", "-128"},
		{"unsigned of an array, 8 bits", "d7ff", "255"},
		{"16 bits", "c90080", "-32768"},
		{"16 bits of an array", "d9ffff", "-1"},
		{"32 bits", "ca00000080", "-2147483648"},
		{"32 bits of an array", "daffffffff", "-1"},
		{"unsigned, 32 bits", "dcffffffff", "4294967295"},
		{"64 bits", "cb0000000000000080", "-9223372036854775808"},
		{"64 bits of an array", "dbffffffffffffffff", "-1"},
		{"double", "cc000000000000e0bf", "-0.5"},
		{"double, whole", "cc0000000000001440", "5"},
		{"double that is not exact", "cc9a9999999999b93f", "0.1"},
		{"double of an array", "ce000000000000f83f", "1.5"},
		{"double that is infinite", "cc000000000000f07f", ""},
		{"32 bit float", "cd0000c03f", "1.5"},
		{"32 bit float, infinite", "cd0000807f", ""},
		{"half", "cf003e", "1.5"},
		{"half, below 0", "cf00be", "-1.5"},
		{"half, small", "cf0038", "0.5"},
		{"half, subnormal", "cf0100", "5.9604644775390625e-08"},
		{"half, subnormal, below 0", "cf0082", "-3.0517578125e-05"},
		{"half, zero", "cf0000", "0"},
		{"half, infinite", "cf007c", ""},
		{"half, infinite below 0", "cf00fc", ""},

		{"bytes", "dd03" + "010203", `"AQID"`},
		{"bytes, longer length", "de0200" + "fbff", `"+/8="`},
		{"bytes, longest length", "df01000000" + "00", `"AA=="`},
		{"bytes broken off", "dd03" + "0102", ""},
		{"text, longer length", "c10200" + "6869", `"hi"`},
		{"text, longest length", "c202000000" + "6869", `"hi"`},
		{"empty text", "80", `""`},
		{"text broken off", "836869", ""},
		{"first system text", "20", `"$s"`},
		{"last system text", "3f", `"_id"`},
		{"reference of 2 bytes", "e206" + "8178" + "c40300" + "05", `["x","x",5]`},
		{"reference of 3 bytes", "e207" + "8178" + "c5030000" + "05", `["x","x",5]`},
		{"reference of 4 bytes", "e208" + "8178" + "c603000000" + "05", `["x","x",5]`},
		{"reference to a number", "e203" + "05" + "c303", ""},
		{"reference to the mark", "c300", ""},
		{"reference ahead", "e204" + "c304" + "8178", ""},
		{"reference beyond the end", "c3ff", ""},
		{"base64, longer length", "720100" + "00" + "010203", `"AQID"`},
		{"base64 of the URL alphabet", "7301" + "00" + "fbfffe", `"-__-"`},
		{"base64, two of padding", "7101" + "02" + "01", `"AQ=="`},
		{"base64, two of padding left out", "7101" + "fd" + "01", `"AQ"`},
		{"base64 with more padding than letters", "7100" + "01", ""},
		{"digits in upper case", "7903" + "ba0c", `"ABC"`},
		{"6 bits", "7d0261" + "4000", `"ab"`},
		{"7 bits, longer length", "7f0200" + "e834", `"hi"`},
		{"packed text broken off", "7e03" + "e834", ""},
		{"guid broken off", "7500", ""},

		{"array, 2 bytes of length", "e30200" + "0102", "[1,2]"},
		{"array, 4 bytes of length", "e402000000" + "0102", "[1,2]"},
		{"array with a count", "e50202" + "0102", "[1,2]"},
		{"array with a count, 2 bytes", "e602000200" + "0102", "[1,2]"},
		{"array with a count, 4 bytes", "e70200000002000000" + "0102", "[1,2]"},
		{"array longer than all", "e203" + "0102", ""},
		{"object, 2 bytes of length", "eb0200" + "2c05", `{"id":5}`},
		{"object, 4 bytes of length", "ec02000000" + "2c05", `{"id":5}`},
		{"object with a count, 2 bytes", "ee02000100" + "2c05", `{"id":5}`},
		{"object whose name is a number", "e90505", ""},
		{"object whose name stands alone", "ea01" + "2c", ""},
		{"empty object", "e8", "{}"},

		{"numbers, 2 bytes of count", "f1c80200" + "0102", "[1,2]"},
		{"numbers of 16 bits", "f0d902" + "0100feff", "[1,-2]"},
		{"numbers of 32 bit floats", "f0cd01" + "0000c03f", "[1.5]"},
		{"no numbers", "f0c800", "[]"},
		{"more numbers than bytes", "f0c8ff", ""},
		{"numbers broken off", "f0d902" + "0100fe", ""},
		{"rows of numbers", "f2f0c802" + "02" + "01020304", "[[1,2],[3,4]]"},
		{"rows of numbers, 2 bytes of count", "f3f0c80200" + "0100" + "0102", "[[1,2]]"},
		{"rows broken off", "f2f0c802" + "02" + "010203", ""},
		{"rows longer than all", "f2f0c8ff" + "01" + "01", ""},

		{"a marker of nothing", "f4", ""},
		{"a marker of a dictionary", "60", ""},
		{"nothing", "", ""},
		{"as deep as a document may be", strings.Repeat("e1", 128) + "05",
			strings.Repeat("[", 128) + "5" + strings.Repeat("]", 128)},
		{"deeper", strings.Repeat("e1", 129) + "05", ""},
	} {
		raw, err := hex.DecodeString("80" + test.in)
		require.NoError(t, err, test.name)
		got, err := fromBinary(raw)
		if test.want == "" {
			require.ErrorIs(t, err, errBinary, test.name)
			continue
		}
		require.NoError(t, err, test.name)
		require.Equal(t, test.want, string(got), test.name)
	}
}

// Wherever a body is broken off it is refused, and never taken for a shorter one.
func TestBinaryJSONBrokenOff(t *testing.T) {
	t.Parallel()
	for _, whole := range []string{
		"80ea0a826964816282706b8161",                                     // an object
		"80e206" + "82786a" + "c303" + "05",                              // a reference
		"80f3f0c80200" + "0100" + "0102",                                 // rows of numbers
		"80d303020100050407060809000000000000", "807101" + "01" + "6869", // a GUID, base64
		"807c0261" + "2000", "807f0200" + "e834", "80de0200" + "fbff", // packed texts, bytes
		"80cc000000000000f83f", "80c202000000" + "6869", "80ee02000100" + "2c05", // a number, a text, an object
	} {
		raw, err := hex.DecodeString(whole)
		require.NoError(t, err)
		_, err = fromBinary(raw)
		require.NoError(t, err, whole)
		for n := 1; n < len(raw); n++ {
			_, err = fromBinary(raw[:n])
			require.ErrorIs(t, err, errBinary, "%s, %d bytes of it", whole, n)
		}
		_, err = fromBinary(append(raw, 0))
		require.ErrorIs(t, err, errBinary, "%s and more behind it", whole)
	}
}
