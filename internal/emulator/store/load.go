package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/value"
)

// Load fills the account with what a JSON text says; [Account.Dump] writes such texts:
//
//	{"databases": [{"id": "shop", "throughput": 400, "containers": [{
//	  "id": "orders", "partitionKey": {"paths": ["/customer"]}, "defaultTtl": -1,
//	  "documents": [{"id": "1", "customer": "ann"}],
//	  "udfs": [{"id": "tax", "body": "function (x) { return x * 0.2 }"}]}]}]}
//
// A container has the members of the service's definition and besides them throughput or autoscaleThroughput (with
// the autoUpgradePolicy of its offer), documents, sprocs, triggers, udfs, conflicts and ranges, its physical
// partitions; a database may have clientencryptionkeys. System properties (_rid, _etag, _ts) are kept where they are
// given. The error names the line and what was to be loaded; what stood before it has been loaded.
func (a *Account) Load(text []byte) error {
	l := &loader{account: a, text: text, dec: json.NewDecoder(bytes.NewReader(text))}
	err := l.object(func(name string) error {
		if name != "databases" {
			return fmt.Errorf("unknown member %q: expected databases", name)
		}
		return l.array(l.database)
	})
	if err == nil && len(bytes.TrimSpace(text[l.dec.InputOffset():])) == 0 {
		return nil
	}
	// Of what is not JSON, more text after the end included, a look at the whole tells best.
	if s := (*json.SyntaxError)(nil); errors.As(json.Unmarshal(text, new(json.RawMessage)), &s) {
		err, l.at = s, int(s.Offset)
	}
	return fmt.Errorf("line %d: %w", 1+bytes.Count(text[:min(l.at, len(text))], []byte("\n")), err)
}

// loader reads the text once, from the beginning to the end.
type loader struct {
	account *Account
	text    []byte
	dec     *json.Decoder
	at      int // where what is being loaded begins
}

// start goes to where the next value begins.
func (l *loader) start() {
	l.at = int(l.dec.InputOffset())
	for l.at < len(l.text) && bytes.IndexByte([]byte(" \t\r\n,:"), l.text[l.at]) >= 0 {
		l.at++
	}
}

func (l *loader) open(delim json.Delim, what string) error {
	l.start()
	t, err := l.dec.Token()
	if err != nil {
		return err
	}
	if t != delim {
		return fmt.Errorf("expected %s", what)
	}
	return nil
}

// object calls member for each member of an object, once its name has been read.
func (l *loader) object(member func(name string) error) error {
	if err := l.open('{', "an object"); err != nil {
		return err
	}
	for l.dec.More() {
		l.start()
		name, err := l.dec.Token()
		if err != nil {
			return err
		}
		if err := member(name.(string)); err != nil {
			return err
		}
	}
	_, err := l.dec.Token()
	return err
}

// array calls element for each element of an array.
func (l *loader) array(element func() error) error {
	if err := l.open('[', "an array"); err != nil {
		return err
	}
	for l.dec.More() {
		if err := element(); err != nil {
			return err
		}
	}
	_, err := l.dec.Token()
	return err
}

// part is one value with its place in the text.
type part struct {
	value value.Value
	at    int
}

func (l *loader) part() (part, error) {
	l.start()
	var raw json.RawMessage
	if err := l.dec.Decode(&raw); err != nil {
		return part{}, err
	}
	v, err := value.Parse(raw)
	return part{v, l.at}, err
}

func (l *loader) parts() (parts []part, err error) {
	err = l.array(func() error {
		p, err := l.part()
		parts = append(parts, p)
		return err
	})
	return parts, err
}

// throughput reads a member that gives RU/s, or how an autoscale offer grows.
func (l *loader) throughput(name string, t *Throughput) error {
	p, err := l.part()
	if err != nil {
		return err
	}
	if name == "autoUpgradePolicy" {
		t.Upgrade = string(value.AppendJSON(nil, p.value))
		return nil
	}
	n, ok := p.value.AsInt()
	if p.value.Kind() != value.KindNumber || !ok {
		return fmt.Errorf("%s is not a whole number of RU/s", name)
	}
	if name == "throughput" {
		t.Manual = int(n)
	} else {
		t.Autoscale = int(n)
	}
	return nil
}

