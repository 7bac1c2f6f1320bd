package dsl

// In the functions below x is the text of an expression, or a [Sqlizer]; what it is compared with is a value, or a
// Sqlizer. Those whose name ends in Fold ignore case, as strings.EqualFold does.

// StartsWith is true where x starts with prefix.
func StartsWith(x, prefix any) Sqlizer { return callValues("STARTSWITH", x, prefix) }

// StartsWithFold is [StartsWith], ignoring case.
func StartsWithFold(x, prefix any) Sqlizer { return Call("STARTSWITH", x, valueOf(prefix), "true") }

// EndsWith is true where x ends with suffix.
func EndsWith(x, suffix any) Sqlizer { return callValues("ENDSWITH", x, suffix) }

// EndsWithFold is [EndsWith], ignoring case.
func EndsWithFold(x, suffix any) Sqlizer { return Call("ENDSWITH", x, valueOf(suffix), "true") }

// Contains is true where part stands somewhere in x.
func Contains(x, part any) Sqlizer { return callValues("CONTAINS", x, part) }

// ContainsFold is [Contains], ignoring case.
func ContainsFold(x, part any) Sqlizer { return Call("CONTAINS", x, valueOf(part), "true") }

// EqualFold is true where x is other but for case.
func EqualFold(x, other any) Sqlizer { return Call("STRINGEQUALS", x, valueOf(other), "true") }

// RegexMatch is true where the regular expression pattern matches somewhere in x. modifiers are any of "m" (^ and $ at
// lines), "s" (. takes a newline), "i" (ignore case), "x" (ignore white space in pattern), or "".
func RegexMatch(x, pattern any, modifiers string) Sqlizer {
	if modifiers == "" {
		return callValues("RegexMatch", x, pattern)
	}
	return callValues("RegexMatch", x, pattern, modifiers)
}
