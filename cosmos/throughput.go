package cosmos

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/rest"
)

// ThroughputProperties is the throughput of a database or container, in request units per second (RU/s).
type ThroughputProperties struct {
	Manual    int // 0 with autoscale
	Autoscale int // the maximum that it scales to; 0 if it is manual
	Current   int // the one provisioned now
	Minimum   int // the lowest that it can be set to; 0 if the service did not say
	// Pending says that an earlier change is still in progress.
	Pending bool
	// Response is that of the request on the offer; there are others, which look for it.
	Response *Response
}

// ReadThroughput reads the container's own throughput (its offer). It fails with [ErrNotFound] if the container shares
// that of its database or the account is serverless.
func (c *Container) ReadThroughput(ctx context.Context, opts ...Option) (t *ThroughputProperties, err error) {
	ctx, ended := c.client().traced(ctx, "read_container_throughput", c.where().link)
	defer func() { ended(err) }()
	o, set, err := c.offer(ctx, option.ReadThroughput, opts)
	if err != nil {
		return nil, err
	}
	return c.client().readOffer(ctx, set, o)
}

// ReplaceThroughput changes the container's own throughput to [Throughput] or [AutoscaleThroughput], one of which opts
// must have. The result's Pending says that the service has not finished the change. Errors are those of ReadThroughput
// too.
func (c *Container) ReplaceThroughput(ctx context.Context, opts ...Option) (t *ThroughputProperties, err error) {
	ctx, ended := c.client().traced(ctx, "replace_container_throughput", c.where().link)
	defer func() { ended(err) }()
	o, set, err := c.offer(ctx, option.ReplaceThroughput, opts)
	if err != nil {
		return nil, err
	}
	return c.client().replaceOffer(ctx, set, o)
}

// ReadThroughput reads the throughput that the database's containers share. It fails with [ErrNotFound] where there is
// none.
func (d *Database) ReadThroughput(ctx context.Context, opts ...Option) (t *ThroughputProperties, err error) {
	ctx, ended := d.Client().traced(ctx, "read_database_throughput", d.where().link)
	defer func() { ended(err) }()
	o, set, err := d.offer(ctx, option.ReadThroughput, opts)
	if err != nil {
		return nil, err
	}
	return d.client.readOffer(ctx, set, o)
}

// ReplaceThroughput changes the throughput that the database's containers share, as that of [Container].
func (d *Database) ReplaceThroughput(ctx context.Context, opts ...Option) (t *ThroughputProperties, err error) {
	ctx, ended := d.Client().traced(ctx, "replace_database_throughput", d.where().link)
	defer func() { ended(err) }()
	o, set, err := d.offer(ctx, option.ReplaceThroughput, opts)
	if err != nil {
		return nil, err
	}
	return d.client.replaceOffer(ctx, set, o)
}

func (c *Container) offer(ctx context.Context, op *option.Operation, opts []Option) (*offer, *option.Set, error) {
	if err := c.check(); err != nil {
		return nil, nil, err
	}
	set, err := c.client().resolve(ctx, op, opts)
	if err != nil {
		return nil, nil, err
	}
	d, err := c.definition(ctx, nil)
	if err != nil {
		return nil, nil, err
	}
	owner := fmt.Sprintf("container %q", c.id)
	o, err := c.client().findOffer(ctx, set, d.rid, owner)
	if errors.Is(err, ErrNotFound) {
		// The container may have been created again since its definition was read.
		fresh, lookErr := c.definition(ctx, d)
		if lookErr != nil {
			return nil, nil, lookErr
		}
		if fresh.rid != d.rid {
			o, err = c.client().findOffer(ctx, set, fresh.rid, owner)
		}
	}
	return o, set, err
}

func (d *Database) offer(ctx context.Context, op *option.Operation, opts []Option) (*offer, *option.Set, error) {
	p, err := d.Read(ctx)
	if err != nil {
		return nil, nil, err
	}
	set, err := d.client.resolve(ctx, op, opts)
	if err != nil {
		return nil, nil, err
	}
	o, err := d.client.findOffer(ctx, set, p.RID, fmt.Sprintf("database %q", d.id))
	return o, set, err
}

// offer is the resource that holds a throughput. raw is all of its JSON: a replace must send unknown members back.
type offer struct {
	RID     string `json:"_rid"`
	Content struct {
		Throughput int        `json:"offerThroughput"`
		Autoscale  *autopilot `json:"offerAutopilotSettings,omitempty"`
	} `json:"content"`

	raw json.RawMessage
}

type autopilot struct {
	Max int `json:"maxThroughput"`
}

