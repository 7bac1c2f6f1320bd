package store

import (
	"github.com/cosmossql/cosmossql/internal/value"
)

// ScriptKind tells stored procedures, triggers and user-defined functions apart.
type ScriptKind int

// The kinds of script.
const (
	Procedure ScriptKind = iota
	Trigger
	Function
)

type scriptKind struct {
	path string
	rid  byte
}

// scriptKinds gives each kind its segment of a path and the nibble that marks its rids.
var scriptKinds = [...]scriptKind{Procedure: {"sprocs", kindProcedure}, Trigger: {"triggers", kindTrigger},
	Function: {"udfs", kindUDF}}

// Scripts are the scripts of a container. They can be kept and listed, not run.
type Scripts struct {
	c       *Container
	catalog [len(scriptKinds)]catalog[*Resource] // guarded by the account's lock
}

// List returns the scripts of a kind, oldest first.
func (s *Scripts) List(k ScriptKind) []*Resource {
	return list(s.c.account, &s.catalog[k])
}

// Find returns the script with an id or rid.
func (s *Scripts) Find(k ScriptKind, name string) (*Resource, error) {
	return find(s.c.account, &s.catalog[k], name)
}

// Create adds a script from its JSON.
func (s *Scripts) Create(k ScriptKind, body []byte) (*Resource, error) {
	return s.add(k, body, false)
}

// add adds a script; one that is restored keeps the etag and time of its JSON.
func (s *Scripts) add(k ScriptKind, body []byte, restore bool) (*Resource, error) {
	in, id, err := parseScript(k, body)
	if err != nil {
		return nil, err
	}
	s.c.account.mu.Lock()
	defer s.c.account.mu.Unlock()
	if err := s.c.there(); err != nil {
		return nil, err
	}
	if s.catalog[k].taken(id) {
		return nil, taken()
	}
	rid := childRID(s.c.ridBytes, scriptKinds[k].rid, s.c.numbers.Add(1))
	if restore {
		if raw := savedRID(in, s.c.ridBytes, 16, nil); raw != nil && raw[15]>>4 == scriptKinds[k].rid &&
			!s.catalog[k].taken(ridText(raw)) {
			rid = ridText(raw)
			s.c.reach(childNumber(raw))
		}
	}
	r := s.resource(k, in, id, rid)
	if restore {
		r = r.restored(s.c.account, in)
	}
	s.catalog[k].add(r)
	return r, nil
}

// Replace gives a script a new body. A non-empty ifMatch must be the present etag.
func (s *Scripts) Replace(k ScriptKind, name string, body []byte, ifMatch string) (*Resource, error) {
	in, id, err := parseScript(k, body)
	if err != nil {
		return nil, err
	}
	s.c.account.mu.Lock()
	defer s.c.account.mu.Unlock()
	if err := s.c.there(); err != nil {
		return nil, err
	}
	old, ok := s.catalog[k].find(name)
	if !ok {
		return nil, notFound()
	}
	if err := Match(ifMatch, old.ETag()); err != nil {
		return nil, err
	}
	if id != old.ID() {
		return nil, Errorf(400, 0, "The id of a script cannot be changed.")
	}
	r := s.resource(k, in, id, old.RID())
	s.catalog[k].replace(old, r)
	return r, nil
}

// Delete removes a script. A non-empty ifMatch must be its present etag.
func (s *Scripts) Delete(k ScriptKind, name, ifMatch string) error {
	s.c.account.mu.Lock()
	defer s.c.account.mu.Unlock()
	r, ok := s.catalog[k].find(name)
	if !ok {
		return notFound()
	}
	if err := Match(ifMatch, r.ETag()); err != nil {
		return err
	}
	s.catalog[k].remove(r)
	return nil
}

func (s *Scripts) resource(k ScriptKind, in value.Value, id, rid string) *Resource {
	self := "dbs/" + s.c.db.RID() + "/colls/" + s.c.rid + "/" + scriptKinds[k].path + "/" + rid + "/"
	return s.c.account.newResource(in, id, rid, self)
}

func parseScript(k ScriptKind, body []byte) (value.Value, string, error) {
	in, id, err := parseResource(body)
	if err != nil {
		return in, "", err
	}
	if in.Get("body").Kind() != value.KindString {
		return in, "", Errorf(400, 0,
			"The input content is invalid because the required properties - 'body; ' - are missing")
	}
	if k == Trigger && (in.Get("triggerType").Kind() != value.KindString ||
		in.Get("triggerOperation").Kind() != value.KindString) {
		return in, "", Errorf(400, 0, "The input content is invalid because the required properties - 'triggerType; "+
			"triggerOperation; ' - are missing")
	}
	return in, id, nil
}
