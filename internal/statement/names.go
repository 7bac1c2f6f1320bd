package statement

import (
	"strconv"

	"github.com/cosmossql/cosmossql/internal/nosql"
)

// plainNames takes the quotes off the names in q, which Cosmos does not have. The container's name becomes root where
// it cannot be bare, since any name will do there; a source whose name cannot be bare gets another, and so does every
// reference to it.
func plainNames(q *nosql.Query) {
	for _, root := range nosql.Containers(q) {
		if !nosql.IsIdentifier(root.Name) {
			renameContainer(q, root)
		}
	}
	nosql.Walk(q, func(n nosql.Node) bool {
		if id, ok := n.(*nosql.Ident); ok {
			id.Quoted = false
		}
		return true
	})
}

// renameContainer makes root of a container's name that cannot be bare. A source that had its alias from that name gets
// a written one.
func renameContainer(q *nosql.Query, root *nosql.Ident) {
	name := root.Name
	alias := ""
	nosql.Walk(q, func(n nosql.Node) bool {
		within, ok := n.(*nosql.Query)
		if !ok {
			return true
		}
		for i := range within.From {
			if src := &within.From[i]; src.Path == nosql.Expr(root) && src.Alias == "" {
				alias = freshName(q)
				src.Alias = alias
			}
		}
		return true
	})
	root.Name = "root"
	if alias == "" {
		return
	}
	nosql.Walk(q, func(n nosql.Node) bool {
		if id, ok := n.(*nosql.Ident); ok && id.Name == name {
			id.Name = alias
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
