package cosmos

import (
	"context"

	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/partition"
)

// FeedRange is a part of a container: the documents whose effective partition key (the hash of the partition key, in
// hexadecimal digits) is at least Min and below Max.
type FeedRange struct {
	Min string `json:"min"`
	Max string `json:"max"`
}

// String names the range as its bounds.
func (r FeedRange) String() string {
	return "[" + r.Min + ", " + r.Max + ")"
}

// FeedRanges divides the container into parts that can be read in parallel, one for each physical partition (GET
// pkranges). They stay valid when partitions are split or merged.
func (c *Container) FeedRanges(ctx context.Context) ([]FeedRange, error) {
	if c.err != nil {
		return nil, c.err
	}
	m, err := c.routingMap(ctx, c.meta.routing.Load())
	if err != nil {
		return nil, err
	}
	var list []FeedRange
	for _, r := range m.Ranges() {
		list = append(list, FeedRange{r.Min, r.Max})
	}
	return list, nil
}

// InFeedRange limits a change feed to a part of the container.
func InFeedRange(r FeedRange) Option {
	return option.New(option.InFeedRange, [2]string{r.Min, r.Max})
}

// maxEPK returns the higher of two bounds.
func maxEPK(a, b string) string {
	if partition.Compare(a, b) < 0 {
		return b
	}
	return a
}

// minEPK returns the lower of two bounds.
func minEPK(a, b string) string {
	if partition.Compare(a, b) > 0 {
		return b
	}
	return a
}
