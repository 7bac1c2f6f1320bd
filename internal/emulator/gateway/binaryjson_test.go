package gateway

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBinaryJSON(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, in, want string }{
		{"text stays", hex.EncodeToString([]byte(`{"a":1}`)), `{"a":1}`},
		{"object", "80ea0a826964816282706b8161", `{"id":"b","pk":"a"}`},
		{"system strings and small numbers", "80ec0400" + "2c05" + "2b1f", ""},
		{"object with a count", "80ed0402" + "2c05" + "2b1f", `{"id":5,"GeometryCollection":31}`},
		{"one member", "80e9" + "2c" + "d0", `{"id":null}`},
		{"array", "80e203" + "d1" + "d2" + "e0", `[false,true,[]]`},
		{"array of one", "80e1" + "c8ff", `[255]`},
		{"integers", "80e20f" + "c9feff" + "cafdffffff" + "d8ff" + "da00000100", `[-2,-3,-1,65536]`},
		{"doubles", "80e20d" + "cc000000000000f83f" + "cf003c" + "e8", `[1.5,1,{}]`},
		{"string with a length", "80c003616263", `"abc"`},
		{"reference", "80e206" + "82786a" + "c303" + "05", `["xj","xj",5]`},
		{"numbers", "80f0c803010203", `[1,2,3]`},
		{"broken off", "80ea0a8269", ""},
		{"more behind", "80d0d0", ""},
		{"reference to itself", "80c301", ""},
		{"base64", "807101" + "01" + "6869", `"aGk="`},
		{"base64 without its padding", "807101" + "fe" + "6869", `"aGk"`},
		{"base64 of the URL alphabet", "80740100" + "00" + "fbfffe", `"-__-"`},
		{"guid, digits swapped", "807510325476981032547698103254769810", `"01234567-8901-2345-6789-012345678901"`},
		{"guid in upper case", "8076a0000000000000000000000000000000", `"0A000000-0000-0000-0000-000000000000"`},
		{"etag", "807700000000000000000000000000000000", `"\"00000000-0000-0000-0000-000000000000\""`},
		{"guid itself", "80d303020100050407060809000000000000", `"00010203-0405-0607-0809-000000000000"`},
		{"digits", "807803" + "210c", `"12c"`},
		{"date", "807a04" + "3153", `"0224"`},
		{"4 bits", "807b0330" + "2103", `"123"`},
		{"5 bits", "807c0261" + "2000", `"ab"`},
		{"7 bits", "807e02" + "e834", `"hi"`},
		{"of a dictionary", "8040", ""},
		{"not a number", "80cc000000000000f87f", ""},
	} {
		raw, err := hex.DecodeString(test.in)
		require.NoError(t, err)
		got, err := fromBinary(raw)
		if test.want == "" {
			require.Error(t, err, test.name)
			continue
		}
		require.NoError(t, err, test.name)
		require.Equal(t, test.want, string(got), test.name)
	}
}

// Whatever the bytes, reading them ends with a value or an error.
func FuzzBinaryJSON(f *testing.F) {
	for _, seed := range []string{"80ea0a826964816282706b8161", "80f2f0c80201010203", "80e1e1e1e1", "80c6ffffffff"} {
		raw, _ := hex.DecodeString(seed)
		f.Add(raw)
	}
	f.Fuzz(func(_ *testing.T, body []byte) {
		fromBinary(append([]byte{binaryMark}, body...))
	})
}
