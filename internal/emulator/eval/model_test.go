package eval

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/value"
)

// The language's tables (COSMOS_SQL.md 4.3 to 4.9) written down a second time, over plain Go values, as slowly and as
// plainly as can be: every operator is compared with them for every pair of these operands.
var operands = []struct {
	text string
	v    any // nil is null; none is undefined
}{
	{"undefined", none{}}, {"null", nil}, {"false", false}, {"true", true}, {"0", 0.0}, {"1", 1.0}, {"-7", -7.0},
	{"2.5", 2.5}, {"4294967297", 4294967297.0}, {"''", ""}, {"'a'", "a"}, {"'B'", "B"}, {"'10'", "10"}, {"[]", []any{}},
	{"[1,'a']", []any{1.0, "a"}}, {"['a',1]", []any{"a", 1.0}}, {"{}", map[string]any{}},
	{`{"k":1}`, map[string]any{"k": 1.0}}, {`{"k":null}`, map[string]any{"k": nil}},
}

type none struct{}

// json is the text of a value of the model; "" for undefined.
func modelJSON(v any) string {
	switch v := v.(type) {
	case none:
		return ""
	case nil:
		return "null"
	case bool:
		return fmt.Sprint(v)
	case float64:
		return string(value.AppendJSON(nil, value.Float(v)))
	case string:
		return `"` + v + `"`
	default:
		panic("only results of operators")
	}
}

func modelKind(v any) string {
	switch v.(type) {
	case none:
		return "undefined"
	case nil:
		return "null"
	case bool:
		return "boolean"
	case float64:
		return "number"
	case string:
		return "string"
	case []any:
		return "array"
	}
	return "object"
}

