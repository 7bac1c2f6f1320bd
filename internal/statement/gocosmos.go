package statement

import (
	"encoding/json"
	"strings"

	"github.com/cosmossql/cosmossql/internal/nosql"
)

// blankCrossPartition puts blanks for gocosmos's CROSS PARTITION after SELECT, which every query here may do. It
// reports whether it stood there.
func blankCrossPartition(text string) (string, bool) {
	p := nosql.NewParser(text, nosql.SQL)
	if !p.Accept("SELECT") {
		return text, false
	}
	start := p.Token().Start
	if !p.Accept("CROSS", "PARTITION") {
		return text, false
	}
	end := p.EndOfLast()
	return text[:start] + strings.Repeat(" ", end-start) + text[end:], true
}

// selectWith reads the SELECT in front of gocosmos's WITH database=… WITH collection=…, which name where it goes.
func selectWith(text string, with []option, o Options) (*Select, error) {
	var target Target
	for _, w := range with {
		switch w.key {
		case "DATABASE", "DB":
			target.Database = w.value
		case "COLLECTION", "TABLE", "CONTAINER":
			target.Container = w.value
		case "CROSSPARTITION":
			if err := w.mustBeTrue(); err != nil {
				return nil, err
			}
		default:
			return nil, w.unknown("database", "collection", "cross_partition")
		}
	}
	o.Database = o.Database || target.Database != ""
	o.Container = target.Container != "" || o.Container && target.Database == ""
	s, err := parseSelect(text, o)
	if err != nil {
		return nil, err
	}
	if target.Container != "" {
		s.Container = target.Container
	}
	if target.Database != "" {
		s.Database = target.Database
	}
	return s, nil
}

// numbered reports whether the parameters under n are all gocosmos's: @1, $1 or :1.
func numbered(n nosql.Node) bool {
	some, all := false, true
	nosql.Walk(n, func(n nosql.Node) bool {
		if p, ok := n.(*nosql.Param); ok {
			some = true
			all = all && p.Name != "" && p.Ordinal > 0
		}
		return true
	})
	return some && all
}

// splitKey takes off args what gocosmos gives behind the arguments of the placeholders: the value of the partition key.
// It is nil where args are as many as the placeholders say, or two too many.
func (ps Parameters) splitKey(args []Arg) (rest []Arg, key json.RawMessage) {
	most := 0
	for _, name := range ps {
		n, _ := ordinal(name)
		most = max(most, n)
	}
	if len(args) != most+1 || args[most].Name != "" {
		return args, nil
	}
	return args[:most], args[most].Value
}
