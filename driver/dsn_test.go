package driver_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/driver"
	"github.com/stretchr/testify/require"
)

const key = "c2VjcmV0+++//3NlY3JldC1vZi10aGUtdGVzdHMtc2VjcmV0LW9mLXRoZS10ZXN0cy0uLi4uLi4uLg=="

// dsns are the table of ParseDSN and the seeds of its fuzzer.
var dsns = []struct {
	name string
	in   string
	want driver.Config
	out  string // of FormatDSN
}{
	{
		name: "portal",
		in:   "AccountEndpoint=https://shop.documents.azure.com:443/;AccountKey=" + key + ";",
		want: driver.Config{Endpoint: "https://shop.documents.azure.com:443/", Key: key},
		out:  "cosmos://" + escapedKey + "@shop.documents.azure.com:443",
	},
	{
		name: "any order, any case, spaces",
		in:   " database = shop ; ACCOUNTKEY=" + key + ";; accountEndpoint=http://localhost:8081",
		want: driver.Config{Endpoint: "http://localhost:8081/", Key: key, Database: "shop"},
		out:  "cosmos://" + escapedKey + "@localhost:8081/shop?tls=false",
	},
	{
		name: "gocosmos",
		in: "AccountEndpoint=https://localhost:8081/;AccountKey=" + key +
			";TimeoutMs=10000;Version=2020-07-15;DefaultDb=mydb;AutoId=false;InsecureSkipVerify=true",
		want: driver.Config{
			Endpoint: "https://localhost:8081/", Key: key, Database: "mydb",
			Timeout: 10 * time.Second, NoAutoID: true, InsecureSkipVerify: true,
		},
		out: "cosmos://" + escapedKey + "@localhost:8081/mydb?timeout=10s&insecure_skip_verify=true&auto_id=false",
	},
	{
		name: "gocosmos, Db",
		in:   "AccountEndpoint=https://localhost:8081;AccountKey=" + key + ";Db=mydb;AutoId=true",
		want: driver.Config{Endpoint: "https://localhost:8081/", Key: key, Database: "mydb"},
		out:  "cosmos://" + escapedKey + "@localhost:8081/mydb",
	},
	{
		name: "emulator of Aspire",
		in:   "AccountEndpoint=https://127.0.0.1:8081;AccountKey=" + key + ";DisableServerCertificateValidation=True",
		want: driver.Config{Endpoint: "https://127.0.0.1:8081/", Key: key, InsecureSkipVerify: true},
		out:  "cosmos://" + escapedKey + "@127.0.0.1:8081?insecure_skip_verify=true",
	},
	{
		name: "URL with every option",
		in: "COSMOS://" + escapedKey + "@[::1]:8081/my%20shop/orders%25?tls=false&consistency=bounded_staleness" +
			"&preferred_regions=West+Europe,North+Europe" +
			"&page_size=500&max_concurrency=8&timeout=1m30s&user_agent=tills&scan_ahead=-1&extra=_extra" +
			"&system_columns=true&insecure=1&auto_id=0",
		want: driver.Config{
			Endpoint: "http://[::1]:8081/", Key: key, Database: "my shop", Container: "orders%",
			Consistency: cosmos.ConsistencyBoundedStaleness, PreferredRegions: []string{"West Europe", "North Europe"},
			PageSize: 500, MaxConcurrency: 8, Timeout: 90 * time.Second, UserAgent: "tills",
			ScanAhead: -1, Extra: "_extra", SystemColumns: true, InsecureSkipVerify: true, NoAutoID: true,
		},
		out: "cosmos://" + escapedKey + "@[::1]:8081/my%20shop/orders%25?tls=false&consistency=BoundedStaleness" +
			"&preferred_regions=West+Europe%2CNorth+Europe" +
			"&page_size=500&max_concurrency=8&timeout=1m30s&user_agent=tills&scan_ahead=-1&extra=_extra" +
			"&system_columns=true&insecure_skip_verify=true&auto_id=false",
	},
	{
		name: "limits",
		in: "cosmos://h/db?credential=entra&excluded_regions=East+US,West+US&connect_timeout=2s" +
			"&max_throttle_retries=0&max_throttle_wait=5s" +
			"&hedge_threshold=500ms&hedge_step=200ms&max_response_bytes=1024&priority=low&throughput_bucket=2" +
			"&max_ru_per_second=50&target_throughput_threshold=.25",
		want: driver.Config{
			Endpoint: "https://h/", CredentialName: "entra", Database: "db",
			ExcludedRegions: []string{"East US", "West US"}, ConnectTimeout: 2 * time.Second,
			MaxThrottleRetries: -1, MaxThrottleWait: 5 * time.Second, HedgeThreshold: 500 * time.Millisecond,
			HedgeStep: 200 * time.Millisecond, MaxResponseBytes: 1024,
			Priority: cosmos.PriorityLow, ThroughputBucket: 2, MaxRUPerSecond: 50, TargetThroughputThreshold: 0.25,
		},
		out: "cosmos://h/db?credential=entra&excluded_regions=East+US%2CWest+US&connect_timeout=2s" +
			"&max_throttle_retries=0&max_throttle_wait=5s" +
			"&hedge_threshold=500ms&hedge_step=200ms&max_response_bytes=1024&priority=Low&throughput_bucket=2" +
			"&max_ru_per_second=50&target_throughput_threshold=0.25",
	},
	{
		name: "dburl",
		in:   "cosmos://user:" + escapedKey + "@shop.documents.azure.com/db/coll?tls&insecure",
		want: driver.Config{Endpoint: "https://shop.documents.azure.com/", Key: key, Database: "db", Container: "coll",
			InsecureSkipVerify: true},
		out: "cosmos://" + escapedKey + "@shop.documents.azure.com/db/coll?insecure_skip_verify=true",
	},
	{
		name: "partition key",
		in:   "cosmos://host/db?partitionkey=A-1&pagesize=5",
		want: driver.Config{Endpoint: "https://host/", Database: "db", PartitionKey: []any{"A-1"}, PageSize: 5},
		out:  "cosmos://host/db?partition_key=A-1&page_size=5",
	},
	{
		name: "partition key of several values",
		in:   "cosmos://host/db?partition_key=[%22[a%22,1.5,null,true,{}]",
		want: driver.Config{Endpoint: "https://host/", Database: "db",
			PartitionKey: []any{"[a", 1.5, nil, true, cosmos.Undefined}},
		out: "cosmos://host/db?partition_key=%5B%22%5Ba%22%2C1.5%2Cnull%2Ctrue%2C%7B%7D%5D",
	},
	{
		name: "partition key of no values",
		in:   "cosmos://host/db?partition_key=[]",
		want: driver.Config{Endpoint: "https://host/", Database: "db", PartitionKey: []any{}},
		out:  "cosmos://host/db?partition_key=%5B%5D",
	},
	{
		name: "key as it is in the portal",
		in:   "cosmos://" + key + "@shop.documents.azure.com/db",
		want: driver.Config{Endpoint: "https://shop.documents.azure.com/", Key: key, Database: "db"},
		out:  "cosmos://" + escapedKey + "@shop.documents.azure.com/db",
	},
	{
		name: "no key, @ in a name",
		in:   "cosmos://host/d@b/",
		want: driver.Config{Endpoint: "https://host/", Database: "d@b"},
		out:  "cosmos://host/d%40b",
	},
	{
		name: "@ in a long name",
		in:   "cosmos://host/" + strings.Repeat("a", 40) + "%40b",
		want: driver.Config{Endpoint: "https://host/", Database: strings.Repeat("a", 40) + "@b"},
		out:  "cosmos://host/" + strings.Repeat("a", 40) + "%40b",
	},
	{
		name: "key as the password, semicolons and white space at the end",
		in:   "cosmos://x:" + key + "@shop.documents.azure.com:8081/db/coll?parse_time=true; ;\n",
		want: driver.Config{Endpoint: "https://shop.documents.azure.com:8081/", Key: key, Database: "db",
			Container: "coll", ParseTime: true},
		out: "cosmos://" + escapedKey + "@shop.documents.azure.com:8081/db/coll?parse_time=true",
	},
	{
		name: "a semicolon behind the path",
		in:   "cosmos://x:" + escapedKey + "@shop.documents.azure.com/db;",
		want: driver.Config{Endpoint: "https://shop.documents.azure.com/", Key: key, Database: "db"},
		out:  "cosmos://" + escapedKey + "@shop.documents.azure.com/db",
	},
	{
		name: "semicolons at the end of the portal's form",
		in:   "AccountEndpoint=https://host/;AccountKey=" + key + ";RequireKey=true;PageSize=-1;;\r\n",
		want: driver.Config{Endpoint: "https://host/", Key: key, RequireKey: true, PageSize: -1},
		out:  "cosmos://" + escapedKey + "@host?page_size=-1&require_key=true",
	},
	{
		name: "resource token",
		in:   "cosmos://host/db/c?ResourceToken=type%3Dresource%26ver%3D1%26sig%3Da%2Bb%3B",
		want: driver.Config{Endpoint: "https://host/", Database: "db", Container: "c",
			ResourceToken: "type=resource&ver=1&sig=a+b;"},
		out: "cosmos://host/db/c?resource_token=type%3Dresource%26ver%3D1%26sig%3Da%2Bb%3B",
	},
	{
		name: "scan_ahead 0 is one page",
		in:   "cosmos://host?scan-ahead=0",
		want: driver.Config{Endpoint: "https://host/", ScanAhead: 1},
		out:  "cosmos://host?scan_ahead=1",
	},
}

