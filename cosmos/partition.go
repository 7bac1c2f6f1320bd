package cosmos

import (
	"context"
	"errors"
	"iter"
	"net/http"

	"github.com/cosmossql/cosmossql/internal/rest"
)

// DeletePartition deletes all documents of the logical partition that the option [PartitionKey] names. They are gone for
// readers at once; the service clears them away in the background. Accounts have to enable this.
func (c *Container) DeletePartition(ctx context.Context, opts ...Option) (*Response, error) {
	if c.err != nil {
		return nil, c.err
	}
	set, err := c.client().resolve(ctx, opts)
	if err != nil {
		return nil, err
	}
	if set.PartitionKey == nil {
		return nil, errors.New("cosmos: DeletePartition needs the option PartitionKey")
	}
	at := c.address
	at.path += "/operations/partitionkeydelete"
	if at.raw != "" {
		at.raw += "/operations/partitionkeydelete"
	}
	req := at.request(http.MethodPost, rest.Containers, rest.Repeatable)
	req.Scope = c.address.link
	if err := c.route(ctx, set, req, "", nil); err != nil {
		return nil, err
	}
	return c.client().do(ctx, set, req)
}

// ReadMany reads documents by their ids and partition keys, many at a time: those of a physical partition travel
// together, as in [Container.Bulk]. One [Result] comes for each key, with the document in Body; one that does not exist is
// an [ErrNotFound].
//
//	for _, r := range cosmos.Collect(orders.ReadMany(ctx, slices.Values(keys))) {
func (c *Container) ReadMany(ctx context.Context, keys iter.Seq[ItemKey], opts ...Option) iter.Seq[Result] {
	return c.Bulk(ctx, each(keys, func(k ItemKey) Operation { return OpRead(k.ID, k.option()) }), opts...)
}
