package control

import (
	"bytes"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

// duration is one as texts have it: 1h30m, 20ms.
type duration time.Duration

// MarshalText writes the duration.
func (d duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads a duration.
func (d *duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	if err != nil {
		return fail(400, "%q is not a time: such as 20ms or 1h30m", text)
	}
	*d = duration(v)
	return nil
}

type accountState struct {
	Name        string             `json:"name"`
	Endpoint    string             `json:"endpoint"`
	Address     string             `json:"address"`
	Consistency string             `json:"consistency"`
	MultiWrite  bool               `json:"multiWrite"`
	Throttle    bool               `json:"throttle"`
	Now         time.Time          `json:"now"`
	Regions     []regionState      `json:"regions"`
	Replication []replicationState `json:"replication"`
}

type regionState struct {
	Name     string `json:"name"`
	Endpoint string `json:"endpoint"`
	Writes   bool   `json:"writes"`
	Draining bool   `json:"draining"`
}

type replicationState struct {
	From    string   `json:"from"`
	To      string   `json:"to"`
	Least   duration `json:"least"`
	Most    duration `json:"most"`
	Paused  bool     `json:"paused"`
	Waiting int      `json:"waiting"`
}

// account answers what the account is. Whatever changes it answers the same.
func account(c *call) (any, error) {
	a := c.srv.Account()
	out := accountState{Name: a.Name, Endpoint: a.Endpoint, Address: c.srv.Address(), Consistency: a.Consistency,
		MultiWrite: a.MultiWrite, Throttle: a.Throttled, Now: a.Now}
	for _, r := range a.Regions {
		out.Regions = append(out.Regions, regionState(r))
	}
	for _, r := range a.Replication {
		out.Replication = append(out.Replication,
			replicationState{r.From, r.To, duration(r.Least), duration(r.Most), r.Paused, r.Waiting})
	}
	return out, nil
}

// then answers what the account is after a change.
func (c *call) then(err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return account(c)
}

// need refuses a body without a member that it needs.
func need(name, value string) error {
	if value == "" {
		return fail(400, "member %q is missing", name)
	}
	return nil
}

type named struct {
	Name string `json:"name"`
}

func addRegion(c *call, in named) (any, error) {
	if err := need("name", in.Name); err != nil {
		return nil, err
	}
	return c.then(c.srv.AddRegion(in.Name))
}

func drain(c *call) (any, error)        { return c.then(c.srv.DrainRegion(c.r.PathValue("region"))) }
func cancelDrain(c *call) (any, error)  { return c.then(c.srv.CancelDrain(c.r.PathValue("region"))) }
func removeRegion(c *call) (any, error) { return c.then(c.srv.RemoveRegion(c.r.PathValue("region"))) }

type failover struct {
	Region string `json:"region"`
	Force  bool   `json:"force"`
}

type lostWrite struct {
	Database  string `json:"database"`
	Container string `json:"container"`
	Item      string `json:"item"`
	ETag      string `json:"etag"` // "" where it was a delete
}

func lost(writes []cosmostest.LostWrite, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	out := []lostWrite{}
	for _, w := range writes {
		out = append(out, lostWrite(w))
	}
	return map[string]any{"lost": out}, nil
}

func failOver(c *call, in failover) (any, error) {
	if err := need("region", in.Region); err != nil {
		return nil, err
	}
	if in.Force {
		return lost(c.srv.ForceFailover(in.Region))
	}
	return lost(nil, c.srv.MoveWriteRegion(in.Region))
}

type toggle struct {
	On *bool `json:"on"`
}

// state is what the body says.
func (t toggle) state() (bool, error) {
	if t.On == nil {
		return false, need("on", "")
	}
	return *t.On, nil
}

func multiWrite(c *call, in toggle) (any, error) {
	on, err := in.state()
	if err != nil {
		return nil, err
	}
	return c.then(c.srv.SetMultiWrite(on))
}

func throttle(c *call, in toggle) (any, error) {
	on, err := in.state()
	if err == nil {
		c.srv.SetThrottle(on)
	}
	return c.then(err)
}

type link struct {
	From   string    `json:"from"`
	To     string    `json:"to"`
	Least  *duration `json:"least"`
	Most   *duration `json:"most"`
	Paused *bool     `json:"paused"`
}

func replication(c *call, in link) (any, error) {
	switch {
	case (in.Least == nil) != (in.Most == nil):
		return nil, fail(400, `"least" and "most" go together`)
	case in.Least == nil && in.Paused == nil:
		return nil, fail(400, `nothing is to be changed: "least" with "most", or "paused", is missing`)
	}
	if in.Least != nil {
		err := c.srv.SetReplicationDelay(in.From, in.To, time.Duration(*in.Least), time.Duration(*in.Most))
		if err != nil {
			return nil, err
		}
	}
	switch {
	case in.Paused == nil:
	case *in.Paused:
		return c.then(c.srv.PauseReplication(in.From, in.To))
	default:
		return c.then(c.srv.ResumeReplication(in.From, in.To))
	}
	return account(c)
}

type move struct {
	Advance duration  `json:"advance"`
	Skew    *duration `json:"skew"`
}

func clock(c *call, in move) (any, error) {
	switch {
	case in.Advance < 0:
		return nil, fail(400, "the clock goes ahead only, not by %v", time.Duration(in.Advance))
	case in.Advance == 0 && in.Skew == nil:
		return nil, fail(400, `nothing is to be changed: "advance" or "skew" is missing`)
	}
	c.srv.Advance(time.Duration(in.Advance))
	if in.Skew != nil {
		c.srv.SkewClock(time.Duration(*in.Skew))
	}
	return account(c)
}

func save(c *call) (any, error) {
	var b bytes.Buffer
	err := c.srv.Dump(&b)
	return jsontext.Value(b.Bytes()), err
}

func load(c *call) (any, error) {
	if err := c.srv.Load(c.body); err != nil {
		return nil, err
	}
	return contents(c)
}
