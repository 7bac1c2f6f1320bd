package cosmos

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func jobs(n, size int) []*job {
	list := make([]*job, n)
	for i := range list {
		list[i] = &job{Operation: Operation{kind: "Create", body: json.RawMessage(strings.Repeat("x", size))}, index: i}
	}
	return list
}

func TestLaneLoads(t *testing.T) {
	t.Parallel()
	now := time.Now()
	tests := []struct {
		name         string
		lane         lane
		flush, paced bool
		want         int
	}{
		{name: "nothing", lane: lane{window: 200}, flush: true},
		{name: "a full request", lane: lane{window: 200, queue: jobs(250, 10)}, want: 100},
		{name: "not full", lane: lane{window: 200, queue: jobs(99, 10)}},
		{name: "not full, but flushed", lane: lane{window: 200, queue: jobs(99, 10)}, flush: true, want: 99},
		{name: "full by bytes", lane: lane{window: 200, queue: jobs(99, 50_000)}, want: 4},
		{name: "one that is larger than a request", lane: lane{window: 200, queue: jobs(2, 300_000)}, want: 1},
		{name: "window", lane: lane{window: 30, queue: jobs(250, 10)}, flush: true, want: 30},
		{name: "window used up", lane: lane{window: 30, inFlight: 30, queue: jobs(250, 10)}, flush: true},
		{name: "little room", lane: lane{window: 200, inFlight: 190, queue: jobs(250, 10)}, flush: true},
		{name: "little to do", lane: lane{window: 200, inFlight: 190, queue: jobs(5, 10)}, flush: true, want: 5},
		{name: "pause", lane: lane{window: 200, until: now.Add(1), queue: jobs(250, 10)}, flush: true},
		{name: "those to be sent again come first", lane: lane{window: 200, redo: jobs(3, 10), queue: jobs(1, 10)}, flush: true, want: 4},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l := tt.lane
			before := l.inFlight
			got := l.load(now, tt.flush)
			require.Len(t, got, tt.want)
			require.Equal(t, before+tt.want, l.inFlight)
			require.Len(t, l.queue, len(tt.lane.queue)+len(tt.lane.redo)-tt.want)
		})
	}
	l := lane{window: 200, queue: jobs(3, 10)}
	l.queue[1].alone = true
	for range 3 {
		require.Len(t, l.load(now, true), 1)
		l.inFlight = 0
	}
}

func TestLaneAdapts(t *testing.T) {
	t.Parallel()
	now := time.Now()
	l := lane{window: windowStart, inFlight: 300}
	l.answered(now, 100, 0, 0)
	require.Equal(t, 200, l.inFlight)
	require.Equal(t, windowStart+windowStep, l.window)
	l.answered(now, 100, 60, time.Second)
	require.Equal(t, 90, l.window, "what was accepted, and a little more")
	require.Equal(t, now.Add(time.Second), l.until)
	l.answered(now, 90, 90, time.Millisecond)
	require.Equal(t, 45, l.window)
	require.Equal(t, now.Add(time.Second), l.until, "the longer pause stays")
	for range 20 {
		l.answered(now, 1, 1, time.Millisecond)
	}
	require.Equal(t, 1, l.window, "never less than one")
	for range 200 {
		l.answered(now, 0, 0, 0)
	}
	require.Equal(t, windowMax, l.window)
}

func TestSameDocument(t *testing.T) {
	t.Parallel()
	const system = `"_rid":"r","_self":"s","_etag":"e","_attachments":"a","_ts":1`
	for _, tt := range []struct {
		written, stored string
		want            bool
	}{
		{`{"id":"1","a":[1,{"b":2}]}`, `{"a":[1.0,{"b":2}],"id":"1",` + system + `}`, true},
		{`{"id":"1","_ts":5}`, `{"id":"1",` + system + `}`, true},
		{`{"id":"1","a":1}`, `{"id":"1","a":2,` + system + `}`, false},
		{`{"id":"1","a":1}`, `{"id":"1",` + system + `}`, false},
		{`{"id":"1"}`, `{"id":"1","a":1,` + system + `}`, false},
		{`{"id":"1","a":null}`, `{"id":"1",` + system + `}`, false},
		{`{"id":"\u0041"}`, `{"id":"A",` + system + `}`, true},
	} {
		require.Equal(t, tt.want, sameDocument([]byte(tt.written), []byte(tt.stored)), tt.written)
	}
}
