package cosmos

import (
	"github.com/cosmossql/cosmossql/internal/rest"
)

// address is where a resource is.
type address struct {
	link string // for the signature: path without the leading slash
	path string // of the URL, decoded
	raw  string // path percent-encoded; empty if that is no different
}

// feed is the address of the children of a kind. It is signed with the link of their parent, a.
func (a address) feed(kind rest.Kind) address {
	f := address{link: a.link, path: a.path + "/" + string(kind)}
	if a.raw != "" {
		f.raw = a.raw + "/" + string(kind)
	}
	return f
}

// child is the address of one child of a.
func (a address) child(kind rest.Kind, id string) address {
	path := a.path + "/" + string(kind) + "/" + id
	c := address{link: path[1:], path: path}
	escaped := rest.Escape(id)
	if a.raw == "" && escaped == id {
		return c
	}
	base := a.raw
	if base == "" {
		base = a.path
	}
	c.raw = base + "/" + string(kind) + "/" + escaped
	return c
}

// request starts a request at a.
func (a address) request(verb string, kind rest.Kind, effect rest.Effect) *rest.Request {
	return &rest.Request{Verb: verb, Kind: kind, Link: a.link, Path: a.path, RawPath: a.raw, Effect: effect}
}
