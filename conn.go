package cosmossql

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/internal/argument"
	"github.com/cosmossql/cosmossql/internal/columns"
	"github.com/cosmossql/cosmossql/internal/execute"
	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/parsed"
	"github.com/cosmossql/cosmossql/internal/partition"
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

	_ execute.Container = store{}
	_ execute.Account   = account{}
)

// Settings are what the statements of a connection go by. Package driver fills them from its Config, which tells more
// about each. Connections share them; they are not changed once a [Conn] has them.
type Settings struct {
	Database, Container string
	Options             []cosmos.Option // PartitionKey, PageSize, MaxConcurrency, Consistency; context and arguments win
	ScanAhead           int             // bytes SELECT * reads ahead to learn its columns; 0: 1 MiB, 1: one page, -1: all
	Extra               string          // name of the column for fields not seen while reading ahead
	SystemColumns       bool            // SELECT * shows the fields that the service adds
	NoAutoID            bool            // INSERT does not make up an id

	parsed parsed.Cache
}

// Conn is a connection of database/sql: a light handle on a [cosmos.Client] that it shares with others. Programs use
// *sql.DB; they meet a Conn only in [database/sql.Conn.Raw], where [Conn.CosmosClient] is of use. It is not safe for
// concurrent use.
type Conn struct {
	client   *cosmos.Client
	settings *Settings
	closed   bool
	tx       *tx // open, or nil
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

// ResetSession implements [driver.SessionResetter]. It forgets a transaction that was left open.
func (c *Conn) ResetSession(context.Context) error {
	c.tx = nil
	return nil
}

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
	if _, _, err := c.read(ctx, text, nil); err != nil {
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

// Query and Exec are what driver.Stmt asks for and database/sql has no use for, since there are the others.
func (s *stmt) Query([]driver.Value) (driver.Rows, error)  { return nil, errors.ErrUnsupported }
func (s *stmt) Exec([]driver.Value) (driver.Result, error) { return nil, errors.ErrUnsupported }

// QueryContext implements [driver.QueryerContext]. A statement that returns no rows is executed, and has no columns.
func (c *Conn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	r, s, err := c.read(ctx, text, args)
	if err != nil {
		return nil, err
	}
	if c.tx != nil {
		return nil, ErrTxQuery
	}
	switch s := s.(type) {
	case *statement.Select:
		return c.query(r, s)
	case *statement.Explain:
		return c.explain(r, s)
	case *statement.List, *statement.Describe:
		rows, err := execute.Show(ctx, account{c.client, r.Options}, s, c.database(r))
		if err != nil {
			return nil, err
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
		return nil, errors.New("cosmos: the statement only returns rows; use Query")
	}
	if c.tx != nil {
		return c.tx.keep(r, s, text)
	}
	done, _, err := c.run(r, s, false)
	if err != nil {
		return nil, err
	}
	return driver.RowsAffected(done.Affected), nil
}

// request is what a statement is called with.
type request struct {
	*argument.Request[cosmos.Option]
	ctx context.Context
}

// read takes statement and arguments apart.
func (c *Conn) read(ctx context.Context, text string, args []driver.NamedValue) (*request, statement.Statement, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	a, err := argument.Read(ctx, c.settings.Options, args)
	if err != nil {
		return nil, nil, err
	}
	r := &request{a, ctx}
	s, err := c.settings.parsed.Parse(text, statement.Options{
		Database:  c.database(r) != "",
		Container: cmp.Or(r.Set.Container, c.settings.Container) != "",
	})
	return r, s, err
}

// query opens the rows of a SELECT.
func (c *Conn) query(r *request, s *statement.Select) (*Rows, error) {
	container, err := c.container(r, s.Database, s.Container)
	if err != nil {
		return nil, err
	}
	bound, err := s.Bind(r.Values)
	if err != nil {
		return nil, err
	}
	pager := container.NewPager(s.Text, parameters(bound), r.Options...)
	switch {
	case s.Star:
		return newStarRows(r.ctx, pager, c.settings)
	case s.Value:
		return newRows(r.ctx, pager, columns.Whole())
	}
	return newRows(r.ctx, pager, columns.List(s.Names, s.Columns))
}

// explain has a row for each line of text that says how a SELECT would be answered.
func (c *Conn) explain(r *request, s *statement.Explain) (*Rows, error) {
	to, err := c.container(r, s.Database, s.Container)
	if err != nil {
		return nil, err
	}
	bound, err := s.Bind(r.Values)
	if err != nil {
		return nil, err
	}
	e, err := to.Explain(r.ctx, s.Text, parameters(bound), r.Options...)
	if err != nil {
		return nil, err
	}
	var rows []json.RawMessage
	for line := range strings.Lines(e.String()) {
		row, _ := json.Marshal(map[string]string{"plan": strings.TrimSuffix(line, "\n")})
		rows = append(rows, row)
	}
	return newFixedRows(r.ctx, rows)
}

// run carries out a statement that changes something. returning is what it gives back, or nil.
func (c *Conn) run(r *request, s statement.Statement, answer bool) (done execute.Result, returning *statement.Returning, err error) {
	w, to, returning, err := c.work(r, s, answer)
	if err != nil {
		return done, nil, err
	}
	if w != nil {
		done, err = w.Run(r.ctx, store{to, r.Options})
		return done, returning, err
	}
	if _, err := s.Bind(r.Values); err != nil {
		return done, nil, err
	}
	done.Affected, err = execute.Manage(r.ctx, account{c.client, r.Options}, s, c.database(r))
	return done, nil, err
}

// work is what a statement does to the documents of a container; nil for one about databases and containers.
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

// container is where a statement goes: what its text says, else its options, else the settings.
func (c *Conn) container(r *request, database, container string) (*cosmos.Container, error) {
	database = cmp.Or(database, c.database(r))
	container = cmp.Or(container, r.Set.Container, c.settings.Container)
	switch {
	case database == "":
		return nil, errors.New("cosmos: no database: name one in the DSN, as database.container in the statement, or with cosmos.InDatabase")
	case container == "":
		return nil, errors.New("cosmos: no container: name one in the DSN, in the statement, or with cosmos.InContainer")
	}
	return c.client.Database(database).Container(container), nil
}

func (c *Conn) database(r *request) string { return cmp.Or(r.Set.Database, c.settings.Database) }

// ErrTxQuery is the error of a query in a transaction: it would run at once, outside the batch, and not see what the batch
// is going to do. Query before, or read what was written after Commit.
var ErrTxQuery = errors.New("cosmos: a query cannot be part of a transaction: it would run outside the batch and not see it")

// Begin implements [driver.Conn].
func (c *Conn) Begin() (driver.Tx, error) { return c.BeginTx(context.Background(), driver.TxOptions{}) }

// BeginTx implements [driver.ConnBeginTx]. It sends nothing.
func (c *Conn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	switch level := sql.IsolationLevel(o.Isolation); {
	case level != sql.LevelDefault && level != sql.LevelSnapshot:
		return nil, fmt.Errorf("cosmos: no transaction has the isolation level %s: use LevelDefault or LevelSnapshot", level)
	case o.ReadOnly:
		return nil, errors.New("cosmos: a transaction is a batch of writes and cannot be read-only")
	case c.tx != nil:
		return nil, errors.New("cosmos: a transaction is open on this connection already")
	}
	c.tx = &tx{conn: c, ctx: ctx}
	return c.tx, nil
}

// tx is a transaction: statements kept until Commit sends them as one batch.
type tx struct {
	conn *Conn
	ctx  context.Context // of BeginTx; the interface gives Commit none
	kept execute.Transaction
}

// keep takes in one more statement. Of what it affects it can only say how much it asks for: a document that is not there
// fails the whole transaction.
func (t *tx) keep(r *request, s statement.Statement, text string) (driver.Result, error) {
	w, to, _, err := t.conn.work(r, s, false)
	if err != nil {
		return nil, err
	}
	if w == nil {
		return nil, errors.New("cosmos: a transaction changes documents only; run the statement outside it")
	}
	n, err := t.kept.Keep(r.ctx, execute.Statement{
		Work: w, Text: text, Container: store{to, nil}, Name: to.Database().ID() + "." + to.ID(),
	})
	if err != nil {
		return nil, err
	}
	return driver.RowsAffected(n), nil
}

// Commit implements [driver.Tx]. If an operation fails nothing is done, and the error holds a [*cosmos.BatchError].
func (t *tx) Commit() error {
	t.conn.tx = nil
	return t.kept.Commit(t.ctx)
}

// Rollback implements [driver.Tx]. There is nothing to undo.
func (t *tx) Rollback() error {
	t.conn.tx = nil
	return nil
}

// store is a container as [execute] sees it, with the options of a statement.
type store struct {
	container *cosmos.Container
	options   []cosmos.Option
}

func (s store) Definition(ctx context.Context) (partition.Definition, error) {
	d, err := s.container.PartitionKeyDefinition(ctx)
	return partition.Definition(d), err
}

func (s store) Do(ctx context.Context, op execute.Op) (execute.Outcome, error) {
	// The statement's own ETag is the operation's by now, where it is about one document.
	opts := append(slices.Clone(s.options), cosmos.ContentResponse(op.Answer), cosmos.IfMatch(op.IfMatch))
	if op.Document == nil {
		opts = append(opts, inPartition(op.Key))
	}
	var r *cosmos.Response
	var err error
	switch op.Kind {
	case execute.Create:
		r, err = s.container.Create(ctx, op.Document, opts...)
	case execute.Upsert:
		r, err = s.container.Upsert(ctx, op.Document, opts...)
	case execute.Patch:
		r, err = s.container.Patch(ctx, op.ID, patch(op.Patch), opts...)
	case execute.Delete:
		r, err = s.container.Delete(ctx, op.ID, opts...)
	default:
		r, err = s.container.Read(ctx, op.ID, opts...)
	}
	if r == nil {
		return execute.Outcome{Status: status(err)}, err
	}
	return execute.Outcome{Status: r.StatusCode, ETag: r.ETag, Document: r.Body}, err
}

func (s store) Batch(ctx context.Context, key partition.Key, ops []execute.Op) ([]execute.Outcome, error) {
	operations := make([]cosmos.Operation, len(ops))
	answer := false
	for i, op := range ops {
		answer = answer || op.Answer
		switch op.Kind {
		case execute.Create:
			operations[i] = cosmos.OpCreate(op.Document)
		case execute.Upsert:
			operations[i] = cosmos.OpUpsert(op.Document, cosmos.IfMatch(op.IfMatch))
		case execute.Patch:
			operations[i] = cosmos.OpPatch(op.ID, patch(op.Patch), cosmos.IfMatch(op.IfMatch))
		default:
			operations[i] = cosmos.OpDelete(op.ID, cosmos.IfMatch(op.IfMatch))
		}
	}
	opts := append(slices.Clone(s.options), cosmos.ContentResponse(answer), cosmos.IfMatch(""), inPartition(key))
	r, err := s.container.TransactionalBatch(ctx, operations, opts...)
	if r == nil {
		return nil, err
	}
	outcomes := make([]execute.Outcome, len(r.Results))
	for i, result := range r.Results {
		outcomes[i] = execute.Outcome{Status: result.StatusCode, ETag: result.ETag, Document: result.Body}
	}
	return outcomes, err
}

func patch(ops []statement.Operation) []cosmos.PatchOperation {
	operations := make([]cosmos.PatchOperation, len(ops))
	for i, op := range ops {
		operations[i] = cosmos.PatchOperation{Op: op.Op, Path: op.Path, Value: op.Value}
	}
	return operations
}

func (s store) Query(ctx context.Context, text string, params []statement.Arg, key partition.Key) iter.Seq2[json.RawMessage, error] {
	opts := s.options
	if key != nil {
		opts = append(slices.Clone(opts), inPartition(key))
	}
	return func(yield func(json.RawMessage, error) bool) {
		pager := s.container.NewPager(text, parameters(params), opts...)
		defer pager.Close()
		for {
			page, err := pager.Next(ctx)
			if err == io.EOF {
				return
			}
			if err != nil {
				yield(nil, err)
				return
			}
			for _, item := range page.Items {
				if !yield(item, nil) {
					return
				}
			}
			page.Release()
		}
	}
}

func inPartition(key partition.Key) cosmos.Option {
	return func(s *option.Set) { s.PartitionKey = key }
}

func parameters(args []statement.Arg) []cosmos.Parameter {
	params := make([]cosmos.Parameter, len(args))
	for i, arg := range args {
		params[i] = cosmos.Parameter{Name: arg.Name, Value: arg.Value}
	}
	return params
}

// account is a client as [execute] sees it, with the options of a statement.
type account struct {
	client  *cosmos.Client
	options []cosmos.Option
}

func (a account) CreateDatabase(ctx context.Context, database string, t statement.Throughput) (int, error) {
	_, err := a.client.CreateDatabase(ctx, database, a.with(t)...)
	return status(err), err
}

func (a account) CreateContainer(ctx context.Context, database string, properties json.RawMessage, t statement.Throughput) (int, error) {
	p, err := decoded(properties)
	if err != nil {
		return 0, err
	}
	_, err = a.client.Database(database).CreateContainer(ctx, p, a.with(t)...)
	return status(err), err
}

func (a account) Drop(ctx context.Context, database, container string) (int, error) {
	d := a.client.Database(database)
	drop := d.Delete
	if container != "" {
		drop = d.Container(container).DeleteContainer
	}
	_, err := drop(ctx, a.options...)
	return status(err), err
}

func (a account) Properties(ctx context.Context, database, container string) (json.RawMessage, error) {
	d := a.client.Database(database)
	if container == "" {
		return encoded(d.Read(ctx, a.options...))
	}
	return encoded(d.Container(container).ReadProperties(ctx, a.options...))
}

func (a account) ReplaceProperties(ctx context.Context, database, container string, properties json.RawMessage) error {
	p, err := decoded(properties)
	if err != nil {
		return err
	}
	opts := append(slices.Clone(a.options), cosmos.IfMatch(p.ETag))
	_, err = a.client.Database(database).Container(container).ReplaceProperties(ctx, p, opts...)
	return err
}

func (a account) Throughput(ctx context.Context, database, container string) (statement.Throughput, error) {
	d := a.client.Database(database)
	read := d.ReadThroughput
	if container != "" {
		read = d.Container(container).ReadThroughput
	}
	p, err := read(ctx, a.options...)
	if errors.Is(err, cosmos.ErrNotFound) {
		return statement.Throughput{}, nil
	}
	if err != nil {
		return statement.Throughput{}, err
	}
	return statement.Throughput{Manual: p.Manual, Autoscale: p.Autoscale}, nil
}

func (a account) ReplaceThroughput(ctx context.Context, database, container string, t statement.Throughput) error {
	d := a.client.Database(database)
	replace := d.ReplaceThroughput
	if container != "" {
		replace = d.Container(container).ReplaceThroughput
	}
	_, err := replace(ctx, a.with(t)...)
	return err
}

func (a account) List(ctx context.Context, database string) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		if database == "" {
			for p, err := range a.client.Databases(ctx, a.options...) {
				if !yield(encoded(p, err)) {
					return
				}
			}
			return
		}
		for p, err := range a.client.Database(database).Containers(ctx, a.options...) {
			if !yield(encoded(p, err)) {
				return
			}
		}
	}
}

// with adds a throughput to the options.
func (a account) with(t statement.Throughput) []cosmos.Option {
	opts := slices.Clone(a.options)
	if t.Manual > 0 {
		opts = append(opts, cosmos.Throughput(t.Manual))
	}
	if t.Autoscale > 0 {
		opts = append(opts, cosmos.AutoscaleThroughput(t.Autoscale))
	}
	return opts
}

// status is the service's, where err is its answer.
func status(err error) int {
	var e *cosmos.Error
	if errors.As(err, &e) {
		return e.StatusCode
	}
	return 0
}

func decoded(properties json.RawMessage) (p cosmos.ContainerProperties, err error) {
	if err = json.Unmarshal(properties, &p); err != nil {
		err = fmt.Errorf("cosmos: the container's definition: %w", err)
	}
	return p, err
}

func encoded[T any](properties *T, err error) (json.RawMessage, error) {
	if err != nil {
		return nil, err
	}
	return json.Marshal(properties)
}