var escapedKey = strings.NewReplacer("+", "%2B", "/", "%2F", "=", "%3D").Replace(key)

func TestParseDSN(t *testing.T) {
	t.Parallel()
	for _, tt := range dsns {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := driver.ParseDSN(tt.in)
			require.NoError(t, err)
			require.Equal(t, tt.want, *got)
			require.Equal(t, tt.out, got.FormatDSN())
			again, err := driver.ParseDSN(got.FormatDSN())
			require.NoError(t, err)
			require.Equal(t, got, again)
		})
	}
}

func TestParseDSNErrors(t *testing.T) {
	t.Parallel()
	conn := "AccountEndpoint=https://host;AccountKey=" + key + ";"
	for _, tt := range []struct{ name, in, want string }{
		{"empty", "", "missing endpoint"},
		{"no endpoint", "AccountKey=" + key, "missing endpoint"},
		{"URL without host", "cosmos:///db", "missing endpoint"},
		{"unknown option", conn + "Colour=red", `unknown option "Colour"`},
		{"unknown option of a URL", "cosmos://host?colour=red", `unknown option "colour"`},
		{"repeated", conn + "Database=a;database=a", `"database" is given twice`},
		{"repeated under another name", conn + "Db=a;DefaultDb=b", `"DefaultDb" is given twice`},
		{"repeated unit", conn + "Timeout=1s;TimeoutMs=1000", `"TimeoutMs" is given twice`},
		{"repeated database", "cosmos://host/a?database=b", `"database" is given twice`},
		{"no value", conn + "PageSize", "part 3 is not of the form Name=value"},
		{"empty value", conn + "Database=", `"Database": the value is empty`},
		{"bad number", conn + "PageSize=many", `"PageSize": "many" is not a whole number`},
		{"zero pages", conn + "PageSize=0", `"PageSize": "0" is not a whole number from 1 up`},
		{"huge number", conn + "PageSize=9999999999999", `"PageSize"`},
		{"bad bool", conn + "AutoId=maybe", `"AutoId": "maybe" is neither true nor false`},
		{"bad duration", conn + "Timeout=30", `"Timeout": "30" is not a duration`},
		{"negative duration", conn + "Timeout=-1s", `"Timeout"`},
		{"endless timeout", conn + "TimeoutMs=100000000", `"TimeoutMs"`},
		{"a resource token as it is", "AccountEndpoint=https://host;ResourceToken=type=resource&ver=1&sig=a;b;",
			"write it percent-encoded in the form cosmos://"},
		{"bad retries", conn + "MaxThrottleRetries=-1", `"MaxThrottleRetries": "-1" is not a whole number`},
		{"bad transactions", conn + "Transactions=both", `"both" is neither batch nor distributed`},
		{"bad time format", conn + "TimeFormat=iso", `"iso" is not fixed`},
		{"bad priority", conn + "Priority=5", `"Priority": "5" is neither High nor Low`},
		{"no such bucket", conn + "ThroughputBucket=6", "6 is not between 1 and 5"},
		{"a budget of nothing", conn + "MaxRUPerSecond=0", "is not a whole number from 1 up"},
		{"a share of more than all", conn + "TargetThroughputThreshold=1.5", "not a share above 0 and up to 1"},
		{"a share of nothing", conn + "TargetThroughputThreshold=NaN", "not a share above 0 and up to 1"},
		{"bad consistency", conn + "Consistency=weak", `"Consistency": "weak" is none of Strong`},
		{"bad region", conn + "PreferredRegions=a,,b", `"PreferredRegions"`},
		{"bad partition key", conn + "PartitionKey=[1", `"PartitionKey": "[1" begins like a JSON array`},
		{"object as partition key", conn + `PartitionKey=[{"a":1}]`, `"PartitionKey"`},
		{"array in a partition key", conn + `PartitionKey=[[1]]`, `holds another array`},
		{"bad version", conn + "Version=7", `"Version": "7" is not a version`},
		{"bad scan_ahead", conn + "ScanAhead=-2", `"ScanAhead"`},
		{"bad tls", "cosmos://host?tls=maybe", `"tls": "maybe" is neither`},
		{"endpoint without scheme", "AccountEndpoint=host",
			`"AccountEndpoint": the endpoint does not start with https://`},
		{"endpoint with a path", "AccountEndpoint=https://host/a", "host is not of the form host:port"},
		{"endpoint with a user", "AccountEndpoint=https://a@host", "host is not of the form host:port"},
		{"bad port", "cosmos://host:0/db", `"host:0" has no port`},
		{"bad host", "cosmos://ho st/db", "host is not of the form host:port"},
		{"two ports", "cosmos://host:1:2/db", `"host:1:2" is not of the form host:port`},
		{"no host before the port", "cosmos://:80/db", "host is not of the form host:port"},
		{"three segments", "cosmos://host/a/b/c", "more than two segments"},
		{"bad escape", "cosmos://host/%zz", "a % that is not followed by"},
		{"bad escape of an option", "cosmos://host/?extra=%zz", `option "extra" has a %`},
		{"bad database", "cosmos://host/a%2Fb", `database id "a/b" has one of the characters /`},
		{"bad container", conn + "Database=a;Container=b?", `container id "b?" has one of the characters /`},
		{"space at the end", "cosmos://host/a%20", `database id "a " ends in a space`},
		{"long database", "cosmos://host/" + strings.Repeat("é", 256), "more than 255 characters"},
		{"container alone", conn + "Container=b", `container "b" is set without a database`},
		{"wrong form", conn + "tls=false", `"tls" does not go with AccountEndpoint=`},
		{"wrong form of a URL", "cosmos://host?AccountEndpoint=https://b",
			`"AccountEndpoint" does not go with the form cosmos://`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := driver.ParseDSN(tt.in)
			require.ErrorContains(t, err, tt.want)
			require.ErrorContains(t, err, "cosmos: ")
			require.NotContains(t, err.Error(), key)
		})
	}
}

