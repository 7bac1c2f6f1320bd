package queryplan

import (
	"slices"
	"strings"

	"github.com/cosmossql/cosmossql/internal/nosql"
)

// rules are the service's ten rules of advice about the text of a query, by id, and what to do about each.
var rules = map[string]string{
	"QA1000": "ARRAY_CONTAINS with true as its third argument looks into every element for a part of it: " +
		"an index serves EXISTS (SELECT VALUE t FROM t IN c.tags WHERE t.name = 'x')",
	"QA1001": "DISTINCT over a JOIN makes a row of every element and drops most of them: EXISTS (SELECT " +
		"VALUE t FROM t IN c.tags WHERE …) in WHERE has each document once",
	"QA1002": "CONTAINS looks at every value of the property: STARTSWITH reads those with the prefix, and " +
		"FullTextContains uses a full-text index",
	"QA1003": "STARTSWITH and StringEquals that ignore case look at many more values: compare a computed " +
		"property, or a second property, that holds LOWER of the text",
	"QA1004": "ENDSWITH that ignores case looks at every value: compare a computed property that holds " +
		"LOWER(REVERSE(text)) by STARTSWITH",
	"QA1005": "GROUP BY an expression computes it for every document: make it a computed property of the " +
		"container, and group by that",
	"QA1006": "UPPER and LOWER in a comparison are computed for every document: compare a computed " +
		"property, or use StringEquals(a, b, true)",
	"QA1007": "GetCurrentDateTime is computed for every document: GetCurrentDateTimeStatic has one value " +
		"for the whole query, which an index serves",
	"QA1008": "GetCurrentTicks is computed for every document: GetCurrentTicksStatic has one value for the " +
		"whole query, which an index serves",
	"QA1009": "GetCurrentTimestamp is computed for every document: GetCurrentTimestampStatic has one value " +
		"for the whole query, which an index serves",
}

// AdviceText says what to do about the rule with the id, "" if it is unknown.
func AdviceText(id string) string { return rules[id] }

// Advice returns the ids of the rules that the text of a query breaks.
func Advice(q *nosql.Query) []string {
	var ids []string
	add := func(id string) {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	nosql.Walk(q, func(n nosql.Node) bool {
		switch n := n.(type) {
		case *nosql.Query:
			if n.Distinct && len(n.From) > 1 {
				add("QA1001")
			}
			for _, x := range n.GroupBy {
				if _, _, path := nosql.MemberPath(x); !path {
					add("QA1005")
				}
			}
		case *nosql.Binary:
			compares := slices.Contains([]string{"=", "!=", "<>", "<", "<=", ">", ">="}, n.Op)
			if compares && (changesCase(n.L) || changesCase(n.R)) {
				add("QA1006")
			}
		case *nosql.Call:
			if n.UDF {
				break
			}
			third := len(n.Args) > 2 && !isFalse(n.Args[2])
			switch name := strings.ToUpper(n.Name); {
			case name == "ARRAY_CONTAINS" && third:
				add("QA1000")
			case name == "CONTAINS":
				add("QA1002")
			case (name == "STARTSWITH" || name == "STRINGEQUALS") && third:
				add("QA1003")
			case name == "ENDSWITH" && third:
				add("QA1004")
			case name == "GETCURRENTDATETIME":
				add("QA1007")
			case name == "GETCURRENTTICKS":
				add("QA1008")
			case name == "GETCURRENTTIMESTAMP":
				add("QA1009")
			}
		}
		return true
	})
	return ids
}

func isFalse(x nosql.Expr) bool {
	l, ok := x.(*nosql.Literal)
	return ok && l.Kind == nosql.False
}

// changesCase reports whether an expression changes the case of a text.
func changesCase(x nosql.Expr) bool {
	_, upper := IsCall(x, "UPPER")
	_, lower := IsCall(x, "LOWER")
	return upper || lower
}
