package cosmos

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

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

// checkID checks the id of anything but a document by the service's rules. what names the resource in the error.
func checkID(what, id string) error {
	switch {
	case id == "":
		return fmt.Errorf("cosmos: the %s id is empty", what)
	case utf8.RuneCountInString(id) > 255:
		return fmt.Errorf("cosmos: the %s id has more than 255 characters", what)
	case strings.ContainsAny(id, `/\?#`):
		return fmt.Errorf(`cosmos: %s id %q has one of the characters / \ ? #, which ids cannot have`, what, id)
	case strings.HasSuffix(id, " "):
		return fmt.Errorf("cosmos: %s id %q ends in a blank", what, id)
	}
	return checkPath(what, id)
}

const maxItemID = 1023 // bytes

// checkItemID checks the id of a document by the service's rules.
func checkItemID(id string) error {
	switch {
	case id == "":
		return errors.New("cosmos: the document id is empty")
	case len(id) > maxItemID:
		return fmt.Errorf("cosmos: the document id has %d bytes, more than %d", len(id), maxItemID)
	case strings.ContainsAny(id, `/\`):
		return fmt.Errorf(`cosmos: document id %q has one of the characters / \, which ids cannot have`, id)
	}
	return checkPath("document", id)
}

// checkPath refuses ids that cannot be a path segment: proxies and servers resolve "." and "..", so that a request for
// the document ".." would reach its container.
func checkPath(what, id string) error {
	if id == "." || id == ".." {
		return fmt.Errorf("cosmos: %s id %q cannot be addressed", what, id)
	}
	if !utf8.ValidString(id) {
		return fmt.Errorf("cosmos: %s id %q is not valid UTF-8", what, id)
	}
	return nil
}
