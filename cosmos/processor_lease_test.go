package cosmos

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestLeaseLayout: what the .NET SDK's processor writes is read and written back, with the members that are not known
// here.
func TestLeaseLayout(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		text string
		want lease
		out  string
	}{
		"version 3, by range": {
			`{"id":"P..0","version":0,"_etag":"\"7\"","LeaseToken":"0","FeedRange":{"Range":{"min":"","max":"FF"}},` +
				`"Owner":"host","ContinuationToken":"\"26\"",` +
				`"properties":{"a":1},` +
				`"timestamp":"2026-11-29T23:09:03.8331402Z","Mode":"Incremental Feed","partitionKey":"x"}`,
			lease{ID: "P..0", Token: "0", Owner: "host", Continuation: `"26"`,
				FeedRange: &FeedRange{"", "FF"}, etag: `"7"`,
				Timestamp: time.Date(2026, 11, 29, 23, 9, 3, 833140200, time.UTC)},
			"",
		},
		"by keys": {
			`{"id":"P..-05C1","version":1,"_etag":"\"7\"","LeaseToken":"-05C1","FeedRange":{"Range":{"min":"",` +
				`"max":"05C1"}},"Owner":null,"ContinuationToken":null,` +
				`"properties":{},"timestamp":"2026-11-29T23:09:03.0000000Z"}`,
			lease{ID: "P..-05C1", Token: "-05C1", ByKeys: true, FeedRange: &FeedRange{"", "05C1"}, etag: `"7"`,
				Timestamp: time.Date(2026, 11, 29, 23, 9, 3, 0, time.UTC)},
			"",
		},
		"wanted by another": {
			`{"id":"P..0","version":0,"_etag":"\"7\"","LeaseToken":"0","Owner":"a","ContinuationToken":"\"26\"",` +
				`"timestamp":"2026-11-29T23:09:03.0000000Z",` +
				`"properties":{"a":"1","cosmossql.handsOver":"a","cosmossql.wantedBy":"b",` +
				`"cosmossql.wantedAt":"2026-11-29T23:09:05.0000000Z"}}`,
			lease{ID: "P..0", Token: "0", Owner: "a", Continuation: `"26"`, etag: `"7"`,
				Timestamp: time.Date(2026, 11, 29, 23, 9, 3, 0, time.UTC),
				HandsOver: "a", WantedBy: "b", WantedAt: time.Date(2026, 11, 29, 23, 9, 5, 0, time.UTC)},
			"",
		},
		"version 2, without a time": {
			`{"id":"P..3","PartitionId":"3","_etag":"\"7\"","_ts":1796000000,"Owner":"host"}`,
			lease{ID: "P..3", Token: "3", Owner: "host", etag: `"7"`, Timestamp: time.Unix(1796000000, 0)},
			`{"id":"P..3","PartitionId":"3","LeaseToken":"3","version":0,"_etag":"\"7\"","_ts":1796000000,` +
				`"Owner":"host","ContinuationToken":null,"properties":{},` +
				`"timestamp":"2026-11-30T00:53:20.0000000Z"}`,
		},
	} {
		var got lease
		require.NoError(t, json.Unmarshal([]byte(tc.text), &got), name)
		text, err := json.Marshal(&got)
		require.NoError(t, err, name)
		if tc.out == "" {
			tc.out = tc.text
		}
		require.JSONEq(t, tc.out, string(text), name)
		require.True(t, tc.want.Timestamp.Equal(got.Timestamp), name)
		got.members, got.properties, got.Timestamp, tc.want.Timestamp = nil, nil, time.Time{}, time.Time{}
		require.Equal(t, tc.want, got, name)
	}
	require.ErrorContains(t, json.Unmarshal([]byte(`{"id":7}`), &lease{}), "not a lease")
}

// TestChooseLeases: everybody gets the same number, give or take one; free leases first; nobody takes back and forth.
// What was asked for (a>b) counts as the asker's.
func TestChooseLeases(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)
	for _, tc := range []struct{ owners, want string }{
		{"- - - -", "0 1 2 3"},
		{"me me me me", ""},
		{"a a a a", "2 3"},
		{"a a a", "2"}, // ceil(3/2) is 2, but 1 would be left to a, who would take it back
		{"a a me", ""},
		{"a a a b b b", "2 5"},
		{"a a a - -", "3 4"},
		{"a a dead dead", "2 3"},
		{"a b c", ""},
		{"a b -", "2"},
		{"a", ""},
		{"a a", "1"},
		{"a a>b a a>b", "2"},
		{"a a>b a>b", "2"}, // of what b will have
		{"a a a>me a>me", ""},
		{"a a a a>me", "2"},
		{"a a a a>late", "2 3"},
		{"dead>b dead>b", "0 1"},
		{"dead>b dead>b - -", "0 1 2 3"},
	} {
		var all []*lease
		for n, owner := range strings.Fields(tc.owners) {
			owner, wanted, _ := strings.Cut(owner, ">")
			l := &lease{ID: fmt.Sprint(n), Owner: owner, Timestamp: now.Add(-time.Minute), WantedBy: wanted,
				WantedAt: now.Add(-time.Minute)}
			if wanted == "late" {
				l.WantedAt = now.Add(-3 * time.Minute)
			}
			switch owner {
			case "-":
				l.Owner = ""
			case "dead":
				l.Timestamp = now.Add(-3 * time.Minute)
			}
			all = append(all, l)
		}
		var got []string
		for _, l := range choose(all, "me", now, 2*time.Minute) {
			got = append(got, l.ID)
		}
		require.ElementsMatch(t, strings.Fields(tc.want), got, tc.owners)
	}
}
