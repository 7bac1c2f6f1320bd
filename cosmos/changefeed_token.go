package cosmos

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/partition"
)

// changeToken is the position of a feed, and the JSON of [ChangeFeed.Token].
type changeToken struct {
	Version      int            `json:"version"`
	RID          string         `json:"resourceId"`
	PartitionKey string         `json:"partitionKey,omitempty"`
	All          bool           `json:"allVersions,omitempty"`
	Since        string         `json:"since,omitempty"` // HTTP date, UTC; where ranges without an ETag start
	Ranges       []*changeRange `json:"continuation"`
}

// changeRange is a part of the container: the effective partition keys [Min, Max), and the position in its changes.
type changeRange struct {
	Min  string `json:"minInclusive"`
	Max  string `json:"maxExclusive"`
	ETag string `json:"continuationToken,omitempty"` // atNow until the first answer; empty is the beginning

	pending   *changeFetch
	over      bool                  // the context of the last fetch had ended
	idle      bool                  // it had no changes
	idleSince int                   // number of the Next in which it was asked for them
	splits    int                   // in a row
	routing   *partition.RoutingMap // that it was last divided by

	until string // ETag at which a feed [UntilNow] ends; empty as long as it has not been asked for
	done  bool   // it has ended
}

const changeTokenVersion = 1

// atNow in the place of an ETag means the moment at which the service carries out the read.
const atNow = "*"

// Token returns the position of the feed, after the last page that Next returned, as text (JSON, compressed where there
// are many ranges). Within a loop over Items or Watch, or after leaving one, it is the position before the page of
// which the loop has not had everything. A feed with the option [Continuation] continues there, also in another
// process. Saved after the changes were processed, it makes sure that every change is seen at least once. Before the
// first Next it is an error, and so it is for a feed of [AllVersions] from now until a Next did not fail.
func (f *ChangeFeed) Token() (string, error) {
	if !f.ready {
		return "", errors.New("cosmos: the change feed has not been started: call Next first")
	}
	token := f.position()
	if slices.ContainsFunc(token.Ranges, func(r *changeRange) bool { return r.ETag == atNow }) {
		return "", errors.New("cosmos: the change feed has not started in every range: " +
			"call Next again, until it does not fail")
	}
	text, err := json.Marshal(token)
	if err != nil || len(text) <= shortToken {
		return string(text), err
	}
	var packed bytes.Buffer
	w := tokenWriters.Get().(*flate.Writer)
	defer tokenWriters.Put(w)
	w.Reset(&packed)
	if _, err = w.Write(text); err == nil {
		err = w.Close()
	}
	return packedToken + base64.RawURLEncoding.EncodeToString(packed.Bytes()), err
}

// position is where the feed stands: before the last page while a loop has not had all of it.
func (f *ChangeFeed) position() changeToken {
	t := f.token
	if f.left == nil {
		return t
	}
	last := len(t.Ranges) - 1 // rotate put the page's range there
	r := *t.Ranges[last]
	if r.ETag = f.before; r.ETag == atNow && !t.All {
		r.ETag, t.Since = "", f.start.since()
	}
	t.Ranges = append(slices.Clone(t.Ranges[:last]), &r)
	return t
}

// A token of many ranges, more than shortToken bytes of JSON, is compressed: a thousand ranges take 130 KB as they are.
const (
	shortToken  = 2 << 10
	packedToken = "z1."
	longToken   = 64 << 20 // no token that somebody made up may need more memory
)

// tokenWriters are 800 KB each.
var tokenWriters = sync.Pool{New: func() any {
	w, _ := flate.NewWriter(nil, flate.BestSpeed) // an error is for levels that there are not
	return w
}}

// unpacked returns the JSON of a token.
func unpacked(token string) ([]byte, error) {
	text, packed := strings.CutPrefix(token, packedToken)
	if !packed {
		return []byte(token), nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(raw)), longToken))
}

// fresh makes the token of a feed that starts.
func (f *ChangeFeed) fresh(d *definition) error {
	set := f.set
	whole := &changeRange{Min: partition.Min, Max: partition.Max}
	f.token = changeToken{Version: changeTokenVersion, RID: d.rid, All: set.AllVersions}
	switch {
	case set.FeedRange != nil && set.PartitionKey != nil:
		return errtext.Refusef("cosmos: a change feed is limited by PartitionKey or InFeedRange, not both")
	case set.FeedRange != nil:
		whole.Min, whole.Max = set.FeedRange[0], set.FeedRange[1]
		if partition.Compare(whole.Min, whole.Max) >= 0 {
			return errtext.Refusef("cosmos: the feed range from %q to %q is empty", whole.Min, whole.Max)
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
	case set.UntilNow && set.ChangesFromNow:
		return errtext.Refusef("cosmos: a change feed FromNow and UntilNow has no changes: take one of them away")
	case f.at != "":
		whole.ETag = f.at
	case set.ChangesFromNow && !set.ChangesSince.IsZero():
		return errtext.Refusef("cosmos: a change feed starts FromNow or Since a time, not both")
	case set.ChangesFromNow:
		whole.ETag = atNow
	case set.AllVersions:
		return errtext.Refusef("cosmos: a change feed of AllVersions starts FromNow or at a Continuation")
	case !set.ChangesSince.IsZero():
		f.token.Since = set.ChangesSince.UTC().Format(http.TimeFormat)
	}
	f.token.Ranges = []*changeRange{whole}
	return nil
}

// resume reads the token of a feed that continues.
func (f *ChangeFeed) resume(d *definition) error {
	var t changeToken
	text, err := unpacked(f.set.Continuation)
	if err == nil {
		err = json.Unmarshal(text, &t)
	}
	if err != nil || t.Version != changeTokenVersion || len(t.Ranges) == 0 {
		return badToken("the continuation is not the token of a change feed: pass what ChangeFeed.Token returned")
	}
	for _, r := range t.Ranges {
		if r == nil || t.PartitionKey == "" && partition.Compare(r.Min, r.Max) >= 0 {
			return badToken("the change feed's token is damaged: it names an empty range")
		}
	}
	if t.RID != d.rid {
		return badToken(fmt.Sprintf("the change feed's token belongs to another container than %q, perhaps an older "+
			"one of the same name", f.container.id))
	}
	f.token = t
	return nil
}

func badToken(why string) error {
	return continuationError(fmt.Errorf("%w: %s", ErrBadContinuation, why))
}
