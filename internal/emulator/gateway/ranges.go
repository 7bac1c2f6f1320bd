package gateway

import (
	"encoding/json"
	"net/http"

	"github.com/cosmossql/cosmossql/internal/emulator/store"
	"github.com/cosmossql/cosmossql/internal/partition"
)

// rangeJSON is a partition as the range feed shows it.
type rangeJSON struct {
	partition.Range
	Parents            []string `json:"parents"` // an empty list is written
	RIDPrefix          int      `json:"ridPrefix"`
	Self               string   `json:"_self"`
	ETag               string   `json:"_etag"`
	ThroughputFraction float64  `json:"throughputFraction"`
	Status             string   `json:"status"`
	Archived           []string `json:"ownedArchivalPKRangeIds"`
	TS                 int64    `json:"_ts"`
}

// readRanges replies with the partition key ranges. With A-IM it is a feed of changes: who sends the etag of the last
// answer gets the ranges that are new since then, or 304 if there are none.
func (c *call) readRanges(x *store.Container) (reply, error) {
	since := ""
	if c.header(headerAIM) != "" {
		since = c.header(headerIfNoneMatch)
	}
	ranges, etag, changed := x.RangeFeed(since)
	c.set(headerETag, etag)
	if !changed {
		c.set(headerItemCount, "0")
		return reply{status: http.StatusNotModified, charge: chargeRead}, nil
	}
	share := 1 / float64(len(x.Ranges()))
	elements := make([][]byte, len(ranges))
	for i, r := range ranges {
		j := rangeJSON{
			Range: r, Parents: append([]string{}, r.Parents...), Self: x.Resource().Self() + "pkranges/" + r.RID + "/", ETag: etag,
			ThroughputFraction: share, Status: "online", Archived: []string{}, TS: c.g.account.Now().Unix(),
		}
		text, err := json.Marshal(j)
		if err != nil {
			return reply{}, err
		}
		elements[i] = text
	}
	return c.feed(x.RID(), "PartitionKeyRanges", elements, chargeRead), nil
}
