package store

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

// The names that the definition of a global secondary index has in a container's JSON, today's first. A client of a
// version between them sends both.
var secondaryNames = []string{"globalSecondaryIndexDefinition", "materializedViewDefinition"}

// maxSecondary is how many global secondary indexes a container may have.
const maxSecondary = 5

// secondaryIndex says of what container, and which properties of its documents, a global secondary index is.
type secondaryIndex struct {
	source string   // id
	text   string   // the query that defines it
	names  []string // of the properties; nil for all
}

// followers are the global secondary indexes of a container, and what this container, if it is one, has still to do.
// Changes are noted while their source is locked, in their order, and followed when it no longer is: containers lock
// one another in no order but that of [byRID].
type followers struct {
	list atomic.Pointer[[]*Container]

	noting sync.Mutex
	noted  []Change // of the source
	made   int      // how often the index was made anew of its source: what was noted before is done
	mu     sync.Mutex
	owed   []Change // taken from those noted, and not followed yet
	since  int      // what made was then

	stale bool // a failover has lost writes of the source or of the index; the container's lock guards it
}

// IsSecondary reports whether the container is a global secondary index, which only its source writes.
func (c *shared) IsSecondary() bool { return c.Definition().secondary != nil }

// ReadOnly is the refusal of a write to a global secondary index.
func ReadOnly() *Error {
	return Errorf(403, 0, "The container is a global secondary index: it is read-only, and filled from its source.")
}

// checkSecondary reads the definition of a global secondary index. The rules are those of the service's documentation:
// properties of one level, or all; no aliases and nothing but SELECT and FROM.
func (d *Definition) checkSecondary() error {
	for _, name := range secondaryNames {
		in := d.source.Get(name)
		if !in.IsDefined() {
			continue
		}
		x := &secondaryIndex{source: in.Get("sourceCollectionId").AsString(), text: in.Get("definition").AsString()}
		if in.Kind() != value.KindObject || x.source == "" || x.text == "" {
			return Invalid()
		}
		if old := d.secondary; old != nil && (old.source != x.source || old.text != x.text) {
			return Errorf(400, 0, "The container's %s and %s differ.", secondaryNames[0], secondaryNames[1])
		}
		if len(d.UniqueKeyPolicy.UniqueKeys) > 0 {
			return Errorf(400, 0, "A global secondary index has no unique keys.")
		}
		q, err := nosql.Parse(x.text, nosql.Cosmos)
		if err != nil {
			return Errorf(400, 0, "The definition of the global secondary index is not a query: %v", err)
		}
		if x.names, err = projection(q); err != nil {
			return err
		}
		d.secondary = x
	}
	return nil
}

// projection are the properties that the query of a global secondary index selects; nil for all.
func projection(q *nosql.Query) ([]string, error) {
	refused := Errorf(400, 0,
		"The definition of the global secondary index must be SELECT * or SELECT of properties of one level, without "+
			"aliases, FROM the container, and nothing else.")
	root, ok := (*nosql.Ident)(nil), len(q.From) == 1
	if ok {
		root, ok = q.From[0].Path.(*nosql.Ident)
	}
	if !ok || q.From[0].In || q.Distinct || q.Top != nil || q.Where != nil || q.Offset != nil || q.Limit != nil ||
		q.Select.Value ||
		len(q.GroupBy)+len(q.OrderBy) > 0 {
		return nil, refused
	}
	if q.Select.Star {
		return nil, nil
	}
	alias := root.Name
	if q.From[0].Alias != "" {
		alias = q.From[0].Alias
	}
	var names []string
	for _, item := range q.Select.Items {
		m, ok := item.X.(*nosql.Member)
		if !ok || item.Alias != "" {
			return nil, refused
		}
		if x, ok := m.X.(*nosql.Ident); !ok || x.Name != alias {
			return nil, refused
		}
		if !slices.Contains(names, m.Name) {
			names = append(names, m.Name)
		}
	}
	return names, nil
}

// sourceOf finds the source of a global secondary index, and completes what the definition says of it; nil for another
// container. The account's lock is held.
func (d *Database) sourceOf(def *Definition) (*Container, error) {
	if def.secondary == nil {
		return nil, nil
	}
	source, ok := d.containers.byID[def.secondary.source]
	switch {
	case d.account.Topology().Multi:
		return nil, Errorf(400, 0,
			"A global secondary index is refused: this server does not fill one where several regions write.")
	case !ok:
		return nil, Errorf(400, 0, "The source container '%s' of the global secondary index does not exist.",
			def.secondary.source)
	case source.IsSecondary():
		return nil, Errorf(400, 0,
			"The source container '%s' of the global secondary index is a global secondary index itself.",
			source.id)
	case len(source.indexes()) >= maxSecondary:
		return nil, Errorf(400, 0, "The container '%s' has %d global secondary indexes already, and may not have more.",
			source.id, maxSecondary)
	}
	def.complete(source.rid)
	return source, nil
}

// complete adds what the server says of the source.
func (d *Definition) complete(rid string) {
	for _, name := range secondaryNames {
		if d.source.Get(name).IsDefined() {
			d.source = with(d.source, name, value.Object([]value.Member{
				{Name: "sourceCollectionId", Value: value.String(d.secondary.source)},
				{Name: "sourceCollectionRid", Value: value.String(rid)},
				{Name: "definition", Value: value.String(d.secondary.text)},
				{Name: "status", Value: value.String("Active")}}))
		}
	}
}

// keepSecondary gives a new definition the global secondary index of the old one, which cannot change.
func (d *Definition) keepSecondary(old *Definition) error {
	if d.secondary == nil && old.secondary == nil {
		return nil
	}
	if d.secondary == nil {
		d.secondary = old.secondary
		for _, name := range secondaryNames {
			if v := old.source.Get(name); v.IsDefined() {
				d.source = with(d.source, name, v)
			}
		}
		d.source = withDefaults(d.source) // in its place
		return nil
	}
	if old.secondary == nil || d.secondary.source != old.secondary.source || d.secondary.text != old.secondary.text {
		return Errorf(400, 0, "The global secondary index definition of a container cannot be changed.")
	}
	for _, name := range secondaryNames {
		if rid := old.source.Get(name).Get("sourceCollectionRid"); rid.IsDefined() {
			d.complete(rid.AsString())
		}
	}
	return nil
}

func (c *shared) indexes() []*Container {
	if list := c.followers.list.Load(); list != nil {
		return *list
	}
	return nil
}

// setIndexes is called under the account's lock.
func (c *shared) setIndexes(list []*Container) { c.followers.list.Store(&list) }

// indexed is the document that a global secondary index has of one of its source: with its rid as id, and the
// properties of the definition, its id as _id, for which a property that has that name gives way. nil is for what no
// container takes, such as a key that is too long.
func (c *Container) indexed(it *Item) *Document {
	x, doc := c.Definition().secondary, it.Value()
	members := []value.Member{{Name: "id", Value: value.String(strings.Clone(it.RID))}}
	hasID := x.names == nil || slices.Contains(x.names, "id")
	add := func(name string, v value.Value) {
		if name == "_id" && hasID {
			return
		}
		if name == "id" {
			name = "_id"
		}
		if v.IsDefined() {
			members = append(members, value.Member{Name: name, Value: v})
		}
	}
	if x.names == nil {
		for m := range doc.Members() {
			add(m.Name, m.Value)
		}
	}
	for _, name := range x.names {
		add(name, doc.Get(name))
	}
	d, err := c.newDocument(value.Object(members), len(it.JSON))
	if err != nil {
		return nil
	}
	return d
}
