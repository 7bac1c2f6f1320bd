package gateway

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/cosmossql/cosmossql/internal/emulator/eval"
	"github.com/cosmossql/cosmossql/internal/emulator/script"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
	"github.com/cosmossql/cosmossql/internal/value"
)

// procedureCharge is what a stored procedure costs beside its operations. Recorded exchange 160; 5.41 on another day.
const procedureCharge = 4.27

// withoutEngine refuses what would have to run JavaScript: leaving it out in silence would give other results than the
// service does.
func withoutEngine(what, id string) error {
	return store.Errorf(501, 0,
		"The %s %q was not run, and nothing was written: this server has no JavaScript engine. "+
			"Import cosmos/cosmostest/script and start it with script.JavaScript().", what, id)
}

// functions finds the user-defined functions of a container, as they are when it is called first. It must be called
// before a transaction begins in which a script asks for them: their list has a lock that is taken before those of
// documents.
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
		return c.g.opts.Scripts.Function(source(r), c.g.account.Now)
	}
}

func source(r *store.Resource) script.Source {
	return script.Source{ID: r.ID(), Body: r.Value().Get("body").AsString()}
}

// executeScript runs a stored procedure in the logical partition of the header, as one transaction. Nothing of it
// stays when it fails; the charge does.
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
		// An empty body is no arguments.
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
	mark, err := c.transact(x, epk, "", func(tx *store.Tx) (err error) {
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
	// Else the answer has an empty body (PROTOCOL.md 10.4).
	if res.Response.IsDefined() {
		out.body = value.AppendJSON(nil, res.Response)
	}
	return out, nil
}

// runScript runs a script and puts its log into the reply. The log comes back from a script that failed, too: there
// it is most wanted. Its blanks are %20, which decoding by decodeURIComponent needs.
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

// scriptError is the answer to a script that failed: 400 with the number of its error as the substatus. 408 for one
// that ran out of time, as for any other operation.
func scriptError(e *script.Error) error {
	if e.Timeout {
		return store.Errorf(408, 0, "%s", e.Message)
	}
	return store.Errorf(400, e.Number, "%s", e.Message)
}

// triggers are what a write runs before and after it; nil for none.
type triggers struct{ pre, post *store.Resource }

// triggersOf finds the triggers that a request names. Uncertain in the service: the refusal of a trigger that is not
// for the operation, and of several. Triggers never run by themselves: a request must name them (PROTOCOL.md 10.4).
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
		// Whether it creates or replaces is not known before it is done.
		case operation == "Upsert" && slices.ContainsFunc([]string{"Create", "Replace", "Update"}, func(o string) bool {
			return strings.EqualFold(on, o)
		}):
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
// document as the pre-trigger leaves it; body is nil where the request has none. All in one transaction: what a
// trigger refuses is not written, and what it has written goes with it.
func (c *call) withTriggers(
	x *store.Container, epk, operation string, body []byte, make func(body []byte) (write, error),
) (write, error) {
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
		if body != nil {
			in.Request, _ = value.Parse(body) // make has read it
		}
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