func modelSame(a, b any) bool {
	switch a := a.(type) {
	case []any:
		list, ok := b.([]any)
		if !ok || len(a) != len(list) {
			return false
		}
		for i := range a {
			if !modelSame(a[i], list[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		m, ok := b.(map[string]any)
		if !ok || len(a) != len(m) {
			return false
		}
		for k, v := range a {
			other, there := m[k]
			if !there || !modelSame(v, other) {
				return false
			}
		}
		return true
	}
	return modelKind(a) == modelKind(b) && a == b
}

// modelOrder is negative, zero or positive; ok is false for what has no order.
func modelOrder(a, b any) (c int, ok bool) {
	if modelKind(a) != modelKind(b) {
		return 0, false
	}
	switch a := a.(type) {
	case nil:
		return 0, true
	case bool:
		rank := map[bool]int{false: 0, true: 1}
		return rank[a] - rank[b.(bool)], true
	case float64:
		switch x := b.(float64); {
		case a < x:
			return -1, true
		case a > x:
			return 1, true
		}
		return 0, true
	case string:
		return strings.Compare(a, b.(string)), true
	}
	return 0, false
}

func modelInt32(f float64) int32 { return int32(uint32(int64(f))) } // whole enough for these operands

func modelOperator(op string, a, b any) any {
	x, isX := a.(float64)
	y, isY := b.(float64)
	numbers := isX && isY
	switch op {
	case "=", "!=":
		if a == (none{}) || b == (none{}) {
			return none{}
		}
		return modelSame(a, b) == (op == "=")
	case "<", "<=", ">", ">=":
		c, ok := modelOrder(a, b)
		if !ok {
			return none{}
		}
		return map[string]bool{"<": c < 0, "<=": c <= 0, ">": c > 0, ">=": c >= 0}[op]
	case "AND", "OR":
		p, isP := a.(bool)
		q, isQ := b.(bool)
		decides := op == "OR"
		switch {
		case isP && p == decides || isQ && q == decides:
			return decides
		case isP && isQ:
			return !decides
		}
		return none{}
	case "??":
		if a == (none{}) {
			return b
		}
		return a
	case "||":
		s, isS := a.(string)
		t, isT := b.(string)
		if !isS || !isT {
			return none{}
		}
		return s + t
	}
	if !numbers {
		return none{}
	}
	l, r := modelInt32(x), modelInt32(y)
	switch op {
	case "+":
		return x + y
	case "-":
		return x - y
	case "*":
		return x * y
	case "/":
		return x / y
	case "%":
		return math.Mod(x, y)
	case "&":
		return float64(l & r)
	case "|":
		return float64(l | r)
	case "^":
		return float64(l ^ r)
	case "<<":
		return float64(l << (uint32(r) % 32))
	case ">>":
		return float64(l >> (uint32(r) % 32))
	case ">>>":
		return float64(uint32(l) >> (uint32(r) % 32))
	}
	panic(op)
}

// printable leaves out what a result cannot say: such numbers are errors at the end of a query (4001).
func printable(v any) bool {
	f, ok := v.(float64)
	return !ok || !math.IsNaN(f) && !math.IsInf(f, 0)
}

func TestOperatorsAgainstTheTables(t *testing.T) {
	t.Parallel()
	for _, op := range []string{"=", "!=", "<", "<=", ">", ">=", "AND", "OR", "||", "+", "-", "*", "/", "%",
		"&", "|", "^",
		"<<", ">>", ">>>"} {
		for _, a := range operands {
			for _, b := range operands {
				want := modelOperator(op, a.v, b.v)
				if !printable(want) {
					continue
				}
				expr := "(" + a.text + ") " + op + " (" + b.text + ")"
				require.Equal(t, modelJSON(want), evaluateExpr(t, expr, Options{}), expr)
			}
		}
	}
}

// TestOperatorsOverProperties: with both sides from documents nothing is folded, and with one of them a constant the
// shortcuts for filters are taken; all give the same.
func TestOperatorsOverProperties(t *testing.T) {
	t.Parallel()
	for _, b := range operands {
		doc := value.Object(nil)
		if b.v != (none{}) {
			doc = parse(t, strings.ReplaceAll(`{"b":`+b.text+`}`, "'", `"`))
		}
		for _, a := range operands {
			params := map[string]value.Value{}
			if a.v != (none{}) {
				params["@a"] = parse(t, strings.ReplaceAll(a.text, "'", `"`))
			}
			for _, op := range []string{"=", "!=", "<", ">=", "AND", "OR", "||", "+", "*", "&", ">>>"} {
				want := modelOperator(op, a.v, b.v)
				if !printable(want) {
					continue
				}
				rows := mustEvaluate(t, "SELECT VALUE @a "+op+" c.b FROM c", []value.Value{doc},
					Options{Params: params})
				if want == (none{}) {
					require.Empty(t, rows, "%s %s %s", a.text, op, b.text)
					continue
				}
				require.Equal(t, []string{modelJSON(want)}, rows, "%s %s %s", a.text, op, b.text)
				if want == true {
					require.Len(t, mustEvaluate(t, "SELECT VALUE 1 FROM c WHERE @a "+op+" c.b", []value.Value{doc},
						Options{Params: params}), 1)
				}
			}
		}
	}
}

func TestConditionsAgainstTheTables(t *testing.T) {
	t.Parallel()
	negated := func(v any) any {
		if b, ok := v.(bool); ok {
			return !b
		}
		return none{}
	}
	for _, a := range operands {
		want := map[string]any{
			"NOT (" + a.text + ")":                    negated(a.v),
			"(" + a.text + ") ? 'yes' : 'no'":         map[bool]any{true: "yes", false: "no"}[a.v == true],
			"IIF(" + a.text + ", 'yes', 'no')":        map[bool]any{true: "yes", false: "no"}[a.v == true],
			"IS_DEFINED(" + a.text + ")":              a.v != (none{}),
			"((" + a.text + ") ?? 'other') = 'other'": a.v == (none{}),
			"IS_NULL(" + a.text + ")":                 a.v == nil,
			"IS_PRIMITIVE(" + a.text + ")": strings.Contains("null boolean number string", modelKind(a.v)) &&
				a.v != (none{}),
		}
		for _, b := range operands {
			in := any(none{})
			if a.v != (none{}) {
				in = modelSame(a.v, b.v) || modelSame(a.v, "a")
			}
			want["("+a.text+") IN ("+b.text+", 'a')"] = in
			want["("+a.text+") NOT IN ("+b.text+", 'a')"] = negated(in)
			between := modelOperator("AND", modelOperator(">=", a.v, b.v), modelOperator("<=", a.v, "a"))
			want["(("+a.text+") BETWEEN ("+b.text+") AND 'a')"] = between
			want["(("+a.text+") NOT BETWEEN ("+b.text+") AND 'a')"] = negated(between)
		}
		for expr, w := range want {
			require.Equal(t, modelJSON(w), evaluateExpr(t, expr, Options{}), expr)
		}
	}
}

// TestLongListsAnswerAsShortOnes: from eight constants on IN asks a set by keys, below it compares.
func TestLongListsAnswerAsShortOnes(t *testing.T) {
	t.Parallel()
	list := "1, 1.5, '1', true, null, [1], {\"a\": [1, {\"b\": null}]}, -0.0, 'x', undefined, 9007199254740993"
	for expr, want := range map[string]string{
		"1.0": "true", "'1'": "true", "0": "true", "false": "false", "null": "true", "[1.0]": "true", "[1, 1]": "false",
		`{"a": [1, {"b": null}]}`: "true", `{"a": [1, {"b": 0}]}`: "false", "undefined": "", "'X'": "false",
		"9007199254740992": "false", "9007199254740993": "true", "0/0": "false",
	} {
		for _, not := range []bool{false, true} {
			want, op := want, "IN"
			if not {
				op, want = "NOT IN", map[string]string{"true": "false", "false": "true", "": ""}[want]
			}
			for _, items := range []string{list, list + ", c.none"} {
				rows := mustEvaluate(t, fmt.Sprintf("SELECT VALUE (%s) %s (%s) FROM c", expr, op, items),
					[]value.Value{value.Object(nil)}, Options{})
				require.Equal(t, want, strings.Join(rows, " "), "%s %s (%s)", expr, op, items)
			}
		}
	}
}

// TestSteps: a step into what has no such part gives undefined, wherever the path begins.
func TestSteps(t *testing.T) {
	t.Parallel()
	for _, a := range operands {
		for _, step := range []string{`["k"]`, "[0]", "[1]", "[9]", "[-1]", "[0.5]", `["0"]`, "[null]", "[true]",
			"[undefined]"} {
			want := any(none{})
			switch v := a.v.(type) {
			case []any:
				if step == "[0]" && len(v) > 0 {
					want = v[0]
				}
				if step == "[1]" && len(v) > 1 {
					want = v[1]
				}
			case map[string]any:
				if k, ok := v["k"]; ok && step == `["k"]` {
					want = k
				}
			}
			require.Equal(t, modelJSON(want), evaluateExpr(t, "("+a.text+")"+step, Options{}), "%s%s", a.text, step)
		}
	}
}
