package eval

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

// exprCase is an expression and the JSON of its value, "" for undefined.
type exprCase struct{ expr, want string }

// checkExprs evaluates each expression as it stands, where it is folded when the query is compiled, and then with its
// literals moved into parameters and into properties of a document, where it is not.
func checkExprs(t *testing.T, cases []exprCase) {
	t.Helper()
	for _, tc := range cases {
		t.Run(tc.expr, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tc.want, evaluateExpr(t, tc.expr, Options{}))

			asParams, constants := moved(t, tc.expr,
				func(name string) nosql.Expr { return &nosql.Param{Name: "@" + name} })
			params := make(map[string]value.Value)
			for _, m := range constants {
				params["@"+m.Name] = m.Value
			}
			require.Equal(t, tc.want, evaluateTree(t, asParams, nil, Options{Params: params}), "with parameters")

			asPaths, constants := moved(t, tc.expr, func(name string) nosql.Expr {
				return &nosql.Member{X: &nosql.Ident{Name: "c"}, Name: name}
			})
			doc := value.Object(slices.DeleteFunc(constants, func(m value.Member) bool { return !m.Value.IsDefined() }))
			require.Equal(t, tc.want, evaluateTree(t, asPaths, []value.Value{doc}, Options{}), "with properties")
		})
	}
}

// moved parses expr and puts what reference makes in place of each literal, whose values it returns by name.
func moved(t *testing.T, expr string, reference func(name string) nosql.Expr) (nosql.Expr, []value.Member) {
	t.Helper()
	x, err := nosql.ParseExpr(expr, nosql.Cosmos)
	require.NoError(t, err, expr)
	var constants []value.Member
	var move func(x *nosql.Expr)
	moveAll := func(xs []nosql.Expr) {
		for i := range xs {
			move(&xs[i])
		}
	}
	move = func(x *nosql.Expr) {
		switch n := (*x).(type) {
		case *nosql.Literal:
			name := "p" + strconv.Itoa(len(constants))
			constants = append(constants, value.Member{Name: name, Value: literal(n)})
			*x = reference(name)
		case *nosql.Member:
			move(&n.X)
		case *nosql.Index:
			move(&n.X)
			move(&n.I)
		case *nosql.Array:
			moveAll(n.Items)
		case *nosql.Object:
			for i := range n.Fields {
				move(&n.Fields[i].Value)
			}
		case *nosql.Unary:
			move(&n.X)
		case *nosql.Binary:
			move(&n.L)
			move(&n.R)
		case *nosql.Cond:
			move(&n.If)
			move(&n.Then)
			move(&n.Else)
		case *nosql.In:
			move(&n.X)
			moveAll(n.List)
		case *nosql.Like:
			move(&n.X)
			move(&n.Pattern)
		case *nosql.Between:
			move(&n.X)
			move(&n.Low)
			move(&n.High)
		case *nosql.Call:
			moveAll(n.Args)
		}
	}
	move(&x)
	return x, constants
}

// evaluateTree evaluates x for each document, or once without documents.
func evaluateTree(t *testing.T, x nosql.Expr, docs []value.Value, o Options) string {
	t.Helper()
	q := &nosql.Query{Select: nosql.Select{Value: true, Items: []nosql.Item{{X: x}}}}
	if docs != nil {
		q.From = []nosql.Source{{Path: &nosql.Ident{Name: "c"}}}
	}
	p, err := Compile(q, o)
	require.NoError(t, err)
	var text []byte
	for row, err := range p.Rows(t.Context(), seq(docs)) {
		require.NoError(t, err)
		text = value.AppendJSON(text, row.Value)
	}
	return string(text)
}

func evaluateExpr(t *testing.T, expr string, o Options) string {
	t.Helper()
	rows := mustEvaluate(t, "SELECT VALUE "+expr, nil, o)
	if len(rows) == 0 {
		return ""
	}
	require.Len(t, rows, 1)
	return rows[0]
}

