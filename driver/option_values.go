package driver

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/internal/naming"
)

func setText(field func(*Config) *string) func(*Config, string) error {
	return func(c *Config, v string) error {
		if v == "" {
			return errors.New("the value is empty")
		}
		*field(c) = v
		return nil
	}
}

func setEndpoint(c *Config, v string) error {
	tls, host, err := splitEndpoint(v)
	if err != nil {
		return err
	}
	c.Endpoint, err = joinEndpoint(tls, host)
	return err
}

func setKey(c *Config, v string) error {
	c.Key = v
	return checkKey(v)
}

// setPartitionKey reads the text of a key, or a JSON array of the values of any, where {} is an absent one.
func setPartitionKey(c *Config, v string) error {
	if !strings.HasPrefix(v, "[") {
		c.PartitionKey = []any{v}
		return nil
	}
	if err := json.Unmarshal([]byte(v), &c.PartitionKey); err != nil {
		return fmt.Errorf("%q begins like a JSON array but is not one", v)
	}
	for i, value := range c.PartitionKey {
		switch value := value.(type) {
		case map[string]any:
			if len(value) > 0 {
				return fmt.Errorf("%q holds an object; only {} is allowed, for an absent value", v)
			}
			c.PartitionKey[i] = cosmos.Undefined
		case []any:
			return fmt.Errorf("%q holds another array", v)
		}
	}
	return nil
}

func formatPartitionKey(values []any) string {
	if values == nil {
		return ""
	}
	if len(values) == 1 {
		if text, ok := values[0].(string); ok && text != "" && text[0] != '[' {
			return text
		}
	}
	values = slices.Clone(values)
	for i, v := range values {
		if v == cosmos.Undefined {
			values[i] = struct{}{}
		}
	}
	text, _ := json.Marshal(values)
	return string(text)
}

func setConsistency(c *Config, v string) error {
	levels := []string{"Strong", "BoundedStaleness", "Session", "ConsistentPrefix", "Eventual"}
	for _, l := range levels {
		if naming.Fold(l) == naming.Fold(v) {
			c.Consistency = cosmos.ConsistencyLevel(l)
			return nil
		}
	}
	return fmt.Errorf("%q is none of %s", v, strings.Join(levels, ", "))
}

func setRegions(field func(*Config) *[]string) func(*Config, string) error {
	return func(c *Config, v string) error {
		for region := range strings.SplitSeq(v, ",") {
			if region = strings.TrimSpace(region); region == "" {
				return fmt.Errorf("%q has an empty name; regions are separated by commas", v)
			}
			*field(c) = append(*field(c), region)
		}
		return nil
	}
}

func setTimeoutMs(c *Config, v string) error {
	var ms int
	if err := parseInt(v, 1, &ms); err != nil {
		return err
	}
	if ms > int(24*time.Hour/time.Millisecond) {
		return fmt.Errorf("%q is more than a day", v)
	}
	c.Timeout = time.Duration(ms) * time.Millisecond
	return nil
}

func setTimeFormat(c *Config, v string) error {
	if !strings.EqualFold(v, string(cosmos.TimeFixed)) {
		return fmt.Errorf("%q is not fixed, the only format there is besides the default", v)
	}
	c.TimeFormat = cosmos.TimeFixed
	return nil
}

// setPageSize takes -1 too, which is Cosmos's own for as many as the service likes.
func setPageSize(c *Config, v string) error {
	if v == "-1" {
		c.PageSize = -1
		return nil
	}
	return parseInt(v, 1, &c.PageSize)
}

// setScanAhead makes 0, which means one page, a 1: the zero value of the field means the default.
func setScanAhead(c *Config, v string) error {
	if err := parseInt(v, -1, &c.ScanAhead); err != nil {
		return err
	}
	if c.ScanAhead == 0 {
		c.ScanAhead = 1
	}
	return nil
}

// checkVersion accepts the option Version of gocosmos, that of the REST API, and ignores it: the client uses one
// version.
func checkVersion(_ *Config, v string) error {
	if _, err := time.Parse(time.DateOnly, v); err != nil {
		return fmt.Errorf("%q is not a version of the REST API, such as 2020-07-15", v)
	}
	return nil
}

func setPriority(c *Config, v string) error {
	for _, p := range []cosmos.PriorityLevel{cosmos.PriorityHigh, cosmos.PriorityLow} {
		if strings.EqualFold(string(p), v) {
			c.Priority = p
			return nil
		}
	}
	return fmt.Errorf("%q is neither High nor Low", v)
}

func setThreshold(c *Config, v string) error {
	share, err := strconv.ParseFloat(v, 64)
	if err != nil || !(share > 0 && share <= 1) {
		return fmt.Errorf("%q is not a share above 0 and up to 1", v)
	}
	c.TargetThroughputThreshold = share
	return nil
}

func parseInt(v string, least int, dst *int) error {
	n, err := strconv.Atoi(v)
	if err != nil || n < least || n > 1<<31-1 {
		return fmt.Errorf("%q is not a whole number from %d up", v, least)
	}
	*dst = n
	return nil
}

func formatInt(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func parseBool(v string, dst *bool) error {
	b, err := strconv.ParseBool(v)
	if err != nil {
		return fmt.Errorf("%q is neither true nor false", v)
	}
	*dst = b
	return nil
}
