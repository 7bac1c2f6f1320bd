package processor

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
)

// documented is a lease as a tool that watches processors reads it, such as an autoscaler that counts those with work.
type documented struct {
	token, owner, continuation string
	minEPK, maxEPK             string
	renewed                    time.Time
}

// readLeases is a program written from the layout as docs/change-feed.md and the .NET SDK describe it, with nothing of
// the processor: documents whose ids are PREFIX..TOKEN. It fails on any member that is missing or of another type.
func readLeases(t *testing.T, container *cosmos.Container) []documented {
	t.Helper()
	var all []documented
	for doc, err := range cosmos.Query[map[string]json.RawMessage](t.Context(), container,
		"SELECT * FROM c WHERE CONTAINS(c.id, '..')") {
		require.NoError(t, err)
		l, err := parseLease(doc)
		require.NoError(t, err)
		all = append(all, l)
	}
	slices.SortFunc(all, func(a, b documented) int { return strings.Compare(a.minEPK, b.minEPK) })
	return all
}

func parseLease(doc map[string]json.RawMessage) (l documented, err error) {
	var id, mode string
	var version int
	var owner, continuation *string
	var properties map[string]string
	var feed struct {
		Range struct {
			Min, Max *string
		}
	}
	for name, v := range map[string]any{
		"id": &id, "LeaseToken": &l.token, "Owner": &owner, "ContinuationToken": &continuation, "timestamp": &l.renewed,
		"version": &version, "FeedRange": &feed, "Mode": &mode, "properties": &properties,
	} {
		if doc[name] == nil {
			return l, fmt.Errorf("lease %s has no %s", doc["id"], name)
		}
		if err := json.Unmarshal(doc[name], v); err != nil {
			return l, fmt.Errorf("lease %s: %s: %w", doc["id"], name, err)
		}
	}
	if owner != nil {
		l.owner = *owner
	}
	if continuation != nil {
		l.continuation = *continuation
	}
	byKeys := strings.Contains(l.token, "-")
	switch {
	case !strings.HasSuffix(id, ".."+l.token):
		return l, fmt.Errorf("the id %s does not end in the token %s", id, l.token)
	case mode != "Incremental Feed":
		return l, fmt.Errorf("lease %s has mode %q", id, mode)
	case feed.Range.Min == nil || feed.Range.Max == nil || *feed.Range.Max <= *feed.Range.Min:
		return l, fmt.Errorf("lease %s has the range %s", id, doc["FeedRange"])
	case byKeys != (version == 1):
		return l, fmt.Errorf("lease %s has version %d", id, version)
	case byKeys && l.token != *feed.Range.Min+"-"+*feed.Range.Max:
		return l, fmt.Errorf("lease %s has the range %s", id, doc["FeedRange"])
	case l.continuation != "" && (!strings.HasPrefix(l.continuation, `"`) || !strings.HasSuffix(l.continuation, `"`)):
		return l, fmt.Errorf("lease %s has the continuation %s, which is not an ETag", id, l.continuation)
	}
	l.minEPK, l.maxEPK = *feed.Range.Min, *feed.Range.Max
	return l, nil
}

// cover reports whether every key belongs to one lease, which has been worked on.
func cover(all []documented) bool {
	at := ""
	for _, l := range all {
		if l.minEPK != at || l.continuation == "" {
			return false
		}
		at = l.maxEPK
	}
	return at == "FF"
}
