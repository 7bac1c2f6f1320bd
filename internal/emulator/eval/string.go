package eval

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/cosmossql/cosmossql/internal/value"
)

// Positions and lengths count characters (code points), so that no function can cut one in two. Uncertain in the
// service: one source counts UTF-16 units, which differs above U+FFFF only.

func stringFunctions() []function {
	flagged := signature{isString, isString, isBool}
	all := []function{
		{name: "CONCAT", arity: atLeast(2), args: texts, eval: concatAll, example: `CONCAT("a", "b", "c")`,
			doc: "The strings, one after the other."},
		{
			name:    "CONTAINS",
			arity:   between(2, 3),
			args:    flagged,
			eval:    search(strings.Contains),
			example: `CONTAINS("Abc", "B", true)`,
			doc:     "Whether the first string contains the second; true as third argument ignores case.",
		},
		{
			name:    "ENDSWITH",
			arity:   between(2, 3),
			args:    flagged,
			eval:    search(strings.HasSuffix),
			example: `ENDSWITH("abc", "BC", true)`,
			doc:     "Whether the first string ends with the second; true as third argument ignores case.",
		},
		{
			name:    "INDEX_OF",
			arity:   between(2, 3),
			args:    signature{isString, isString, isInteger},
			eval:    indexOf,
			example: `INDEX_OF("banana", "an", 2)`,
			doc:     "Position of the first occurrence, from a start if given; -1 without one.",
		},
		{name: "LASTINDEXOF", arity: between(2, 3), args: signature{isString, isString, isInteger}, eval: lastIndexOf,
			example: `LASTINDEXOF("banana", "an")`, doc: "Position of the last occurrence, which must end at the " +
				"given position at the latest; -1 without one."},
		{name: "LEFT", arity: exactly(2), args: signature{isString, isInteger}, eval: left, example: `LEFT("abc", 2)`,
			doc: "The first characters."},
		{name: "LENGTH", arity: exactly(1), args: texts, eval: length, example: `LENGTH("abc")`,
			doc: "Number of characters."},
		{name: "LOWER", arity: exactly(1), args: texts, eval: mapped(unicode.ToLower), example: `LOWER("AB")`,
			doc: "The string in lower case."},
		{name: "LTRIM", arity: between(1, 2), args: texts, eval: trim(strings.TrimLeftFunc), example: `LTRIM("  a ")`,
			doc: "The string without leading white space, or without the characters of the second argument."},
		{name: "REPLACE", arity: exactly(3), args: texts, eval: replace, example: `REPLACE("aba", "a", "x")`,
			doc: "The string with every occurrence of the second argument replaced by the third; undefined if " +
				"that is empty."},
		// A number and not an integer: 1.5 counts as 1 (test of Microsoft's model).
		{
			name:    "REPLICATE",
			arity:   exactly(2),
			args:    signature{isString, isNumber},
			eval:    replicate,
			example: `REPLICATE("ab", 2)`,
			doc:     "The string repeated; undefined if negative, or longer than 10000 characters.",
		},
		{name: "REVERSE", arity: exactly(1), args: texts, eval: reverse, example: `REVERSE("abc")`,
			doc: "The characters in reverse order."},
		{
			name:    "RIGHT",
			arity:   exactly(2),
			args:    signature{isString, isInteger},
			eval:    right,
			example: `RIGHT("abc", 2)`,
			doc:     "The last characters.",
		},
		{name: "RTRIM", arity: between(1, 2), args: texts, eval: trim(strings.TrimRightFunc), example: `RTRIM(" a  ")`,
			doc: "The string without trailing white space, or without the characters of the second argument."},
		{
			name:    "STARTSWITH",
			arity:   between(2, 3),
			args:    flagged,
			eval:    search(strings.HasPrefix),
			example: `STARTSWITH("abc", "b")`,
			doc:     "Whether the first string begins with the second; true as third argument ignores case.",
		},
		{
			name:    "STRINGEQUALS",
			arity:   between(2, 3),
			args:    flagged,
			example: `STRINGEQUALS("A", "a", true)`,
			eval:    search(func(s, t string) bool { return s == t }),
			doc:     "Whether the strings are equal; true as third argument ignores case.",
		},
		{
			name:    "StringJoin",
			arity:   exactly(2),
			args:    signature{isArray, isString},
			eval:    join,
			example: `StringJoin(["a","b"], "-")`,
			doc:     "The strings of an array with a separator between them; undefined if an element is not a string.",
		},
		{name: "StringSplit", arity: exactly(2), args: texts, eval: split, example: `StringSplit("a-b", "-")`,
			doc: "The parts of the string between the separators."},
		{name: "SUBSTRING", arity: exactly(3), args: signature{isString, isInteger}, eval: substring,
			example: `SUBSTRING("abcdef", 2, 2)`, doc: "So many characters from a position on."},
		{
			name:    "TRIM",
			arity:   between(1, 2),
			args:    texts,
			eval:    trim(strings.TrimFunc),
			example: `TRIM("-_-x-_-", "-_")`,
			doc:     "The string without white space, or without the characters of the second argument, at both ends.",
		},
		{name: "UPPER", arity: exactly(1), args: texts, eval: mapped(upper), example: `UPPER("ab")`,
			doc: "The string in upper case."},
	}
	return slices.Concat(all, containsFunctions(), delimiterFunctions(), conversionFunctions())
}

