package eval

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/value"
)

// alphabet has letters of one to four bytes, some of which differ in case only.
var alphabet = []rune("aAbBäÄ日𝄞 -")

func randomText(r *rand.Rand, most int) string {
	text := make([]rune, r.IntN(most+1))
	for i := range text {
		text[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(text)
}

// call evaluates a function of parameters and returns its value.
func callWith(t *testing.T, name string, args ...value.Value) value.Value {
	t.Helper()
	o := Options{Params: map[string]value.Value{}}
	var list []string
	for i, a := range args {
		p := fmt.Sprintf("@p%d", i)
		o.Params[p] = a
		list = append(list, p)
	}
	p, err := compile("SELECT VALUE "+name+"("+strings.Join(list, ", ")+")", o)
	require.NoError(t, err)
	for row, err := range p.Rows(t.Context(), seq(nil)) {
		require.NoError(t, err)
		return row.Value
	}
	return value.Undefined
}

// TestTextsByCharacters: positions and lengths count characters; the functions are compared with slices of runes.
func TestTextsByCharacters(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(13, 14))
	str, num := value.String, func(n int) value.Value { return value.Int(int64(n)) }
	for range 1500 {
		s, find := randomText(r, 8), randomText(r, 2)
		runes, f := []rune(s), []rune(find)
		n, m := r.IntN(14)-3, r.IntN(14)-3
		places := func() (all []int) {
			for i := 0; i+len(f) <= len(runes); i++ {
				if slices.Equal(runes[i:i+len(f)], f) {
					all = append(all, i)
				}
			}
			return all
		}()
		within := func(i int) int { return max(0, min(i, len(runes))) }
		for name, tt := range map[string]struct {
			got  value.Value
			want value.Value
		}{
			"LENGTH": {callWith(t, "LENGTH", str(s)), num(len(runes))},
			"LEFT":   {callWith(t, "LEFT", str(s), num(n)), str(string(runes[:within(n)]))},
			"RIGHT":  {callWith(t, "RIGHT", str(s), num(n)), str(string(runes[len(runes)-within(n):]))},
			"REVERSE": {callWith(t, "REVERSE", str(s)), func() value.Value {
				back := slices.Clone(runes)
				slices.Reverse(back)
				return str(string(back))
			}()},
			"SUBSTRING": {callWith(t, "SUBSTRING", str(s), num(n), num(m)), func() value.Value {
				if n < 0 || m <= 0 {
					return str("")
				}
				return str(string(runes[within(n):within(n+m)]))
			}()},
			"INDEX_OF": {callWith(t, "INDEX_OF", str(s), str(find)), func() value.Value {
				if len(places) == 0 {
					return num(-1)
				}
				return num(places[0])
			}()},
			"INDEX_OF from": {callWith(t, "INDEX_OF", str(s), str(find), num(n)), func() value.Value {
				for _, p := range places {
					if p >= n {
						return num(p)
					}
				}
				return num(-1)
			}()},
			"LASTINDEXOF": {callWith(t, "LASTINDEXOF", str(s), str(find)), func() value.Value {
				if len(places) == 0 {
					return num(-1)
				}
				return num(places[len(places)-1])
			}()},
			"CONTAINS":   {callWith(t, "CONTAINS", str(s), str(find)), value.Bool(len(places) > 0)},
			"STARTSWITH": {callWith(t, "STARTSWITH", str(s), str(find)), value.Bool(strings.HasPrefix(s, find))},
			"ENDSWITH":   {callWith(t, "ENDSWITH", str(s), str(find)), value.Bool(strings.HasSuffix(s, find))},
			"CONTAINS case": {
				callWith(t, "CONTAINS", str(s),
					str(find), value.True), value.Bool(strings.Contains(strings.ToLower(s), strings.ToLower(find))),
			},
			"StringJoin of StringSplit": {
				callWith(t, "StringJoin", callWith(t, "StringSplit", str(s), str(find)),
					str(find)), str(s),
			},
			"CONCAT":    {callWith(t, "CONCAT", str(s), str(find)), str(s + find)},
			"TRIM":      {callWith(t, "TRIM", str(s), str(find)), str(strings.Trim(s, find))},
			"LTRIM":     {callWith(t, "LTRIM", str(s), str(find)), str(strings.TrimLeft(s, find))},
			"RTRIM":     {callWith(t, "RTRIM", str(s), str(find)), str(strings.TrimRight(s, find))},
			"REPLICATE": {callWith(t, "REPLICATE", str(s), num(max(0, n))), str(strings.Repeat(s, max(0, n)))},
		} {
			require.True(t, value.Equal(tt.want, tt.got), "%s of %q, %q, %d, %d: %s and not %s", name, s, find, n, m,
				value.AppendJSON(nil, tt.got), value.AppendJSON(nil, tt.want))
			require.True(t, utf8.ValidString(tt.got.AsString()), "%s cut a character of %q in two", name, s)
		}
	}
}

// reference is a LIKE pattern without brackets as a regular expression.
func reference(pattern string, escape rune) *regexp.Regexp {
	var b strings.Builder
	b.WriteString(`(?s)\A`)
	escaped := false
	for _, c := range pattern {
		switch {
		case escaped:
			b.WriteString(regexp.QuoteMeta(string(c)))
			escaped = false
		case c == escape:
			escaped = true
		case c == '%':
			b.WriteString(".*")
		case c == '_':
			b.WriteString(".")
		default:
			b.WriteString(regexp.QuoteMeta(string(c)))
		}
	}
	if escaped {
		b.WriteString(regexp.QuoteMeta(string(escape)))
	}
	return regexp.MustCompile(b.String() + `\z`)
}

func TestLikeAgainstRegularExpressions(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(15, 16))
	letters := []rune("ab%_!\nä")
	random := func(most int) string {
		text := make([]rune, r.IntN(most+1))
		for i := range text {
			text[i] = letters[r.IntN(len(letters))]
		}
		return string(text)
	}
	matched := 0
	for range 4000 {
		text, pattern := random(6), random(6)
		for _, escape := range []rune{utf8.RuneError, '!'} {
			want := reference(pattern, escape).MatchString(text)
			require.Equal(t, want, newPattern(pattern, escape).matches(text), "%q LIKE %q escape %q", text,
				pattern, escape)
			if want {
				matched++
			}
			clause := ""
			if escape == '!' {
				clause = " ESCAPE '!'"
			}
			rows := mustEvaluate(t, "SELECT VALUE @t LIKE @p"+clause, nil,
				Options{Params: map[string]value.Value{"@t": value.String(text), "@p": value.String(pattern)}})
			require.Equal(t, []string{fmt.Sprint(want)}, rows, "%q LIKE %q%s", text, pattern, clause)
		}
	}
	require.Greater(t, matched, 500, "patterns match often enough to tell anything")
}

