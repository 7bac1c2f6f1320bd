package store

import (
	"encoding/json"
	"slices"

	"github.com/cosmossql/cosmossql/internal/value"
)

// Throughput is what a database or container is given: Manual RU/s, or up to Autoscale RU/s, or neither.
type Throughput struct {
	Manual, Autoscale int
	Upgrade           string // the JSON of an autoscale offer's upgrade policy, or ""
}

// Max is the highest rate it allows.
func (t Throughput) Max() int { return max(t.Manual, t.Autoscale) }

func (t Throughput) check() error {
	switch {
	case t.Manual != 0 && t.Autoscale != 0:
		return Errorf(400, 0, "Offer throughput and autopilot settings cannot both be specified.")
	case t.Manual != 0 && (t.Manual < 400 || t.Manual%100 != 0 || t.Manual > 1_000_000):
		return Errorf(400, 0,
			"The offer should have valid throughput values between 400 and 1000000 inclusive in increments of 100.")
	case t.Upgrade != "" && t.Autoscale == 0:
		return Errorf(400, 0, "An autoUpgradePolicy is of an offer with autoscale throughput.")
	case t.Autoscale != 0 && t.Autoscale < 1000:
		return Errorf(400, 0, "Requested throughput %d is less than required minimum throughput 1000", t.Autoscale)
	case t.Autoscale%1000 != 0:
		return Errorf(400, 0,
			"The offer should have valid autoscale max throughput values of at least 1000 in increments of 1000.")
	case t.Autoscale > 1_000_000:
		return Errorf(400, 0,
			"The offer should have valid autoscale max throughput values between 1000 and 1000000 inclusive.")
	}
	return nil
}

// partitions is how many physical partitions the rate needs.
func (t Throughput) partitions() int { return (t.Max() + 9_999) / 10_000 }

// initial is how many physical partitions a container is created with. Where a fixed rate needs several, the service
// leaves each room to grow: 18,000 RU/s begin with three and 30,000 with five, as its documentation and the tests of
// its SDKs have it. With autoscale each begins at the most that one can have.
func (t Throughput) initial() int {
	if t.Manual > 10_000 {
		return (t.Manual + 5_999) / 6_000
	}
	return t.partitions()
}

// Offer is the throughput of one database or container.
type Offer struct {
	*Resource
	resource, owner string // _self and _rid of what it belongs to
	Throughput      Throughput
	Pending         bool // partitions are being split for it
	highest         int  // rate that it ever had
}

type autoscaleSettings struct {
	MaxThroughput     int             `json:"maxThroughput"`
	AutoUpgradePolicy json.RawMessage `json:"autoUpgradePolicy,omitempty"`
}

// offerContent is the content of an offer, its members in the service's order.
type offerContent struct {
	OfferThroughput int  `json:"offerThroughput"`
	PerMinute       bool `json:"offerIsRUPerMinuteThroughputEnabled"`
	Minimum         struct {
		MaxEver     int `json:"maxThroughputEverProvisioned"`
		MaxConsumed int `json:"maxConsumedStorageEverInKB"`
	} `json:"offerMinimumThroughputParameters"`
	LastReplaced           int64              `json:"offerLastReplaceTimestamp,omitempty"`
	OfferAutopilotSettings *autoscaleSettings `json:"offerAutopilotSettings,omitempty"`
}

// newOffer builds the offer resource of owner; old is the one that it replaces, or nil.
func (a *Account) newOffer(rid, resource, owner string, t Throughput, old *Offer) *Offer {
	o := &Offer{resource: resource, owner: owner, Throughput: t, highest: t.Max()}
	content := offerContent{OfferThroughput: t.Manual}
	if t.Autoscale != 0 {
		// An autoscale offer idles at a tenth of its maximum.
		content.OfferThroughput = t.Autoscale / 10
		content.OfferAutopilotSettings = &autoscaleSettings{MaxThroughput: t.Autoscale,
			AutoUpgradePolicy: json.RawMessage(t.Upgrade)}
	}
	if old != nil {
		o.highest = max(o.highest, old.highest)
		content.LastReplaced = a.Now().Unix()
	}
	content.Minimum.MaxEver = o.highest
	text, _ := json.Marshal(content) // plain data
	parsed, _ := value.Parse(text)
	in := value.Object([]value.Member{
		{Name: "resource", Value: value.String(resource)}, {Name: "offerType", Value: value.String("Invalid")},
		{Name: "offerResourceId", Value: value.String(owner)}, {Name: "offerVersion", Value: value.String("V2")},
		{Name: "content", Value: parsed}})
	o.Resource = a.newResource(in, rid, rid, "offers/"+rid+"/")
	return o
}

// addOffer gives a new database or container its offer; the account's lock is held.
func (a *Account) addOffer(owner *Resource, t Throughput) string {
	rid := newOfferRID()
	for a.offers.taken(rid) {
		rid = newOfferRID()
	}
	a.offers.add(a.newOffer(rid, owner.Self(), owner.RID(), t, nil))
	return rid
}

func (a *Account) dropOffer(rid string) {
	if o, ok := a.offers.find(rid); ok {
		a.offers.remove(o)
	}
}

