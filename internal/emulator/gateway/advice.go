package gateway

import (
	"encoding/json"
	"net/url"
	"strings"

	"github.com/cosmossql/cosmossql/internal/nosql"
)

// hint is one piece of advice about a query. Its id stands for a text and a link of the documentation.
type hint struct {
	ID     string   `json:"Id"`
	Params []string `json:"Params"`
}

// advice is the header that says how the query could cost less, by the ten rules that are published.
func (q *query) advice() string {
	hints := []hint{}
	add := func(id string) {
		for _, h := range hints {
			if h.ID == id {
				return
			}
		}
		hints = append(hints, hint{id, []string{}})
	}
	if q.tree.Distinct && len(q.tree.From) > 1 {
		add("QA1001")
	}
	for _, x := range q.tree.GroupBy {
		if !isPath(x) {
			add("QA1005")
		}
	}
	ignores := func(c *nosql.Call) bool { return len(c.Args) > 2 && !isFalse(c.Args[2]) }
	nosql.Walk(q.tree, func(n nosql.Node) bool {
		switch n := n.(type) {
		case *nosql.Binary:
			if isCase(n.L) || isCase(n.R) {
				add("QA1006")
			}
		case *nosql.Call:
			switch strings.ToUpper(n.Name) {
			case "ARRAY_CONTAINS":
				if ignores(n) {
					add("QA1000")
				}
			case "CONTAINS":
				add("QA1002")
			case "STARTSWITH", "STRINGEQUALS":
				if ignores(n) {
					add("QA1003")
				}
			case "ENDSWITH":
				if ignores(n) {
					add("QA1004")
				}
			case "GETCURRENTDATETIME":
				add("QA1007")
			case "GETCURRENTTICKS":
				add("QA1008")
			case "GETCURRENTTIMESTAMP":
				add("QA1009")
			}
		}
		return true
	})
	text, _ := json.Marshal(hints) // plain data
	return url.QueryEscape(string(text))
}

func isFalse(x nosql.Expr) bool {
	l, ok := x.(*nosql.Literal)
	return ok && l.Kind == nosql.False
}

// isCase reports whether an expression changes the case of a text.
func isCase(x nosql.Expr) bool {
	c, ok := x.(*nosql.Call)
	return ok && (strings.EqualFold(c.Name, "UPPER") || strings.EqualFold(c.Name, "LOWER"))
}
