package store

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	keyed     = `"partitionKey":{"paths":["/pk"],"version":2}`
	forged    = `"_rid":"AQAAAA==","_etag":"\"mine\"","_ts":5,"_self":"dbs/mine/"`
	keyedOnly = `{"id":"c",` + keyed + `}`
)

// What only the server writes is the server's, whoever sends it.
func TestSystemPropertiesAreTheServers(t *testing.T) {
	t.Parallel()
	a := NewAccount(Options{Now: func() time.Time { return time.Unix(1_700_000_000, 0) }})
	d, err := a.CreateDatabase([]byte(`{"id":"d","mine":{"_ts":7},`+forged+`}`), Throughput{})
	require.NoError(t, err)
	c, err := d.CreateContainer([]byte(`{"id":"c",`+keyed+`,`+forged+`}`), Throughput{})
	require.NoError(t, err)
	script, err := c.Scripts.Create(Function, []byte(`{"id":"f","body":"",`+forged+`}`))
	require.NoError(t, err)
	sent := strings.Replace(string(wrapped("k", "AAEC")), "{", "{"+forged+",", 1)
	key, err := d.PutEncryptionKey(nil, []byte(sent), "")
	require.NoError(t, err)
	etags := map[string]bool{}
	for _, r := range []*Resource{d.Resource, c.Resource(), script, key} {
		v := r.Value()
		require.NotEqual(t, "AQAAAA==", r.RID())
		require.Equal(t, []string{r.RID(), r.Self(), r.ETag()},
			[]string{v.Get("_rid").AsString(), v.Get("_self").AsString(), v.Get("_etag").AsString()})
		ts, _ := v.Get("_ts").AsInt()
		require.Equal(t, int64(1_700_000_000), ts)
		require.Contains(t, r.Self(), d.RID())
		require.Regexp(t, `^"[0-9a-f]{8}-0000-0700-0000-6553f1000000"$`, r.ETag(), "a number and the time")
		etags[r.ETag()] = true
	}
	require.Len(t, etags, 4)
	ts, _ := d.Value().Get("mine").Get("_ts").AsInt()
	require.Equal(t, int64(7), ts, "the caller's own members stay, whatever is in them")
}

// ETags count up, and none is given twice, however many write at once: regions compare them.
func TestETagsCountUp(t *testing.T) {
	t.Parallel()
	a := NewAccount(Options{})
	const writers, writes = 8, 500
	var work sync.WaitGroup
	etags := make([][]string, writers)
	for w := range writers {
		work.Go(func() {
			for range writes {
				etag, _ := a.stamp()
				etags[w] = append(etags[w], etag)
			}
		})
	}
	work.Wait()
	for _, own := range etags {
		require.True(t, slices.IsSorted(own))
	}
	all := slices.Sorted(slices.Values(slices.Concat(etags...)))
	require.Len(t, slices.Compact(all), writers*writes)
}

// Each write of metadata has a number of its own, which the session tokens of metadata are of. What is refused has
// none, and writes of documents count by partition.
func TestMetadataIsNumbered(t *testing.T) {
	t.Parallel()
	a := NewAccount(Options{})
	last := a.LSN()
	next := func(r *Resource, err error) {
		t.Helper()
		require.NoError(t, err)
		require.Equal(t, last+1, r.LSN())
		require.Equal(t, r.LSN(), a.LSN())
		last = a.LSN()
	}
	d, err := a.CreateDatabase([]byte(`{"id":"d"}`), Throughput{})
	next(d.Resource, err)
	_, err = a.CreateDatabase([]byte(`{"id":"d"}`), Throughput{})
	refused(t, err, 409, "")
	_, err = d.CreateContainer([]byte(`{"id":"c"}`), Throughput{})
	refused(t, err, 400, "")
	require.Equal(t, last, a.LSN())
	c, err := d.CreateContainer([]byte(keyedOnly), Throughput{})
	require.NoError(t, err)
	require.Equal(t, last+2, a.LSN(), "its offer is written, too")
	last = a.LSN()
	next(c.Replace([]byte(keyedOnly), ""))
	next(c.Scripts.Create(Function, []byte(`{"id":"f","body":""}`)))
	next(c.Scripts.Replace(Function, "f", []byte(`{"id":"f","body":"x"}`), ""))
	put(t, c, `{"id":"a","pk":"p"}`)
	require.Equal(t, last, a.LSN())
	require.Equal(t, int64(1), c.Mark().LSN)
	require.Equal(t, "-1#3", MetadataMark(3).Token().String())
}

