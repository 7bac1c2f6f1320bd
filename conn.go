package cosmossql

import (
	"cmp"
	"context"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/internal/argument"
	"github.com/cosmossql/cosmossql/internal/columns"
	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/statement"
)

var (
	_ driver.QueryerContext     = (*Conn)(nil)
	_ driver.ExecerContext      = (*Conn)(nil)
	_ driver.ConnPrepareContext = (*Conn)(nil)
	_ driver.ConnBeginTx        = (*Conn)(nil)
	_ driver.NamedValueChecker  = (*Conn)(nil)
	_ driver.Pinger             = (*Conn)(nil)
	_ driver.SessionResetter    = (*Conn)(nil)
	_ driver.Validator          = (*Conn)(nil)

	_ driver.StmtQueryContext = (*stmt)(nil)
	_ driver.StmtExecContext  = (*stmt)(nil)
)

// Settings are what the statements of a connection go by. Package driver fills them from its Config, which tells more
// about each. Connections share them; they are not changed once a [Conn] has them.
type Settings struct {
	Database, Container string
	Options             []cosmos.Option // PageSize, MaxConcurrency, Consistency; context and arguments win over them
	ScanAhead           int             // bytes SELECT * reads ahead to learn its columns; 0: 1 MiB, 1: one page, -1: all
	Extra               string          // name of the column for fields not seen while reading ahead
	SystemColumns       bool            // SELECT * shows the fields that the service adds
	NoAutoID            bool            // INSERT does not make up an id

	parsed statements
}

// Conn is a connection of database/sql: a light handle on a [cosmos.Client] that it shares with others. Programs use
// *sql.DB; they meet a Conn only in [database/sql.Conn.Raw], where [Conn.CosmosClient] is of use. It is not safe for
// concurrent use.
type Conn struct {
	client   *cosmos.Client
	settings *Settings
	closed   bool
}

// NewConn makes a connection of a client. Package driver calls it; use sql.Open or sql.OpenDB.
func NewConn(client *cosmos.Client, s *Settings) *Conn {
	return &Conn{client: client, settings: s}
}

// CosmosClient returns the client that the connection works with. cosmos.FromDB finds it here.
func (c *Conn) CosmosClient() *cosmos.Client { return c.client }

// Close implements [driver.Conn]. The client stays open.
func (c *Conn) Close() error {
	c.closed = true
	return nil
}

// IsValid implements [driver.Validator]. An error of one statement says nothing about the next: every connection that
// was not closed is good, so that the pool keeps it.
func (c *Conn) IsValid() bool { return !c.closed }

// ResetSession implements [driver.SessionResetter].
func (c *Conn) ResetSession(context.Context) error { return nil }

// Ping implements [driver.Pinger]: it reads the account, which shows that it is there and takes the key.
func (c *Conn) Ping(ctx context.Context) error {
	_, err := c.client.Account(ctx)
	return err
}

// CheckNamedValue implements [driver.NamedValueChecker]. A [cosmos.Option] passes as it is, every other value becomes
// JSON here, so that what JSON cannot carry is an error of its argument.
func (c *Conn) CheckNamedValue(nv *driver.NamedValue) error {
	if _, ok := nv.Value.(cosmos.Option); ok {
		return nil
	}
	v, err := argument.Encode(nv.Value)
	if err != nil {
		return err
	}
	nv.Value = v
	return nil
}

// Prepare implements [driver.Conn].
func (c *Conn) Prepare(text string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), text)
}

// PrepareContext implements [driver.ConnPrepareContext]. It reads the statement and sends nothing.
func (c *Conn) PrepareContext(ctx context.Context, text string) (driver.Stmt, error) {
	r, err := c.request(ctx, nil)
	if err != nil {
		return nil, err
	}
	if _, err := c.parse(r, text); err != nil {
		return nil, err
	}
	return &stmt{conn: c, text: text}, nil
}

// stmt is a prepared statement: a text known to be one. What it parses to is in the cache of the settings.
type stmt struct {
	conn *Conn
	text string
}

func (s *stmt) Close() error { return nil }

// NumInput is -1: options may stand among the arguments, so only the statement can tell their number.
func (s *stmt) NumInput() int { return -1 }

func (s *stmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	return s.conn.QueryContext(ctx, s.text, args)
}

func (s *stmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	return s.conn.ExecContext(ctx, s.text, args)
}

// Query and Exec are the forms of driver.Stmt that know no context; database/sql calls the others.
func (s *stmt) Query(args []driver.Value) (driver.Rows, error) {
	return s.QueryContext(context.Background(), positional(args))
}

func (s *stmt) Exec(args []driver.Value) (driver.Result, error) {
	return s.ExecContext(context.Background(), positional(args))
}

