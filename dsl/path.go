package dsl

import "github.com/cosmossql/cosmossql/internal/nosql"

// Path returns the text of a property below root, an alias of FROM, whatever characters the names hold:
//
//	dsl.Path("c", "address", "zip code") // c.address["zip code"]
//
// It may stand wherever this package or squirrel takes the text of an expression, such as a key of [Eq]. With an empty
// root it is the path of a column, for statements that write:
//
//	dsl.Path("", "address", "zip code") // ["address"]["zip code"]
func Path(root string, names ...string) string {
	if root == "" {
		var b []byte
		for _, name := range names {
			b = append(nosql.AppendString(append(b, '['), name), ']')
		}
		return string(b)
	}
	var x nosql.Expr = &nosql.Ident{Name: root}
	for _, name := range names {
		x = &nosql.Member{X: x, Name: name}
	}
	return nosql.Print(x)
}