// A name that is refused costs nothing; one that is taken costs what looking it up does in the service.
func TestRefusedDatabases(t *testing.T) {
	t.Parallel()
	a := NewAccount(Options{})
	_, err := a.CreateDatabase([]byte(`{"id":"taken"}`), Throughput{})
	require.NoError(t, err)
	for _, test := range []struct {
		name, body string
		throughput Throughput
		status     int
		want       string
		free       bool
		charge     float64
	}{
		{"no JSON", `{"id"`, Throughput{}, 400, "request payload is invalid", false, 0},
		{"a list", `[]`, Throughput{}, 400, "request payload is invalid", false, 0},
		{"no id", `{}`, Throughput{}, 400, "'id; '", false, 0},
		{"an id that is a number", `{"id":1}`, Throughput{}, 400, "'id; '", false, 0},
		{"a slash", `{"id":"a/b"}`, Throughput{}, 400, "invalid character", true, 0},
		{"a backslash", `{"id":"a\\b"}`, Throughput{}, 400, "invalid character", true, 0},
		{"a question mark", `{"id":"a?"}`, Throughput{}, 400, "invalid character", true, 0},
		{"a number sign", `{"id":"#a"}`, Throughput{}, 400, "invalid character", true, 0},
		{"a blank at the end", `{"id":"a "}`, Throughput{}, 400, "invalid character", true, 0},
		{"256 letters", `{"id":"` + strings.Repeat("é", 256) + `"}`, Throughput{}, 400, "less than '255'", true, 0},
		{"throughput", `{"id":"a"}`, Throughput{Manual: 450}, 400, "increments of 100", false, 0},
		{"taken", `{"id":"taken"}`, Throughput{}, 409, "already exists", false, refusedWrite},
	} {
		_, err := a.CreateDatabase([]byte(test.body), test.throughput)
		refused(t, err, test.status, test.want)
		var refusal *Error
		require.ErrorAs(t, err, &refusal)
		require.Equal(t, test.free, refusal.Free, test.name)
		require.InDelta(t, test.charge, refusal.Charge, 1e-9, test.name)
	}
	for _, fine := range []string{" a", "a b", "a'b", strings.Repeat("é", 255), "TAKEN"} {
		_, err := a.CreateDatabase([]byte(`{"id":"`+fine+`"}`), Throughput{})
		require.NoError(t, err, fine)
	}
	require.Len(t, a.Databases(), 6)
}

// With a database go the throughputs of all that is in it, and no others.
func TestDeletedDatabaseLeavesNothing(t *testing.T) {
	t.Parallel()
	a := NewAccount(Options{})
	var databases []*Database
	owns := map[string]Throughput{"shared": {}, "manual": {Manual: 500}, "auto": {Autoscale: 1000}}
	for _, id := range []string{"gone", "stays"} {
		d, err := a.CreateDatabase([]byte(`{"id":"`+id+`"}`), Throughput{Manual: 400})
		require.NoError(t, err)
		for container, own := range owns {
			_, err = d.CreateContainer([]byte(`{"id":"`+container+`",`+keyed+`}`), own)
			require.NoError(t, err)
		}
		databases = append(databases, d)
	}
	gone, stays := databases[0], databases[1]
	require.Len(t, a.Offers(), 6)
	require.NoError(t, a.DeleteDatabase(gone))
	require.Equal(t, []*Database{stays}, a.Databases())
	require.Len(t, a.Offers(), 3)
	for _, o := range a.Offers() {
		require.Contains(t, o.Value().Get("resource").AsString(), stays.RID())
	}
	again, err := a.CreateDatabase([]byte(`{"id":"gone"}`), Throughput{})
	require.NoError(t, err)
	require.NotEqual(t, gone.RID(), again.RID(), "a name that is used again is another database")
	require.Empty(t, again.Containers())
	require.Equal(t, []*Database{stays, again}, a.Databases())
	refused(t, a.DeleteDatabase(gone), 404, "")
	require.Equal(t, []*Database{stays, again}, a.Databases())
}