func positional(args []driver.Value) []driver.NamedValue {
	named := make([]driver.NamedValue, len(args))
	for i, v := range args {
		named[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	return named
}

// Begin implements [driver.Conn].
func (c *Conn) Begin() (driver.Tx, error) {
	return c.BeginTx(context.Background(), driver.TxOptions{})
}

// BeginTx implements [driver.ConnBeginTx].
func (c *Conn) BeginTx(context.Context, driver.TxOptions) (driver.Tx, error) {
	return nil, errors.New("cosmos: transactions are not supported")
}

// QueryContext implements [driver.QueryerContext].
func (c *Conn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	r, err := c.request(ctx, args)
	if err != nil {
		return nil, err
	}
	s, err := c.parse(r, text)
	if err != nil {
		return nil, err
	}
	switch s := s.(type) {
	case *statement.Select:
		return c.query(r, s)
	}
	return nil, fmt.Errorf("cosmos: a %T returns no rows; use Exec", s)
}

// ExecContext implements [driver.ExecerContext].
func (c *Conn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	r, err := c.request(ctx, args)
	if err != nil {
		return nil, err
	}
	s, err := c.parse(r, text)
	if err != nil {
		return nil, err
	}
	if _, ok := s.(*statement.Select); ok {
		return nil, errors.New("cosmos: a SELECT has nothing to execute; use Query")
	}
	return nil, fmt.Errorf("cosmos: a %T cannot be executed", s)
}

// query opens the rows of a SELECT.
func (c *Conn) query(r *request, s *statement.Select) (*Rows, error) {
	container, err := c.container(r, s.Database, s.Container)
	if err != nil {
		return nil, err
	}
	bound, err := s.Bind(r.args)
	if err != nil {
		return nil, err
	}
	params := make([]cosmos.Parameter, len(bound))
	for i, arg := range bound {
		params[i] = cosmos.Parameter{Name: arg.Name, Value: arg.Value}
	}
	pager := container.NewPager(s.Text, params, r.options...)
	switch {
	case s.Star:
		return newStarRows(r.ctx, pager, c.settings)
	case s.Value:
		return newRows(r.ctx, pager, columns.Whole())
	}
	return newRows(r.ctx, pager, columns.List(s.Columns))
}

// container is where a statement goes: what its options say, else its text, else the settings.
func (c *Conn) container(r *request, database, container string) (*cosmos.Container, error) {
	database = cmp.Or(database, r.set.Database, c.settings.Database)
	container = cmp.Or(container, r.set.Container, c.settings.Container)
	switch {
	case database == "":
		return nil, errors.New("cosmos: no database: name one in the DSN, as database.container in the statement, or with cosmos.InDatabase")
	case container == "":
		return nil, errors.New("cosmos: no container: name one in the DSN, in the statement, or with cosmos.InContainer")
	}
	return c.client.Database(database).Container(container), nil
}

// request is the context, options and arguments of one statement.
type request struct {
	ctx     context.Context
	set     *option.Set // what the settings, the context and the arguments say; the later wins
	options []cosmos.Option
	args    []statement.Arg
}

// request takes the options out of the arguments and numbers the rest.
func (c *Conn) request(ctx context.Context, args []driver.NamedValue) (*request, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r := &request{ctx: ctx}
	for _, nv := range args {
		if o, ok := nv.Value.(cosmos.Option); ok {
			r.options = append(r.options, o)
			continue
		}
		// Wrappers of drivers may not have asked CheckNamedValue.
		v, err := argument.Encode(nv.Value)
		if err != nil {
			return nil, err
		}
		r.args = append(r.args, statement.Arg{Name: nv.Name, Ordinal: len(r.args) + 1, Value: json.RawMessage(v)})
	}
	r.set = option.Resolve(ctx, c.settings.Options, r.options)
	if len(c.settings.Options) > 0 {
		r.options = append(r.options, over(r.set))
	}
	return r, r.set.Err
}

// over puts what the settings may say over what the client's own options say: s has the context's and the arguments'
// word on it already.
func over(s *option.Set) cosmos.Option {
	return func(t *option.Set) {
		t.PageSize = cmp.Or(s.PageSize, t.PageSize)
		t.MaxConcurrency = cmp.Or(s.MaxConcurrency, t.MaxConcurrency)
		t.Consistency = cmp.Or(s.Consistency, t.Consistency)
	}
}

// parse reads a statement, or remembers it.
func (c *Conn) parse(r *request, text string) (statement.Statement, error) {
	return c.settings.parsed.get(text, statement.Options{
		Database:  cmp.Or(r.set.Database, c.settings.Database) != "",
		Container: cmp.Or(r.set.Container, c.settings.Container) != "",
	})
}

// What the cache of parsed statements holds at most. Programs have some dozens of statements; the bounds are for those
// that paste values into the text, which makes every text a new one.
const (
	maxStatements    = 256
	maxStatementText = 16 << 10
)

// statements caches what texts parse to. It is safe for concurrent use; its zero value is empty.
type statements struct {
	mu     sync.RWMutex
	parsed map[statementKey]statement.Statement
}

type statementKey struct {
	text    string
	options statement.Options
}

func (s *statements) get(text string, o statement.Options) (statement.Statement, error) {
	key := statementKey{text, o}
	s.mu.RLock()
	known, ok := s.parsed[key]
	s.mu.RUnlock()
	if ok {
		return known, nil
	}
	parsed, err := statement.Parse(text, o)
	if err != nil || len(text) > maxStatementText {
		return parsed, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.parsed) >= maxStatements {
		for any := range s.parsed {
			delete(s.parsed, any)
			break
		}
	}
	if s.parsed == nil {
		s.parsed = make(map[statementKey]statement.Statement)
	}
	s.parsed[key] = parsed
	return parsed, nil
}