// functionCases are the tables of all families, by the function that they are about.
var functionCases = [][]exprCase{
	arrayCases, conditionalCases, dateTimeCases, fullTextCases, mathCases, integerCases, regexCases, spatialCases,
	stringCases, conversionCases, typeCases, vectorCases,
}

// TestEveryFunctionHasCases makes sure that the tables have, for every function with arguments, a case with undefined,
// one with null, and one with an argument of another wrong type if there is any.
func TestEveryFunctionHasCases(t *testing.T) {
	t.Parallel()
	type seen struct{ any, undefined, null bool }
	all := make(map[string]*seen)
	for _, table := range functionCases {
		for _, tc := range table {
			x, err := nosql.ParseExpr(tc.expr, nosql.Cosmos)
			require.NoError(t, err, tc.expr)
			call, ok := x.(*nosql.Call)
			if !ok {
				continue
			}
			name := strings.ToLower(call.Name)
			if all[name] == nil {
				all[name] = &seen{}
			}
			all[name].any = true
			for _, a := range call.Args {
				if l, ok := a.(*nosql.Literal); ok {
					all[name].undefined = all[name].undefined || l.Kind == nosql.Undefined
					all[name].null = all[name].null || l.Kind == nosql.Null
				}
			}
		}
	}
	for _, fam := range families() {
		for _, f := range fam.rows {
			if f.fold != nil || f.rank != "" || f.volatile {
				continue // have tests of their own
			}
			s := all[strings.ToLower(f.name)]
			require.NotNil(t, s, "no case for %s", f.name)
			if f.arity.max != 0 {
				require.True(t, s.undefined, "no case of %s with undefined", f.name)
				require.True(t, s.null, "no case of %s with null", f.name)
			}
		}
	}
}

func TestFunctionNamesAreCaseInsensitive(t *testing.T) {
	t.Parallel()
	for _, fam := range families() {
		for _, f := range fam.rows {
			for _, name := range append(f.aliases, f.name) {
				require.Same(t, lookup(f.name), lookup(strings.ToUpper(name)), name)
				require.Same(t, lookup(f.name), lookup(strings.ToLower(name)), name)
			}
		}
	}
	require.Nil(t, lookup("nope"))
}

func TestArity(t *testing.T) {
	t.Parallel()
	// The list of COSMOS_SQL §7.13.
	for arity, names := range map[string]string{
		"0": "GetCurrentDateTime GetCurrentDateTimeStatic GetCurrentTicks GetCurrentTicksStatic GetCurrentTimestamp " +
			"GetCurrentTimestampStatic PI RAND",
		"0 or 2": "Now",
		"1": "AVG COUNT COUNTIF MAKELIST MAKESET MAX MIN SUM IS_ARRAY IS_BOOL IS_NULL IS_NUMBER IS_OBJECT IS_STRING " +
			"IS_DEFINED IS_PRIMITIVE IS_FINITE_NUMBER IS_INTEGER IS_DATETIME ABS ACOS ASIN ATAN CEILING COS COT " +
			"DEGREES EXP " +
			"FLOOR IntBitNot LOG10 RADIANS ROUND SIGN SIN SQRT SQUARE TAN TRUNC LENGTH LOWER REVERSE UPPER ToString " +
			"StringToArray StringToBoolean StringToNull StringToNumber StringToObject ARRAY_AVG " +
			"ARRAY_LENGTH ARRAY_MAX " +
			"ARRAY_MEDIAN ARRAY_MIN ARRAY_SUM Day Month Year DateTimeToTicks DateTimeToTimestamp TicksToDateTime " +
			"TimestampToDateTime ST_AREA ST_ISVALID ST_ISVALIDDETAILED DOCUMENTID",
		"1 to 2": "LOG NumberBin TRIM LTRIM RTRIM",
		"1 to 3": "ObjectToArray",
		"2": "ATN2 POWER IntAdd IntSub IntMul IntDiv IntMod IntBitAnd IntBitOr IntBitXor IntBitLeftShift " +
			"IntBitRightShift " +
			"LEFT RIGHT REPLICATE StringJoin StringSplit SubstringAfter SubstringBefore LastSubstringAfter " +
			"LastSubstringBefore " +
			"SetDifference SetEqual SetIntersect SetUnion Ago DateTimeFormat DateTimePart ST_DISTANCE " +
			"ST_INTERSECTS ST_WITHIN " +
			"FullTextContains",
		"2 to 3": "ARRAY_CONTAINS ARRAY_SLICE CONTAINS STARTSWITH ENDSWITH STRINGEQUALS INDEX_OF " +
			"LASTINDEXOF RegexMatch",
		"2 to 4": "DateTimeBin RegexExtract RegexExtractAll VectorDistance",
		"3":      "DateTimeAdd DateTimeDiff IIF REPLACE SUBSTRING",
		"3 to 4": "RegexReplace RegexReplaceAll",
		"3 to 7": "DateTimeFromParts",
		"at least 2": "ARRAY_CONCAT ARRAY_CONTAINS_ALL ARRAY_CONTAINS_ANY CHOOSE CONCAT CONTAINS_ALL_CI " +
			"CONTAINS_ALL_CS " +
			"CONTAINS_ANY_CI CONTAINS_ANY_CS FullTextContainsAll FullTextContainsAny FullTextScore RRF",
	} {
		for _, name := range strings.Fields(names) {
			f := lookup(name)
			require.NotNil(t, f, name)
			require.Equal(t, name, f.name)
			require.Equal(t, arity, f.arity.String(), name)
		}
	}
}

