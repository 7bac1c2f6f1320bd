package driver

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/naming"
)

const scheme = "cosmos://"

var otherScheme = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*://`)

// ParseDSN reads a data source name in either of its two forms:
//
//	AccountEndpoint=https://name.documents.azure.com:443/;AccountKey=…;Database=shop;PageSize=500
//	cosmos://KEY@name.documents.azure.com:443/shop?page_size=500
//
// The first is the portal's connection string with options added, the second a URL: key, host, database and, as a
// second segment, container; key and names percent-encoded as in any URL. The options set the fields of [Config]:
//
//	Database, Container   also Db and DefaultDb, Collection; in a URL better in its path
//	ResourceToken         in place of the key; it has semicolons in it, so in a URL only, percent-encoded
//	Credential            in place of the key: a name that cosmos.RegisterCredential knows
//	PartitionKey          of statements that name none: a string, or a JSON array such as ["C-7",5]; {} is Undefined
//	Consistency           Strong, BoundedStaleness, Session, ConsistentPrefix or Eventual
//	PreferredRegions      names of regions with commas between them
//	PageSize              documents a page
//	MaxConcurrency        partitions asked at once
//	ExcludedRegions       names of regions with commas between them
//	Timeout               of one attempt of one request, such as 5s; or TimeoutMs
//	ConnectTimeout        of the making of a connection
//	MaxThrottleRetries    repeats of a throttled request
//	MaxThrottleWait       sum of the pauses that the service asks for
//	HedgeThreshold        after which a read goes to a second region, too; HedgeStep to each further one
//	MaxResponseBytes      of the largest answer that is read
//	Priority              High or Low: which requests the service throttles first
//	ThroughputBucket      of the container, 1 to 5
//	MaxRUPerSecond        request units a second that one statement may cost
//	TargetThroughput      request units a second that all statements may cost together
//	TargetThroughputThreshold  the same as a share of the throughput of each container
//	UserAgent             added to that of the requests; also ApplicationName
//	ScanAhead             bytes; 0 is one page, -1 everything
//	Extra                 name of a column
//	Transactions          batch or distributed
//	SystemColumns         true or false, like all that follow
//	AutoID                false sets NoAutoID
//	RequireKey            INSERT and UPSERT refuse a document without its partition key
//	TimeFormat            fixed: times among the arguments have seven digits behind the second
//	ParseTime             texts that are times are handed out as time.Time
//	InsecureSkipVerify    also DisableServerCertificateValidation
//	tls                   in a URL only; false is http
//
// Case, "_" and "-" do not count in their names: PageSize is page_size. docs/dsn.md has each with its default and an
// example. Semicolons and white space at the end do not count in either form; in a URL the key may also stand as the
// password, cosmos://x:KEY@host.
//
// An option that is unknown or given twice, a value that is not one of the option's, a missing endpoint, a malformed
// key are errors that name it, but never show a key.
func ParseDSN(dsn string) (*Config, error) {
	c := &Config{}
	parse := c.parseString
	dsn = strings.Trim(dsn, " \t\r\n")
	if other := otherScheme.FindString(dsn); other != "" && !strings.EqualFold(other, scheme) {
		return nil, fmt.Errorf("cosmos: DSN: it begins with %s; a DSN is AccountEndpoint=https://…;AccountKey=…;"+
			"Database=… or cosmos://KEY@host/database", other)
	}
	if len(dsn) >= len(scheme) && strings.EqualFold(dsn[:len(scheme)], scheme) {
		dsn, parse = strings.TrimRight(dsn[len(scheme):], "; "), c.parseURL
	}
	err := parse(dsn)
	if err == nil {
		err = c.validateNames()
	}
	if err != nil {
		return nil, fmt.Errorf("cosmos: DSN: %w", discreet(errtext.Inner(err)))
	}
	if c.Endpoint == "" {
		return nil, errors.New("cosmos: DSN: missing endpoint: it needs AccountEndpoint=https://…, or has the form " +
			"cosmos://KEY@host/database")
	}
	return c, nil
}

// FormatDSN writes c as a DSN in URL form, key included, so that [ParseDSN] gives the same Config again.
func (c Config) FormatDSN() string {
	tls, host, _ := splitEndpoint(c.Endpoint)
	var b strings.Builder
	b.WriteString(scheme)
	if c.Key != "" {
		b.WriteString(url.QueryEscape(c.Key) + "@")
	}
	b.WriteString(host)
	if c.Database != "" {
		b.WriteString("/" + escapeID(c.Database))
		if c.Container != "" {
			b.WriteString("/" + escapeID(c.Container))
		}
	}
	sep := "?"
	add := func(name, value string) {
		b.WriteString(sep + name + "=" + url.QueryEscape(value))
		sep = "&"
	}
	if !tls && host != "" {
		add("tls", "false")
	}
	for _, o := range options {
		if o.get == nil {
			continue
		}
		if v := o.get(&c); v != "" {
			add(o.name, v)
		}
	}
	return b.String()
}

// escapeID escapes the @ too, which may end a key.
func escapeID(id string) string { return strings.ReplaceAll(url.PathEscape(id), "@", "%40") }

