package statement

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/cosmossql/cosmossql/internal/errtext"
)

// Identity is what an UPDATE sets of that by which a document is known. Statements that save a whole object set it to
// what it is.
type Identity struct {
	ID  json.RawMessage   // nil if it is not set
	Key []json.RawMessage // a value for each path of the partition key, {} for undefined; nil for one that is not set
}

// Identity binds args and says which id and partition key, whose paths it is given, the UPDATE sets. An id that is not
// a string, and a value for a part of a key or for what contains it, are errors.
func (s *Update) Identity(args []Arg, keyPaths []string) (Identity, error) {
	found := Identity{Key: make([]json.RawMessage, len(keyPaths))}
	bound, err := s.Bind(args)
	if err != nil {
		return found, err
	}
	for _, set := range s.sets {
		for i, text := range keyPaths {
			key, err := splitPath(text)
			switch {
			case err != nil:
				return found, err
			case slices.Equal(set.path, key) && set.op == "set":
				found.Key[i] = set.constant(bound, "{}")
			case set.path.within(key) || key.within(set.path):
				return found, errtext.Refusef("cosmos: UPDATE cannot set %s: it belongs to the partition key %s; "+
					"delete the document and insert it anew", set.path, strings.Join(keyPaths, ","))
			}
		}
		if set.path[0] != "id" {
			continue
		}
		found.ID = set.constant(bound, "")
		if set.op != "set" || len(set.path) > 1 || len(found.ID) == 0 || found.ID[0] != '"' {
			return found, errtext.Refusef("cosmos: UPDATE: an id is a string; SET gives it %s", excerpt(found.ID))
		}
	}
	return found, nil
}

// constant is the value that is set; undefined stands for one that is not there.
func (set *assignment) constant(bound []Arg, undefined string) json.RawMessage {
	value, defined := appendConstant(nil, set.x, bound)
	if !defined {
		return json.RawMessage(undefined)
	}
	return value
}

// Others is the UPDATE without what it sets of the id and of the partition key.
func (s *Update) Others(keyPaths []string) *Update {
	others := *s
	others.sets = slices.DeleteFunc(slices.Clone(s.sets), func(set assignment) bool {
		return set.path[0] == "id" || slices.ContainsFunc(keyPaths, func(text string) bool {
			key, err := splitPath(text)
			return err == nil && slices.Equal(set.path, key)
		})
	})
	return &others
}

// Bridged reports whether the service may refuse the patch for what a document holds or lacks: a property whose parent
// is missing, an array that is. [Update.Apply] does not mind.
func (s *Update) Bridged() bool {
	return slices.ContainsFunc(s.sets, func(set assignment) bool { return len(set.path) > 1 || set.op == "add" })
}
