package statement

import (
	"slices"

	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/nosql"
)

// lists is the parameters that stand alone in the parentheses of IN, and what is looked for in each.
type lists []list

type list struct{ param, operand string }

// listsOf finds the lists under n, whose parameters have names.
func listsOf(n nosql.Node) lists {
	var all lists
	nosql.Walk(n, func(n nosql.Node) bool {
		if in, ok := n.(*nosql.In); ok && len(in.List) == 1 {
			if p, ok := in.List[0].(*nosql.Param); ok {
				all = append(all, list{p.Name, nosql.Print(in.X)})
			}
		}
		return true
	})
	return all
}

// check refuses an array as the only value of a list: IN would compare with the array itself, and find nothing.
func (all lists) check(bound []Arg) error {
	for _, l := range all {
		i := slices.IndexFunc(bound, func(a Arg) bool { return a.Name == l.param })
		if i >= 0 && len(bound[i].Value) > 0 && bound[i].Value[0] == '[' {
			return errtext.Refusef("cosmos: IN (%[1]s) compares %[2]s with the array as a whole: write "+
				"ARRAY_CONTAINS(%[1]s, %[2]s), "+
				"or IN with a placeholder for each element", l.param, l.operand)
		}
	}
	return nil
}
