package eval

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLiterals(t *testing.T) {
	t.Parallel()
	checkExprs(t, []exprCase{
		{"null", "null"},
		{"undefined", ""},
		{"'it\\'s'", `"it's"`},
		{"12.", "12"},
		{".5", "0.5"},
		{"0x1F", "31"},
		{"0xFFFFFFFFFFFFFFFFF", "2.9514790517935283e+20"},
		{"9223372036854775807", "9223372036854775807"},
		{"-9223372036854775808", "-9223372036854775808"},
		{"9223372036854775808", "9.2233720368547758e+18"},
		{"ToString(NaN)", `"NaN"`},
		{"ToString(Infinity)", `"Infinity"`},
		{"ToString(-Infinity)", `"-Infinity"`},
		{"[1, undefined, [undefined], 2]", "[1,[],2]"},
		{"{a: 1, 'b': undefined, \"c\": {d: []}}", `{"a":1,"c":{"d":[]}}`},
		{"{a: 1, b: 2, a: 3}", `{"a":3,"b":2}`},
	})
}

func TestArithmetic(t *testing.T) {
	t.Parallel()
	checkExprs(t, []exprCase{
		{"1 + 2", "3"},
		{"1 - 2", "-1"},
		{"7 / 2", "3.5"},
		{"6 / 2", "3"},
		{"0.1 + 0.2", "0.30000000000000004"},
		{"ToString(1 / 0)", `"Infinity"`},
		{"ToString(-1 / 0)", `"-Infinity"`},
		{"ToString(0 / 0)", `"NaN"`},
		{"-7 % 3", "-1"},
		{"7 % -3", "1"},
		{"5.5 % 2", "1.5"},
		{"ToString(5 % 0)", `"NaN"`},
		{"9007199254740993 + 1", "9007199254740994"},
		{"9007199254740993 - 2", "9007199254740991"},
		{"3 * 3002399751580331", "9007199254740993"},
		{"9007199254740993 % 10", "3"},
		{"9223372036854775807 + 1", "9.2233720368547758e+18"},
		{"-9223372036854775807 - 2", "-9.2233720368547758e+18"},
		{"4294967296 * 4294967296", "1.8446744073709552e+19"},
		{"-9223372036854775808 * -1", "9.2233720368547758e+18"},
		{"9007199254740993 + 0.0", "9007199254740992"},
		{"2 + 3 * 4", "14"},
		{"(2 + 3) * 4", "20"},
		{"10 - 4 - 3", "3"},
		{"-(-3)", "3"},
		{"+3", "3"},
		{"-0", "0"},
		{"+'3'", ""},
		{"-null", ""},
		{"-undefined", ""},
		{"1 + '1'", ""},
		{"1 + null", ""},
		{"true + 1", ""},
		{"[1] * 2", ""},
		{"1 + undefined", ""},
		{"'a' + 'b'", ""},
	})
}

func TestBitwise(t *testing.T) {
	t.Parallel()
	checkExprs(t, []exprCase{
		{"6 & 3", "2"},
		{"6 | 3", "7"},
		{"6 ^ 3", "5"},
		{"~5", "-6"},
		{"~130679749712577953", "-1022657953"},
		{"2147483648 | 0", "-2147483648"},
		{"4294967296 | 0", "0"},
		{"-1.9 | 0", "-1"},
		{"(0/0) | 5", "5"},
		{"(1/0) | 5", "5"},
		{"1 << 4", "16"},
		{"1 << 31", "-2147483648"},
		{"1 << 33", "2"},
		{"-16 >> 2", "-4"},
		{"-16 >>> 2", "1073741820"},
		{"-1 >>> 0", "4294967295"},
		{"1 << -1", "-2147483648"},
		{"~'5'", ""},
		{"~undefined", ""},
		{"6 & null", ""},
		{"6 | undefined", ""},
		{"'6' ^ 3", ""},
	})
}

func TestConcatenation(t *testing.T) {
	t.Parallel()
	checkExprs(t, []exprCase{
		{"'a' || 'b' || 'c'", `"abc"`},
		{"'' || ''", `""`},
		{"'a' || 1", ""},
		{"'a' || null", ""},
		{"undefined || 'a'", ""},
		{"['a'] || ['b']", ""},
	})
}

