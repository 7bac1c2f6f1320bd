package eval

import (
	"regexp"
	"strings"
	"time"

	"github.com/dlclark/regexp2"

	"github.com/cosmossql/cosmossql/internal/value"
)

// The service's regular expressions are PCRE. RE2, which takes time linear in the text, does for most of them; only
// what it cannot do, such as look-around and back-references, goes to an engine that backtracks. That can take for
// ever, so regexTimeout bounds one match and regexBudget all matches of a run. Both are by the clock on the wall, so
// they are long enough for a busy machine to take the processor away in the midst of a match.
const (
	regexTimeout = time.Second
	regexBudget  = 5 * time.Second
	// As many as LIKE patterns: enough for those of a query, not for one of every document.
	maxRegexps = 256
	// A compiled program is far larger than its text; one from a longer text counts as invalid, undefined.
	maxRegexLen = 32 << 10
)

// All but RegexMatch are in the newest documentation only; what they give without a match is not told there.
func regexFunctions() []function {
	optional := signature{isString, isString, isString, isInteger}
	return []function{
		{name: "RegexExtract", arity: between(2, 4), args: optional, eval: regexExtract,
			example: `RegexExtract("A12-B34", "([A-Z])([0-9]+)", "", 2)`,
			doc:     "The first match, or the group of it whose number is given; undefined without a match."},
		{
			name:    "RegexExtractAll",
			arity:   between(2, 4),
			args:    optional,
			eval:    regexExtractAll,
			example: `RegexExtractAll("A12-B34", "[0-9]+")`,
			doc:     "All matches, or the group of each whose number is given.",
		},
		{
			name:    "RegexMatch",
			arity:   between(2, 3),
			args:    texts,
			eval:    regexMatch,
			example: `RegexMatch("abcd", "B.", "i")`,
			doc: "Whether the expression matches anywhere; modifiers are m, s, i and x. Undefined if it " +
				"is not valid.",
		},
		{
			name:    "RegexReplace",
			arity:   between(3, 4),
			args:    texts,
			eval:    regexReplace(1),
			example: `RegexReplace("A12-B34", "[0-9]+", "#")`,
			doc:     "The string with the first match replaced; $1 stands for a group.",
		},
		{
			name:    "RegexReplaceAll",
			arity:   between(3, 4),
			args:    texts,
			eval:    regexReplace(-1),
			example: `RegexReplaceAll("A12-B34", "[0-9]+", "#")`,
			doc:     "The string with every match replaced; $1 stands for a group.",
		},
	}
}

// regex is a compiled expression, in one of two engines.
type regex struct {
	linear       *regexp.Regexp
	backtracking *regexp2.Regexp
}

var modifiers = map[rune]regexp2.RegexOptions{
	'm': regexp2.Multiline, 's': regexp2.Singleline, 'i': regexp2.IgnoreCase, 'x': regexp2.IgnorePatternWhitespace,
}

// regex compiles text, remembering it for the next document; nil if it or the modifiers are not valid. An invalid one
// is remembered too, as nil.
func (e *env) regex(text string, mods string) *regex {
	key := mods + "/" + text
	if r, ok := e.regexps[key]; ok {
		return r
	}
	if e.regexps == nil || len(e.regexps) >= maxRegexps {
		e.regexps = make(map[string]*regex)
	}
	r := compileRegex(text, mods)
	e.regexps[key] = r
	return r
}

// The empty text of modifiers is allowed and means none; an unknown one makes the result undefined, not an error
// (documentation).
func compileRegex(text, mods string) *regex {
	options := regexp2.RegexOptions(regexp2.RE2) // classes and $ mean the same in both engines
	for _, m := range mods {
		option, ok := modifiers[m]
		if !ok {
			return nil
		}
		options |= option
	}
	if len(text) > maxRegexLen {
		return nil
	}
	// The flags go before the expression, in whose own syntax RE2 has m, s and i.
	if options&regexp2.IgnorePatternWhitespace == 0 { // which RE2 does not have
		flags := ""
		if mods != "" {
			flags = "(?" + mods + ")"
		}
		if re, err := regexp.Compile(flags + text); err == nil {
			return &regex{linear: re}
		}
	}
	re, err := regexp2.Compile(text, options)
	if err != nil {
		return nil
	}
	re.MatchTimeout = regexTimeout
	return &regex{backtracking: re}
}

func (r *regex) match(s string) (bool, error) {
	if r.linear != nil {
		return r.linear.MatchString(s), nil
	}
	return r.backtracking.MatchString(s)
}

// each calls visit with the text of each match, or of one group of it where that took part, until it returns false. A
// group that did not take part in a match gives no text, not an empty one.
func (r *regex) each(s string, group int, visit func(text string) bool) error {
	if r.linear != nil {
		eachLinear(r.linear, s, group, visit)
		return nil
	}
	m, err := r.backtracking.FindStringMatch(s)
	for m != nil && err == nil {
		if g := m.GroupByNumber(group); g != nil && len(g.Captures) > 0 && !visit(g.String()) {
			break
		}
		m, err = r.backtracking.FindNextMatch(m)
	}
	return err
}

