package cosmos

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/stretchr/testify/require"
)

func rangesOf(list ...[3]string) string {
	var items []any
	for _, r := range list {
		items = append(items,
			map[string]any{"id": r[0], "minInclusive": r[1], "maxExclusive": r[2], "parents": []string{}})
	}
	return feedOf("PartitionKeyRanges", items...)
}

func TestRoutingMapIsReadOnce(t *testing.T) {
	t.Parallel()
	f := newFake(t, func(w http.ResponseWriter, c call) {
		if c.header.Get("x-ms-continuation") == "" {
			reply(w, 200, rangesOf([3]string{"1", "3F", "FF"}), "x-ms-continuation", "more")
			return
		}
		reply(w, 200, rangesOf([3]string{"0", "", "3F"}))
	})
	f.feed = ""
	c := f.orders()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			m, err := c.routingMap(t.Context(), nil)
			if err != nil || len(m.Ranges()) != 2 {
				t.Error(m, err)
			}
		})
	}
	wg.Wait()
	require.Equal(t, 2, f.sent(), "one reading, of two pages")
	require.Equal(t, "/dbs/shop/colls/orders/pkranges", f.last(t).path)
	old, err := f.orders().routingMap(t.Context(), nil)
	require.NoError(t, err)
	fresh, err := c.routingMap(t.Context(), old)
	require.NoError(t, err)
	require.NotSame(t, old, fresh)
	again, err := c.routingMap(t.Context(), old)
	require.NoError(t, err)
	require.Same(t, fresh, again, "somebody else has replaced the old one already")
	require.Equal(t, 4, f.sent())
}

func TestRoutingMapWithAGap(t *testing.T) {
	t.Parallel()
	reads := 0
	f := newFake(t, func(w http.ResponseWriter, c call) {
		if reads++; reads == 2 {
			reply(w, 200, rangesOf([3]string{"0", "", "FF"}))
			return
		}
		reply(w, 200, rangesOf([3]string{"0", "", "3F"}))
	})
	f.feed = ""
	m, err := f.orders().routingMap(t.Context(), nil)
	require.NoError(t, err)
	_, err = f.orders().routingMap(t.Context(), m)
	require.ErrorContains(t, err, `container "orders": the partition key ranges are incomplete`)
	require.Equal(t, 2+routingTries, f.sent())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = f.orders().routingMap(ctx, m)
	require.ErrorIs(t, err, context.Canceled)
}

// sixteenRanges divides the container into as many ranges, and gives their bounds.
func (f *fake) sixteenRanges() (bounds []string) {
	bounds = partition.Boundaries(16, partition.Definition{Version: 2})
	list := make([][3]string, 16)
	for i := range list {
		list[i] = [3]string{strconv.Itoa(i), bounds[i], bounds[i+1]}
	}
	f.feed = rangesOf(list...)
	return bounds
}

// With many partitions, a read carries the session token of its own only.
func TestReadsOfManyPartitionsCarryOneToken(t *testing.T) {
	t.Parallel()
	f := newFake(t, okay)
	f.sixteenRanges()
	c := f.orders()
	m, err := c.routingMap(t.Context(), nil)
	require.NoError(t, err)
	var tokens []string
	for i := range 16 {
		tokens = append(tokens, fmt.Sprintf("%d:-1#%d", i, 100+i))
	}
	f.rest.Sessions.Keep("dbs/shop/colls/orders", "", strings.Join(tokens, ","))
	for _, customer := range []string{"ada", "bob", "cy"} {
		_, err = c.ReadItem(t.Context(), "1", PartitionKey(customer))
		require.NoError(t, err)
		r, _ := m.Find(partition.Definition{Paths: []string{"/customer"},
			Version: 2}.EPK(partition.Key{partition.String(customer)}))
		id, err := strconv.Atoi(r.ID)
		require.NoError(t, err)
		require.Equal(t, tokens[id], f.last(t).header.Get("x-ms-session-token"))
	}
}

