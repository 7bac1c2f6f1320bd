package resources

import (
	"context"
	"encoding/json"
	"errors"
	"io"

	"github.com/cosmossql/cosmossql/cosmos"
)

// Handler is told of every change, at least once, those of a resource in their order.
type Handler interface {
	Changed(ctx context.Context, r *Resource) error
	Deleted(ctx context.Context, r *Resource) error
}

// Position is where the position of an informer is kept between two runs of the program.
type Position interface {
	Load(ctx context.Context) (string, error) // "" at first
	Save(ctx context.Context, position string) error
}

// Informer tells a handler what became of the resources since it looked last.
type Informer struct {
	items    *cosmos.Container
	handler  Handler
	position Position
}

// NewInformer returns an informer about the resources in a container that a [Store] was opened in.
func NewInformer(db *cosmos.Database, container string, handler Handler, position Position) *Informer {
	return &Informer{items: db.Container(container), handler: handler, position: position}
}

// Sync tells the handler of everything that there is. Where the handler fails it stops, and the next Sync begins with
// the page that has the failed change: the position is saved behind pages that were handled.
func (i *Informer) Sync(ctx context.Context) error {
	from, err := i.position.Load(ctx)
	if err != nil {
		return err
	}
	feed := i.items.ChangeFeed(cosmos.Continuation(from))
	for {
		page, err := feed.Next(ctx)
		if errors.Is(err, io.EOF) {
			return i.save(ctx, feed)
		}
		if err != nil {
			return err
		}
		for _, item := range page.Items {
			if err := i.handle(ctx, item); err != nil {
				return err
			}
		}
		if err := i.save(ctx, feed); err != nil {
			return err
		}
	}
}

func (i *Informer) save(ctx context.Context, feed *cosmos.ChangeFeed) error {
	position, err := feed.Token()
	if err != nil {
		return err
	}
	return i.position.Save(ctx, position)
}

func (i *Informer) handle(ctx context.Context, item json.RawMessage) error {
	var d document
	if err := json.Unmarshal(item, &d); err != nil {
		return err
	}
	if d.Deleted {
		return i.handler.Deleted(ctx, d.resource())
	}
	return i.handler.Changed(ctx, d.resource())
}