// TestBracketsOfLike: sets, ranges and what they make of wildcards, each against texts that it has and has not.
func TestBracketsOfLike(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ pattern, has, hasNot string }{
		{"[abc]", "a b c", "d ab A %"},
		{"[a-c]", "a b c", "d - B"},
		{"[^a-c]", "d - é 日", "a b c dd"},
		{"[a-]", "a -", "b"},
		{"[-a]", "a -", "b"},
		{"[a-cx-z]", "b y", "d w"},
		{"[%]", "%", "a %%"},
		{"[_]", "_", "a"},
		{"[[]", "[", "a ]"},
		{"[]]", "]", "[ a"},
		{"[]a]", "] a", "b"},
		{"[^]a]", "b [", "] a"},
		{"[^^]", "a", "^"},
		{"[à-ü]", "é ü", "z a"},
		{"[c-a]", "", "a b c"},
		{"a]", "a]", "a"},
		{"[a", "[a", "a"},
		{"[^", "[^", "^ a"},
		{"[", "[", "a"},
		{"x[0-9][0-9]", "x42 x00", "x4 x4a y42"},
		{"%[0-9]", "a1 1 %9", "a 1a"},
		{"[a-c]%[!]", "a! bxx!", "a d!"},
	} {
		for _, text := range strings.Fields(tt.has) {
			require.Equal(t, "true", evaluateExpr(t, "@t LIKE @p", likeOptions(text, tt.pattern)),
				"%q LIKE %q", text, tt.pattern)
			require.Equal(t, "false", evaluateExpr(t, "@t NOT LIKE @p", likeOptions(text, tt.pattern)))
		}
		for _, text := range append(strings.Fields(tt.hasNot), "") {
			require.Equal(t, "false", evaluateExpr(t, "@t LIKE @p", likeOptions(text, tt.pattern)),
				"%q LIKE %q", text, tt.pattern)
		}
	}
}