func TestAliases(t *testing.T) {
	t.Parallel()
	for alias, name := range map[string]string{
		"IntBitwiseAnd":        "IntBitAnd",
		"IntBitwiseOr":         "IntBitOr",
		"IntBitwiseXor":        "IntBitXor",
		"IntBitwiseNot":        "IntBitNot",
		"IntBitwiseLeftShift":  "IntBitLeftShift",
		"IntBitwiseRightShift": "IntBitRightShift",
		"IS_BOOLEAN":           "IS_BOOL",
		"ContainsAllCi":        "CONTAINS_ALL_CI",
		"ContainsAllCs":        "CONTAINS_ALL_CS",
		"ContainsAnyCi":        "CONTAINS_ANY_CI",
		"ContainsAnyCs":        "CONTAINS_ANY_CS",
		"Set_Union":            "SetUnion",
		"string_to_number":     "StringToNumber",
		"FULLTEXT_CONTAINS":    "FullTextContains",
		"INTMULTIPLY":          "IntMul",
	} {
		require.Same(t, lookup(name), lookup(alias), alias)
	}
}

// TestWrongTypes gives every argument of every function, in turn, a value of each type that it does not take.
func TestWrongTypes(t *testing.T) {
	t.Parallel()
	values := []struct {
		text string
		kind kinds
	}{
		{"undefined", isUndefined}, {"null", isNull}, {"true", isBool}, {"1.5", isNumber}, {"'x'", isString},
		{"[1]", isArray}, {`{"a":1}`, isObject},
	}
	for _, fam := range families() {
		for _, f := range fam.rows {
			if f.fold != nil || f.rank != "" || f.arity.max == 0 || f.name == "DOCUMENTID" {
				continue
			}
			n := max(f.arity.min, f.arity.max, 1)
			for at, takes := range f.args.forEach(n) {
				for _, v := range values {
					if takes&v.kind != 0 {
						continue
					}
					args := validArguments(f, n)
					args[at] = v.text
					expr := f.name + "(" + strings.Join(args, ", ") + ")"
					require.Empty(t, evaluateExpr(t, expr, Options{}), expr)
				}
			}
		}
	}
}

// validArguments returns arguments of types that f takes.
func validArguments(f function, n int) []string {
	args := make([]string, n)
	for i, takes := range f.args.forEach(n) {
		switch {
		case takes&isNumber != 0 || takes == isInteger:
			args[i] = "1"
		case takes&isString != 0:
			args[i] = "'a'"
		case takes&isArray != 0:
			args[i] = "[1]"
		case takes&isBool != 0:
			args[i] = "true"
		default:
			args[i] = "{}"
		}
	}
	return args
}
