package cosmos

import (
	"cmp"
	"encoding/json"
	"fmt"
	"time"
)

// lease is a document of the lease container, as the .NET SDK's processor (version 3) writes it. Members that it does
// not name are kept.
type lease struct {
	ID           string
	Token        string // LeaseToken: the id of a partition key range, or MIN-MAX
	Owner        string // empty is free
	Continuation string // the ETag of the change feed; empty before the first checkpoint
	Timestamp    time.Time
	FeedRange    *FeedRange
	ByKeys       bool // the token names effective partition keys, not a range's id

	// Processors of this package hand leases over when asked, so that the next owner begins when the last one has
	// handled its page. They say so among the lease's properties, which the SDKs keep and have no use for.
	HandsOver string    // the owner, if it looks whether somebody wants the lease
	WantedBy  string    // a process that should have the lease
	WantedAt  time.Time // when it last said so

	etag       string
	members    map[string]json.RawMessage // as they were read
	properties map[string]json.RawMessage // one of them, as it was read
}

// The properties of a lease that tell about handing over; their values are texts, as the SDKs expect of all.
const (
	leaseHandsOver = "cosmossql.handsOver"
	leaseWantedBy  = "cosmossql.wantedBy"
	leaseWantedAt  = "cosmossql.wantedAt"
)

// leaseTime is how leases tell time: UTC.
const leaseTime = "2006-01-02T15:04:05.0000000Z"

// UnmarshalJSON reads a lease.
func (l *lease) UnmarshalJSON(text []byte) error {
	var d struct {
		ID, LeaseToken, PartitionID, Owner, ContinuationToken string
		Timestamp                                             *time.Time
		TS                                                    int64  `json:"_ts"`
		ETag                                                  string `json:"_etag"`
		Version                                               int
		FeedRange                                             *struct{ Range FeedRange }
	}
	if err := json.Unmarshal(text, &d); err != nil {
		return fmt.Errorf("cosmos: a document of the lease container is not a lease: %w", err)
	}
	*l = lease{
		ID: d.ID, Token: cmp.Or(d.LeaseToken, d.PartitionID), Owner: d.Owner, Continuation: d.ContinuationToken,
		ByKeys: d.Version == 1, etag: d.ETag, Timestamp: time.Unix(d.TS, 0),
	}
	if d.Timestamp != nil {
		l.Timestamp = *d.Timestamp
	}
	if d.FeedRange != nil {
		l.FeedRange = &d.FeedRange.Range
	}
	if err := json.Unmarshal(text, &l.members); err != nil {
		return err
	}
	_ = json.Unmarshal(l.members["properties"], &l.properties) // of another shape they tell nothing
	l.HandsOver, l.WantedBy = l.property(leaseHandsOver), l.property(leaseWantedBy)
	l.WantedAt, _ = time.Parse(time.RFC3339Nano, l.property(leaseWantedAt))
	return nil
}

// property is a property that is a text.
func (l *lease) property(name string) (text string) {
	_ = json.Unmarshal(l.properties[name], &text)
	return text
}

// copy is a lease that may be changed.
func (l *lease) copy() *lease {
	c := *l
	return &c
}

// MarshalJSON writes a lease.
func (l *lease) MarshalJSON() ([]byte, error) {
	members := make(map[string]any, len(l.members)+8)
	for name, v := range l.members {
		members[name] = v
	}
	properties := make(map[string]any, len(l.properties)+3)
	for name, v := range l.properties {
		properties[name] = v
	}
	at := ""
	if l.WantedBy != "" {
		at = l.WantedAt.UTC().Format(leaseTime)
	}
	for name, text := range map[string]string{leaseHandsOver: l.HandsOver, leaseWantedBy: l.WantedBy,
		leaseWantedAt: at} {
		if delete(properties, name); text != "" {
			properties[name] = text
		}
	}
	members["properties"] = properties
	members["id"], members["LeaseToken"] = l.ID, l.Token
	members["Owner"], members["ContinuationToken"] = orNull(l.Owner), orNull(l.Continuation)
	members["timestamp"] = l.Timestamp.UTC().Format(leaseTime)
	members["version"] = 0
	if l.ByKeys {
		members["version"] = 1
	}
	if l.FeedRange != nil {
		members["FeedRange"] = map[string]any{"Range": l.FeedRange}
	}
	return json.Marshal(members)
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// free reports whether anybody may take the lease.
func (l *lease) free(now time.Time, expiration time.Duration) bool {
	return l.Owner == "" || now.Sub(l.Timestamp) > expiration
}

// handsOver reports whether the owner can be asked for the lease.
func (l *lease) handsOver() bool { return l.Owner != "" && l.HandsOver == l.Owner }

// wanted is the process that has asked for the lease, and lived not long ago; or empty.
func (l *lease) wanted(now time.Time, expiration time.Duration) string {
	if l.WantedBy == l.Owner || now.Sub(l.WantedAt) > expiration {
		return ""
	}
	return l.WantedBy
}

// giveBack makes the lease that of the process that has asked for it, or free.
func (l *lease) giveBack(now time.Time, expiration time.Duration) {
	next := l.wanted(now, expiration)
	l.Owner, l.HandsOver = next, next
	l.WantedBy, l.WantedAt = "", time.Time{}
}
