package driver

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/naming"
)

// Where an option may stand.
const (
	inString = 1 << iota // AccountEndpoint=…;Name=value
	inURL                // cosmos://…?name=value
	inBoth   = inString | inURL
)

// option is one name of the DSN.
type option struct {
	name    string   // as FormatDSN writes it
	aliases []string // folded, see [naming.Fold]
	field   string   // names what it sets, if another option sets the same; else empty
	where   int      // inString, inURL or both
	set     func(c *Config, value string) error
	get     func(c *Config) string // nil, or "" for the default, is not written
}

var options = []option{
	{name: "account_endpoint", where: inString, set: setEndpoint},
	{name: "account_key", where: inString, set: setKey},
	{name: "tls", where: inURL, set: func(_ *Config, v string) error { return parseBool(v, new(bool)) }},
	{name: "database", aliases: []string{"db", "defaultdb"}, where: inBoth,
		set: setText(func(c *Config) *string { return &c.Database })},
	{name: "container", aliases: []string{"collection"}, where: inBoth,
		set: setText(func(c *Config) *string { return &c.Container })},
	{
		name: "resource_token", where: inBoth,
		set: setText(func(c *Config) *string { return &c.ResourceToken }),
		get: func(c *Config) string { return c.ResourceToken },
	},
	{
		name: "credential", where: inBoth,
		set: setText(func(c *Config) *string { return &c.CredentialName }),
		get: func(c *Config) string { return c.CredentialName },
	},
	{
		name: "partition_key", where: inBoth,
		set: setPartitionKey,
		get: func(c *Config) string { return formatPartitionKey(c.PartitionKey) },
	},
	{
		name: "consistency", aliases: []string{"consistencylevel", "defaultconsistency"}, where: inBoth,
		set: setConsistency,
		get: func(c *Config) string { return string(c.Consistency) },
	},
	{
		name: "preferred_regions", aliases: []string{"preferredlocations", "applicationregion"}, where: inBoth,
		set: setRegions(func(c *Config) *[]string { return &c.PreferredRegions }),
		get: func(c *Config) string { return strings.Join(c.PreferredRegions, ",") },
	},
	{
		name: "excluded_regions", aliases: []string{"excludedlocations"}, where: inBoth,
		set: setRegions(func(c *Config) *[]string { return &c.ExcludedRegions }),
		get: func(c *Config) string { return strings.Join(c.ExcludedRegions, ",") },
	},
	durationOption("connect_timeout", func(c *Config) *time.Duration { return &c.ConnectTimeout }),
	{
		name: "max_throttle_retries", aliases: []string{"maxretryattempts"}, where: inBoth,
		set: func(c *Config, v string) error {
			if err := parseInt(v, 0, &c.MaxThrottleRetries); err != nil {
				return err
			}
			if c.MaxThrottleRetries == 0 {
				c.MaxThrottleRetries = -1 // the zero value of the field means the default
			}
			return nil
		},
		get: func(c *Config) string {
			return formatInt(max(c.MaxThrottleRetries, 0)) + map[bool]string{true: "0"}[c.MaxThrottleRetries < 0]
		},
	},
	durationOption("max_throttle_wait", func(c *Config) *time.Duration { return &c.MaxThrottleWait }),
	durationOption("hedge_threshold", func(c *Config) *time.Duration { return &c.HedgeThreshold }),
	durationOption("hedge_step", func(c *Config) *time.Duration { return &c.HedgeStep }),
	{
		name: "max_response_bytes", where: inBoth,
		set: func(c *Config, v string) error {
			var n int
			err := parseInt(v, 1, &n)
			c.MaxResponseBytes = int64(n)
			return err
		},
		get: func(c *Config) string { return formatInt(int(c.MaxResponseBytes)) },
	},
	{
		name: "page_size", where: inBoth,
		set: setPageSize,
		get: func(c *Config) string { return formatInt(c.PageSize) },
	},
	intOption("max_concurrency", func(c *Config) *int { return &c.MaxConcurrency }),
	sharedOption("timeout", durationOption("timeout", func(c *Config) *time.Duration { return &c.Timeout })),
	{name: "timeout_ms", field: "timeout", where: inBoth, set: setTimeoutMs},
	{
		name: "priority", aliases: []string{"prioritylevel"}, where: inBoth,
		set: setPriority,
		get: func(c *Config) string { return string(c.Priority) },
	},
	{
		name: "throughput_bucket", where: inBoth,
		set: func(c *Config, v string) error {
			err := parseInt(v, 1, &c.ThroughputBucket)
			if err == nil && c.ThroughputBucket > 5 {
				err = fmt.Errorf("%d is not between 1 and 5", c.ThroughputBucket)
			}
			return err
		},
		get: func(c *Config) string { return formatInt(c.ThroughputBucket) },
	},
	intOption("max_ru_per_second", func(c *Config) *int { return &c.MaxRUPerSecond }),
	intOption("target_throughput", func(c *Config) *int { return &c.TargetThroughput }),
	{
		name: "target_throughput_threshold", where: inBoth,
		set: setThreshold,
		get: func(c *Config) string {
			if c.TargetThroughputThreshold == 0 {
				return ""
			}
			return fmt.Sprint(c.TargetThroughputThreshold)
		},
	},
	{
		name: "user_agent", aliases: []string{"applicationname"}, where: inBoth,
		set: setText(func(c *Config) *string { return &c.UserAgent }),
		get: func(c *Config) string { return c.UserAgent },
	},
	{
		name: "scan_ahead", where: inBoth,
		set: setScanAhead,
		get: func(c *Config) string { return formatInt(c.ScanAhead) },
	},
	{
		name: "extra", where: inBoth,
		set: setText(func(c *Config) *string { return &c.Extra }),
		get: func(c *Config) string { return c.Extra },
	},
	boolOption("system_columns", nil, func(c *Config) *bool { return &c.SystemColumns }),
	boolOption("require_key", nil, func(c *Config) *bool { return &c.RequireKey }),
	{
		name: "transactions", where: inBoth,
		set: func(c *Config, v string) error {
			switch v {
			case "batch":
			case "distributed":
				c.DistributedTransactions = true
			default:
				return fmt.Errorf("%q is neither batch nor distributed", v)
			}
			return nil
		},
		get: func(c *Config) string {
			if !c.DistributedTransactions {
				return ""
			}
			return "distributed"
		},
	},
	{
		name: "time_format", where: inBoth,
		set: setTimeFormat,
		get: func(c *Config) string { return string(c.TimeFormat) },
	},
	boolOption("parse_time", nil, func(c *Config) *bool { return &c.ParseTime }),
	boolOption("insecure_skip_verify", []string{"insecure", "disableservercertificatevalidation"},
		func(c *Config) *bool { return &c.InsecureSkipVerify }),
	{
		name: "auto_id", where: inBoth,
		set: func(c *Config, v string) error {
			var auto bool
			err := parseBool(v, &auto)
			c.NoAutoID = !auto
			return err
		},
		get: func(c *Config) string {
			if c.NoAutoID {
				return "false"
			}
			return ""
		},
	},
	{name: "version", where: inBoth, set: checkVersion},
}

