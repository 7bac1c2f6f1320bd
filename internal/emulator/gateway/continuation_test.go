package gateway

import (
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
	c := continuation{Last: &p}
	require.Regexp(t, `^[ -~]+$`, c.encode(func(uint64) string { return "RID" }, false), "it must fit a header")
}

// Whatever a token says, the answer is a page or a refusal.
func FuzzContinuation(f *testing.F) {
	queries := []string{
		"SELECT * FROM c", "SELECT VALUE c.id FROM c ORDER BY c.n DESC", "SELECT VALUE MAX(c.n) FROM c ORDER BY c.n",
		"SELECT c.n FROM c GROUP BY c.n", "SELECT DISTINCT VALUE c.n FROM c", "SELECT VALUE 1",
	}
	for _, seed := range []string{
		`-RID:~AAAAAAAAAAABAAAAAAAAAA==#RT:1#TRC:2#ISV:2#IEO:65567#QCF:8`,
		`{"token":"-RID:~AAAAAAAAAAABAAAAAAAAAA==#RT:1#TRC:2","range":{"min":"","max":"FF"}}`,
		`[{"token":"+RID:AAAAAAAAAAABAAAAAAAAAA==#RT:-1#TRC:x","range":{"min":"zz","max":"1F"}}]`,
		`[{"token":null,"range":{"min":"","max":"1F"}},{"token":null}]`,
		`-RID:~AAAAAAAAAAABAAAAAAAAAA==#RTD:eyJrIjpbWzFdXX0=`, `-RID:~x`, `[]`, `{}`, `[{}]`, `Mw`,
	} {
		f.Add(seed)
	}
	call := filled(f, 20)
	f.Fuzz(func(t *testing.T, token string) {
		headers := map[string]string{headerContinuation: token, headerMaxItems: "3"}
		if token == "" {
			return
		}
		for _, q := range queries {
			for _, scope := range []map[string]string{{headerKey: `["p1"]`}, {headerRange: "1"},
				{headerCross: "True"}} {
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
