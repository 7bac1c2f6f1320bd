package cosmossql

import (
	"cmp"
	"context"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/internal/columns"
	"github.com/cosmossql/cosmossql/internal/exec"
	"github.com/cosmossql/cosmossql/internal/rawjson"
	"github.com/cosmossql/cosmossql/internal/statement"
)

var (
	_ driver.RowsColumnTypeScanType         = (*Rows)(nil)
	_ driver.RowsColumnTypeDatabaseTypeName = (*Rows)(nil)
	_ driver.RowsColumnTypeNullable         = (*Rows)(nil)
)

// defaultScanAhead is how many bytes of a result SELECT * reads to learn its columns.
const defaultScanAhead = 1 << 20

// Rows is the result of a query: one row per document, page after page. database/sql wraps it in a *sql.Rows; only a
// program that went through [database/sql.Conn.Raw] meets it. It is not safe for concurrent use.
//
// Memory is bounded by the pages in flight: the one being read, the next one, and what SELECT * has read ahead.
type Rows struct {
	ctx     context.Context // of QueryContext; the interface gives Next none
	pager   pager
	layout  *columns.Layout
	settled string // what SELECT * read to learn the columns, for ColumnsChangedError

	ahead []*cosmos.Page // read ahead, in order
	page  *cosmos.Page
	next  int      // index in page.Items of the next row
	cells [][]byte // JSON of the columns of the current row
	types []string // database type names; nil until they are asked for
	err   error    // the first one, which every later Next returns
}

// pager is the part of [cosmos.Pager] that Rows needs.
type pager interface {
	Next(ctx context.Context) (*cosmos.Page, error)
	Close() error
}

// advised is a pager whose errors say what can be done, if that is known.
type advised struct {
	pager
	statement *statement.Select
}

func (a *advised) Next(ctx context.Context) (*cosmos.Page, error) {
	page, err := a.pager.Next(ctx)
	if err != nil && err != io.EOF {
		err = exec.Advised(err, a.statement)
	}
	return page, err
}

// ColumnsChangedError is the error of a row of SELECT * with a field that no row had while the columns were learnt.
// Nothing was dropped: name the columns, use SELECT VALUE c, raise scan_ahead or set extra.
type ColumnsChangedError struct {
	Field      string // the new field; empty where the row is not an object at all
	DocumentID string // empty if the row has no id
	seen       string
}

// Error implements error.
func (e *ColumnsChangedError) Error() string {
	if e.Field == "" {
		return "cosmos: SELECT *: a row is not an object as those before; use SELECT VALUE"
	}
	return fmt.Sprintf("cosmos: SELECT *: document %q has field %q, absent from %s; name the columns, use SELECT "+
		"VALUE c, or set extra",
		e.DocumentID, e.Field, e.seen)
}

// query opens the rows of a SELECT.
func (c *Conn) query(r *request, s *statement.Select) (driver.Rows, error) {
	if rows, err := c.constants(r, s); rows != nil || err != nil {
		return rows, err
	}
	container, err := c.selected(r, s)
	if err != nil {
		return nil, err
	}
	bound, err := s.Bind(r.Values)
	if err != nil {
		return nil, err
	}
	p := &advised{container.NewPager(s.Text, exec.ReadOn(bound)...), s}
	if s.Star {
		return newStarRows(r.ctx, p, c.settings)
	}
	return newRows(r.ctx, p, c.layout(s))
}

// sample returns the rows of DESCRIBE … SAMPLE.
func (c *Conn) sample(r *request, s *statement.Describe) (driver.Rows, error) {
	container, err := c.container(r, s.Database, s.Container)
	if err != nil {
		return nil, err
	}
	rows, err := exec.Sample(r.ctx, container, s.Sample, r.Set)
	if err != nil {
		return nil, err
	}
	return newRows(r.ctx, &fixedPager{rows}, columns.List(exec.SampleColumns, exec.SampleColumns))
}

