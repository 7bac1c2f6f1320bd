package cosmossql

import (
	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/internal/execute"
	"github.com/cosmossql/cosmossql/internal/statement"
)

// run executes a statement that changes something. returning is its RETURNING clause, or nil; answer says that the caller
// wants its rows.
func (c *Conn) run(r *request, s statement.Statement, answer bool) (done execute.Result, returning *statement.Returning, err error) {
	w, to, returning, err := c.work(r, s, answer)
	if err != nil {
		return done, nil, err
	}
	if w != nil {
		done, err = w.Run(r.ctx, statementContainer{to, r.Set})
		return done, returning, err
	}
	if _, err := s.Bind(r.Values); err != nil {
		return done, nil, err
	}
	done.Affected, err = execute.Manage(r.ctx, statementAccount{c.client}, s, c.database(r))
	return done, nil, err
}

// work plans what a statement does to the documents of a container; nil for one about databases and containers.
func (c *Conn) work(r *request, s statement.Statement, answer bool) (w execute.Work, to *cosmos.Container, returning *statement.Returning, err error) {
	w, target, returning, err := execute.Plan(s, execute.Terms{
		Args: r.Values, AutoID: !c.settings.NoAutoID, IfMatch: r.Set.IfMatch, Answer: answer, InFlight: r.Set.MaxConcurrency,
	})
	if w == nil || err != nil {
		return nil, nil, nil, err
	}
	to, err = c.container(r, target.Database, target.Container)
	return w, to, returning, err
}
