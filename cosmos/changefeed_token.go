package cosmos

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/cosmossql/cosmossql/internal/partition"
)

// changeToken is the position of a feed, and the JSON of [ChangeFeed.Token].
type changeToken struct {
	Version      int           `json:"version"`
	RID          string        `json:"resourceId"`
	PartitionKey string        `json:"partitionKey,omitempty"`
	All          bool          `json:"allVersions,omitempty"`
	Since        string        `json:"since,omitempty"` // HTTP date, UTC; where shares without an ETag start
	Shares       []changeShare `json:"continuation"`
}

// changeShare is a part of the container: the effective partition keys [Min, Max), and the position in its changes.
type changeShare struct {
	Min  string `json:"minInclusive"`
	Max  string `json:"maxExclusive"`
	ETag string `json:"continuationToken,omitempty"` // "*" is now; empty is the beginning
}

const changeTokenVersion = 1

// Token returns the position of the feed, after the last page that Next returned, as JSON. A feed with the option
// [Continuation] continues there, also in another process. Saved after the page was processed, it makes sure that every
// change is seen at least once. Before the first Next it is an error.
func (f *ChangeFeed) Token() (string, error) {
	if !f.ready {
		return "", errors.New("cosmos: the change feed has not been started: call Next first")
	}
	text, err := json.Marshal(f.token)
	return string(text), err
}

// begin makes the token of a feed that starts.
func (f *ChangeFeed) begin(d *definition) error {
	set := f.set
	whole := changeShare{Min: partition.Min, Max: partition.Max}
	f.token = changeToken{Version: changeTokenVersion, RID: d.rid, All: set.AllVersions}
	switch {
	case set.FeedRange != nil && set.PartitionKey != nil:
		return errors.New("cosmos: a change feed is limited by PartitionKey or InFeedRange, not both")
	case set.FeedRange != nil:
		whole.Min, whole.Max = set.FeedRange[0], set.FeedRange[1]
		if partition.Compare(whole.Min, whole.Max) >= 0 {
			return fmt.Errorf("cosmos: the feed range from %q to %q is empty", whole.Min, whole.Max)
		}
	case set.PartitionKey != nil && d.key.Hierarchical() && len(set.PartitionKey) < len(d.key.Paths):
		whole.Min, whole.Max = d.key.PrefixRange(set.PartitionKey)
	case set.PartitionKey != nil:
		if err := d.key.Check(set.PartitionKey); err != nil {
			return err
		}
		f.token.PartitionKey = set.PartitionKey.Header()
	}
	switch {
	case f.at != "":
		whole.ETag = f.at
	case set.ChangesFromNow && !set.ChangesSince.IsZero():
		return errors.New("cosmos: a change feed starts FromNow or Since a time, not both")
	case set.ChangesFromNow:
		whole.ETag = "*"
	case set.AllVersions:
		return errors.New("cosmos: a change feed of AllVersions starts FromNow or at a Continuation")
	case !set.ChangesSince.IsZero():
		f.token.Since = set.ChangesSince.UTC().Format(http.TimeFormat)
	}
	f.token.Shares = []changeShare{whole}
	return nil
}

// resume reads the token of a feed that continues.
func (f *ChangeFeed) resume(d *definition) error {
	var t changeToken
	err := json.Unmarshal([]byte(f.set.Continuation), &t)
	if err != nil || t.Version != changeTokenVersion || len(t.Shares) == 0 {
		return errors.New("cosmos: the continuation is not the token of a change feed: pass what ChangeFeed.Token returned")
	}
	for _, s := range t.Shares {
		if t.PartitionKey == "" && partition.Compare(s.Min, s.Max) >= 0 {
			return fmt.Errorf("cosmos: the change feed's token is damaged: it names the empty range from %q to %q", s.Min, s.Max)
		}
	}
	if t.RID != d.rid {
		return fmt.Errorf("cosmos: the change feed's token belongs to another container than %q, perhaps an older one of the same name", f.container.id)
	}
	f.token = t
	return nil
}
