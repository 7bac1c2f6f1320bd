package statement

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/cosmossql/cosmossql/internal/nosql"
)

// advise adds to a syntax error what the text at the fault means elsewhere and what to write here. It looks at the
// tokens around the fault, not at words that stand somewhere else.
func advise(text string, err error) error {
	var e *nosql.Error
	if !errors.As(err, &e) || !nosql.IsSyntax(e.Code) || strings.Contains(e.Message, "; write ") {
		return err
	}
	f := readFault(text, e.Start)
	if way := f.advice(); way != "" {
		e.Message += " " + way
	}
	return err
}

// fault is the tokens of a text and which of them is wrong.
type fault struct {
	words []string
	at    int  // len(words) where the text ends too early
	bad   bool // it is not even a token
}

func readFault(text string, start int) fault {
	var f fault
	f.at = -1
	for l := nosql.NewLexer(text, nosql.SQL); ; {
		t := l.Next()
		if f.at < 0 && (t.Start >= start || t.End > start) {
			f.at, f.bad = len(f.words), t.Kind == nosql.Bad
		}
		if t.Kind == nosql.EOF {
			return f
		}
		f.words = append(f.words, text[t.Start:t.End])
	}
}

// word is the i-th word from the fault on, in upper case; "" outside the text.
func (f fault) word(i int) string {
	if i += f.at; i < 0 || i >= len(f.words) {
		return ""
	}
	return strings.ToUpper(f.words[i])
}

// call is the word before the innermost parenthesis that is open at the fault, "" without one.
func (f fault) call() string {
	depth := 0
	for i := min(f.at, len(f.words)) - 1; i >= 0; i-- {
		switch f.words[i] {
		case ")":
			depth++
		case "(":
			if depth == 0 {
				if i == 0 {
					return ""
				}
				return strings.ToUpper(f.words[i-1])
			}
			depth--
		}
	}
	return ""
}

// clause is the last word before the fault that begins a clause of the same query.
func (f fault) clause() string {
	depth := 0
	for i := min(f.at, len(f.words)) - 1; i >= 0; i-- {
		switch w := strings.ToUpper(f.words[i]); w {
		case ")":
			depth++
		case "(":
			if depth--; depth < 0 {
				return ""
			}
		case "SELECT", "FROM", "JOIN", "WHERE", "GROUP", "ORDER", "SET", "VALUES", "INTO", "RETURNING", "HAVING",
			"LIMIT", "OFFSET":
			if depth == 0 && (i == 0 || f.words[i-1] != ".") {
				return w
			}
		}
	}
	return ""
}

// advice is the first that fits: what the whole statement is, what is called, what stands at the fault.
func (f fault) advice() string {
	if len(f.words) == 0 {
		return "The text holds no statement."
	}
	for _, begin := range beginnings {
		if f.begins(begin.words) && (begin.whole || f.at < len(begin.words)+1) {
			return begin.advice
		}
	}
	if way, ok := syntaxOfCalls[f.call()]; ok && (way != oneValue || f.word(0) == ",") {
		return way
	}
	for _, c := range constructs {
		if c.clause != "" && !slices.Contains(strings.Fields(c.clause), f.clause()) {
			continue
		}
		if c.verb != "" && !slices.Contains(strings.Fields(c.verb), strings.ToUpper(f.words[0])) {
			continue
		}
		if f.touches(c.words) {
			return c.advice
		}
	}
	return cmp.Or(f.character(), f.shape())
}

