package cosmos

import (
	"context"
	"slices"

	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/session"
)

// MergeSessionTokens returns the session token with which a read sees all that it sees with any of tokens, which are
// those of one container. Empty ones count for nothing. A web front end that keeps a token in a cookie merges that of
// each answer into it.
func MergeSessionTokens(tokens ...string) (string, error) {
	v, err := mergeTokens(tokens)
	if err != nil {
		return "", err
	}
	return v.String(), nil
}

func mergeTokens(tokens []string) (session.Vector, error) {
	merged := session.Vector{}
	for _, token := range tokens {
		if token == "" {
			continue
		}
		v, err := session.ParseCompound(token)
		if err == nil {
			err = merged.Merge(v)
		}
		if err != nil {
			return nil, errtext.Refusef("cosmos: %w", err)
		}
	}
	return merged, nil
}

// SessionTokenCovers reports whether a reader with the session token have sees all that one with the token want sees:
// whether merging want into have would add nothing. A range that have does not name is not covered.
func SessionTokenCovers(have, want string) (bool, error) {
	all, err := mergeTokens([]string{have})
	if err != nil {
		return false, err
	}
	wanted, err := mergeTokens([]string{want})
	if err != nil {
		return false, err
	}
	for id, required := range wanted {
		t, known := all[id]
		if !known {
			return false, nil
		}
		ok, err := session.Satisfies(required, t)
		if err != nil {
			return false, errtext.Refusef("cosmos: %w", err)
		}
		if !ok {
			return false, nil
		}
	}
	return true, nil
}

// SessionTokenOf merges session tokens of the container and shortens them to what a reader of the feed range r needs:
// the tokens of the partition key ranges that hold a part of it now. A token of a range that was split or merged counts
// for those that took its place. So a token that is kept for long, in a cookie for instance, does not grow with every
// split. The ranges are those that the client knows of, which it reads (GET pkranges) if it knows none or the tokens
// name others.
func (c *Container) SessionTokenOf(ctx context.Context, r FeedRange, tokens ...string) (string, error) {
	if err := c.check(); err != nil {
		return "", err
	}
	merged, err := mergeTokens(tokens)
	if err != nil || len(merged) == 0 {
		return "", err
	}
	m, err := c.routingMap(ctx, nil)
	if err != nil {
		return "", err
	}
	unknown := func(m *partition.RoutingMap) bool {
		for id := range merged {
			if _, live := m.ByID(id); !live &&
				!slices.ContainsFunc(m.Ranges(),
					func(r partition.Range) bool { return slices.Contains(r.Parents, id) }) {
				return true
			}
		}
		return false
	}
	if unknown(m) { // the map may be older than the token
		if m, err = c.routingMap(ctx, m); err != nil {
			return "", err
		}
	}
	short := session.Vector{}
	for _, live := range m.Overlapping(r.Min, r.Max) {
		for _, id := range append(slices.Clone(live.Parents), live.ID) {
			if t, known := merged[id]; known {
				if short.Add(live.ID, t) != nil {
					short[live.ID] = t // the range's own token comes last: it is the newer one
				}
			}
		}
	}
	return short.String(), nil
}