// A container that somebody made anew with more partitions than the old one had is not searched by the old map.
func TestQueryOfAContainerMadeAnew(t *testing.T) {
	t.Parallel()
	rid := "DPZtAKyOj5g="
	f := newFake(t, func(w http.ResponseWriter, c call) {
		reply(w, 200, feedOf("Documents", c.header.Get("x-ms-documentdb-partitionkeyrangeid")),
			"x-ms-content-path", rid)
	})
	query := func() (ids []string) {
		for id, err := range Query[string](t.Context(), f.orders(), "SELECT VALUE c.id FROM c WHERE c.x > 1") {
			require.NoError(t, err)
			ids = append(ids, id)
		}
		return ids
	}
	require.Equal(t, []string{"0"}, query())
	anew := func(next string) {
		f.mu.Lock()
		defer f.mu.Unlock()
		rid, f.rid = next, next
		f.feed = rangesOf([3]string{"0", "", "1F"}, [3]string{"1", "1F", "FF"})
	}
	anew("DPZtAKyOj50=")
	require.ElementsMatch(t, []string{"0", "1"}, query())

	// In the middle of a query nothing that is right can follow.
	p := f.orders().NewPager("SELECT VALUE c.id FROM c WHERE c.x > 1", MaxConcurrency(1))
	defer p.Close()
	_, err := p.Next(t.Context())
	require.NoError(t, err)
	anew("DPZtAKyOj54=")
	for err == nil {
		_, err = p.Next(t.Context())
	}
	if err != io.EOF { // the second page may have been on its way
		require.ErrorIs(t, err, errRecreated)
	}
}

// A server whose answers name other containers than it has is believed after one look.
func TestQueryOfAServerWithOddNames(t *testing.T) {
	t.Parallel()
	f := newFake(t, func(w http.ResponseWriter, c call) {
		reply(w, 200, feedOf("Documents", 1), "x-ms-content-path", "AAAAAAAAAAA=")
	})
	c := f.orders()
	for range 3 {
		for n, err := range Query[int](t.Context(), c, "SELECT VALUE 1 FROM c") {
			require.NoError(t, err)
			require.Equal(t, 1, n)
		}
	}
	f.mu.Lock()
	f.rid = "DPZtAKyOj50=" // is not looked at any more
	f.mu.Unlock()
	for _, err := range Query[int](t.Context(), c, "SELECT VALUE 1 FROM c") {
		require.NoError(t, err)
	}
	require.Equal(t, "DPZtAKyOj5g=", c.metadata().known.Load().rid)
}

// Reading the properties shows, too, that the container is another one.
func TestPropertiesOfAContainerMadeAnew(t *testing.T) {
	t.Parallel()
	f := newFake(t, okay)
	c := f.orders()
	_, err := c.routingMap(t.Context(), nil)
	require.NoError(t, err)
	_, err = c.Read(t.Context())
	require.NoError(t, err)
	require.NotNil(t, c.metadata().routing.Load())
	f.rest.Sessions.Keep("dbs/shop/colls/orders", "DPZtAKyOj5g=", "0:-1#99")
	_, err = c.Read(t.Context())
	require.NoError(t, err)
	require.NotEmpty(t, f.rest.Sessions.Token("dbs/shop/colls/orders", ""))
	f.rid = "DPZtAKyOj50="
	_, err = c.Read(t.Context())
	require.NoError(t, err)
	require.Nil(t, c.metadata().routing.Load())
	require.Empty(t, f.rest.Sessions.Token("dbs/shop/colls/orders", ""))
}