// layout is the columns of a SELECT that is not SELECT *.
func (c *Conn) layout(s *statement.Select) *columns.Layout {
	if s.Value {
		return columns.Whole().WithTimes(c.settings.ParseTime)
	}
	return columns.List(s.Names, s.Columns).WithTimes(c.settings.ParseTime)
}

// newRows fetches the first page with rows, so that QueryContext returns the error of an invalid query. It closes p if
// it fails; otherwise Rows.Close does.
func newRows(ctx context.Context, p pager, layout *columns.Layout) (driver.Rows, error) {
	r := &Rows{ctx: ctx, pager: p, layout: layout}
	if _, err := r.fetch(); err != nil && err != io.EOF {
		p.Close()
		return nil, err
	}
	r.cells = make([][]byte, len(layout.Names))
	return r, nil
}

// newStarRows is newRows for SELECT *: it reads on until the end or until it has seen s.ScanAhead bytes.
func newStarRows(ctx context.Context, p pager, s *Settings) (driver.Rows, error) {
	r := &Rows{ctx: ctx, pager: p}
	limit := s.ScanAhead
	if limit == 0 {
		limit = defaultScanAhead
	}
	star := columns.NewStar(s.Extra, s.SystemColumns)
	for seen := 0; limit < 0 || seen < limit; {
		page, err := r.fetch()
		if err == io.EOF {
			break
		}
		if err != nil {
			p.Close()
			return nil, err
		}
		for _, item := range page.Items {
			seen += len(item)
			star.Add(item)
		}
	}
	layout, err := star.Layout()
	if err != nil {
		p.Close()
		return nil, err
	}
	r.layout = layout.WithTimes(s.ParseTime)
	r.settled = "the first " + byteCount(limit) + " of results"
	r.cells = make([][]byte, len(layout.Names))
	return r, nil
}

// byteCount is a number of bytes in words; "page" for the limit of one page.
func byteCount(n int) string {
	switch {
	case n <= 1:
		return "page"
	case n%(1<<20) == 0:
		return fmt.Sprint(n>>20, " MiB")
	case n%(1<<10) == 0:
		return fmt.Sprint(n>>10, " KiB")
	}
	return fmt.Sprint(n, " bytes")
}

// fetch appends the next page with rows to those read ahead.
func (r *Rows) fetch() (*cosmos.Page, error) {
	for {
		page, err := r.pager.Next(r.ctx)
		if err != nil {
			return nil, err
		}
		if len(page.Items) > 0 {
			r.ahead = append(r.ahead, page)
			return page, nil
		}
	}
}

// Columns implements [driver.Rows].
func (r *Rows) Columns() []string { return r.layout.Names }

// Close implements [driver.Rows]. It ends the request in flight and sends nothing.
func (r *Rows) Close() error {
	r.err = io.EOF
	err := r.pager.Close()
	if r.page != nil {
		r.page.Release()
	}
	for _, page := range r.ahead {
		page.Release()
	}
	r.page, r.ahead, r.cells = nil, nil, nil
	return err
}

// Next implements [driver.Rows]. A string is a string, or a time.Time where it is one and [Settings] say so; a boolean
// is a bool, a number an int64 where it is one and fits, a uint64 where only that holds it, else a float64; an array or
// object is its JSON text as []byte; null and an absent field are nil.
func (r *Rows) Next(dest []driver.Value) error {
	if err := r.advance(); err != nil {
		return err
	}
	if column, err := r.layout.Values(r.cells, dest); err != nil {
		return fmt.Errorf("cosmos: column %q: %w", r.layout.Names[column], err)
	}
	return nil
}

// advance moves to the next row and splits it into cells.
func (r *Rows) advance() error {
	if r.err != nil {
		return r.err
	}
	r.err = r.step()
	return r.err
}

