package queryplan_test

import (
	"maps"
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/eval"
	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/queryplan"
	"github.com/cosmossql/cosmossql/internal/value"
)

// TestConstants: what a text says without any document, which is what the evaluator makes of it.
func TestConstants(t *testing.T) {
	t.Parallel()
	const none, undefined = "none", "undefined"
	params := parameters(t, `{"@n":7,"@text":"x","@list":[1,null],"@small":-9223372036854775808}`)
	for text, want := range map[string]string{
		"null":                  "null",
		"true":                  "true",
		"undefined":             undefined,
		`"it's"`:                `"it's"`,
		`"a\u00e9"`:             `"aé"`,
		"42":                    "42",
		"1.50":                  "1.5",
		"2e3":                   "2000",
		"9223372036854775807":   "9223372036854775807",
		"9223372036854775808":   "9.2233720368547758e+18",
		"0x1F":                  none, // left to the service
		"NaN":                   none,
		"-5":                    "-5",
		"+5":                    "5",
		"- -5":                  "5",
		"-0":                    "0",
		"-2.5":                  "-2.5",
		"-9223372036854775808":  "-9.2233720368547758e+18",
		"-9007199254740993":     "-9007199254740993",
		"- @small":              "9.2233720368547758e+18",
		"- 'x'":                 none,
		"- @text":               none,
		"+ @list":               none,
		"NOT true":              none,
		"~ 1":                   none,
		"@n":                    "7",
		"-@n":                   "-7",
		"@text":                 `"x"`,
		"@missing":              none,
		"-@missing":             none,
		"[]":                    "[]",
		"[1, 'a', @n, [-2]]":    `[1,"a",7,[-2]]`,
		"[1, undefined, 2]":     "[1,2]",
		"[1, c.a]":              none,
		"[1, @missing]":         none,
		"{}":                    "{}",
		"{a: 1, 'b c': @list}":  `{"a":1,"b c":[1,null]}`,
		"{a: undefined, b: +1}": `{"b":1}`,
		"{a: {b: c.a}}":         none,
		"1 + 1":                 none,
		"c":                     none,
		"c.a":                   none,
		"ABS(-1)":               none,
		"(SELECT 1)":            none,
	} {
		x, err := nosql.ParseExpr(text, nosql.Cosmos)
		require.NoError(t, err, text)
		got, v := none, value.Undefined
		if constant, ok := queryplan.Constant(x, params); ok {
			if got, v = undefined, constant; v.IsDefined() {
				got = string(value.AppendJSON(nil, v))
			}
		}
		require.Equal(t, want, got, text)
		if got == none {
			continue
		}
		program, err := eval.Compile(parse(t, "SELECT VALUE "+text), eval.Options{Params: params})
		require.NoError(t, err, text)
		evaluated := value.Undefined
		for row, err := range program.Rows(t.Context(), func(func(value.Value) bool) {}) {
			require.NoError(t, err, text)
			evaluated = row.Value
		}
		require.True(t, value.Equal(evaluated, v), "%s: the evaluator has %s", text, value.AppendJSON(nil, evaluated))
	}
}

// TestKeysAtTheBoundsOfIntegers: the least integer has no positive of its own kind; its negative is a float, and not
// itself again, which is another key.
func TestKeysAtTheBoundsOfIntegers(t *testing.T) {
	t.Parallel()
	keys, ok := queryplan.Keys(parse(t, "SELECT * FROM c WHERE c.pk = -@p"),
		map[string]value.Value{"@p": value.Int(math.MinInt64)}, single)
	require.True(t, ok)
	require.Equal(t, "[9223372036854776000]", keys[0].Header())
	keys, ok = queryplan.Keys(parse(t, "SELECT * FROM c WHERE c.pk = +5 OR -7 = c.pk"), nil, single)
	require.True(t, ok)
	require.Equal(t, "[5]", keys[0].Header())
	require.Equal(t, "[-7]", keys[1].Header())
}

// TestPlansDependOnTheirParameters: a plan may be kept for other values of all parameters but those of PlanParams,
// which are the ones that change it.
func TestPlansDependOnTheirParameters(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"SELECT TOP @a * FROM c WHERE c.n > @b AND c.s = @c",
		"SELECT * FROM c WHERE c.n > @a OFFSET @b LIMIT @c",
		"SELECT * FROM c WHERE c.s = @a ORDER BY c.n OFFSET 1 LIMIT @b",
		"SELECT c.n, COUNT(1) AS k FROM c WHERE c.n < @a GROUP BY c.n",
		"SELECT DISTINCT TOP @b VALUE c.n + @a FROM c JOIN t IN c.t WHERE t = @c",
	} {
		q := parse(t, text)
		depends := queryplan.PlanParams(q)
		values := parameters(t, `{"@a":2,"@b":3,"@c":4}`)
		before := planOf(t, q, values)
		for name := range values {
			changed := maps.Clone(values)
			changed[name] = value.Int(9)
			same := reflect.DeepEqual(before, planOf(t, q, changed))
			require.Equal(t, !slices.Contains(depends, name), same, "%s: another value of %s", text, name)
		}
	}
}