// shape is the advice for what is right by its words, and wrong by how they are put together.
func (f fault) shape() string {
	switch here := f.word(0); {
	case f.at == 0 && !statements[here]:
		return "A statement begins with SELECT, INSERT, UPSERT, UPDATE, DELETE, CREATE, ALTER, DROP, SHOW, DESCRIBE " +
			"or EXPLAIN."
	case here == "" && f.open() > 0:
		return "A parenthesis is not closed."
	case here == ")" && f.open() < 1:
		return "This parenthesis closes none."
	case f.updatesNothing():
		return "Write UPDATE c SET a = @p1 WHERE …."
	case f.word(-1) == "WHERE" && f.word(-2) != ".":
		return "No condition follows WHERE; WHERE true is every document."
	case here == "," && f.clause() == "SELECT" && f.open() == 0 && len(f.words) > 1 &&
		strings.EqualFold(f.words[1], "VALUE"):
		return "SELECT VALUE has one value: write SELECT a, b, or SELECT VALUE {a: c.a, b: c.b}."
	case here == "FROM" && f.word(-1) == "*" && f.word(-2) == "VALUE":
		return "Write SELECT *, or SELECT VALUE c for the whole document."
	case here == "FROM" && f.word(-1) == "," && f.clause() == "SELECT":
		return "No column follows the comma before it."
	case here == "FROM" && f.clause() == "SELECT" && f.at <= 2:
		return "Name the columns, or write SELECT * or SELECT VALUE c."
	case here == "." && f.clause() == "SELECT" && matches("NAME", f.word(-2)):
		return "Put a comma between columns."
	case f.clause() == "SELECT" && matches("NAME", here) && matches("NAME", f.word(-1)) && matches("NAME", f.word(1)):
		return "Put a comma between columns; FROM stands behind the last one."
	}
	return ""
}

// updatesNothing reports whether WHERE stands in an UPDATE where a property that is set must: in place of SET or of a
// value, or, where it is read as the property's name, right before the fault.
func (f fault) updatesNothing() bool {
	if !strings.EqualFold(f.words[0], "UPDATE") {
		return false
	}
	switch {
	case f.word(0) == "WHERE":
		return f.word(-1) != "WHERE"
	case f.word(-1) == "WHERE":
		return f.word(-2) == "SET" || f.word(-2) == ","
	}
	return false
}

// statements are the words that a statement begins with.
var statements = map[string]bool{"SELECT": true, "INSERT": true, "UPSERT": true, "REPLACE": true, "UPDATE": true,
	"DELETE": true, "CREATE": true, "ALTER": true, "DROP": true, "SHOW": true, "LIST": true, "DESCRIBE": true,
	"EXPLAIN": true}

// open is how many parentheses are open at the fault.
func (f fault) open() int {
	depth := 0
	for _, w := range f.words[:f.at] {
		switch w {
		case "(":
			depth++
		case ")":
			depth--
		}
	}
	return depth
}

// begins reports whether the text begins with words.
func (f fault) begins(words []string) bool {
	first := fault{words: f.words}
	for i, w := range words {
		if !matches(w, first.word(i)) {
			return false
		}
	}
	return true
}

// touches reports whether words stand in the text one after the other, and the fault is one of them or comes right
// behind them. A word behind a dot is a property of that name.
func (f fault) touches(words []string) bool {
	for start := -len(words); start <= 0; start++ {
		if f.word(start-1) == "." && words[0] != "*" && words[0] != "." {
			continue
		}
		fits := true
		for i, w := range words {
			fits = fits && matches(w, f.word(start+i))
		}
		if fits {
			return true
		}
	}
	return false
}

// matches compares a word of a text with one of the tables, where NAME, NUMBER, TEXT, QUOTED and END stand for their
// kinds, and one that begins with ~ for every word that begins so.
func matches(want, word string) bool {
	switch {
	case want == "END":
		return word == ""
	case word == "":
		return false
	case want == "NAME":
		// ORDER BY is not ORDER and a name: no name is BY without quotes.
		return word != "BY" && (word[0] == '_' || 'A' <= word[0] && word[0] <= 'Z')
	case want == "NUMBER":
		return '0' <= word[0] && word[0] <= '9'
	case want == "TEXT":
		return word[0] == '\''
	case want == "QUOTED":
		return word[0] == '"'
	case want[0] == '~' && len(want) > 1:
		return strings.HasPrefix(word, want[1:])
	}
	return want == word
}

// character is the advice for a character that the language does not have.
func (f fault) character() string {
	if f.at >= len(f.words) || !f.bad {
		return ""
	}
	r, _ := utf8.DecodeRuneInString(f.words[f.at])
	switch {
	case r == '‘' || r == '’' || r == '“' || r == '”' || r == '«' || r == '»' || r == '„':
		return "Write plain quotes: ' around a text, \" around a name."
	case r >= utf8.RuneSelf:
		return `Write a name with other letters than a to z in double quotes, or c["…"] with the alias in front.`
	case r == '\'' || r == '"':
		return "A text ends with the quote that it begins with, on the same line; a quote in it is doubled."
	case '0' <= r && r <= '9':
		return "A number is written as in JSON; a name that begins with a digit in double quotes."
	}
	return ""
}
