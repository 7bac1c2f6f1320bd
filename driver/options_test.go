package driver_test

import (
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/driver"
	"github.com/stretchr/testify/require"
)

// TestOptionNames is every name of every option, in both forms of the DSN.
func TestOptionNames(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		names []string
		value string
		want  driver.Config
	}{
		{[]string{"Database", "database", "Db", "DefaultDb", "default_db"}, "shop", driver.Config{Database: "shop"}},
		{[]string{"ResourceToken", "resource_token", "resource-token"}, "t", driver.Config{ResourceToken: "t"}},
		{[]string{"PartitionKey", "partition_key", "partitionkey"}, "A-1", driver.Config{PartitionKey: []any{"A-1"}}},
		{[]string{"Consistency", "ConsistencyLevel", "DefaultConsistency"}, "eventual",
			driver.Config{Consistency: cosmos.ConsistencyEventual}},
		{[]string{"Consistency"}, "Consistent Prefix", driver.Config{Consistency: cosmos.ConsistencyConsistentPrefix}},
		{[]string{"PreferredRegions", "PreferredLocations", "ApplicationRegion"}, "a, b",
			driver.Config{PreferredRegions: []string{"a", "b"}}},
		{[]string{"PageSize", "page_size", "pagesize", "Page Size"}, "7", driver.Config{PageSize: 7}},
		{[]string{"MaxConcurrency", "max_concurrency"}, "7", driver.Config{MaxConcurrency: 7}},
		{[]string{"Priority", "PriorityLevel"}, "low", driver.Config{Priority: cosmos.PriorityLow}},
		{[]string{"ThroughputBucket", "throughput_bucket"}, "5", driver.Config{ThroughputBucket: 5}},
		{[]string{"MaxRUPerSecond", "max_ru_per_second"}, "2000", driver.Config{MaxRUPerSecond: 2000}},
		{[]string{"TargetThroughput", "target_throughput"}, "500", driver.Config{TargetThroughput: 500}},
		{[]string{"TargetThroughputThreshold"}, "0.25", driver.Config{TargetThroughputThreshold: 0.25}},
		{[]string{"Timeout"}, "1m", driver.Config{Timeout: time.Minute}},
		{[]string{"TimeoutMs", "timeout_ms"}, "1500", driver.Config{Timeout: 1500 * time.Millisecond}},
		{[]string{"UserAgent", "ApplicationName"}, "till", driver.Config{UserAgent: "till"}},
		{[]string{"ScanAhead", "scan_ahead"}, "4096", driver.Config{ScanAhead: 4096}},
		{[]string{"Extra"}, "more", driver.Config{Extra: "more"}},
		{[]string{"SystemColumns", "system_columns"}, "1", driver.Config{SystemColumns: true}},
		{[]string{"InsecureSkipVerify", "Insecure", "DisableServerCertificateValidation"}, "True",
			driver.Config{InsecureSkipVerify: true}},
		{[]string{"AutoId", "auto_id"}, "false", driver.Config{NoAutoID: true}},
		{[]string{"RequireKey", "require_key"}, "true", driver.Config{RequireKey: true}},
		{[]string{"TimeFormat", "time_format"}, "fixed", driver.Config{TimeFormat: cosmos.TimeFixed}},
		{[]string{"ParseTime", "parseTime", "parse_time"}, "true", driver.Config{ParseTime: true}},
		{[]string{"PageSize"}, "-1", driver.Config{PageSize: -1}},
		{[]string{"AutoId"}, "true", driver.Config{}},
		{[]string{"Version"}, "2020-07-15", driver.Config{}},
	} {
		for _, name := range tt.names {
			tt.want.Endpoint = "https://host/"
			got, err := driver.ParseDSN("AccountEndpoint=https://host;" + name + "=" + tt.value)
			require.NoError(t, err, name)
			require.Equal(t, tt.want, *got, name)
			got, err = driver.ParseDSN("cosmos://host?" + name + "=" + tt.value)
			require.NoError(t, err, name)
			require.Equal(t, tt.want, *got, name)
		}
	}
}

func TestContainerNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Container", "Collection"} {
		got, err := driver.ParseDSN("AccountEndpoint=https://host;Database=shop;" + name + "=orders")
		require.NoError(t, err)
		require.Equal(t, driver.Config{Endpoint: "https://host/", Database: "shop", Container: "orders"}, *got)
		got, err = driver.ParseDSN("cosmos://host/shop?" + name + "=orders")
		require.NoError(t, err)
		require.Equal(t, "orders", got.Container)
	}
}

// TestFlags: in a URL an option without a value is on.
func TestFlags(t *testing.T) {
	t.Parallel()
	got, err := driver.ParseDSN("cosmos://host?tls&insecure&system_columns&&")
	require.NoError(t, err)
	require.Equal(t, driver.Config{Endpoint: "https://host/", InsecureSkipVerify: true, SystemColumns: true}, *got)
	_, err = driver.ParseDSN("cosmos://host?extra")
	require.NoError(t, err, "a flag's value is the text true")
	_, err = driver.ParseDSN("cosmos://host?page_size")
	require.ErrorContains(t, err, `"page_size": "true" is not a whole number`)
}

func TestNamesOfNothing(t *testing.T) {
	t.Parallel()
	for _, dsn := range []string{"AccountEndpoint=https://host;=x", "cosmos://host?=x", "cosmos://host?_=x"} {
		_, err := driver.ParseDSN(dsn)
		require.ErrorContains(t, err, "unknown option", dsn)
		require.ErrorContains(t, err, "page_size, max_concurrency, timeout", "which there are")
	}
}