// seenOptions are the fields that a DSN has set so far, by the name of their option.
type seenOptions map[string]bool

// set gives c the value of the option called name.
func (s seenOptions) set(c *Config, where int, name, value string) error {
	folded := naming.Fold(name)
	i := slices.IndexFunc(options, func(o option) bool {
		return naming.Fold(o.name) == folded || slices.Contains(o.aliases, folded)
	})
	if i < 0 {
		return fmt.Errorf("unknown option%s; there are %s", shown(name), optionNames(where))
	}
	o := options[i]
	if o.where&where == 0 {
		if where == inURL {
			return fmt.Errorf("option %q does not go with the form cosmos://KEY@host/database", name)
		}
		return fmt.Errorf("option %q does not go with AccountEndpoint=…, whose https:// or http:// says it", name)
	}
	field := cmp.Or(o.field, o.name)
	if s[field] {
		return fmt.Errorf("option %q is given twice, or under two of its names", name)
	}
	s[field] = true
	if err := o.set(c, value); err != nil {
		return fmt.Errorf("option %q: %w", name, errtext.Inner(err))
	}
	return nil
}

// optionNames is the options that may stand in a DSN of the form where, for an error.
func optionNames(where int) string {
	var names []string
	for _, o := range options {
		if o.where&where != 0 {
			names = append(names, o.name)
		}
	}
	return strings.Join(names, ", ")
}

// shown is the name of an option for an error; nothing if the text may be a misplaced key.
func shown(name string) string {
	if len(name) > 30 || strings.ContainsFunc(name, func(r rune) bool {
		return r < ' ' || r == '/' || r == '+' ||
			r == '@'
	}) {
		return ""
	}
	return fmt.Sprintf(" %q", name)
}

func intOption(name string, field func(*Config) *int) option {
	return option{
		name: name, where: inBoth,
		set: func(c *Config, v string) error { return parseInt(v, 1, field(c)) },
		get: func(c *Config) string { return formatInt(*field(c)) },
	}
}

// sharedOption is an option whose field another option sets, too.
func sharedOption(field string, o option) option {
	o.field = field
	return o
}

func durationOption(name string, field func(*Config) *time.Duration) option {
	return option{
		name: name, where: inBoth,
		set: func(c *Config, v string) error {
			d, err := time.ParseDuration(v)
			if err != nil || d <= 0 {
				return fmt.Errorf("%q is not a duration above zero, such as 30s", v)
			}
			*field(c) = d
			return nil
		},
		get: func(c *Config) string {
			if *field(c) == 0 {
				return ""
			}
			return field(c).String()
		},
	}
}

func boolOption(name string, aliases []string, field func(*Config) *bool) option {
	return option{
		name: name, aliases: aliases, where: inBoth,
		set: func(c *Config, v string) error { return parseBool(v, field(c)) },
		get: func(c *Config) string {
			if !*field(c) {
				return ""
			}
			return "true"
		},
	}
}