func TestEquality(t *testing.T) {
	t.Parallel()
	checkExprs(t, []exprCase{
		{"1 = 1.0", "true"},
		{"1 = '1'", "false"},
		{"1 != '1'", "true"},
		{"1 <> 2", "true"},
		{"null = null", "true"},
		{"null = 0", "false"},
		{"null != 0", "true"},
		{"false = 0", "false"},
		{"'a' = 'A'", "false"},
		{"'é' = '\\u00e9'", "true"},
		{"9007199254740993 = 9007199254740992", "false"},
		{"0/0 = 0/0", "false"},
		{"0/0 != 0/0", "true"},
		{"[1,[2]] = [1,[2]]", "true"},
		{"[1,2] = [2,1]", "false"},
		{"{a:1,b:{c:2}} = {b:{c:2.0},a:1}", "true"},
		{"{a:1} = {a:1,b:2}", "false"},
		{"{a:undefined} = {}", "true"},
		{"{} = []", "false"},
		{"undefined = undefined", ""},
		{"undefined = 1", ""},
		{"1 != undefined", ""},
	})
}

func TestOrdering(t *testing.T) {
	t.Parallel()
	checkExprs(t, []exprCase{
		{"1 < 2", "true"},
		{"2 <= 2", "true"},
		{"2 > 2", "false"},
		{"2 >= 3", "false"},
		{"'a' < 'b'", "true"},
		{"'Z' < 'a'", "true"},
		{"'10' < '9'", "true"},
		{"'a' < 'ab'", "true"},
		{"false < true", "true"},
		{"null <= null", "true"},
		{"null < null", "false"},
		{"0/0 < 1", "false"},
		{"0/0 >= 0/0", "false"},
		{"9007199254740992 < 9007199254740993", "true"},
		{"1 < '2'", ""},
		{"null < 1", ""},
		{"true > 0", ""},
		{"[1] < [2]", ""},
		{"{} <= {}", ""},
		{"undefined < 1", ""},
		{"1 < undefined", ""},
		{"5 BETWEEN 1 AND 5", "true"},
		{"5 BETWEEN 6 AND 9", "false"},
		{"'b' BETWEEN 'a' AND 'c'", "true"},
		{"6 NOT BETWEEN 1 AND 5", "true"},
		{"5 BETWEEN 1 AND 'z'", ""},
		{"0 BETWEEN 1 AND 'z'", "false"},
		{"0 NOT BETWEEN 1 AND 'z'", "true"},
		{"undefined BETWEEN 1 AND 2", ""},
		{"[1] BETWEEN [0] AND [2]", ""},
		{"(5 BETWEEN 1 AND 9) AND false", "false"},
	})
}

// TestThreeValuedLogic runs the whole truth table; whatever is not a boolean counts as undefined.
func TestThreeValuedLogic(t *testing.T) {
	t.Parallel()
	operands := []string{"true", "false", "undefined", "null", "1", "'true'", "[]", "{}"}
	truth := func(operand string) string {
		if operand == "true" || operand == "false" {
			return operand
		}
		return ""
	}
	and := map[string]string{"true true": "true", "true false": "false", "true ": "", "false true": "false",
		"false false": "false", "false ": "false", " true": "", " false": "false", " ": ""}
	or := map[string]string{"true true": "true", "true false": "true", "true ": "true", "false true": "true",
		"false false": "false", "false ": "", " true": "true", " false": "", " ": ""}
	negation := map[string]string{"true": "false", "false": "true", "": ""}
	for _, l := range operands {
		require.Equal(t, negation[truth(l)], evaluateExpr(t, "NOT "+l, Options{}), "NOT %s", l)
		for _, r := range operands {
			key := truth(l) + " " + truth(r)
			require.Equal(t, and[key], evaluateExpr(t, l+" AND "+r, Options{}), "%s AND %s", l, r)
			require.Equal(t, or[key], evaluateExpr(t, l+" OR "+r, Options{}), "%s OR %s", l, r)
		}
	}
	checkExprs(t, []exprCase{
		{"true OR false AND false", "true"},
		{"(true OR false) AND false", "false"},
		{"undefined AND true AND false", "false"},
		{"undefined OR false OR true", "true"},
		{"NOT (1 = 2)", "true"},
		{"NOT 1 = 2", ""},
		{"NOT NOT true", "true"},
	})
}

