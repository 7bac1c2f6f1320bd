package statement

import (
	"slices"
	"strconv"

	"github.com/cosmossql/cosmossql/internal/nosql"
)

// plainNames takes the quotes off the names in q, which Cosmos does not have. The container's name becomes root where
// it cannot be bare, since any name will do there; a source whose name cannot be bare gets another, and so does every
// reference to it.
func plainNames(q *nosql.Query) {
	roots := nosql.Containers(q)
	nosql.Walk(q, func(n nosql.Node) bool {
		within, ok := n.(*nosql.Query)
		if !ok {
			return true
		}
		for i := range within.From {
			if name := within.From[i].Name(); name != "" && !nosql.IsIdentifier(name) {
				within.From[i].Alias = freshName(q)
				rename(q, name, within.From[i].Alias)
			}
		}
		return true
	})
	for _, root := range roots {
		if !nosql.IsIdentifier(root.Name) {
			root.Name = "root"
		}
	}
	nosql.Walk(q, func(n nosql.Node) bool {
		if id, ok := n.(*nosql.Ident); ok {
			id.Quoted = false
		}
		return true
	})
}

// rename gives every reference to a source of q another name.
func rename(q *nosql.Query, name, to string) {
	roots := nosql.Containers(q)
	nosql.Walk(q, func(n nosql.Node) bool {
		if id, ok := n.(*nosql.Ident); ok && id.Name == name && !slices.Contains(roots, id) {
			id.Name = to
		}
		return true
	})
}

// freshName is a name that q has nowhere.
func freshName(q *nosql.Query) string {
	taken := make(map[string]bool)
	nosql.Walk(q, func(n nosql.Node) bool {
		switch n := n.(type) {
		case *nosql.Ident:
			taken[n.Name] = true
		case *nosql.Query:
			for i := range n.From {
				taken[n.From[i].Alias] = true
			}
		}
		return true
	})
	name := "c"
	for i := 1; taken[name]; i++ {
		name = "c" + strconv.Itoa(i)
	}
	return name
}