// parseString reads Name=value;Name=value.
func (c *Config) parseString(dsn string) error {
	seen := seenOptions{}
	for part, err := range naming.Parts(dsn) {
		if err != nil && c.ResourceToken != "" {
			return fmt.Errorf("%w: a resource token has semicolons in it, which end an option here; "+
				"write it percent-encoded in the form cosmos://host/database?resource_token=…", err)
		}
		if err != nil {
			return fmt.Errorf("%w; a DSN is AccountEndpoint=…;AccountKey=…;Database=… or cosmos://KEY@host/database",
				err)
		}
		if err := seen.set(c, inString, part.Name, part.Value); err != nil {
			return err
		}
	}
	return nil
}

// parseURL reads [key@]host[:port][/database[/container]][?name=value&…], what follows cosmos://.
func (c *Config) parseURL(dsn string) error {
	rest, query, _ := strings.Cut(dsn, "?")
	host, path, err := c.parseUser(rest)
	if err != nil {
		return err
	}
	seen := seenOptions{}
	ids := strings.Split(path, "/")
	if len(ids) > 2 {
		return errors.New("the path has more than two segments; it is /database/container")
	}
	for i, id := range ids {
		if id == "" {
			continue
		}
		if id, err = url.PathUnescape(id); err != nil {
			return errors.New("the path has a % that is not followed by two hexadecimal digits")
		}
		if err := seen.set(c, inURL, []string{"database", "container"}[i], id); err != nil {
			return err
		}
	}
	tls := true
	for part := range strings.SplitSeq(query, "&") {
		if part == "" {
			continue
		}
		name, value, given := strings.Cut(part, "=")
		name, err1 := url.QueryUnescape(name)
		value, err2 := url.QueryUnescape(value)
		if err1 != nil || err2 != nil {
			return fmt.Errorf("option%s has a %% that is not followed by two hexadecimal digits", shown(name))
		}
		if !given {
			value = "true"
		}
		if err := seen.set(c, inURL, name, value); err != nil {
			return err
		}
		if naming.Fold(name) == "tls" {
			tls, _ = strconv.ParseBool(value)
		}
	}
	if host == "" {
		return nil
	}
	c.Endpoint, err = joinEndpoint(tls, host)
	return err
}

// parseUser splits [key@]host/path, and keeps the key. Some tools write user:key@, whose user says nothing here. A key
// that was not percent-encoded may hold a slash; account keys are longer than 40 bytes and end in =.
func (c *Config) parseUser(rest string) (host, path string, err error) {
	at := strings.IndexByte(rest, '@')
	if slash := strings.IndexByte(rest, '/'); slash >= 0 && slash < at && at < 40 && rest[at-1] != '=' {
		at = -1 // an @ in the name of a database
	}
	if at >= 0 {
		user, err := url.PathUnescape(rest[:at])
		if err != nil {
			return "", "", errors.New("the key has a % that is not followed by two hexadecimal digits")
		}
		if i := strings.LastIndexByte(user, ':'); i >= 0 {
			user = user[i+1:]
		}
		if user != "" {
			if err := checkKey(user); err != nil {
				return "", "", err
			}
			c.Key = user
		}
		rest = rest[at+1:]
	}
	host, path, _ = strings.Cut(rest, "/")
	return host, path, nil
}

// splitEndpoint takes https://host:port/ apart; the standard port goes.
func splitEndpoint(endpoint string) (tls bool, host string, err error) {
	rest, tls := strings.CutPrefix(endpoint, "https://")
	if !tls {
		var plain bool
		if rest, plain = strings.CutPrefix(endpoint, "http://"); !plain {
			return false, "", errors.New("the endpoint does not start with https:// (or http://)")
		}
	}
	host = strings.TrimSuffix(rest, "/")
	if err := checkHost(host); err != nil {
		return false, "", err
	}
	return tls, host, nil
}

// joinEndpoint is the reverse of splitEndpoint.
func joinEndpoint(tls bool, host string) (string, error) {
	if err := checkHost(host); err != nil {
		return "", err
	}
	if tls {
		return "https://" + host + "/", nil
	}
	return "http://" + host + "/", nil
}

// checkHost reports what is not a host[:port]. What does not look like one is not shown: it may be a key that lacks its
// @.
func checkHost(host string) error {
	if !hostChars.MatchString(host) {
		return errors.New("the endpoint's host is not of the form host:port")
	}
	u, err := url.Parse("https://" + host)
	if err != nil || u.Hostname() == "" || u.Host != host {
		return fmt.Errorf("the endpoint's host %q is not of the form host:port", host)
	}
	if _, port, ok := strings.Cut(u.Host[strings.LastIndexByte(u.Host, ']')+1:], ":"); ok {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return fmt.Errorf("the endpoint's host %q has no port from 1 to 65535", host)
		}
	}
	return nil
}

// hostChars matches names whose labels have at most the 63 characters that DNS allows, and IPv6 addresses.
var hostChars = regexp.MustCompile(`^(\[[0-9A-Fa-f:.]+\]|[\pL\pN_-]{1,63}(\.[\pL\pN_-]{1,63})*\.?)(:[^/@]{0,9})?$`)
