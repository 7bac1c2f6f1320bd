// Package naming is what names an account and what is in it: ids and connection strings.
package naming

import (
	"strings"
	"unicode/utf8"

	"github.com/cosmossql/cosmossql/internal/errtext"
)

// The service's limits of ids, https://learn.microsoft.com/azure/cosmos-db/concepts-limits.
const (
	maxID     = 255  // characters, of anything but a document
	maxItemID = 1023 // bytes
)

// CheckID checks the id of anything but a document by the service's rules. what names the resource in the error.
func CheckID(what, id string) error {
	switch {
	case id == "":
		return errtext.Refusef("cosmos: the %s id is empty", what)
	case utf8.RuneCountInString(id) > maxID:
		return errtext.Refusef("cosmos: the %s id has more than %d characters", what, maxID)
	case strings.ContainsAny(id, `/\?#`):
		return errtext.Refusef(`cosmos: %s id %q has one of the characters / \ ? #, which ids cannot have`, what, id)
	case strings.HasSuffix(id, " "):
		return errtext.Refusef("cosmos: %s id %q ends in a space", what, id)
	}
	return checkPath(what, id)
}

// CheckItemID checks the id of a document by the service's rules.
func CheckItemID(id string) error {
	switch {
	case id == "":
		return errtext.Refusef("cosmos: the document id is empty")
	case len(id) > maxItemID:
		return errtext.Refusef("cosmos: the document id has %d bytes, more than %d", len(id), maxItemID)
	case strings.ContainsAny(id, `/\`):
		return errtext.Refusef(`cosmos: document id %q has one of the characters / \, which ids cannot have`, id)
	}
	return checkPath("document", id)
}

// checkPath refuses ids that cannot be a path segment: proxies and servers resolve "." and "..", so that a request for
// the document ".." would reach its container.
func checkPath(what, id string) error {
	if id == "." || id == ".." {
		return errtext.Refusef("cosmos: %s id %q cannot be addressed", what, id)
	}
	if !utf8.ValidString(id) {
		return errtext.Refusef("cosmos: %s id %q is not valid UTF-8", what, id)
	}
	return nil
}
