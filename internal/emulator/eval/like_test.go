package eval

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLike(t *testing.T) {
	t.Parallel()
	checkExprs(t, []exprCase{
		{"'abc' LIKE 'abc'", "true"},
		{"'abc' LIKE 'ABC'", "false"},
		{"'abc' LIKE 'ab'", "false"},
		{"'abc' LIKE 'a%'", "true"},
		{"'abc' LIKE '%c'", "true"},
		{"'abc' LIKE '%b%'", "true"},
		{"'abc' LIKE 'a%c'", "true"},
		{"'abc' LIKE '%'", "true"},
		{"'' LIKE '%'", "true"},
		{"'' LIKE ''", "true"},
		{"'a' LIKE ''", "false"},
		{"'abc' LIKE '%%%c%%'", "true"},
		{"'abc' LIKE 'a_c'", "true"},
		{"'abc' LIKE '___'", "true"},
		{"'abc' LIKE '____'", "false"},
		{"'aé' LIKE 'a_'", "true"},
		{"'a\\nb' LIKE 'a%b'", "true"},
		{"'a\\nb' LIKE 'a_b'", "true"},
		{"'abab' LIKE '%ab'", "true"},
		{"'ababc' LIKE 'ab%abc'", "true"},
		{"'abc' LIKE 'ab%bc'", "false"},
		{"'aXbXc' LIKE '%X_X%'", "true"},
		{"'b1' LIKE '[a-c]1'", "true"},
		{"'d1' LIKE '[a-c]1'", "false"},
		{"'d1' LIKE '[^a-c]1'", "true"},
		{"'b' LIKE '[abc]'", "true"},
		{"'-' LIKE '[a-]'", "true"},
		{"'xb1y' LIKE '%[a-c][0-9]%'", "true"},
		{"'a%' LIKE 'a[%]'", "true"},
		{"'ab' LIKE 'a[%]'", "false"},
		{"'a_' LIKE 'a[_]'", "true"},
		{"'a[' LIKE 'a[[]'", "true"},
		{"'a]' LIKE 'a]'", "true"},
		{"']' LIKE '[]]'", "true"},
		{"'a[b' LIKE 'a[b'", "true"},
		{"'é' LIKE '[à-ü]'", "true"},
		{"'a.c' LIKE 'a.c'", "true"},
		{"'axc' LIKE 'a.c'", "false"},
		{"'a%' LIKE 'a!%' ESCAPE '!'", "true"},
		{"'ab' LIKE 'a!%' ESCAPE '!'", "false"},
		{"'a!' LIKE 'a!!' ESCAPE '!'", "true"},
		{"'a_b' LIKE 'a\\\\_%' ESCAPE '\\\\'", "true"},
		{"'a!' LIKE 'a!' ESCAPE '!'", "true"},
		{"'abc' NOT LIKE 'a%'", "false"},
		{"'abc' NOT LIKE 'b%'", "true"},
		{"5 LIKE '5'", ""},
		{"'5' LIKE 5", ""},
		{"null LIKE '%'", ""},
		{"undefined LIKE '%'", ""},
		{"undefined NOT LIKE '%'", ""},
	})
	docs := documents(t, `{"s":"abc","p":"a%"}`+"\n"+`{"s":"abc","p":"b%"}`+"\n"+`{"s":"abc"}`)
	require.Equal(t, []string{"true", "false"}, mustEvaluate(t, "SELECT VALUE c.s LIKE c.p FROM c", docs, Options{}))
}

func TestCatastrophicLikeEnds(t *testing.T) {
	t.Parallel()
	text, pattern := strings.Repeat("a", 20_000), strings.Repeat("%a", 500)+"b"
	require.Equal(t, "false", evaluateExpr(t, fmt.Sprintf("'%s' LIKE '%s'", text, pattern), Options{}))
	sets := strings.Repeat("%[ab]", 500) + "c"
	require.Equal(t, "false", evaluateExpr(t, fmt.Sprintf("'%s' LIKE '%s'", text, sets), Options{}))
	open := strings.Repeat("[", 100_000)
	require.Equal(t, "false", evaluateExpr(t, fmt.Sprintf("'%s' LIKE '%s'", text, open), Options{}))
}
