package cosmos

import (
	"context"
	"strings"

	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/partition"
)

// FeedRange is a part of a container: the documents whose effective partition key (the hash of the partition key, in
// hexadecimal digits) is at least Min and below Max.
type FeedRange struct {
	Min string `json:"min"`
	Max string `json:"max"`
}

// String returns the range as text, its bounds, which [ParseFeedRange] reads.
func (r FeedRange) String() string {
	return "[" + r.Min + ", " + r.Max + ")"
}

// ParseFeedRange reads what [FeedRange.String] has written, for ranges that are saved or handed to another process.
func ParseFeedRange(text string) (FeedRange, error) {
	inside, open := strings.CutPrefix(text, "[")
	inside, closed := strings.CutSuffix(inside, ")")
	lo, hi, two := strings.Cut(inside, ", ")
	r := FeedRange{lo, hi}
	if !open || !closed || !two || !isEPK(lo) || !isEPK(hi) || partition.Compare(lo, hi) >= 0 {
		return FeedRange{}, errtext.Refusef(
			"cosmos: %q is not a feed range, which has the form [, 1FFF) with two rising "+
				"bounds in hexadecimal digits", text)
	}
	return r, nil
}

func isEPK(bound string) bool { return strings.Trim(bound, "0123456789ABCDEF") == "" }

// Contains reports whether all of part lies in r.
func (r FeedRange) Contains(part FeedRange) bool {
	return partition.Compare(r.Min, part.Min) <= 0 && partition.Compare(part.Max, r.Max) <= 0
}

// Overlaps reports whether there are documents, or could be, that lie in both.
func (r FeedRange) Overlaps(other FeedRange) bool {
	return partition.Compare(r.Min, other.Max) < 0 && partition.Compare(other.Min, r.Max) < 0
}

// FeedRanges divides the container into parts that can be read in parallel, one for each physical partition (GET
// pkranges). They stay valid when partitions are split or merged.
func (c *Container) FeedRanges(ctx context.Context) ([]FeedRange, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	m, err := c.routingMap(ctx, c.metadata().routing.Load())
	if err != nil {
		return nil, err
	}
	var list []FeedRange
	for _, r := range m.Ranges() {
		list = append(list, FeedRange{r.Min, r.Max})
	}
	return list, nil
}

// FeedRangeOf returns the part of the container that holds a logical partition, or all of those below the first values
// of a hierarchical key. It reads the container's definition (GET colls/{id}) unless the client knows it.
func (c *Container) FeedRangeOf(ctx context.Context, key ...any) (FeedRange, error) {
	values, d, err := c.keyOf(ctx, key)
	if err != nil {
		return FeedRange{}, err
	}
	if d.key.Hierarchical() && 0 < len(values) && len(values) < len(d.key.Paths) {
		lo, hi := d.key.PrefixRange(values)
		return FeedRange{lo, hi}, nil
	}
	if err := d.key.Check(values); err != nil {
		return FeedRange{}, err
	}
	epk := d.key.EPK(values)
	return FeedRange{epk, epk + partition.Max}, nil
}

// SplitFeedRange divides a part of the container into n parts with as many hashes each, for as many readers; into
// fewer, if it has not so many. It reads the container's definition (GET colls/{id}) unless the client knows it.
func (c *Container) SplitFeedRange(ctx context.Context, r FeedRange, n int) ([]FeedRange, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if n < 1 || partition.Compare(r.Min, r.Max) >= 0 {
		return nil, errtext.Refusef("cosmos: the feed range %s cannot be divided into %d parts", r, n)
	}
	d, err := c.definition(ctx, nil)
	if err != nil {
		return nil, err
	}
	bounds := partition.Divide(r.Min, r.Max, n, d.key)
	parts := make([]FeedRange, len(bounds)-1)
	for i := range parts {
		parts[i] = FeedRange{bounds[i], bounds[i+1]}
	}
	return parts, nil
}

// keyOf reads the values of a partition key.
func (c *Container) keyOf(ctx context.Context, values []any) (partition.Key, *definition, error) {
	if err := c.check(); err != nil {
		return nil, nil, err
	}
	set, err := option.Resolve(context.Background(), option.Query, nil, []Option{PartitionKey(values...)})
	if err != nil {
		return nil, nil, err
	}
	d, err := c.definition(ctx, nil)
	return set.PartitionKey, d, err
}

// InFeedRange limits a query, the documents that [Container.Items] reads, or a change feed to a part of the container.
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
