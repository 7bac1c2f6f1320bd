package statement

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/cosmossql/cosmossql/internal/nosql"
)

// option is one key = value of a WITH clause. The key is upper case and without underscores.
type option struct {
	key, written string
	value        string // as written, without quotes; "" without =
	at           nosql.Span
}

// readWith reads WITH clauses: WITH (key = value, …), and gocosmos's WITH key=value [,] WITH key=value.
func readWith(p *nosql.Parser) []option {
	var all []option
	for p.Accept("WITH") || p.Accept(",", "WITH") {
		if !p.Accept("(") {
			all = append(all, readOption(p))
			continue
		}
		for {
			all = append(all, readOption(p))
			if !p.Accept(",") {
				break
			}
		}
		p.Expect(")")
	}
	for i, o := range all {
		for _, earlier := range all[:i] {
			if earlier.key == o.key {
				p.FailAt(o.at, fmt.Sprintf("The option %s is given twice.", o.written))
			}
		}
	}
	return all
}

func readOption(p *nosql.Parser) option {
	start := p.Token().Start
	o := option{written: p.Word()}
	o.key = strings.ToUpper(strings.ReplaceAll(o.written, "_", ""))
	if p.Accept("=") {
		o.value = readValue(p)
	}
	o.at = nosql.Span{Start: start, End: p.EndOfLast()}
	return o
}

// readValue reads the value of an option: a string, a JSON object or array, paths, a name or a number.
func readValue(p *nosql.Parser) string {
	switch t := p.Token(); {
	case t.Kind == nosql.Text:
		return nosql.Unquote(p.Text(p.Advance()))
	case p.Is("{"), p.Is("["):
		x := p.Expr()
		if p.Err() != nil {
			return ""
		}
		if err := checkConstant(x, "WITH"); err != nil || hasParam(x) {
			p.FailAt(x.Pos(), "An option takes a value that is written out.")
			return ""
		}
		value, _ := appendConstant(nil, x, nil)
		return string(value)
	}
	return readBare(p)
}

func hasParam(x nosql.Expr) bool {
	found := false
	nosql.Walk(x, func(n nosql.Node) bool {
		_, ok := n.(*nosql.Param)
		found = found || ok
		return !found
	})
	return found
}

// readBare reads what gocosmos takes without quotes: letters, digits and /.*:;-, where a comma belongs to it only in
// front of another path.
func readBare(p *nosql.Parser) string {
	text := p.Rest()
	end := 0
	for end < len(text) {
		c := text[end]
		switch {
		case c == ',' && strings.HasPrefix(strings.TrimLeft(text[end+1:], " \t\r\n"), "/"):
			for text[end+1] != '/' {
				end++
			}
		case strings.IndexByte(" \t\r\n,()", c) >= 0:
			return bare(p.Raw(p.Token().Start + end))
		}
		end++
	}
	return bare(p.Raw(p.Token().Start + end))
}

// bare takes from a value the white space in it and the semicolon of the statement.
func bare(value string) string {
	return strings.TrimSuffix(strings.Join(strings.Fields(value), ""), ";")
}

// paths is the value as a list of paths, /a,/b.
func (o option) paths() ([]string, error) {
	var all []string
	for _, text := range strings.Split(strings.Trim(o.value, "()"), ",") {
		text = strings.TrimSpace(text)
		if len(text) < 2 || text[0] != '/' {
			return nil, o.wrong("paths, as in /tenant or /tenant,/user")
		}
		all = append(all, text)
	}
	return all, nil
}

// number is the value as a whole number of at least least.
func (o option) number(least int) (int, error) {
	n, err := strconv.Atoi(o.value)
	if err != nil || n < least {
		return 0, o.wrong(fmt.Sprintf("a whole number from %d", least))
	}
	return n, nil
}

// object is the value as a JSON object or array, whichever open begins.
func (o option) object(open byte) (json.RawMessage, error) {
	text := strings.TrimSpace(o.value)
	if text == "" || text[0] != open || !json.Valid([]byte(text)) {
		return nil, o.wrong("JSON that begins with " + string(open))
	}
	return json.RawMessage(text), nil
}

func (o option) mustBeTrue() error {
	if o.value != "" && !strings.EqualFold(o.value, "true") {
		return o.wrong("true, or nothing at all")
	}
	return nil
}

func (o option) wrong(want string) error {
	return &nosql.Error{
		Message: fmt.Sprintf("The option %s takes %s, not %q.", o.written, want, o.value),
		Start:   o.at.Start, End: o.at.End,
	}
}

func (o option) unknown(known ...string) error {
	return &nosql.Error{
		Message: fmt.Sprintf("There is no option %s here, only %s.", o.written, strings.Join(known, ", ")),
		Start:   o.at.Start, End: o.at.End,
	}
}