func (l *loader) database() error {
	l.start()
	at := l.at
	var t Throughput
	var containers []containerParts
	var keys []part
	var members []value.Member
	err := l.object(func(name string) (err error) {
		switch name {
		case "throughput", "autoscaleThroughput", "autoUpgradePolicy":
			return l.throughput(name, &t)
		case keysPath:
			keys, err = l.parts()
			return err
		case "containers":
			return l.array(func() error {
				c, err := l.container()
				containers = append(containers, c)
				return err
			})
		}
		p, err := l.part()
		members = append(members, value.Member{Name: name, Value: p.value})
		return err
	})
	if err != nil {
		return err
	}
	in := value.Object(members)
	id := in.Get("id").AsString()
	l.at = at
	d, err := l.account.addDatabase(value.AppendJSON(nil, in), t, true)
	if err != nil {
		return fmt.Errorf("database %q: %w", id, err)
	}
	for _, p := range keys {
		l.at = p.at
		if _, err := d.addEncryptionKey(value.AppendJSON(nil, p.value), true); err != nil {
			return fmt.Errorf("database %q, %s %q: %w", id, keysPath, p.value.Get("id").AsString(), err)
		}
	}
	for _, c := range containers {
		l.at = c.at
		if err := c.load(l, d); err != nil {
			return fmt.Errorf("database %q, container %q: %w", id, c.definition.Get("id").AsString(), err)
		}
	}
	return nil
}

// containerParts are a container of the text.
type containerParts struct {
	at         int
	definition value.Value
	throughput Throughput
	ranges     []savedRange
	documents  []part
	conflicts  []part
	scripts    [len(scriptKinds)][]part
}

// savedRange is a physical partition with how far its session tokens have got.
type savedRange struct {
	ID      string           `json:"id"`
	Min     string           `json:"minInclusive"`
	Max     string           `json:"maxExclusive"`
	Parents []string         `json:"parents,omitempty"`
	LSN     int64            `json:"lsn"`
	Writes  map[uint32]int64 `json:"writes,omitempty"`       // of each region, by its id in the tokens
	Version int64            `json:"tokenVersion,omitempty"` // that is newer than all so far; 0 where one region is
}

func (l *loader) container() (c containerParts, err error) {
	l.start()
	c.at = l.at
	var members []value.Member
	err = l.object(func(name string) (err error) {
		kind := slices.IndexFunc(scriptKinds[:], func(k scriptKind) bool { return k.path == name })
		switch {
		case kind >= 0:
			c.scripts[kind], err = l.parts()
			return err
		case name == "documents":
			c.documents, err = l.parts()
			return err
		case name == "conflicts":
			c.conflicts, err = l.parts()
			return err
		case name == "ranges":
			l.start()
			if err = l.dec.Decode(&c.ranges); errors.As(err, new(*json.UnmarshalTypeError)) {
				err = errors.New(
					`ranges is not a list of {"id": "…", "minInclusive": "…", "maxExclusive": "…", "lsn": …}`)
			}
			return err
		case name == "throughput", name == "autoscaleThroughput", name == "autoUpgradePolicy":
			return l.throughput(name, &c.throughput)
		}
		p, err := l.part()
		members = append(members, value.Member{Name: name, Value: p.value})
		return err
	})
	c.definition = value.Object(members)
	return c, err
}

// load makes the container with all that it holds.
func (c containerParts) load(l *loader, d *Database) error {
	x, err := d.addContainer(value.AppendJSON(nil, c.definition), c.throughput, c.ranges, true)
	if err != nil {
		return err
	}
	for kind, scripts := range c.scripts {
		for _, p := range scripts {
			l.at = p.at
			if _, err := x.Scripts.add(ScriptKind(kind), value.AppendJSON(nil, p.value), true); err != nil {
				return fmt.Errorf("%s %q: %w", scriptKinds[kind].path, p.value.Get("id").AsString(), err)
			}
		}
	}
	if x.fill(); x.IsSecondary() {
		c.documents, c.conflicts = nil, nil // it has those of its source
	}
	numbers := x.savedNumbers(c.documents)
	for i, p := range c.documents {
		l.at = p.at
		if err := x.restore(p.value, numbers[i]); err != nil {
			return fmt.Errorf("document %q: %w", p.value.Get("id").AsString(), err)
		}
	}
	for _, p := range c.conflicts {
		l.at = p.at
		if err := x.restoreConflict(p.value); err != nil {
			return fmt.Errorf("conflict %q: %w", p.value.Get("id").AsString(), err)
		}
	}
	x.restoreProgress(c.ranges)
	x.relieveAll()
	return nil
}

// checkRanges refuses physical partitions that do not cover all keys side by side.
func checkRanges(ranges []savedRange) error {
	end, ids := "", map[string]bool{}
	for _, r := range ranges {
		if r.ID == "" || ids[r.ID] {
			return Errorf(400, 0, "the ranges need an id each, and %q is missing or given twice", r.ID)
		}
		ids[r.ID] = true
		if r.Min != end {
			return Errorf(400,
				0, "the ranges do not follow one another from \"\" to FF: range %q begins at %q, not at %q",
				r.ID, r.Min, end)
		}
		if !hexadecimal(r.Max) || partition.Compare(r.Min, r.Max) >= 0 {
			return Errorf(400, 0, "range %q ends at %q, which is not an effective partition key behind %q",
				r.ID, r.Max, r.Min)
		}
		end = r.Max
	}
	if end != partition.Max {
		return Errorf(400, 0, "the ranges end at %q, not at FF", end)
	}
	return nil
}