// Offers lists all offers, oldest first.
func (a *Account) Offers() []*Offer {
	all := list(a, &a.offers)
	for i, o := range all {
		all[i] = a.shown(o)
	}
	return all
}

// Offer finds an offer by its rid.
func (a *Account) Offer(rid string) (*Offer, error) {
	o, err := find(a, &a.offers, rid)
	if err != nil {
		return nil, err
	}
	return a.shown(o), nil
}

// shown is the offer as it is shown, which tells whether partitions are still being split for it.
func (a *Account) shown(o *Offer) *Offer {
	if a.opts.Phases == (Phases{}) || !slices.ContainsFunc(a.sharers(o.RID()), (*Container).Growing) {
		return o
	}
	pending := *o
	r := *o.Resource
	r.value = with(r.value, "content", with(r.value.Get("content"), "isOfferReplacePending", value.True))
	r.json = value.AppendJSON(nil, r.value)
	pending.Resource, pending.Pending = &r, true
	return &pending
}

// ReplaceOffer changes a throughput to what the JSON of the offer says. Changing between manual and autoscale needs
// migrate, the service's migration headers. A non-empty ifMatch must be the present etag. Where the new rate is more
// than the physical partitions can carry, they are split. It is 423 while that takes time: see [Phases].
func (a *Account) ReplaceOffer(rid string, body []byte, migrate bool, ifMatch string) (*Offer, error) {
	var in struct {
		OfferResourceID string       `json:"offerResourceId"`
		Content         offerContent `json:"content"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, Invalid()
	}
	if old, err := a.Offer(rid); err == nil && old.Pending {
		return nil, Errorf(423, 0,
			"The offer cannot be replaced while partitions are being split for it: try again later.")
	}
	o, err := a.putOffer(rid, in.OfferResourceID, in.Content, migrate, ifMatch)
	if err != nil {
		return nil, err
	}
	// Not under the account's lock: a split waits for the queries that are reading.
	for _, c := range a.sharers(rid) {
		c.grow(o.Throughput.partitions())
	}
	return a.shown(o), nil
}

// putOffer is the part of [Account.ReplaceOffer] that the account's lock guards.
func (a *Account) putOffer(rid, owner string, content offerContent, migrate bool, ifMatch string) (*Offer, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	old, ok := a.offers.find(rid)
	if !ok {
		return nil, notFound()
	}
	if err := Match(ifMatch, old.ETag()); err != nil {
		return nil, err
	}
	if owner != "" && owner != old.owner {
		return nil, Errorf(400, 0, "The offer's resource cannot be changed.")
	}
	t, err := changed(old.Throughput, content, migrate)
	if err != nil {
		return nil, err
	}
	o := a.newOffer(rid, old.resource, old.owner, t, old)
	a.offers.replace(old, o)
	return o, nil
}

// changed is the throughput that content asks for in the place of old.
func changed(old Throughput, content offerContent, migrate bool) (Throughput, error) {
	var t Throughput
	switch s := content.OfferAutopilotSettings; {
	case migrate && old.Autoscale != 0:
		// Away from autoscale: a manual rate where one is named, else that of the maximum's tenth, but no less than
		// allowed.
		if t.Manual = content.OfferThroughput; t.Manual <= 0 || s != nil && s.MaxThroughput <= 0 {
			t.Manual = max(400, old.Autoscale/10)
		}
	case s != nil && s.MaxThroughput > 0:
		t.Autoscale, t.Upgrade = s.MaxThroughput, string(s.AutoUpgradePolicy)
	case migrate && old.Manual != 0:
		// A migration that names no maximum gets the smallest one that covers the old rate.
		t.Autoscale = max(1000, (old.Manual+999)/1000*1000)
	default:
		t.Manual = content.OfferThroughput
	}
	if t == (Throughput{}) {
		return t, Errorf(400, 0, "The offer names no throughput.")
	}
	if (t.Manual != 0) != (old.Manual != 0) && !migrate {
		return t, Errorf(400, 0,
			"Migration between manual throughput and autoscale is not done by replacing the offer: "+
				"please invoke the migration API.")
	}
	return t, t.check()
}

// sharers are the containers whose throughput is that of an offer.
func (a *Account) sharers(offer string) (out []*Container) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	for _, d := range a.databases.list {
		for _, c := range d.containers.list {
			if c.offerRID() == offer {
				out = append(out, c)
			}
		}
	}
	return out
}

// offerRID names the offer that applies to a container: its own, or its database's.
func (c *Container) offerRID() string {
	if c.offer != "" {
		return c.offer
	}
	return c.db.offer
}

// throughput is the rate that applies to a container; the account's lock is held.
func (a *Account) throughput(c *Container) Throughput {
	if o, ok := a.offers.find(c.offerRID()); ok {
		return o.Throughput
	}
	return Throughput{}
}

// Throughput is the rate that applies to the container: its own, or the one its database shares out.
func (c *Container) Throughput() Throughput {
	a := c.account
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.throughput(c)
}

// MinThroughput is the least an offer may be set to, as the replace answers it.
func (o *Offer) MinThroughput() string {
	if o.Throughput.Autoscale != 0 {
		return "1000"
	}
	return "400"
}