// step is advance without keeping the error.
func (r *Rows) step() error {
	if err := r.ctx.Err(); err != nil {
		return err
	}
	for r.page == nil || r.next == len(r.page.Items) {
		if r.page != nil {
			r.page.Release()
			r.page, r.next = nil, 0
		}
		if len(r.ahead) == 0 {
			if _, err := r.fetch(); err != nil {
				return err
			}
		}
		r.page = r.ahead[0]
		r.ahead[0] = nil
		r.ahead = r.ahead[1:]
	}
	row := r.page.Items[r.next]
	r.next++
	if field, ok := r.layout.Split(row, r.cells); !ok {
		id, _ := rawjson.Get(row, "id")
		text, _ := rawjson.String(id)
		return &ColumnsChangedError{Field: field, DocumentID: text, seen: r.settled}
	}
	return nil
}

// ColumnTypeScanType implements [driver.RowsColumnTypeScanType]. It is always any: documents need not agree on the type
// of a field, and any may lack it.
func (r *Rows) ColumnTypeScanType(int) reflect.Type { return reflect.TypeFor[any]() }

// ColumnTypeDatabaseTypeName implements [driver.RowsColumnTypeDatabaseTypeName]: STRING, NUMBER, BOOLEAN, OBJECT or
// ARRAY where the rows at hand agree, nulls aside, else ANY.
func (r *Rows) ColumnTypeDatabaseTypeName(i int) string {
	if r.types == nil {
		pages := r.ahead
		if r.page != nil {
			pages = append([]*cosmos.Page{r.page}, pages...)
		}
		types := r.layout.Typing()
		for _, page := range pages {
			for _, item := range page.Items {
				types.Add(item)
			}
		}
		r.types = types.Names()
	}
	return r.types[i]
}

// ColumnTypeNullable implements [driver.RowsColumnTypeNullable]: every column may be null.
func (r *Rows) ColumnTypeNullable(int) (nullable, ok bool) { return true, true }

// fixedPager is a pager of one page of rows that are in memory.
type fixedPager struct{ rows []json.RawMessage }

func (f *fixedPager) Next(ctx context.Context) (*cosmos.Page, error) {
	if f.rows == nil {
		return nil, io.EOF
	}
	page := &cosmos.Page{Items: f.rows}
	f.rows = nil
	return page, ctx.Err()
}

func (f *fixedPager) Close() error { return nil }

// newFixedRows returns rows, which are JSON objects. The columns are their members, in the order of first appearance.
func newFixedRows(ctx context.Context, rows []json.RawMessage) (driver.Rows, error) {
	return newStarRows(ctx, &fixedPager{rows}, &Settings{ScanAhead: -1, SystemColumns: true})
}

// newReturningRows returns what RETURNING selects of the changed documents; no columns if returning is nil.
func newReturningRows(ctx context.Context, returning *statement.Returning, docs []json.RawMessage,
	s *Settings) (driver.Rows, error) {
	if returning == nil {
		return newRows(ctx, &fixedPager{}, columns.List(nil, nil))
	}
	rows := make([]json.RawMessage, len(docs))
	for i, doc := range docs {
		// Unlike the rows of a page this text has not been checked yet.
		if rawjson.Kind(doc) != '{' || !json.Valid(doc) {
			return nil, errors.New("cosmos: the statement was executed, but what the server answered is not the " +
				"document: RETURNING has nothing to return")
		}
		rows[i] = returning.Row(doc)
	}
	if returning.Star {
		return newStarRows(ctx, &fixedPager{rows}, &Settings{ScanAhead: -1, SystemColumns: s.SystemColumns,
			ParseTime: s.ParseTime})
	}
	return newRows(ctx, &fixedPager{rows}, columns.List(returning.Columns, returning.Columns).WithTimes(s.ParseTime))
}

// constants is the rows of a SELECT that needs no container, such as SELECT 1, where none is known; nil for any other.
// It reads the account as Ping does: whoever asks so wants to know whether there is a server.
func (c *Conn) constants(r *request, s *statement.Select) (driver.Rows, error) {
	if cmp.Or(s.Container, r.Set.Container, c.settings.Container) != "" {
		return nil, nil
	}
	row, ok, err := s.Constants(r.Values)
	if !ok || err != nil {
		return nil, err
	}
	if err := c.Ping(r.ctx); err != nil {
		return nil, err
	}
	return newRows(r.ctx, &fixedPager{[]json.RawMessage{row}}, c.layout(s))
}
