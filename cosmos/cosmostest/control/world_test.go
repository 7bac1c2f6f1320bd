package control

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

// A change of replication leaves alone what it does not name, and a name left out is every region.
func TestReplicationChanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cosmostest.Regions("West US", "East US", "UK South"))
	type way struct {
		from, to string
		least    time.Duration
		paused   bool
	}
	for _, test := range []struct {
		body    string
		changed int // of the six ways
		is      way // one of those that are changed
	}{
		{`{"from": "West US", "to": "eastus", "paused": true}`, 1, way{"West US", "East US", 0, true}},
		{`{"from": "West US", "to": "East US", "least": "1s", "most": "2s"}`, 1,
			way{"West US", "East US", time.Second, true}},
		{`{"from": "West US", "to": "East US", "paused": false}`, 1, way{"West US", "East US", time.Second, false}},
		{`{"from": "UK South", "paused": true}`, 3, way{"UK South", "West US", 0, true}},
		{`{"to": "UK South", "least": "3s", "most": "3s"}`, 5, way{"East US", "UK South", 3 * time.Second, false}},
		{`{"least": "0s", "most": "0s", "paused": false}`, 0, way{"West US", "East US", 0, false}},
	} {
		changed := 0
		var is []way
		for _, l := range ok[[]replicationState](w, "PUT", "/replication", test.body, "replication") {
			if l.Least != 0 || l.Most != 0 || l.Paused {
				changed++
			}
			is = append(is, way{l.From, l.To, time.Duration(l.Least), l.Paused})
		}
		require.Equal(t, test.changed, changed, "%s: %v", test.body, is)
		require.Contains(t, is, test.is, test.body)
	}
}

// The clock goes ahead by each step; how wrong that of signatures is does not move it.
func TestClockSteps(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	now := func(body string) time.Time {
		return ok[time.Time](w, "POST", "/clock", body, "now")
	}
	first := now(`{"advance": "24h"}`)
	require.WithinRange(t, now(`{"skew": "20m"}`), first, first.Add(time.Hour))
	require.WithinRange(t, now(`{"advance": "24h", "skew": "0s"}`), first.Add(24*time.Hour), first.Add(25*time.Hour))
	_, err := w.create("1")
	require.NoError(t, err, "the signature is right again")
}
