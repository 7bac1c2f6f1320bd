package store

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/cosmossql/cosmossql/internal/value"
)

// Resource is the JSON of anything stored but a document. It never changes; a replace makes a new one.
type Resource struct {
	id, rid, self, etag string
	value               value.Value
	json                []byte
	lsn                 int64
}

// ID is the name its creator gave it.
func (r *Resource) ID() string { return r.id }

// RID is the resource id the server gave it.
func (r *Resource) RID() string { return r.rid }

// Self is the path of rids that leads to it, with a slash at the end.
func (r *Resource) Self() string { return r.self }

// ETag changes with every write, and contains its quotes.
func (r *Resource) ETag() string { return r.etag }

// LSN is the number of the write that made it.
func (r *Resource) LSN() int64 { return r.lsn }

// JSON is the whole resource, system properties included. It must not be changed.
func (r *Resource) JSON() []byte { return r.json }

// Value is JSON, parsed.
func (r *Resource) Value() value.Value { return r.value }

// newResource builds a resource of the caller's members as they were sent, system properties after them: extra ones
// before the time, as a database has them.
func (a *Account) newResource(in value.Value, id, rid, self string, extra ...value.Member) *Resource {
	etag, ts := a.stamp()
	lsn := a.lsn.Add(1)
	members := own(in, id, extra)
	members = append(members,
		value.Member{Name: "_rid", Value: value.String(rid)}, value.Member{Name: "_self", Value: value.String(self)},
		value.Member{Name: "_etag", Value: value.String(etag)})
	members = append(append(members, extra...), value.Member{Name: "_ts", Value: value.Int(ts)})
	return resource(id, rid, self, etag, lsn, members)
}

// newContainerResource builds a container, whose time stands elsewhere.
func (a *Account) newContainerResource(in value.Value, id, rid, self string, extra ...value.Member) *Resource {
	etag, ts := a.stamp()
	lsn := a.lsn.Add(1)
	members := own(in, id, extra)
	members = append(members,
		value.Member{Name: "_rid", Value: value.String(rid)}, value.Member{Name: "_ts", Value: value.Int(ts)},
		value.Member{Name: "_self", Value: value.String(self)}, value.Member{Name: "_etag", Value: value.String(etag)})
	return resource(id, rid, self, etag, lsn, append(members, extra...))
}

// own are the members that are the caller's; the id is last where it was not sent.
func own(in value.Value, id string, extra []value.Member) (members []value.Member) {
	for m := range in.Members() {
		if !isSystem(m.Name) && !slices.ContainsFunc(extra, func(x value.Member) bool { return x.Name == m.Name }) {
			members = append(members, m)
		}
	}
	if !in.Get("id").IsDefined() {
		members = append(members, value.Member{Name: "id", Value: value.String(id)})
	}
	return members
}

func resource(id, rid, self, etag string, lsn int64, members []value.Member) *Resource {
	r := &Resource{id: id, rid: rid, self: self, etag: etag, lsn: lsn, value: value.Object(members)}
	r.json = value.AppendJSON(nil, r.value)
	return r
}

// isSystem reports whether the server alone writes the property.
func isSystem(name string) bool {
	switch name {
	case "_rid", "_self", "_etag", "_ts", "_attachments", "_lsn":
		return true
	}
	return false
}

// parseResource reads the JSON of a resource that is not a document, and its id.
func parseResource(body []byte) (value.Value, string, error) {
	in, err := value.Parse(body)
	if err != nil || in.Kind() != value.KindObject {
		return in, "", Malformed()
	}
	id := in.Get("id")
	if id.Kind() != value.KindString || id.AsString() == "" {
		return in, "", missingID()
	}
	return in, id.AsString(), checkName(id.AsString())
}

func missingID() *Error {
	return Errorf(400, 0, "The input content is invalid because the required properties - 'id; ' - are missing. "+
		"Learn more: https://aka.ms/CosmosDB/sql/errors/missing-id")
}

// checkName holds the id of a resource that is not a document against the rules for names.
func checkName(id string) error {
	switch {
	case strings.ContainsAny(id, `/\?#`), strings.HasSuffix(id, " "):
		return free(Errorf(400, 0, "The input name presented contains invalid character."))
	case utf8.RuneCountInString(id) > 255:
		return free(Errorf(400, 0,
			"The input name '%s' is invalid. Ensure to provide a unique non-empty string less than '255' characters.",
			id))
	}
	return nil
}