func (o *offer) properties(resp *Response) *ThroughputProperties {
	p := &ThroughputProperties{Current: o.Content.Throughput, Response: resp}
	if o.Content.Autoscale != nil {
		p.Autoscale = o.Content.Autoscale.Max
	} else {
		p.Manual = o.Content.Throughput
	}
	p.Minimum, _ = strconv.Atoi(resp.Header.Get(rest.HeaderMinThroughput))
	p.Pending = strings.EqualFold(resp.Header.Get(rest.HeaderOfferPending), "true") ||
		resp.StatusCode == http.StatusAccepted
	return p
}

// findOffer looks for the offer of a resource id.
func (c *Client) findOffer(ctx context.Context, set *option.Set, rid, owner string) (*offer, error) {
	body, err := queryBody("SELECT * FROM root r WHERE r.offerResourceId = @rid",
		[]Parameter{{Name: "@rid", Value: rid}})
	if err != nil {
		return nil, err
	}
	f := &feed{client: c, set: &option.Set{Priority: set.Priority}, array: "Offers",
		request: func(context.Context) (*rest.Request, error) {
			req := address{path: "/offers"}.request(http.MethodPost, rest.Offers, rest.Read)
			req.Body = body
			req.Set(rest.HeaderContentType, rest.ContentQuery)
			req.Set(rest.HeaderIsQuery, "True")
			return req, nil
		}}
	for {
		page, err := f.next(ctx)
		// A serverless account refuses to be asked, with a 400.
		if err == io.EOF || isStatus(err, http.StatusBadRequest) {
			return nil, fmt.Errorf("cosmos: %s has no throughput of its own: it shares its database's, or the "+
				"account is serverless: %w", owner, ErrNotFound)
		}
		if err != nil {
			return nil, err
		}
		if len(page.Items) > 0 {
			return parseOffer(page.Items[0])
		}
	}
}

func parseOffer(raw []byte) (*offer, error) {
	o := &offer{raw: raw}
	if err := json.Unmarshal(raw, o); err != nil {
		return nil, fmt.Errorf("cosmos: the service's offer cannot be read: %w", err)
	}
	return o, nil
}

// request starts a request on the offer. It is addressed, and signed, by its resource id.
func (o *offer) request(verb string, effect rest.Effect) *rest.Request {
	return address{link: o.RID, path: "/offers/" + o.RID}.request(verb, rest.Offers, effect)
}

func (c *Client) readOffer(ctx context.Context, set *option.Set, o *offer) (*ThroughputProperties, error) {
	resp, err := c.do(ctx, set, o.request(http.MethodGet, rest.Read))
	if err == nil {
		o, err = parseOffer(resp.Body)
	}
	if err != nil {
		return &ThroughputProperties{Response: resp}, err
	}
	return o.properties(resp), nil
}

// replaceOffer changes an offer. A change between manual and autoscale needs a header, and the service may then choose
// another number than the requested one: then a second request sets it.
func (c *Client) replaceOffer(ctx context.Context, set *option.Set, o *offer) (*ThroughputProperties, error) {
	if (set.Throughput == 0) == (set.AutoscaleThroughput == 0) {
		return nil, errtext.Refusef(
			"cosmos: ReplaceThroughput needs one of the options Throughput and AutoscaleThroughput")
	}
	other := func() bool { return (set.AutoscaleThroughput != 0) != (o.Content.Autoscale != nil) }
	for {
		req := o.request(http.MethodPut, rest.Write)
		migrates := other()
		if migrates && set.AutoscaleThroughput != 0 {
			req.Set(rest.HeaderMigrateAutoscale, "true")
		} else if migrates {
			req.Set(rest.HeaderMigrateManual, "true")
		}
		body, err := o.changed(set.Throughput, set.AutoscaleThroughput)
		if err != nil {
			return nil, err
		}
		req.Body = body
		resp, err := c.do(ctx, set, req)
		if err == nil {
			o, err = parseOffer(resp.Body)
		}
		if err != nil {
			return &ThroughputProperties{Response: resp}, err
		}
		p := o.properties(resp)
		if !migrates || p.Pending || p.Manual == set.Throughput && p.Autoscale == set.AutoscaleThroughput {
			return p, nil
		}
		if other() { // it would be asked without an end
			return p, errors.New("cosmos: the service took the change between manual and autoscale throughput and " +
				"has not made it: it may not support the other kind for this resource; read the throughput again")
		}
	}
}

// changed is the offer's JSON with another throughput and everything else as it was.
func (o *offer) changed(manual, autoscale int) ([]byte, error) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(o.raw, &all); err != nil {
		return nil, err
	}
	content := map[string]any{"offerThroughput": manual}
	if autoscale != 0 {
		content = map[string]any{"offerThroughput": o.Content.Throughput,
			"offerAutopilotSettings": autopilot{Max: autoscale}}
	}
	text, err := json.Marshal(content)
	if err != nil {
		return nil, err
	}
	all["content"] = text
	return json.Marshal(all)
}
