package cosmossql

import (
	"cmp"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/internal/argument"
	"github.com/cosmossql/cosmossql/internal/cache"
	"github.com/cosmossql/cosmossql/internal/columns"
	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/exec"
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
	_ driver.StmtQueryContext   = (*stmt)(nil)
	_ driver.StmtExecContext    = (*stmt)(nil)
)

// Settings are the defaults of the statements of a connection. Package driver fills them from its Config, which
// documents each. Connections share them, so they must not be changed once a [Conn] has them.
type Settings struct {
	Database, Container string          // of statements that name none
	Options             []cosmos.Option // of all requests; those of the context and of arguments override them
	// bytes SELECT * reads ahead to learn its columns; 0: 1 MiB, 1: one page, -1: all
	ScanAhead     int
	Extra         string // name of the column for fields not seen while reading ahead
	SystemColumns bool   // SELECT * shows the fields that the service adds
	NoAutoID      bool   // INSERT does not make up an id
	// INSERT and UPSERT refuse documents without a value for each path of the partition key
	RequireKey bool
	TimeFormat cosmos.TimeFormat // of arguments that are a time.Time
	ParseTime  bool              // texts that are times, as RFC 3339 has them, are handed out as time.Time

	parsed cache.Bounded[parsed, statement.Statement]
}

// parsed is what a statement is parsed from.
type parsed struct {
	text    string
	options statement.Options
}

// parse is [statement.Parse], remembered. An error is not.
func (s *Settings) parse(text string, o statement.Options) (statement.Statement, error) {
	key := parsed{text, o}
	if known, ok := s.parsed.Get(key); ok {
		return known, nil
	}
	read, err := statement.Parse(text, o)
	if err == nil && len(text) <= cache.MaxText {
		s.parsed.Put(key, read)
	}
	return read, err
}

func (s *Settings) format() argument.Format {
	return argument.Format{FixedTimes: s.TimeFormat == cosmos.TimeFixed}
}

// Conn is a connection of database/sql: a light handle on a [cosmos.Client] that it shares with others. Programs use
// *sql.DB; they meet a Conn only in [database/sql.Conn.Raw], where [Conn.CosmosClient] is of use. It is not safe for
// concurrent use.
type Conn struct {
	client   *cosmos.Client
	settings *Settings
	closed   bool
	tx       *tx               // open, or nil
	last     *cosmos.Container // of the statement before; nil if there was none
}

// NewConn makes a connection that uses client. Neither may be nil. Package driver calls it; use sql.Open or sql.OpenDB.
func NewConn(client *cosmos.Client, s *Settings) *Conn {
	return &Conn{client: client, settings: s}
}

// CosmosClient returns the client that the connection uses. cosmos.FromDB calls it.
func (c *Conn) CosmosClient() *cosmos.Client { return c.client }

// Close implements [driver.Conn]. The client stays open.
func (c *Conn) Close() error {
	c.closed = true
	return nil
}

// IsValid implements [driver.Validator]. A connection is valid until it is closed: an error of one statement does not
// affect the next, so the pool keeps it.
func (c *Conn) IsValid() bool { return !c.closed }

// ResetSession implements [driver.SessionResetter]. It forgets a transaction that was left open.
func (c *Conn) ResetSession(context.Context) error {
	c.tx = nil
	return nil
}

// Ping implements [driver.Pinger]: it reads the account (GET /), which checks endpoint and credential.
func (c *Conn) Ping(ctx context.Context) error {
	_, err := c.client.Account(ctx)
	return exec.Advised(err, nil)
}

// CheckNamedValue implements [driver.NamedValueChecker]. It leaves options and parameters of package cosmos as they are
// and encodes every other value as JSON, so that database/sql names the argument that cannot be encoded.
func (c *Conn) CheckNamedValue(nv *driver.NamedValue) error {
	switch nv.Value.(type) {
	case cosmos.Option, cosmos.Parameter, []cosmos.Parameter:
		return nil
	}
	v, err := c.settings.format().Encode(nv.Value)
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
	if _, _, err := c.read(ctx, text, nil); err != nil {
		return nil, err
	}
	return &stmt{conn: c, text: text}, nil
}

// stmt is a prepared statement: a text that parses. The parsed statement is in the cache of the settings.
type stmt struct {
	conn *Conn
	text string
}

func (s *stmt) Close() error { return nil }

// NumInput is -1, unknown to database/sql: any number of options may stand among the arguments.
func (s *stmt) NumInput() int { return -1 }

func (s *stmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	return s.conn.QueryContext(ctx, s.text, args)
}

func (s *stmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	return s.conn.ExecContext(ctx, s.text, args)
}

// Query and Exec are required by driver.Stmt. database/sql calls QueryContext and ExecContext instead.
func (s *stmt) Query([]driver.Value) (driver.Rows, error)  { return nil, errors.ErrUnsupported }
func (s *stmt) Exec([]driver.Value) (driver.Result, error) { return nil, errors.ErrUnsupported }

// QueryContext implements [driver.QueryerContext]. A statement that returns no rows is executed, and has no columns.
func (c *Conn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	r, s, err := c.read(ctx, text, args)
	if err != nil {
		return nil, err
	}
	if c.tx != nil {
		return c.tx.query(r, s)
	}
	switch s := s.(type) {
	case *statement.Select:
		return c.query(r, s)
	case *statement.Explain:
		return c.explain(r, s)
	case *statement.List, *statement.Describe:
		if d, ok := s.(*statement.Describe); ok && d.Sample > 0 {
			return c.sample(r, d)
		}
		rows, err := exec.Show(r.ctx, c.client, s, c.database(r))
		if err != nil {
			return nil, err
		}
		if len(rows) == 0 {
			// what is listed always has
			return newRows(ctx, &fixedPager{}, columns.List([]string{"id"}, []string{"id"}))
		}
		return newFixedRows(ctx, rows)
	}
	done, returning, err := c.run(r, s, true)
	if err != nil {
		return nil, err
	}
	return newReturningRows(ctx, returning, done.Documents, c.settings)
}