// eachLinear asks for a match at a time while there are few, because most callers want only the first.
func eachLinear(re *regexp.Regexp, s string, group int, visit func(text string) bool) {
	if group > re.NumSubexp() {
		return
	}
	// Package regexp can only give the first n matches; to go on, all are asked for and the first is passed over.
	for limit := 1; ; limit = -1 {
		found := re.FindAllStringSubmatchIndex(s, limit)
		for i, m := range found {
			if i == 0 && limit < 0 {
				continue // seen in the first round
			}
			if m[2*group] >= 0 && !visit(s[m[2*group]:m[2*group+1]]) {
				return
			}
		}
		if len(found) == 0 || limit < 0 {
			return
		}
	}
}

// groupReference is $1 in a replacement; package regexp would take the letters after it into the name. $1x is group 1
// and an x in PCRE.
var groupReference = regexp.MustCompile(`\$(\d+)`)

// replace replaces so many matches, all if limit is -1.
func (r *regex) replace(s, with string, limit int) (string, error) {
	if r.linear == nil {
		return r.backtracking.Replace(s, with, -1, limit)
	}
	with = groupReference.ReplaceAllString(with, "$${$1}")
	if limit < 0 {
		return r.linear.ReplaceAllString(s, with), nil
	}
	m := r.linear.FindStringSubmatchIndex(s)
	if m == nil {
		return s, nil
	}
	return s[:m[0]] + string(r.linear.ExpandString(nil, with, s, m)) + s[m[1]:], nil
}

// timed runs one use of a regular expression against the budget of the run. Only backtracking is timed: the linear
// engine cannot run away, and asking the clock costs more than many a match.
func (e *env) timed(r *regex, use func() error) bool {
	if r.linear != nil {
		return use() == nil
	}
	if e.regexTime < regexBudget {
		start := time.Now()
		err := use()
		if e.regexTime += time.Since(start); err == nil {
			return true
		}
	}
	e.fail("A regular expression takes too long to match.")
	return false
}

func optionalText(a []value.Value, i int) string {
	if i < len(a) {
		return a[i].AsString()
	}
	return ""
}

// It searches, as PCRE does; ^ and $ make it a test of the whole.
func regexMatch(e *env, a []value.Value) value.Value {
	re := e.regex(a[1].AsString(), optionalText(a, 2))
	if re == nil {
		return value.Undefined
	}
	var found bool
	e.timed(re, func() (err error) {
		found, err = re.match(a[0].AsString())
		return err
	})
	return value.Bool(found)
}

// matches visits the matches that the arguments of an extracting function ask for, and reports whether they are valid.
func matches(e *env, a []value.Value, visit func(text string) bool) bool {
	re := e.regex(a[1].AsString(), optionalText(a, 2))
	group := int64(0)
	if len(a) == 4 {
		group, _ = a[3].AsInt()
	}
	// More groups than characters cannot be, and an int holds the number everywhere.
	if re == nil || group < 0 || group > maxRegexLen {
		return false
	}
	return e.timed(re, func() error { return re.each(a[0].AsString(), int(group), visit) })
}

// Undefined without a match; uncertain in the service.
func regexExtract(e *env, a []value.Value) value.Value {
	first := value.Undefined
	matches(e, a, func(text string) bool {
		first = value.String(text)
		return false
	})
	return first
}

func regexExtractAll(e *env, a []value.Value) value.Value {
	all := []value.Value{}
	ok := matches(e, a, func(text string) bool {
		all = append(all, value.String(text))
		// One more than allowed, so that the array is refused instead of cut short.
		return len(all) <= maxElems
	})
	if !ok {
		return value.Undefined
	}
	return e.array(all)
}

// regexReplace replaces the first match for limit 1, all for -1. The bound is taken before any work, since a
// replacement may repeat the whole text at every place.
func regexReplace(limit int) body {
	return func(e *env, a []value.Value) value.Value {
		s, with := a[0].AsString(), a[2].AsString()
		re := e.regex(a[1].AsString(), optionalText(a, 3))
		if re == nil {
			return value.Undefined
		}
		// Every character may become the replacement, in which each $ may stand for what matched, all matches together
		// being the string once.
		places := len(s) + 1
		if limit > 0 {
			places = limit
		}
		if int64(len(s))+int64(places)*int64(len(with))+int64(strings.Count(with, "$"))*int64(len(s)) > maxValue {
			return e.fail(valueTooLarge)
		}
		var out string
		e.timed(re, func() (err error) {
			out, err = re.replace(s, with, limit)
			return err
		})
		return e.str(out)
	}
}
