package gateway

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/cosmossql/cosmossql/internal/emulator/eval"
	"github.com/cosmossql/cosmossql/internal/emulator/script"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

// procedureCharge is what a stored procedure costs beside its operations.
const procedureCharge = 4.27

// withoutEngine refuses what would have to run JavaScript: leaving it out in silence would give other results than the
// service does.
func withoutEngine(what, id string) error {
	return store.Errorf(501, 0, "The %s %q was not run, and nothing was written: this server has no JavaScript engine. "+
		"Import cosmos/cosmostest/script and start it with script.JavaScript().", what, id)
}

// functions finds the user-defined functions of a container, as they are when it is called first. It must be called before
// a transaction begins in which a script asks for them: their list has a lock that is taken before those of documents.
func (c *call) functions(x *store.Container) eval.Functions {
	if c.udfs == nil {
		c.udfs = map[string]*store.Resource{}
		for _, r := range x.Scripts.List(store.Function) {
			c.udfs[r.ID()] = r
		}
	}
	return func(id string) (eval.Function, error) {
		r, ok := c.udfs[id]
		if !ok {
			return nil, errors.New("it does not exist")
		}
		if c.op.name == QueryPlan { // which runs none
			return func(context.Context, []value.Value) (value.Value, error) { return value.Undefined, nil }, nil
		}
		return c.g.opts.Scripts.Function(source(r), c.g.account.Now)
	}
}

func source(r *store.Resource) script.Source {
	return script.Source{ID: r.ID(), Body: r.Value().Get("body").AsString()}
}

// executeScript runs a stored procedure in the logical partition of the header, as one transaction.
func (c *call) executeScript(x *store.Container) (reply, error) {
	r, err := x.Scripts.Find(store.Procedure, c.path[5])
	if err != nil {
		return reply{}, err
	}
	if c.g.opts.Scripts == nil {
		return reply{}, withoutEngine("stored procedure", r.ID())
	}
	epk, err := c.key(x)
	if err != nil {
		return reply{}, err
	}
	in := script.Invocation{Source: source(r), Operation: "Execute"}
	if len(c.body) > 0 {
		args, err := value.Parse(c.body)
		if err != nil || args.Kind() != value.KindArray {
			return reply{}, store.Errorf(400, 0, "The arguments of a stored procedure must be a JSON array.")
		}
		for a := range args.Elems() {
			in.Args = append(in.Args, a)
		}
	}
	if err := c.admit(x, epk, procedureCharge); err != nil {
		return reply{}, err
	}
	c.functions(x)
	var res script.Result
	charge := procedureCharge
	mark, err := x.Update(epk, "", func(tx *store.Tx) (err error) {
		s := &scripted{call: c, container: x, tx: tx, epk: epk}
		in.Collection = s
		res, err = c.runScript(in)
		charge += s.charge + tx.Units()
		return err
	})
	c.answered(mark)
	if err != nil {
		return reply{}, costs(err, charge)
	}
	out := reply{status: http.StatusOK, charge: charge}
	if res.Response.IsDefined() {
		out.body = value.AppendJSON(nil, res.Response)
	}
	return out, nil
}

// runScript runs a script and puts its log into the reply.
func (c *call) runScript(in script.Invocation) (script.Result, error) {
	in.Now = c.g.account.Now
	res, err := c.g.opts.Scripts.Run(c.r.Context(), in)
	log := res.Log
	var e *script.Error
	if errors.As(err, &e) {
		log = e.Log
		err = scriptError(e)
	}
	if log != "" && c.flag("x-ms-documentdb-script-enable-logging") {
		c.set("x-ms-documentdb-script-log-results", strings.ReplaceAll(url.QueryEscape(log), "+", "%20"))
	}
	return res, err
}

// scriptError is the answer to a script that failed: 400 with the number of its error as the substatus.
func scriptError(e *script.Error) error {
	if e.Timeout {
		return store.Errorf(408, 0, "%s", e.Message)
	}
	return store.Errorf(400, e.Number, "%s", e.Message)
}

// triggers are what a write runs before and after it; nil for none.
type triggers struct{ pre, post *store.Resource }