// The SDKs spell them ContainsAllCi and so on.
func containsFunctions() []function {
	var all []function
	for _, f := range []struct {
		name, doc   string
		decides, ci bool
	}{
		{"All", "every string", false, true},
		{"All", "every string", false, false},
		{"Any", "one of the strings", true, true},
		{"Any", "one of the strings", true, false},
	} {
		suffix, how := "Cs", "."
		if f.ci {
			suffix, how = "Ci", ", ignoring case."
		}
		all = append(all, function{
			name:    "CONTAINS_" + strings.ToUpper(f.name+"_"+suffix),
			aliases: []string{"Contains" + f.name + suffix},
			arity:   atLeast(2), args: signature{isString, isString | isUndefined}, eval: containsMany(f.decides, f.ci),
			doc:     "Whether the first string contains " + f.doc + how,
			example: "CONTAINS_" + strings.ToUpper(f.name+"_"+suffix) + `("abc", "A", "c")`,
		})
	}
	return all
}

// delimiterFunctions are undefined without a delimiter. Uncertain in the service.
func delimiterFunctions() []function {
	row := func(name, doc, example string, find func(s, t string) int, after bool) function {
		return function{name: name, arity: exactly(2), args: texts, doc: doc + "; undefined without one.",
			example: example,
			eval: func(_ *env, a []value.Value) value.Value {
				s, t := a[0].AsString(), a[1].AsString()
				switch i := find(s, t); {
				case i < 0:
					return value.Undefined
				case after:
					return value.String(s[i+len(t):])
				default:
					return value.String(s[:i])
				}
			}}
	}
	return []function{
		row("LastSubstringAfter", "The text after the last delimiter", `LastSubstringAfter("/a/b/c", "/")`,
			strings.LastIndex, true),
		row("LastSubstringBefore", "The text before the last delimiter", `LastSubstringBefore("/a/b/c", "/")`,
			strings.LastIndex, false),
		row("SubstringAfter", "The text after the first delimiter", `SubstringAfter("a-b-c", "-")`,
			strings.Index, true),
		row("SubstringBefore", "The text before the first delimiter", `SubstringBefore("a-b-c", "-")`,
			strings.Index, false),
	}
}

func concatAll(e *env, a []value.Value) value.Value {
	n := 0
	for _, v := range a {
		n += v.Len()
	}
	if n > maxValue {
		return e.fail(valueTooLarge)
	}
	var out strings.Builder
	out.Grow(n)
	for _, v := range a {
		out.WriteString(v.AsString())
	}
	return e.str(out.String())
}

// foldCase makes strings that differ only in case the same, character by character. Upper before lower: letters with
// two lower-case forms, as the final sigma, meet in their upper-case one. No character becomes two, ß stays ß, so
// that positions stay what they were.
func foldCase(s string) string {
	return strings.Map(func(r rune) rune { return unicode.ToLower(upper(r)) }, s)
}

