package cosmos

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/rest"
)

// ContainerUsage is how full a container is. A number that the service does not tell is -1.
type ContainerUsage struct {
	Documents    int64 // how many there are
	DocumentKB   int64 // of the documents alone
	ContainerKB  int64 // with the index
	LimitKB      int64 // that the container may have
	IndexPercent int   // of the documents that are indexed by the newest policy; 100 when it is in force
	Response     *Response
}

// ReadUsage reads how full the container is (GET colls/{id} with quota). The service counts with some delay.
func (c *Container) ReadUsage(ctx context.Context, opts ...Option) (*ContainerUsage, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	set, err := c.client().resolve(ctx, option.ReadUsage, opts)
	if err != nil {
		return nil, err
	}
	req := c.address.request(http.MethodGet, rest.Containers, rest.Read)
	req.Set(rest.HeaderWantQuota, "true")
	resp, err := c.client().do(ctx, set, req)
	if err != nil {
		return &ContainerUsage{Response: resp}, err
	}
	usage, quota := resp.Header.Get(rest.HeaderUsage), resp.Header.Get(rest.HeaderQuota)
	u := &ContainerUsage{
		Documents: listed(usage, "documentsCount"), DocumentKB: listed(usage, "documentsSize"),
		ContainerKB: listed(usage, "collectionSize"),
		LimitKB:     listed(quota, "collectionSize"), IndexPercent: -1, Response: resp,
	}
	if n, err := strconv.Atoi(resp.Header.Get(rest.HeaderIndexProgress)); err == nil {
		u.IndexPercent = n
	}
	return u, nil
}

// listed is a number of a header of the form name=value;name=value; or -1.
func listed(header, name string) int64 {
	for field := range strings.SplitSeq(header, ";") {
		if key, value, _ := strings.Cut(field, "="); key == name {
			if n, err := strconv.ParseInt(value, 10, 64); err == nil {
				return n
			}
		}
	}
	return -1
}
