package statement

import (
	"github.com/cosmossql/cosmossql/internal/nosql"
)

// Target is the container that a statement other than SELECT works on. Database is "" where the text leaves it to the
// connection.
type Target struct {
	Database, Container string
}

// readTarget reads [database.]container.
func readTarget(p *nosql.Parser) Target {
	name := p.Word()
	if p.Accept(".") {
		return Target{Database: name, Container: p.Word()}
	}
	return Target{Container: name}
}
