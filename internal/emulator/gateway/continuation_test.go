package gateway

import (
	"encoding/base64"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/value"
)

func TestPlaceKeepsKeys(t *testing.T) {
	t.Parallel()
	keys := []value.Value{value.Undefined, value.Null, value.Int(1 << 60), value.String("é"), value.Array(nil)}
	p := place{Keys: keysOf(keys)}
	for i, k := range p.keys() {
		require.True(t, value.Equal(keys[i], k), "%d", i)
	}
	c := continuation{Segments: []segment{{Max: "FF", From: 7, Skip: 1}}, Last: &p}
	require.Regexp(t, `^[A-Za-z0-9_-]+$`, c.encode(), "it must fit a header")
}

// Whatever a token says, the answer is a page or a refusal.
func FuzzContinuation(f *testing.F) {
	queries := []string{
		"SELECT * FROM c", "SELECT VALUE c.id FROM c ORDER BY c.n DESC", "SELECT VALUE MAX(c.n) FROM c ORDER BY c.n",
		"SELECT c.n FROM c GROUP BY c.n", "SELECT DISTINCT VALUE c.n FROM c", "SELECT VALUE 1",
	}
	for _, seed := range []string{
		`{"s":[{"x":"FF"}]}`, `{"s":[{"m":"1F","x":"zz","f":18446744073709551615,"r":-5}]}`, `{"s":[{}]}`, `{"s":[]}`, `{"k":3}`, `{"k":-3}`,
		`{"l":{"k":[[1]],"n":2,"i":0,"c":1}}`, `{"l":{"c":-1}}`, `{"l":{"k":[[],[1]],"c":99}}`, `{"l":{"k":[{}],"g":"AA==","c":9}}`, `null`, `[]`, `1`,
	} {
		f.Add(seed)
	}
	call := filled(f, 20)
	f.Fuzz(func(t *testing.T, token string) {
		headers := map[string]string{headerContinuation: base64.RawURLEncoding.EncodeToString([]byte(token)), headerMaxItems: "3"}
		if token == "" {
			return
		}
		for _, q := range queries {
			for _, scope := range []map[string]string{{headerKey: `["p1"]`}, {headerRange: "1"}, {headerCross: "True"}} {
				all := map[string]string{"x-ms-documentdb-isquery": "True"}
				for _, m := range []map[string]string{headers, scope} {
					for k, v := range m {
						all[k] = v
					}
				}
				call("POST", "/dbs/d/colls/c/docs", all, fmt.Sprintf(`{"query":%q}`, q))
			}
		}
		call("GET", "/dbs/d/colls/c/docs", headers, "")
		call("GET", "/dbs", headers, "")
	})
}