// triggersOf finds the triggers that a request names. Uncertain in the service: the refusal of a trigger that is not for
// the operation, and of several.
func (c *call) triggersOf(x *store.Container, operation string) (t triggers, err error) {
	find := func(header, kind string) (*store.Resource, error) {
		id := strings.TrimSpace(c.header(header))
		if id == "" {
			return nil, nil
		}
		if strings.Contains(id, ",") {
			return nil, store.Errorf(400, 0, "Only one trigger can be named in %s, and it is %q.", header, id)
		}
		r, err := x.Scripts.Find(store.Trigger, id)
		if err != nil {
			return nil, store.Errorf(400, 0, "The trigger %q does not exist.", id)
		}
		if c.g.opts.Scripts == nil {
			return nil, withoutEngine("trigger", id)
		}
		if !strings.EqualFold(r.Value().Get("triggerType").AsString(), kind) {
			return nil, store.Errorf(400, 0, "The trigger %q is not a %s-trigger.", id, strings.ToLower(kind))
		}
		switch on := r.Value().Get("triggerOperation").AsString(); {
		case strings.EqualFold(on, "All"), strings.EqualFold(on, operation):
		case strings.EqualFold(on, "Update") && (operation == "Replace" || operation == "Patch"):
		case operation == "Upsert" && (strings.EqualFold(on, "Create") || strings.EqualFold(on, "Replace") || strings.EqualFold(on, "Update")):
		default:
			return nil, store.Errorf(400, 0, "The trigger %q is for the operation %s, not for %s.", id, on, operation)
		}
		return r, nil
	}
	if t.pre, err = find("x-ms-documentdb-pre-trigger-include", "Pre"); err != nil {
		return t, err
	}
	t.post, err = find("x-ms-documentdb-post-trigger-include", "Post")
	return t, err
}

// withTriggers makes a write run the triggers that the request names, in its transaction. make makes the write of the
// document as the pre-trigger leaves it; body is nil where the request has none.
func (c *call) withTriggers(x *store.Container, epk, operation string, body []byte, make func(body []byte) (write, error)) (write, error) {
	t, err := c.triggersOf(x, operation)
	if err != nil {
		return nil, err
	}
	if t.pre == nil && t.post == nil {
		return make(body)
	}
	c.functions(x)
	return func(tx *store.Tx) (*store.Item, int, error) {
		s := &scripted{call: c, container: x, tx: tx, epk: epk}
		body := body
		if t.pre != nil {
			in := script.Invocation{Source: source(t.pre), Operation: operation, Collection: s}
			if body != nil {
				if in.Request, err = value.Parse(body); err != nil {
					return nil, 0, store.Malformed()
				}
			}
			res, err := c.runScript(in)
			if err != nil {
				return nil, 0, err
			}
			if body != nil {
				body = value.AppendJSON(nil, res.Request)
			}
		}
		w, err := make(body)
		if err != nil {
			return nil, 0, err
		}
		it, status, err := w(tx)
		if err != nil || t.post == nil {
			return it, status, err
		}
		in := script.Invocation{Source: source(t.post), Operation: operation, Collection: s}
		if it != nil {
			in.Response = it.Value()
		}
		res, err := c.runScript(in)
		if err == nil && it != nil && !value.Equal(res.Response, it.Value()) {
			c.changed = value.AppendJSON(nil, res.Response)
		}
		return it, status, err
	}, nil
}

// scripted is a script's access to its logical partition, in its transaction.
type scripted struct {
	call      *call
	container *store.Container
	tx        *store.Tx
	epk       string
	charge    float64
	done      int
}

func (s *scripted) SelfLink() string { return s.container.Resource().Self() }
func (s *scripted) AltLink() string  { return s.container.Path() }

// Accept counts operations up to the bound that the server has.
func (s *scripted) Accept() bool {
	if most := s.call.g.opts.ScriptOperations; most > 0 && s.done >= most {
		return false
	}
	s.done++
	return true
}

// refused is an error as a script's callback gets it.
func refused(err error) error {
	var e *store.Error
	if !errors.As(err, &e) {
		return &script.Error{Number: 500, Message: err.Error()}
	}
	return &script.Error{Number: e.Status, Message: `{"Errors":[` + string(value.AppendJSON(nil, value.String(e.Message))) + `]}`}
}

// document reads a document of a script, which must be of the script's logical partition.
func (s *scripted) document(doc value.Value) (*store.Document, error) {
	d, err := s.container.Parse(value.AppendJSON(nil, doc))
	if err != nil {
		return nil, err
	}
	if d.EPK != s.epk {
		return nil, store.Errorf(400, 0, "Requests originating from scripts cannot reference partition keys other than the one for which "+
			"client request was submitted.")
	}
	return d, nil
}

// id finds the id of the document that a link of names or rids leads to.
func (s *scripted) id(link string) (string, error) {
	wrong := store.Errorf(400, 0, "The link %q is not of a document of the script's collection.", link)
	p := strings.Split(strings.Trim(link, "/"), "/")
	if len(p) != 6 || p[0] != "dbs" || p[2] != "colls" || p[4] != "docs" {
		return "", wrong
	}
	if self := strings.Trim(s.SelfLink(), "/"); strings.HasPrefix(link, self+"/") || strings.HasPrefix(link, "/"+self+"/") {
		if it := s.tx.ByRID(s.epk, p[5]); it != nil {
			return it.ID, nil
		}
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
	s.charge++
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

// Query runs a query over the documents of the partition, as the transaction sees them.
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

// stream makes a page of rows that come document by document. It goes on behind a document, so that deleting what was on
// the page before does not shift the next.
func (s *scripted) stream(q script.Query, rows func(iter.Seq[value.Value]) iter.Seq2[eval.Row, error]) (script.Page, error) {
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

// scriptToken reads the continuation of a script's query: two numbers.
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
