package cosmostest

import (
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

// AccountName sets the account's id, "cosmostest" by default: 3 to 44 lower-case letters, digits and hyphens.
func AccountName(name string) Option { return func(c *config) { c.account = name } }

// OnePort serves all regions at one address and tells them apart by the name that a request was sent to, as the service
// does: the account is at NAME.domain, its region West US at NAME-westus.domain. NAME is [AccountName]. The names must
// lead to the server: by lines in the hosts file, by a resolver of the client, or through [Server.HTTPClient]. Any
// other name, and the address itself, is the account's own endpoint.
func OnePort(domain string) Option { return func(c *config) { c.domain = domain } }

// Advertise has the account tell clients this host, such as 127.0.0.1, instead of the one that they have asked by. A
// port may follow where the account has one region, for servers behind a port that is mapped.
func Advertise(host string) Option { return func(c *config) { c.advertise = host } }

var (
	accountName = regexp.MustCompile(`^[a-z0-9-]{3,44}$`)
	domainName  = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)*$`)
	regionName  = regexp.MustCompile(`^[A-Za-z0-9 -]+$`) // that can be part of a host's name
	hostName    = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$`)
)

// checkNames refuses names that no account has.
func (c *config) checkNames() error {
	switch {
	case !accountName.MatchString(c.account):
		return fmt.Errorf("cosmostest: AccountName(%q): 3 to 44 lower-case letters, digits and hyphens are wanted",
			c.account)
	case c.domain != "" && !domainName.MatchString(c.domain):
		return fmt.Errorf("cosmostest: OnePort(%q): a domain in lower case is wanted, such as documents.azure.com",
			c.domain)
	case c.domain != "" && c.advertise != "":
		return fmt.Errorf("cosmostest: OnePort(%q) names the account and its regions: leave out Advertise(%q)",
			c.domain, c.advertise)
	}
	for _, name := range c.regions {
		if err := c.checkRegionName(name); err != nil {
			return err
		}
	}
	return c.checkAdvertised(len(c.regions))
}

// checkAdvertised refuses to advertise what is not a host, or the same address for several regions.
func (c *config) checkAdvertised(regions int) error {
	host, port, err := net.SplitHostPort(c.advertise)
	if err != nil {
		host = c.advertise
	}
	number, portErr := strconv.ParseUint(port, 10, 16)
	switch {
	case c.advertise == "":
	case net.ParseIP(host) == nil && !hostName.MatchString(host), err == nil && (portErr != nil || number == 0):
		return fmt.Errorf(
			"cosmostest: Advertise(%q): a host is wanted, such as 127.0.0.1, or one with a port, such as db.test:443",
			c.advertise)
	case err == nil && regions > 1:
		return fmt.Errorf(
			"cosmostest: Advertise(%q): each region has a port of its own: give a host without one, or see OnePort",
			c.advertise)
	}
	return nil
}

// checkRegionName refuses the name of a region that cannot be part of a host's.
func (c *config) checkRegionName(name string) error {
	if c.domain != "" && !regionName.MatchString(name) {
		return fmt.Errorf(
			"cosmostest: the region %q cannot be part of a host's name: letters, digits, blanks and hyphens are wanted",
			name)
	}
	return nil
}

// host is the name of a region's host where one port serves all; "" is the account's.
func (c *config) host(region string) string {
	name := c.account
	if region != "" {
		name += "-" + strings.ToLower(strings.ReplaceAll(region, " ", ""))
	}
	return name + "." + c.domain
}

// hosts are the names that a certificate of the server has to have.
func (c *config) hosts() []string {
	if c.domain == "" {
		return nil
	}
	names := []string{c.host(""), "*." + c.domain} // regions that are added later; not every client takes the asterisk
	for _, region := range c.regions {
		names = append(names, c.host(region))
	}
	return names
}

// address is where clients find a face: a region's, or where the region has no name the account's.
func (s *Server) address(f *face, region string) string {
	_, port, _ := net.SplitHostPort(f.address())
	switch _, _, err := net.SplitHostPort(s.config.advertise); {
	case s.config.domain != "":
		return net.JoinHostPort(s.config.host(region), port)
	case s.config.advertise != "" && err == nil:
		return s.config.advertise
	case s.config.advertise != "":
		return net.JoinHostPort(s.config.advertise, port)
	}
	return f.address()
}

// serveByName serves a request by the name that it was sent to.
func (s *Server) serveByName(w http.ResponseWriter, r *http.Request) {
	region, ok := s.named(r.Host)
	if !ok {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(http.StatusMisdirectedRequest)
		fmt.Fprintf(w, "cosmostest: the account never had the region of %s\n", r.Host)
		return
	}
	s.gateway.ServeRegion(w, r, region)
}

// named is the region that a host's name means; false where there never was one.
func (s *Server) named(host string) (region int, ok bool) {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	label, ours := strings.CutSuffix(strings.ToLower(host), "."+s.config.domain)
	name, regional := strings.CutPrefix(label, s.config.account+"-")
	if !ours || !regional {
		return 0, true
	}
	all := s.account.Topology().Regions
	for i := len(all) - 1; i >= 0; i-- { // a name that was used again means the newest
		if store.SameRegion(all[i].Name, name) {
			return i, true
		}
	}
	return 0, false
}