func likeOptions(text, pattern string) Options {
	return Options{Params: map[string]value.Value{"@t": value.String(text), "@p": value.String(pattern)}}
}

// TestSetsAgainstTheModel: the functions of sets over random arrays, where 1 and 1.0 are one element.
func TestSetsAgainstTheModel(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(17, 18))
	pool := []string{"1", "1.0", "2", `"1"`, "null", "true", "[1]", "[1.0]", `{"a":1,"b":2}`, `{"b":2,"a":1}`}
	for range 800 {
		a, b := make([]value.Value, r.IntN(6)), make([]value.Value, r.IntN(6))
		for _, list := range [][]value.Value{a, b} {
			for i := range list {
				list[i] = parse(t, pick1(r, pool))
			}
		}
		in := func(list []value.Value, v value.Value) bool {
			return slices.ContainsFunc(list, func(w value.Value) bool { return value.Equal(v, w) })
		}
		distinct := func(lists ...[]value.Value) (all []value.Value) {
			for _, list := range lists {
				for _, v := range list {
					if !in(all, v) {
						all = append(all, v)
					}
				}
			}
			return all
		}
		only := func(list []value.Value, keep func(v value.Value) bool) (all []value.Value) {
			for _, v := range list {
				if keep(v) {
					all = append(all, v)
				}
			}
			return all
		}
		x, y := value.Array(a), value.Array(b)
		for name, want := range map[string]value.Value{
			"SetUnion":      value.Array(distinct(a, b)),
			"SetIntersect":  value.Array(only(distinct(b), func(v value.Value) bool { return in(a, v) })),
			"SetDifference": value.Array(only(distinct(a), func(v value.Value) bool { return !in(b, v) })),
			"SetEqual": value.Bool(len(only(a, func(v value.Value) bool { return !in(b, v) })) == 0 &&
				len(only(b, func(v value.Value) bool { return !in(a, v) })) == 0),
			"ARRAY_CONCAT": value.Array(slices.Concat(a, b)),
		} {
			got := callWith(t, name, x, y)
			require.True(t, value.Equal(want, got), "%s of %s and %s is %s", name, value.AppendJSON(nil, x),
				value.AppendJSON(nil, y), value.AppendJSON(nil, got))
		}
		for _, v := range b {
			require.Equal(t, in(a, v), callWith(t, "ARRAY_CONTAINS", x, v).IsTrue())
		}
	}
}

// TestSlicesAgainstTheModel: positions beyond either end, from the end, and lengths below 1.
func TestSlicesAgainstTheModel(t *testing.T) {
	t.Parallel()
	for n := range 4 {
		list := make([]value.Value, n)
		for i := range list {
			list[i] = value.Int(int64(i))
		}
		for start := -6; start <= 6; start++ {
			from := start
			if from < 0 {
				from = max(0, n+from)
			}
			from = min(from, n)
			got := callWith(t, "ARRAY_SLICE", value.Array(list), value.Int(int64(start)))
			require.True(t, value.Equal(value.Array(list[from:]), got), "from %d of %d", start, n)
			for size := -2; size <= 6; size++ {
				want := list[from:max(from, min(n, from+size))]
				got := callWith(t, "ARRAY_SLICE", value.Array(list), value.Int(int64(start)), value.Int(int64(size)))
				require.True(t, value.Equal(value.Array(want), got), "%d from %d of %d", size, start, n)
			}
		}
		for _, huge := range []int64{1<<63 - 1, -1 << 63} {
			want := 0
			if huge > 0 {
				want = n
			}
			got := callWith(t, "ARRAY_SLICE", value.Array(list), value.Int(0), value.Int(huge))
			require.Equal(t, want, got.Len(), "a length of %d", huge)
			require.Equal(t, 0, callWith(t, "ARRAY_SLICE", value.Array(list), value.Int(max(huge, int64(n)))).Len())
		}
	}
}