// ExecContext implements [driver.ExecerContext]. In a transaction it only keeps the statement, for Commit to send.
func (c *Conn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	r, s, err := c.read(ctx, text, args)
	if err != nil {
		return nil, err
	}
	switch s.(type) {
	case *statement.Select, *statement.Explain, *statement.List, *statement.Describe:
		return nil, errtext.Refusef("cosmos: the statement only returns rows; use Query")
	}
	if c.tx != nil {
		return c.tx.keep(r, s, text)
	}
	done, _, err := c.run(r, s, false)
	if err != nil {
		return nil, err
	}
	return exec.Affected(done.Affected), nil
}

// run executes a statement that changes something. returning is its RETURNING clause, or nil; answer says that the
// caller wants its rows.
func (c *Conn) run(r *request, s statement.Statement,
	answer bool) (done exec.Result, returning *statement.Returning, err error) {
	target, returning, documents := exec.Target(s)
	if !documents {
		if _, err := s.Bind(r.Values); err != nil {
			return done, nil, err
		}
		done.Affected, err = exec.DDL(r.ctx, c.client, s, c.database(r))
		return done, nil, err
	}
	t, err := c.terms(r, target)
	if err != nil {
		return done, nil, err
	}
	t.Answer = answer
	done, err = exec.Run(r.ctx, s, t)
	if err = exec.Advised(err, nil); errors.Is(err, cosmos.ErrOwnerNotFound) && c.settings.Container != "" &&
		target.Container != c.settings.Container {
		err = fmt.Errorf("%w; the container of the DSN is %s, which an INSERT, UPDATE or DELETE names, too", err,
			c.settings.Container)
	}
	return done, returning, err
}

// terms are what a statement about documents is executed with.
func (c *Conn) terms(r *request, target statement.Target) (exec.Terms, error) {
	to, err := c.container(r, target.Database, target.Container)
	return exec.Terms{
		Container: to, Args: r.Values, Set: r.Set, AutoID: !c.settings.NoAutoID, RequireKey: c.settings.RequireKey,
	}, err
}

// request holds the arguments and options of one execution of a statement.
type request struct {
	ctx    context.Context // carries the options to the requests, but for the guards of a statement that writes
	Values []statement.Arg
	Set    *option.Set
	opts   []cosmos.Option // among the arguments
}

// read parses the statement and separates options from values.
func (c *Conn) read(ctx context.Context, text string, args []driver.NamedValue) (*request, statement.Statement, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	values, opts, err := exec.Arguments(args, c.settings.format())
	if err != nil {
		return nil, nil, err
	}
	r := &request{ctx: option.WithDefaults(ctx, c.settings.Options), Values: values, opts: opts}
	// The text is read with the knowledge of whether options name a container, and which options apply depends on it.
	if r.Set, err = option.Resolve(r.ctx, option.AnyStatement, nil, opts); err != nil {
		return nil, nil, err
	}
	s, err := c.settings.parse(text, statement.Options{
		Database:  c.database(r) != "",
		Container: cmp.Or(r.Set.Container, c.settings.Container) != "",
	})
	if err != nil {
		return nil, nil, err
	}
	op, writes := exec.Operation(s)
	if option.None(r.ctx, opts) {
		return r, s, nil
	}
	if c.tx != nil {
		op = op.InTransaction()
	}
	if r.Set, err = option.Resolve(r.ctx, op, nil, opts); err != nil {
		return nil, nil, err
	}
	if writes {
		r.ctx = option.Unguarded(r.ctx, opts)
	} else {
		r.ctx = option.With(r.ctx, opts)
	}
	r.ctx = option.Sharing(r.ctx, r.Set)
	return r, s, nil
}

// selected is the container of a SELECT.
func (c *Conn) selected(r *request, s *statement.Select) (*cosmos.Container, error) {
	if s.Step != "" && s.Database == "" && s.Container == c.database(r) {
		return nil, errtext.Refusef(
			"cosmos: FROM %[1]s.%[2]s: the database %[1]s is known already, so that it would be "+
				"%[2]s in the documents of a container %[1]s; "+
				"write FROM %[2]s, or name the database in the text alone, FROM %[1]s.%[2]s without %[1]s in the DSN",
			s.Container, s.Step)
	}
	return c.container(r, s.Database, s.Container)
}

// explain returns the rows of EXPLAIN.
func (c *Conn) explain(r *request, s *statement.Explain) (driver.Rows, error) {
	to, err := c.selected(r, s.Select)
	if err != nil {
		return nil, err
	}
	rows, err := exec.Explain(r.ctx, to, s, r.Values)
	if err != nil {
		return nil, err
	}
	return newFixedRows(r.ctx, rows)
}

// container is the container of a statement: the one that its text names, else its options, else the settings.
func (c *Conn) container(r *request, database, container string) (*cosmos.Container, error) {
	database = cmp.Or(database, c.database(r))
	container = cmp.Or(container, r.Set.Container, c.settings.Container)
	switch {
	case database == "":
		return nil, exec.ErrNoDatabase
	case container == "":
		return nil, errtext.Refusef("cosmos: no container: name one in the DSN, " +
			"in the statement, or with cosmos.InContainer")
	}
	if c.last == nil || c.last.ID() != container || c.last.Database().ID() != database {
		c.last = c.client.Database(database).Container(container)
	}
	return c.last, nil
}

// database is the database of statements whose text names none.
func (c *Conn) database(r *request) string { return cmp.Or(r.Set.Database, c.settings.Database) }
