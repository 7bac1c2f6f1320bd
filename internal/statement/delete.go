package statement

import "github.com/cosmossql/cosmossql/internal/nosql"

// Delete is
//
//	DELETE FROM [db.]container [[AS] alias] WHERE condition [RETURNING …]
type Delete struct {
	matching
}

// parseDelete reads what follows DELETE.
func parseDelete(p *nosql.Parser, text string) (*Delete, error) {
	p.Expect("FROM")
	s := &Delete{matching{Target: readTarget(p), verb: "DELETE"}}
	s.alias = readAlias(p, s.Container, "WITH", "RETURNING")
	if err := s.readWhere(p, text); err != nil {
		return nil, err
	}
	return s, s.parameters(nil)
}
