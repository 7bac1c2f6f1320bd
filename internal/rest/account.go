package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/cosmossql/cosmossql/internal/errtext"
)

// AccountInfo is the part of the account document that the client uses.
type AccountInfo struct {
	ID            string     `json:"id"`
	Writable      []Location `json:"writableLocations"`
	Readable      []Location `json:"readableLocations"`
	MultipleWrite bool       `json:"enableMultipleWriteLocations"`
	Policy        struct {
		Level string `json:"defaultConsistencyLevel"`
	} `json:"userConsistencyPolicy"`
}

// Location is one region of an account.
type Location struct {
	Name     string `json:"name"`
	Endpoint string `json:"databaseAccountEndpoint"`
}

// Account reads the account document (GET /), from which the client also learns the regions.
func (c *Client) Account(ctx context.Context) (*Response, *AccountInfo, error) {
	resp := &Response{}
	if c.closed.Load() {
		return resp, nil, ErrClosed
	}
	if err := c.run(ctx, &Request{Verb: http.MethodGet, Kind: Account, Path: "/"}, resp); err != nil {
		return resp, nil, err
	}
	info, err := parseAccount(resp.Body)
	if err == nil {
		c.regions.learn(info)
	}
	return resp, info, err
}

// knowRegions has the account read if a request needs it, and fails if the caller names a region that does not exist or
// the client is closed meanwhile.
func (c *Client) knowRegions(ctx context.Context, req *Request) error {
	switch c.regions.due() {
	case first:
		_ = c.refresh(ctx) // the account's own endpoint will do meanwhile
		if c.closed.Load() {
			return ErrClosed // nothing has been sent yet
		}
	case again:
		c.readAccount(context.Background())
	}
	for _, reg := range c.regions.probes() {
		c.besides(func(ctx context.Context) {
			sent := time.Now()
			_, err := c.accountAt(ctx, reg)
			c.regions.probed(reg.name, sent, err == nil)
		})
	}
	c.regions.mu.Lock()
	defer c.regions.mu.Unlock()
	if c.regions.misspelt != nil || len(req.Excluded) == 0 || c.regions.read.IsZero() {
		return c.regions.misspelt
	}
	info := &AccountInfo{}
	for _, list := range [2][]region{c.regions.reads, c.regions.writes} {
		for _, reg := range list {
			info.Readable = append(info.Readable, Location{Name: reg.name})
		}
	}
	return unknownRegion("excluded", req.Excluded, info)
}

// refresh has the account read again and waits for the end of that.
func (c *Client) refresh(ctx context.Context) error { return c.regions.await(ctx, c.readAccount(ctx)) }

// readAccount has the account read beside the request that needs it: others wait for the answer, too, and its caller
// must not cancel that.
func (c *Client) readAccount(ctx context.Context) <-chan struct{} {
	return c.regions.begin(func(end func(*AccountInfo, error)) {
		if !c.besides(func(background context.Context) {
			own, stop := context.WithCancel(context.WithoutCancel(ctx))
			defer stop()
			defer context.AfterFunc(background, stop)()
			end(c.fetchAccount(own))
		}) {
			end(nil, ErrClosed)
		}
	})
}

// fetchAccount reads the account document for a request that waits for it, so it tries each endpoint only once.
func (c *Client) fetchAccount(ctx context.Context) (info *AccountInfo, err error) {
	for _, at := range c.regions.sources() {
		if info, err = c.accountAt(ctx, at); err == nil || ctx.Err() != nil {
			break
		}
	}
	return info, err
}

// accountAt reads the account document from one region.
func (c *Client) accountAt(ctx context.Context, at region) (*AccountInfo, error) {
	ctx, cancel := context.WithTimeout(ctx, accountTimeout)
	defer cancel()
	req := &Request{Verb: http.MethodGet, Kind: Account, Path: "/"}
	resp := &Response{}
	if err := c.send(ctx, req, at, false, resp); err != nil {
		return nil, err
	}
	if resp.Status != http.StatusOK {
		return nil, resp.failure(req)
	}
	return parseAccount(resp.Body)
}

func parseEndpoint(endpoint string) (*url.URL, error) {
	u, err := url.Parse(endpoint)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.Hostname() == "" {
		// It is not shown: it may be a key that stands in the wrong place.
		return nil, errors.New("cosmos: the endpoint is not of the form https://account.documents.azure.com:443/")
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("cosmos: the endpoint of host %q has more than a host, a port and a path", u.Host)
	}
	return u, nil
}

func parseAccount(body []byte) (*AccountInfo, error) {
	var info AccountInfo
	if err := json.Unmarshal(body, &info); err != nil {
		return nil, fmt.Errorf("cosmos: the account's answer is not an account document: %w", err)
	}
	return &info, nil
}

// unknownRegion is the error of a name in a list that is not a region of the account, nor any other region of Azure:
// a region that was removed from the account, or is yet to be added, is not a mistake.
func unknownRegion(what string, names []string, info *AccountInfo) error {
	for _, name := range names {
		is := func(l Location) bool { return sameRegion(l.Name, name) }
		known := false
		var all []string
		for _, list := range [2][]Location{info.Readable, info.Writable} {
			for _, l := range list {
				known = known || is(l)
				if !named(all, l.Name) && l.Name != "" {
					all = append(all, l.Name)
				}
			}
		}
		if !known && !named(azureRegions, name) {
			return errtext.Refusef("cosmos: there is no region %q, which is among the %s ones; the account has %s",
				shorten(name), what, strings.Join(all, ", "))
		}
	}
	return nil
}

// shorten cuts a text that may be anything, even a secret in the wrong place.
func shorten(text string) string {
	const most = 60
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

// azureRegions are those that an account may have.
var azureRegions = strings.Split(
	"Australia Central,Australia Central 2,Australia East,Australia Southeast,Austria East,Belgium Central,"+
		"Brazil South,Brazil Southeast,Canada Central,Canada East,Central India,Central US,Central US EUAP,"+
		"Chile Central,China East,China East 2,China East 3,China North,China North 2,China North 3,Denmark East,"+
		"East Asia,East US,East US 2,East US 2 EUAP,East US 3,France Central,France South,Germany Central,"+
		"Germany North,Germany Northeast,Germany West Central,India South Central,Indonesia Central,"+
		"Israel Central,Israel Northwest,Italy North,Japan East,Japan West,Jio India Central,Jio India West,"+
		"Korea Central,Korea South,Malaysia South,Malaysia West,Mexico Central,New Zealand North,"+
		"North Central US,North Europe,Norway East,Norway West,Poland Central,Qatar Central,Saudi Arabia East,"+
		"South Africa North,South Africa West,South Central US,South Central US 2,South India,Southeast Asia,"+
		"Southeast US,Southeast US 3,Southeast US 5,Southwest US,Spain Central,Sweden Central,Sweden South,"+
		"Switzerland North,Switzerland West,Taiwan North,Taiwan Northwest,UAE Central,UAE North,UK South,UK West,"+
		"USDoD Central,USDoD East,USGov Arizona,USGov Iowa,USGov Texas,USGov Virginia,USNat East,USNat West,"+
		"USSec East,USSec West,USSec West Central,West Central US,West Europe,West India,West US,West US 2,"+
		"West US 3", ",")