// A write that another partition answers than the map says makes the map be read again: reads must not rely on it.
func TestWritesShowThatTheMapIsOld(t *testing.T) {
	t.Parallel()
	f := newFake(t, func(w http.ResponseWriter, c call) { reply(w, 200, `{}`, "x-ms-session-token", "77:-1#500") })
	bounds := f.sixteenRanges()
	c := f.orders()
	_, err := c.routingMap(t.Context(), nil)
	require.NoError(t, err)
	for i := range 16 {
		f.rest.Sessions.Keep("dbs/shop/colls/orders", "", fmt.Sprintf("%d:-1#%d", i, 100+i))
	}
	_, err = c.CreateItem(t.Context(), map[string]string{"id": "1", "customer": "ada"})
	require.NoError(t, err)
	answered := f.rest.Sessions.Token("dbs/shop/colls/orders", "")
	require.Contains(t, answered, "77:-1#500")
	f.mu.Lock()
	seventh := fmt.Sprintf(`{"id":"7","maxExclusive":%q,"minInclusive":%q,"parents":[`, bounds[8], bounds[7])
	require.Contains(t, f.feed, seventh)
	f.feed = strings.Replace(f.feed, seventh, strings.Replace(seventh, "7", "77", 1)+`"7"`, 1)
	f.mu.Unlock()
	_, err = c.ReadItem(t.Context(), "1", PartitionKey("ada"))
	require.NoError(t, err)
	require.Equal(t, "77:-1#500", f.last(t).header.Get("x-ms-session-token"), "one range, one token")
}

// A change feed waits while a partition splits, longer each time, and goes on from its position in the parts.
func TestChangeFeedWaitsForASplit(t *testing.T) {
	t.Parallel()
	gone := 4
	f := newFake(t, nil)
	f.raw = func(w http.ResponseWriter, r *http.Request) {
		switch gone--; {
		case gone >= 0:
			reply(w, 410, `{"message":"splitting"}`, "x-ms-substatus", "1007")
		case gone == -1:
			reply(w, 200, feedOf("Documents", 1), "etag", `"7"`)
		default:
			reply(w, 304, "", "etag", `"7"`)
		}
	}
	feed := f.orders().ChangeFeed()
	begun := time.Now()
	page, err := feed.Next(t.Context())
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	require.GreaterOrEqual(t, time.Since(begun), 350*time.Millisecond)
	_, err = feed.Next(t.Context())
	require.Equal(t, io.EOF, err)

	gone = 4
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err = feed.Next(ctx)
	require.ErrorIs(t, err, context.DeadlineExceeded, "no wait outlasts the deadline")
}

// A server that takes a change feed for a list of all documents would give the same ones for ever.
func TestChangeFeedOfAServerWithoutIt(t *testing.T) {
	t.Parallel()
	f := newFake(t, func(w http.ResponseWriter, c call) { reply(w, 200, feedOf("Documents", 1)) })
	_, err := f.orders().ChangeFeed().Next(t.Context())
	require.ErrorContains(t, err, "it knows no change feeds")
}

// The documents below the first values of a hierarchical key are a stretch of hashes, those of a whole key one hash.
func TestFeedRangeOfPartOfAKey(t *testing.T) {
	t.Parallel()
	f := newFake(t, okay)
	f.key = `{"paths":["/tenant","/user"],"kind":"MultiHash","version":2}`
	tenant, err := f.orders().FeedRangeOf(t.Context(), "acme")
	require.NoError(t, err)
	user, err := f.orders().FeedRangeOf(t.Context(), "acme", "ada")
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(user.Min, tenant.Min), "a user's hash begins with the tenant's")
	require.True(t, partition.Compare(tenant.Min, user.Min) < 0 && partition.Compare(user.Max, tenant.Max) < 0)
	other, err := f.orders().FeedRangeOf(t.Context(), "other", "ada")
	require.NoError(t, err)
	require.True(t, partition.Compare(other.Min, tenant.Min) < 0 || partition.Compare(tenant.Max, other.Min) <= 0)
	_, err = f.orders().FeedRangeOf(t.Context(), "acme", "ada", "1")
	require.ErrorContains(t, err, "/tenant")
}
