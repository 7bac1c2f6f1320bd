package cosmos

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/rest"
)

// routingTries is how often the ranges are read if they have a gap, which a split causes for a moment.
const routingTries = 5

// routingMap returns the physical partitions of the container from the cache. If there is none, or only stale, it reads
// them (GET pkranges); concurrent callers share one request.
func (c *Container) routingMap(ctx context.Context, stale *partition.RoutingMap) (*partition.RoutingMap, error) {
	if m := c.metadata().routing.Load(); m != nil && m != stale {
		return m, nil
	}
	known := c.share()
	defer c.unshare(known)
	unlock, err := known.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if m := known.routing.Load(); m != nil && m != stale {
		return m, nil
	}
	for try := 1; ; try++ {
		if err := partition.AwaitSplit(ctx, try); err != nil {
			return nil, err
		}
		ranges, err := c.ranges(ctx)
		if err != nil {
			return nil, within(fmt.Sprintf("reading the partitions of container %q", c.id), ownerMissing(err))
		}
		m, err := partition.NewRoutingMap(ranges)
		if err == nil {
			known.routing.Store(m)
			c.arrangeSessions(m)
			return m, nil
		}
		if try == routingTries {
			return nil, within(fmt.Sprintf("container %q", c.id), err)
		}
	}
}

// ranges reads the whole feed of partition key ranges.
func (c *Container) ranges(ctx context.Context) ([]partition.Range, error) {
	f := &feed{
		client: c.client(), set: &option.Set{}, array: "PartitionKeyRanges",
		request: func(context.Context) (*rest.Request, error) {
			return c.address.feed(rest.Ranges).request(http.MethodGet, rest.Ranges, rest.Read), nil
		},
	}
	var ranges []partition.Range
	for {
		page, err := f.next(ctx)
		if err == io.EOF {
			return ranges, nil
		}
		if err != nil {
			return nil, err
		}
		for _, item := range page.Items {
			var r partition.Range
			if err := json.Unmarshal(item, &r); err != nil {
				return nil, fmt.Errorf("cosmos: decoding a partition key range: %w", err)
			}
			ranges = append(ranges, r)
		}
		if len(ranges) > mostRanges {
			return nil, fmt.Errorf("cosmos: the container is said to have more than %d partitions", mostRanges)
		}
		page.Release()
	}
}
