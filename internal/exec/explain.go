package exec

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/statement"
)

// Explain executes EXPLAIN of a query of c. Each row has one column, plan: a line of the explanation.
func Explain(
	ctx context.Context, c *cosmos.Container, s *statement.Explain, args []statement.Arg,
) ([]json.RawMessage, error) {
	bound, err := s.Bind(args)
	if err != nil {
		return nil, err
	}
	var e fmt.Stringer
	if s.Analyze {
		e, err = c.ExplainAnalyze(ctx, s.Text, Parameters(bound)...)
	} else {
		e, err = c.Explain(ctx, s.Text, Parameters(bound)...)
	}
	if err != nil {
		return nil, err
	}
	var rows []json.RawMessage
	for line := range strings.Lines(e.String()) {
		row, _ := json.Marshal(map[string]string{"plan": strings.TrimSuffix(line, "\n")})
		rows = append(rows, row)
	}
	return rows, nil
}

// aliased reports whether FROM gives its container another name, as somebody does who knows that it has one.
func aliased(q *nosql.Query) bool { return q != nil && len(q.From) > 0 && q.From[0].Alias != "" }

// Advised adds to an answer of the service what can be done about it, if that is known. s is the SELECT, or nil.
func Advised(err error, s *statement.Select) error {
	var answer *cosmos.Error
	if err == nil || !errors.As(err, &answer) {
		return err
	}
	var q *nosql.Query
	if s != nil {
		q = s.Query
	}
	way := statement.Way(answer.Message, q)
	switch {
	case answer.StatusCode != http.StatusNotFound:
	case s != nil && s.Container != "" && !aliased(s.Query):
		way = fmt.Sprintf(
			"FROM names a container of the database: write FROM products %[1]s for a container products, or name the "+
				"container in the DSN, where %[1]s is then an alias; SHOW CONTAINERS lists those of the database",
			s.Container)
	case errors.Is(err, cosmos.ErrOwnerNotFound):
		way = "SHOW CONTAINERS lists those of the database, SHOW DATABASES the databases"
	}
	if way == "" {
		return err
	}
	return fmt.Errorf("%w; %s", err, way)
}
