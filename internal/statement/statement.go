package statement

import (
	"fmt"

	"github.com/cosmossql/cosmossql/internal/nosql"
)

// Statement is one of [*Select] and the other types of this package. It is not changed after [Parse] and safe for
// concurrent use.
type Statement interface {
	// Bind pairs arguments with parameters; see [Parameters.Bind].
	Bind(args []Arg) ([]Arg, error)
}

// Options says what is known besides the text.
type Options struct {
	Database  bool // the connection or the call names the database
	Container bool // and the container, which makes the name in FROM an alias
}

// Parse reads one statement. An error in the text holds an [*nosql.Error], which says where.
func Parse(text string, o Options) (Statement, error) {
	s, err := parseSelect(text, o)
	if err != nil {
		return nil, fmt.Errorf("cosmos: %w", nosql.Locate(text, err))
	}
	return s, nil
}
