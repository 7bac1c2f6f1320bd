package cosmos

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"time"
)

// ChangeFeedProcessor handles the changes of a container by any number of processes together. The container is divided
// into leases, one for each physical partition, which are documents of a lease container; each process takes its share
// of them, and takes over those of a process that has died. The leases are those of the .NET SDK's processor (version
// 3), so that its processors, and tools that read them, can share or watch the work; the Java SDK's have the same ids
// by range, but names where these have resource ids.
//
// Every change is handled at least once; those of a logical partition in order, of which a part may come again when a
// lease changes hands. A process that is to have a lease of another one asks for it, and begins when the other has
// handled and saved its page; it takes a lease unasked only when it was not renewed for its expiration, or when its
// owner is a processor of another SDK, which is not asked. Only the newest version of a document is sure to come,
// unless [ProcessorOptions] ask for all versions. The clocks of the processes must agree to within a tenth of
// LeaseExpiration.
//
// It is safe for concurrent use.
type ChangeFeedProcessor struct {
	container, leases *Container
	handle            ChangeHandler
	opts              ProcessorOptions
}

// ChangeHandler handles a page of changes. ctx ends when the lease is lost ([ErrLeaseLost] is its cause then) or the
// processor stops; the lease stays with this process until the handler returns, as long as it can be renewed. After nil
// the position behind the changes is saved, unless [ProcessorOptions.ManualCheckpoint] leaves that to the handler. What
// happens after an error is up to [ProcessorOptions.OnError].
type ChangeHandler func(ctx context.Context, changes *Changes) error

// Changes is a page of changes of one lease.
type Changes struct {
	Items     []json.RawMessage // documents as JSON, in the order of their changes; valid until the handler returns
	Lease     string            // the lease's token: the id of the partition key range, or its bounds
	FeedRange FeedRange         // what the lease covers
	Response  *Response         // without Body
	Attempt   int               // 1; one more each time that the handler failed on this page

	checkpoint func(context.Context) error
}

// Checkpoint saves the position behind the changes, for a processor with [ProcessorOptions.ManualCheckpoint]. It fails
// with [ErrLeaseLost] when the lease has gone to another process.
func (c *Changes) Checkpoint(ctx context.Context) error { return c.checkpoint(ctx) }

// ErrLeaseLost is the error of a checkpoint, and the cause of the end of a handler's context, when another process has
// taken the lease over, or may soon since it could not be renewed in time.
var ErrLeaseLost = errors.New("cosmos: the lease has gone to another process, or has expired")

// ProcessorOptions adjusts a [ChangeFeedProcessor]. The zero value is a good start; the times are those of the official
// SDKs.
type ProcessorOptions struct {
	// Name tells the processors over one container and lease container apart. All processes of one have the same.
	Name string
	// Instance names this process among those of the processor, of which no two may have the same. It is made of host
	// name, process id and a random number if empty.
	Instance string

	// FromBeginning starts with the oldest changes, StartTime with those made after it. Without either a processor that
	// has no leases yet starts now. All of them matter only where there are no leases yet.
	FromBeginning bool
	StartTime     time.Time
	// AllVersions handles every version, with deletes and expiries, as the option of the same name. It starts now.
	AllVersions bool

	PageSize         int  // most changes of one page; 0 leaves it to the service
	ManualCheckpoint bool // only [Changes.Checkpoint] saves the position

	PollInterval    time.Duration // between questions when there are no changes; 5 s
	AcquireInterval time.Duration // between looks at all leases, to take some; 13 s
	RenewInterval   time.Duration // between renewals of a lease; 17 s
	LeaseExpiration time.Duration // a lease that has not been renewed for so long is free; 60 s

	// OnError is told what went wrong and decides how it goes on. Without it everything is tried again, with pauses
	// that grow from a second to a minute.
	OnError func(ctx context.Context, failure ProcessorFailure) ProcessorAction
}

// ProcessorFailure is what [ProcessorOptions.OnError] is told.
type ProcessorFailure struct {
	Err     error
	Lease   string   // its token; empty if it was not about one lease
	Changes *Changes // that the handler failed on; nil if it was not the handler
}

// ProcessorAction is how a processor goes on after a failure.
type ProcessorAction int