func TestParseDSNKeepsKeysSecret(t *testing.T) {
	t.Parallel()
	const slip = "c2VjcmV0/c2VjcmV0c2VjcmV0+c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"
	for _, tt := range []struct{ name, in string }{
		{"malformed", "AccountEndpoint=https://host;AccountKey=" + slip + "*"},
		{"malformed in a URL", "cosmos://" + slip + "*@host/db"},
		{"bad escape", "cosmos://" + slip + "%zz@host/db"},
		{"alone", slip},
		{"as a name", slip + "=="},
		{"as a part", "AccountEndpoint=https://host;" + slip},
		{"as an option", "cosmos://host?" + slip},
		{"without its host", "cosmos://" + strings.ReplaceAll(slip, "/", "") + "=="},
		{"without its host, plain", "cosmos://" + strings.NewReplacer("/", "", "+", "").Replace(slip+slip)},
		{"as the endpoint", "AccountEndpoint=" + slip},
		{"in the endpoint", "AccountEndpoint=https://" + slip + "==@host/"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := driver.ParseDSN(tt.in)
			require.Error(t, err)
			require.NotContains(t, err.Error(), "c2VjcmV0")
		})
	}
}

func TestConfigPrintsNoSecrets(t *testing.T) {
	t.Parallel()
	c := driver.Config{Endpoint: "https://host/", Key: key, ResourceToken: "sig=" + key, Database: "shop"}
	for _, text := range []string{
		c.String(), fmt.Sprint(c), fmt.Sprint(&c), fmt.Sprintf("%+v", c), fmt.Sprintf("%#v", &c),
	} {
		require.NotContains(t, text, key)
		require.NotContains(t, text, escapedKey)
		require.Contains(t, text, "xxxxx@host/shop")
	}
	require.Contains(t, c.FormatDSN(), escapedKey)
}

// FuzzParseDSN holds ParseDSN to its promise: what it reads, FormatDSN writes so that it reads the same, and writing
// that again changes nothing.
func FuzzParseDSN(f *testing.F) {
	for _, tt := range dsns {
		f.Add(tt.in)
	}
	f.Fuzz(func(t *testing.T, in string) {
		c, err := driver.ParseDSN(in)
		if err != nil {
			return
		}
		out := c.FormatDSN()
		again, err := driver.ParseDSN(out)
		require.NoError(t, err, "%s", out)
		require.Equal(t, c, again)
		require.Equal(t, out, again.FormatDSN())
	})
}

func TestClone(t *testing.T) {
	t.Parallel()
	c := driver.Config{Endpoint: "https://a/", PartitionKey: []any{"a"}, PreferredRegions: []string{"b"},
		ExcludedRegions: []string{"c"}}
	copied := c.Clone()
	require.Equal(t, c, copied)
	copied.PartitionKey[0], copied.PreferredRegions[0], copied.ExcludedRegions[0] = "x", "x", "x"
	require.Equal(t, driver.Config{Endpoint: "https://a/", PartitionKey: []any{"a"}, PreferredRegions: []string{"b"},
		ExcludedRegions: []string{"c"}}, c)
}
