package gateway

import (
	"encoding/json"
	"net/http"

	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

// rangeJSON is a partition as the range feed shows it.
type rangeJSON struct {
	RID                string  `json:"_rid"`
	ID                 string  `json:"id"`
	ETag               string  `json:"_etag"`
	Min                string  `json:"minInclusive"`
	Max                string  `json:"maxExclusive"`
	RIDPrefix          int     `json:"ridPrefix"`
	Self               string  `json:"_self"`
	ThroughputFraction float64 `json:"throughputFraction"`
	Status             string  `json:"status"`
	// Clients drop every range that another names as a parent (PROTOCOL.md 3.7).
	Parents  []string `json:"parents"` // an empty list is written
	Archived []string `json:"ownedArchivalPKRangeIds"`
	TS       int64    `json:"_ts"`
	LSN      int64    `json:"lsn"`
}

// readRanges replies with the partition key ranges. With A-IM it is a feed of changes: who sends the etag of the last
// answer gets the ranges that are new since then, those too that are about to be split, or 304 if there are none.
// azcosmos reads on until it gets 304, up to a thousand times; the etag must come with that, too (PROTOCOL.md 3.7).
// The feed has no charge (recorded exchange 38).
func (c *call) readRanges(x *store.Container) (reply, error) {
	since := ""
	if c.header(headerAIM) != "" {
		since = c.header(headerIfNoneMatch)
	}
	ranges, etag, changed := x.RangeFeed(since)
	c.set(headerETag, etag)
	if !changed {
		c.set(headerItemCount, "0")
		return reply{status: http.StatusNotModified, free: true}, nil
	}
	// Throughput is spread evenly, and a fraction of 1 is recorded for one range.
	share := 1 / float64(len(x.Ranges()))
	elements := make([][]byte, len(ranges))
	for i, r := range ranges {
		j := rangeJSON{
			RID:                r.RID,
			ID:                 r.ID,
			ETag:               etag,
			Min:                r.Min,
			Max:                r.Max,
			Self:               x.Resource().Self() + "pkranges/" + r.RID + "/",
			ThroughputFraction: share,
			Status:             r.Status(),
			Parents:            append([]string{}, r.Parents...),
			Archived:           []string{},
			TS:                 c.g.account.Now().Unix(),
			LSN:                c.g.account.LSN(),
		}
		text, err := json.Marshal(j)
		if err != nil {
			return reply{}, err
		}
		elements[i] = text
	}
	res := c.feed(x.RID(), "PartitionKeyRanges", elements, 0)
	res.free = true
	return res, nil
}