// upper is simple case mapping, but leaves the micro sign alone. Uncertain in the service: a disabled test of its SDK
// says so. Character by character, so that no letter becomes two: UPPER("aß") is "Aß".
func upper(r rune) rune {
	if r == 'µ' {
		return r
	}
	return unicode.ToUpper(r)
}

func mapped(f func(rune) rune) body {
	return func(e *env, a []value.Value) value.Value { return e.str(strings.Map(f, a[0].AsString())) }
}

func left(_ *env, a []value.Value) value.Value {
	s := a[0].AsString()
	n, _ := a[1].AsInt()
	return value.String(s[:offset(s, n)])
}

// Less than one character is "", more than there are is all of it (test of Microsoft's model).
func right(_ *env, a []value.Value) value.Value {
	s := a[0].AsString()
	n, _ := a[1].AsInt()
	if n <= 0 {
		return value.String("")
	}
	return value.String(s[offset(s, int64(utf8.RuneCountInString(s))-n):])
}

func length(_ *env, a []value.Value) value.Value {
	return value.Int(int64(utf8.RuneCountInString(a[0].AsString())))
}

// Out of range is "" and never undefined (test of Microsoft's model).
func substring(_ *env, a []value.Value) value.Value {
	s := a[0].AsString()
	start, _ := a[1].AsInt()
	n, _ := a[2].AsInt()
	if start < 0 {
		return value.String("")
	}
	s = s[offset(s, start):]
	return value.String(s[:offset(s, n)])
}

// trim cuts with strings.TrimFunc, TrimLeftFunc or TrimRightFunc. The second argument is a set of characters, not a
// text: TRIM("-_-x-_-", "-_") is "x" (published example).
func trim(cut func(string, func(rune) bool) string) body {
	return func(_ *env, a []value.Value) value.Value {
		drop := unicode.IsSpace
		if len(a) == 2 {
			set := a[1].AsString()
			drop = func(r rune) bool { return strings.ContainsRune(set, r) }
		}
		return value.String(cut(a[0].AsString(), drop))
	}
}

// Replacing "" is undefined (test of Microsoft's model); Go would put the text between all characters.
func replace(e *env, a []value.Value) value.Value {
	s, old, with := a[0].AsString(), a[1].AsString(), a[2].AsString()
	if old == "" {
		return value.Undefined
	}
	if len(with) > len(old) && int64(len(s))+int64(strings.Count(s, old))*int64(len(with)-len(old)) > maxValue {
		return e.fail(valueTooLarge)
	}
	return e.str(strings.ReplaceAll(s, old, with))
}

// From the documentation, in characters.
const maxReplicated = 10_000

// What is too long is undefined and not an error, other than for the server's own bounds.
func replicate(e *env, a []value.Value) value.Value {
	s, n := a[0].AsString(), a[1].AsFloat()
	// Written so that NaN fails too.
	if !(n >= 0 && n < 1<<31) || float64(utf8.RuneCountInString(s))*float64(int(n)) > maxReplicated {
		return value.Undefined
	}
	if s == "" {
		return value.String("")
	}
	return e.str(strings.Repeat(s, int(n)))
}

func reverse(e *env, a []value.Value) value.Value {
	runes := []rune(a[0].AsString())
	slices.Reverse(runes)
	return e.str(string(runes))
}

func join(e *env, a []value.Value) value.Value {
	parts := make([]string, 0, a[0].Len())
	n := 0
	for v := range a[0].Elems() {
		if v.Kind() != value.KindString {
			return value.Undefined
		}
		parts = append(parts, v.AsString())
		if n += v.Len() + a[1].Len(); n > maxValue {
			return e.fail(valueTooLarge)
		}
	}
	return e.str(strings.Join(parts, a[1].AsString()))
}

// An empty separator leaves the text whole, "" with "" is [""] (documentation); Go would cut it into characters.
func split(e *env, a []value.Value) value.Value {
	s, separator := a[0].AsString(), a[1].AsString()
	if separator == "" {
		return value.Array([]value.Value{a[0]})
	}
	if strings.Count(s, separator) >= maxElems {
		return e.fail(valueTooLarge)
	}
	parts := strings.Split(s, separator)
	all := make([]value.Value, len(parts))
	for i, p := range parts {
		all[i] = value.String(p)
	}
	return e.array(all)
}
