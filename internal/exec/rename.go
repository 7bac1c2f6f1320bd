package exec

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/rawjson"
)

// rename is the id that the UPDATE gives to t; empty if it keeps the one that it has. A partition key that is set must
// be the one that t has.
func (ch *change) rename(def partition.Definition, t target) (string, error) {
	for i, value := range ch.sets.Key {
		if value == nil {
			continue
		}
		key, err := parseKey([]json.RawMessage{value})
		if err != nil || key[0] != t.key[i] {
			return "", errtext.Refusef("cosmos: UPDATE cannot set %s to %s: "+
				"the partition key of document %q is %s (%s), and a document's key does not change; "+
				"insert it anew and delete the old one",
				def.Paths[i], value, t.id, t.key, strings.Join(def.Paths, ", "))
		}
	}
	if ch.sets.ID == nil {
		return "", nil
	}
	id, _ := rawjson.String(ch.sets.ID)
	if id == t.id {
		return "", nil
	}
	return id, nil
}

// stillHas reports whether a rename to id whose answer was lost was not executed: t is there, and none with the new id
// is.
func (ch *change) stillHas(ctx context.Context, t target, id string) bool {
	if _, err := ch.Container.ReadItem(ctx, id, inPartition(t.key)); !missing(err) {
		return false
	}
	_, err := ch.Container.ReadItem(ctx, t.id, inPartition(t.key))
	return err == nil
}

// checkMany refuses an UPDATE of documents that a search found if it would rename one of them or give it another key.
func (ch *change) checkMany(def partition.Definition, targets []target) error {
	for _, t := range targets {
		id, err := ch.rename(def, t)
		if err != nil {
			return err
		}
		if id != "" {
			return errtext.Refusef("cosmos: UPDATE can give another id (%q instead of %q) only to one document: "+
				"WHERE id = … and every path of the partition key (%s) = …",
				id, t.id, strings.Join(def.Paths, ", "))
		}
	}
	return nil
}

// renameOne gives another id to the document t, with everything else that the UPDATE sets: a patch cannot do that, a
// replace can. It is read, and replaced under the ETag that it was read with. If there is a document with the new id
// the error is [cosmos.ErrConflict].
func (ch *change) renameOne(ctx context.Context, t target, id string) (Result, error) {
	if ch.Set.Condition != "" {
		return Result{}, errtext.Refusef(
			"cosmos: an UPDATE that gives a document another id replaces it, which takes no " +
				"PatchCondition; use IfMatch")
	}
	for r := (race{}); ; {
		doc, err := ch.rewrite(ctx, t)
		switch {
		case missing(err):
			return Result{}, nil
		case ch.Set.IfMatch == "" && (overtaken(err) || precondition(err) && ch.stillHas(ctx, t, id)):
			if err := r.again(ctx, err); err != nil {
				return Result{}, err
			}
		case err != nil:
			return Result{}, err
		default:
			return Result{Affected: 1, Documents: []json.RawMessage{doc}}, nil
		}
	}
}

// rewrite reads t, applies what the UPDATE sets, and replaces the document under the ETag of t, or else the one that it
// was read with.
func (ch *change) rewrite(ctx context.Context, t target) (json.RawMessage, error) {
	read, err := ch.Container.ReadItem(ctx, t.id, inPartition(t.key))
	if err != nil {
		return nil, err
	}
	doc, err := ch.statement.Apply(read.Body, ch.Args)
	if err != nil {
		return nil, err
	}
	etag := t.etag
	if etag == "" {
		etag = read.ETag
	}
	replace := cosmos.OpReplace(t.id, doc, inPartition(t.key), cosmos.IfMatch(etag))
	written, err := ch.Container.Do(ctx, replace, cosmos.ContentResponse(ch.answer))
	if err != nil {
		return nil, err
	}
	return written.Body, nil
}