// The actions. Skip is for changes that the handler cannot handle: the position behind them is saved; after any other
// failure it means Retry.
const (
	ProcessorRetry ProcessorAction = iota
	ProcessorSkip
	ProcessorStop // Run ends with the error
)

// ChangeFeedProcessor prepares to handle the changes of the container. leases is a container partitioned by /id or
// /partitionKey, in any database or account, for nothing else or for other processors too.
func (c *Container) ChangeFeedProcessor(
	leases *Container, handle ChangeHandler, opts *ProcessorOptions,
) *ChangeFeedProcessor {
	p := &ChangeFeedProcessor{container: c, leases: leases, handle: handle}
	if opts != nil {
		p.opts = *opts
	}
	return p
}

// check completes the options and returns what is wrong with them.
func (p *ChangeFeedProcessor) check() error {
	switch {
	case p.container == nil || p.leases == nil:
		return errors.New("cosmos: a change feed processor needs a container and a lease container")
	case p.handle == nil:
		return errors.New("cosmos: a change feed processor needs a handler")
	case p.container.check() != nil:
		return p.container.check()
	case p.leases.check() != nil:
		return p.leases.check()
	}
	o := &p.opts
	if o.FromBeginning && !o.StartTime.IsZero() {
		return errors.New("cosmos: a change feed processor starts FromBeginning or at a StartTime, not both")
	}
	if o.AllVersions && (o.FromBeginning || !o.StartTime.IsZero()) {
		return errors.New("cosmos: a change feed processor of AllVersions starts now: " +
			"leave FromBeginning and StartTime out")
	}
	for _, d := range []struct {
		name  string
		value *time.Duration
		usual time.Duration
	}{
		{"PollInterval", &o.PollInterval, 5 * time.Second},
		{"AcquireInterval", &o.AcquireInterval, 13 * time.Second},
		{"RenewInterval", &o.RenewInterval, 17 * time.Second},
		{"LeaseExpiration", &o.LeaseExpiration, time.Minute},
	} {
		switch {
		case *d.value == 0:
			*d.value = d.usual
		case *d.value < 0:
			return fmt.Errorf("cosmos: a change feed processor's %s of %v is negative", d.name, *d.value)
		}
	}
	if o.LeaseExpiration <= o.RenewInterval {
		return fmt.Errorf("cosmos: a lease that expires after %v cannot be renewed every %v: "+
			"LeaseExpiration must be above RenewInterval",
			o.LeaseExpiration, o.RenewInterval)
	}
	if o.Instance == "" {
		host, _ := os.Hostname()
		o.Instance = fmt.Sprintf("%s-%d-%08x", host, os.Getpid(), rand.Uint32())
	}
	return nil
}

// Run handles changes until ctx ends. It gives its leases back then, and returns the error of ctx. Any other error is
// that of options that cannot be, of leases that cannot be made, or the failure at which OnError stopped the processor.
func (p *ChangeFeedProcessor) Run(ctx context.Context) error {
	run := &ChangeFeedProcessor{p.container, p.leases, p.handle, p.opts} // the options are completed for this run
	if err := run.check(); err != nil {
		return err
	}
	store, err := run.prepare(ctx)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	h := &leaseHolder{processor: run, store: store, stop: stop, look: make(chan struct{}, 1)}
	h.held = map[string]*leaseWorker{}
	defer h.end(ctx)
	for {
		pause := run.opts.AcquireInterval
		soon, err := h.acquire(ctx)
		if err != nil && ctx.Err() == nil {
			h.failed(ctx, ProcessorFailure{Err: err})
		}
		if soon {
			pause = min(pause, time.Second)
		}
		select {
		case <-time.After(pause):
		case <-h.look:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// failed asks what to do about a failure. It is true if the changes are to be skipped.
func (h *leaseHolder) failed(ctx context.Context, failure ProcessorFailure) (skip bool) {
	if h.processor.opts.OnError == nil {
		return false
	}
	switch h.processor.opts.OnError(ctx, failure) {
	case ProcessorStop:
		h.stop(failure.Err)
	case ProcessorSkip:
		return failure.Changes != nil
	}
	return false
}