func TestConditionals(t *testing.T) {
	t.Parallel()
	checkExprs(t, []exprCase{
		{"true ? 1 : 2", "1"},
		{"false ? 1 : 2", "2"},
		{"1 ? 1 : 2", "2"},
		{"'true' ? 1 : 2", "2"},
		{"null ? 1 : 2", "2"},
		{"undefined ? 1 : 2", "2"},
		{"true ? undefined : 2", ""},
		{"false ? 1 : true ? 2 : 3", "2"},
		{"1 ?? 2", "1"},
		{"undefined ?? 2", "2"},
		{"null ?? 2", "null"},
		{"undefined ?? undefined ?? 3", "3"},
		{"undefined ?? undefined", ""},
		{"1 + 'a' ?? 'none'", `"none"`},
	})
}

func TestIn(t *testing.T) {
	t.Parallel()
	many := "0,1,2,3,4,5,6,7,8,9,'a',null,true,[1],{\"a\":1}"
	checkExprs(t, []exprCase{
		{"2 IN (1,2)", "true"},
		{"2 NOT IN (1,3)", "true"},
		{"2 NOT IN (1,2)", "false"},
		{"'2' IN (1,2)", "false"},
		{"null IN (1,null)", "true"},
		{"{'a':1} IN ([1],{'a':1.0})", "true"},
		{"1 IN (undefined,1)", "true"},
		{"1 IN (undefined)", "false"},
		{"1 NOT IN (undefined)", "true"},
		{"undefined IN (1)", ""},
		{"undefined NOT IN (1)", ""},
		{"0/0 IN (0/0)", "false"},
		{"7 IN (" + many + ")", "true"},
		{"7.0 IN (" + many + ")", "true"},
		{"10 IN (" + many + ")", "false"},
		{"10 NOT IN (" + many + ")", "true"},
		{"[1.0] IN (" + many + ")", "true"},
		{"{'a':2} IN (" + many + ")", "false"},
		{"undefined IN (" + many + ")", ""},
		{"0/0 IN (0/0," + many + ")", "false"},
	})
	docs := documents(t, `{"id":1,"a":1,"b":2}`+"\n"+`{"id":2,"a":3,"b":3}`+"\n"+`{"id":3,"b":1}`)
	require.Equal(t, []string{"2", "3"},
		mustEvaluate(t, "SELECT VALUE c.id FROM c WHERE 3 IN (c.a, c.b, 7) OR 1 IN (c.b)", docs, Options{}))
}

func TestMemberAccess(t *testing.T) {
	t.Parallel()
	docs := documents(t, `{"o":{"a":[10,{"b":"deep"}],"":1},"s":"text","n":null,"k":"a","i":1}`)
	for _, tc := range []exprCase{
		{"c.o.a[0]", "10"},
		{"c.o.a[1].b", `"deep"`},
		{"c['o']['a'][1]['b']", `"deep"`},
		{"c.o['']", "1"},
		{"c.o[@name][@index]", "10"},
		{"c.o[@name][0.0]", "10"},
		{"c.o.a[1 - 1]", "10"},
		{"{x: c.s}.x", `"text"`},
		{"[c.s, 2][0]", `"text"`},
		{"[5, 6][1]", "6"},
		{"c.o.a[2]", ""},
		{"c.o.a[-1]", ""},
		{"c.o.a[0.5]", ""},
		{"c.o.a['0']", ""},
		{"c.o.a.length", ""},
		{"c.o[0]", ""},
		{"c.o[null]", ""},
		{"c.o[undefined]", ""},
		{"c.s[0]", ""},
		{"c.s.length", ""},
		{"c.n.x", ""},
		{"c.missing.x.y", ""},
		{"c.O", ""},
	} {
		rows := mustEvaluate(t, "SELECT VALUE "+tc.expr+" FROM c", docs,
			Options{Params: params(t, "@name", `"a"`, "@index", "0")})
		require.Equal(t, tc.want, strings.Join(rows, "|"), tc.expr)
	}
}
