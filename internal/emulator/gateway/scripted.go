package gateway

import (
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"

	"github.com/cosmossql/cosmossql/internal/emulator/eval"
	"github.com/cosmossql/cosmossql/internal/emulator/script"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

// scripted is a script's access to its logical partition, in its transaction. A script can reach nothing but this:
// its own partition key, in one transaction that ends with it.
type scripted struct {
	call      *call
	container *store.Container
	tx        *store.Tx
	epk       string
	charge    float64 // of queries; the transaction counts the rest
	done      int
}

func (s *scripted) SelfLink() string { return s.container.Resource().Self() }
func (s *scripted) AltLink() string  { return s.container.Path() }

// Accept counts operations up to the bound that the server has. The service stops a script after five seconds, which
// no test could wait for; counting gives false at the same place each time.
func (s *scripted) Accept() bool {
	if most := s.call.g.opts.ScriptOperations; most > 0 && s.done >= most {
		return false
	}
	s.done++
	return true
}

// refused is an error as a script's callback gets it. Scripts of the service go by the number, which is the status.
func refused(err error) error {
	var e *store.Error
	if !errors.As(err, &e) {
		return &script.Error{Number: 500, Message: err.Error()}
	}
	return &script.Error{Number: e.Status,
		Message: `{"Errors":[` + string(value.AppendJSON(nil, value.String(e.Message))) + `]}`}
}

// document reads a document of a script, which must be of the script's logical partition.
func (s *scripted) document(doc value.Value) (*store.Document, error) {
	d, err := s.container.Parse(value.AppendJSON(nil, doc))
	if err != nil {
		return nil, err
	}
	if d.EPK != s.epk {
		return nil, store.Errorf(400, 0,
			"Requests originating from scripts cannot reference partition keys other than the one "+
				"for which client request was submitted.")
	}
	return d, nil
}

// id finds the id of the document that a link of names or rids leads to. Scripts build links from getSelfLink and
// from getAltLink, so both lead to a document.
func (s *scripted) id(link string) (string, error) {
	wrong := store.Errorf(400, 0, "The link %q is not of a document of the script's collection.", link)
	p := strings.Split(strings.Trim(link, "/"), "/")
	if len(p) != 6 || p[0] != "dbs" || p[2] != "colls" || p[4] != "docs" {
		return "", wrong
	}
	if self := strings.Trim(s.SelfLink(), "/"); strings.HasPrefix(strings.TrimPrefix(link, "/"), self+"/") {
		if it := s.tx.ByRID(s.epk, p[5]); it != nil {
			return it.ID, nil
		}
		// A resource id of no document here; any other text may be a name.
		if _, ok := store.DocumentNumber(p[5]); ok {
			return "", store.NotFound()
		}
		return p[5], nil
	}
	if p[1]+"/"+p[3] != strings.Replace(strings.TrimPrefix(s.AltLink(), "dbs/"), "/colls/", "/", 1) {
		return "", wrong
	}
	return p[5], nil
}

func (s *scripted) Create(doc value.Value) (value.Value, error) {
	d, err := s.document(doc)
	if err != nil {
		return value.Undefined, refused(err)
	}
	return s.written(s.tx.Create(d))
}

func (s *scripted) Upsert(doc value.Value, ifMatch string) (value.Value, error) {
	d, err := s.document(doc)
	if err != nil {
		return value.Undefined, refused(err)
	}
	it, _, err := s.tx.Upsert(d, ifMatch)
	return s.written(it, err)
}

func (s *scripted) Read(link string) (value.Value, error) {
	id, err := s.id(link)
	if err != nil {
		return value.Undefined, refused(err)
	}
	it, err := s.tx.Read(s.epk, id)
	if err != nil {
		return value.Undefined, refused(err)
	}
	return it.Value(), nil
}

func (s *scripted) Replace(link string, doc value.Value, ifMatch string) (value.Value, error) {
	id, err := s.id(link)
	if err != nil {
		return value.Undefined, refused(err)
	}
	d, err := s.document(doc)
	if err != nil {
		return value.Undefined, refused(err)
	}
	return s.written(s.tx.Replace(id, d, ifMatch))
}

func (s *scripted) Delete(link, ifMatch string) error {
	id, err := s.id(link)
	if err != nil {
		return refused(err)
	}
	if err := s.tx.Delete(s.epk, id, ifMatch); err != nil {
		return refused(err)
	}
	return nil
}

func (s *scripted) written(it *store.Item, err error) (value.Value, error) {
	if err != nil {
		return value.Undefined, refused(err)
	}
	return it.Value(), nil
}

// Query runs a query over the documents of the partition, as the transaction sees them. With an empty text it lists
// the documents, as readDocuments does.
func (s *scripted) Query(q script.Query) (script.Page, error) {
	s.charge += queryCharge
	if q.PageSize == 0 {
		q.PageSize = defaultPageSize
	}
	var page script.Page
	var err error
	if q.Text == "" {
		page, err = s.stream(q, documents)
	} else {
		page, err = s.query(q)
	}
	if err != nil {
		return script.Page{}, refused(err)
	}
	return page, nil
}

// A result that needs all documents is made anew for each page and counted off: a transaction sees no writes but its
// own.
func (s *scripted) query(q script.Query) (script.Page, error) {
	tree, err := nosql.Parse(q.Text, nosql.Cosmos)
	if err != nil {
		return script.Page{}, queryError(q.Text, err)
	}
	program, err := eval.Compile(tree, s.call.evalOptions(s.container, q.Params))
	if err != nil {
		return script.Page{}, queryError(q.Text, err)
	}
	rows := func(docs iter.Seq[value.Value]) iter.Seq2[eval.Row, error] {
		return program.Rows(s.call.r.Context(), docs)
	}
	if program.Streaming() && program.NeedsDocuments() {
		page, err := s.stream(q, rows)
		return page, asQueryError(q.Text, err)
	}
	from, err := scriptToken(q.Continuation)
	if err != nil {
		return script.Page{}, err
	}
	page, n := script.Page{}, uint64(0)
	for row, err := range rows(s.values(nil)) {
		if err != nil {
			return script.Page{}, asQueryError(q.Text, err)
		}
		if n++; n <= from[0] {
			continue
		}
		if len(page.Rows) == q.PageSize {
			page.Next = fmt.Sprint(n-1, "-0")
			break
		}
		page.Rows = append(page.Rows, row.Value)
	}
	return page, nil
}

// values are the documents of the partition; at is set to the one at hand.
func (s *scripted) values(at **store.Item) iter.Seq[value.Value] {
	return s.valuesFrom(0, at)
}

func (s *scripted) valuesFrom(number uint64, at **store.Item) iter.Seq[value.Value] {
	return func(yield func(value.Value) bool) {
		for it := range s.tx.Items(s.epk, number) {
			if at != nil {
				*at = it
			}
			if !yield(it.Value()) {
				return
			}
		}
	}
}

// stream makes a page of rows that come document by document. It goes on behind a document, so that deleting what was
// on the page before does not shift the next.
func (s *scripted) stream(q script.Query,
	rows func(iter.Seq[value.Value]) iter.Seq2[eval.Row, error]) (script.Page, error) {
	from, err := scriptToken(q.Continuation)
	if err != nil {
		return script.Page{}, err
	}
	var page script.Page
	var at *store.Item
	number, index := uint64(0), uint64(0) // of the row's document, and of the row among those of its document
	for row, err := range rows(s.valuesFrom(from[0], &at)) {
		if err != nil {
			return script.Page{}, err
		}
		if at.Number() != number {
			number, index = at.Number(), 0
		}
		index++
		if number == from[0] && index <= from[1] {
			continue
		}
		if len(page.Rows) == q.PageSize {
			page.Next = fmt.Sprint(from[0], "-", from[1])
			break
		}
		page.Rows = append(page.Rows, row.Value)
		from = [2]uint64{number, index}
	}
	return page, nil
}

// scriptToken reads the continuation of a script's query: two numbers. A document's number and how many of its rows
// were given, or the number of rows and 0.
func scriptToken(text string) (at [2]uint64, err error) {
	if text == "" {
		return at, nil
	}
	a, b, _ := strings.Cut(text, "-")
	for i, part := range []string{a, b} {
		if at[i], err = strconv.ParseUint(part, 10, 64); err != nil {
			return at, store.Errorf(400, 0, "Invalid Continuation Token")
		}
	}
	return at, nil
}
