package store

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// dumped is what an account writes of itself.
func dumped(t testing.TB, a *Account) string {
	t.Helper()
	var text bytes.Buffer
	require.NoError(t, a.Dump(&text))
	return text.String()
}

// reloaded is container c of database d in an account on the same clock that has loaded what a has dumped.
func reloaded(t testing.TB, a *Account) *Container {
	t.Helper()
	b := NewAccount(Options{Now: a.opts.Now})
	require.NoError(t, b.Load([]byte(dumped(t, a))))
	c, err := b.Container("d", "c")
	require.NoError(t, err)
	return c
}

// grows is the throughput of an autoscale offer that raises its maximum by itself.
func grows(most int) Throughput {
	return Throughput{Autoscale: most, Upgrade: `{"throughputPolicy":{"incrementPercent":3}}`}
}

// What is dumped and loaded is dumped as it was, byte for byte, and goes on as it would have.
func TestDumpIsWhole(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_000, 0)
	a := NewAccount(Options{Partitions: 2, Now: func() time.Time { return now }})
	_, err := a.CreateDatabase([]byte(`{"id":"empty"}`), Throughput{})
	require.NoError(t, err)
	d, err := a.CreateDatabase([]byte(`{"id":"d","tags":{"of":["mine"]}}`), grows(4000))
	require.NoError(t, err)
	c, err := d.CreateContainer([]byte(`{"id":"c",`+keyed+`,"defaultTtl":-1,`+uniqueMail+
		`,"computedProperties":[{"name":"x","query":"SELECT VALUE LOWER(c.a) FROM c"}]}`), Throughput{})
	require.NoError(t, err)
	_, err = d.CreateContainer([]byte(`{"id":"empty",`+keyed+`}`), Throughput{Manual: 700})
	require.NoError(t, err)
	_, err = d.CreateContainer([]byte(`{"id":"auto",`+keyed+`}`), grows(2000))
	require.NoError(t, err)
	key, err := d.PutEncryptionKey(nil, wrapped("k", "AAEC"), "")
	require.NoError(t, err)
	_, err = d.PutEncryptionKey(nil, wrapped("l", "AwQF"), "")
	require.NoError(t, err)
	for kind, n := range map[ScriptKind]int{Procedure: 2, Trigger: 1, Function: 3} {
		for i := range n {
			_, err = c.Scripts.Create(kind, fmt.Appendf(nil,
				`{"id":"%d","body":"function () {\n\t\"<&>\"}","triggerType":"Pre","triggerOperation":"All"}`, i))
			require.NoError(t, err)
		}
	}
	for i := range 30 {
		put(t, c, fmt.Sprintf(`{"id":"%d","pk":"%d","mail":"%d","text":"é<&>\u2028\"\\","n":[1.50,1e300,-0.0]}`,
			i, i%7, i))
		now = now.Add(time.Second)
	}
	put(t, c, `{"id":"3","pk":"3","mail":"new"}`) // written last, and made long before
	remove(t, c, "4", "4")
	_, err = c.Split("1")
	require.NoError(t, err)

	again := reloaded(t, a)
	require.Equal(t, dumped(t, a), dumped(t, again.account))
	sound(t, again)
	require.Equal(t, c.Statistics(), again.Statistics(), "tokens of sessions hold")
	require.Equal(t, c.Resource().JSON(), again.Resource().JSON())
	for kind := range scriptKinds {
		require.Len(t, again.Scripts.List(ScriptKind(kind)), len(c.Scripts.List(ScriptKind(kind))))
	}
	for i, it := range c.Items() {
		other := again.Items()[i]
		require.Equal(t, []any{it.RID, it.ETag, it.TS, it.Number()},
			[]any{other.RID, other.ETag, other.TS, other.Number()})
	}
	for _, name := range []string{"empty", "auto"} {
		old, err := d.Container(name)
		require.NoError(t, err)
		found, err := again.db.Container(old.RID())
		require.NoError(t, err)
		require.Equal(t, old.Throughput(), found.Throughput())
	}
	rewrapped, err := again.db.EncryptionKey(key.RID())
	require.NoError(t, err, "what clients have encrypted is no use without its key")
	require.Equal(t, key.JSON(), rewrapped.JSON())
	require.Len(t, again.db.EncryptionKeys(), 2)
	require.True(t, again.Shares())
	require.Equal(t, grows(4000), again.Throughput())

	// What is written now is new, whoever has the old one.
	seen := map[string]bool{}
	for _, it := range c.Items() {
		seen[it.RID], seen[it.ETag] = true, true
	}
	for _, r := range c.Scripts.List(Function) {
		seen[r.RID()], seen[r.ETag()] = true, true
	}
	it := put(t, again, `{"id":"new","pk":"p","mail":"free"}`)
	require.False(t, seen[it.RID] || seen[it.ETag])
	script, err := again.Scripts.Create(Function, []byte(`{"id":"new","body":""}`))
	require.NoError(t, err)
	require.False(t, seen[script.RID()] || seen[script.ETag()])
	split, err := again.Split("0")
	require.NoError(t, err)
	require.Equal(t, []string{"4", "5"}, split, "ids of partitions are not used again")
	_, err = again.Update(epkOf(again, "3"), "", func(tx *Tx) error {
		_, err := tx.Create(parsed(t, again, `{"id":"x","pk":"3","mail":"new"}`))
		return err
	})
	refused(t, err, 409, "") // the unique key is taken, as it was
}

// The order of a dump is that of the last writes in each partition: the feed of what is loaded shows them so.
func TestDumpKeepsTheOrderOfWrites(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 1, "")
	for _, id := range []string{"a", "b", "c", "a", "d", "b"} {
		put(t, c, `{"id":"`+id+`","pk":"p"}`)
	}
	require.Equal(t, []string{"c", "a", "d", "b"}, ids(c.Items()))
	got, _ := feed(t, reloaded(t, c.account), Scope{}, Feed{})
	require.Equal(t, []string{"+c", "+a", "+d", "+b"}, got)
	require.Equal(t, []string{"a", "b", "c", "d"}, ids(items(t, reloaded(t, c.account), Scope{})),
		"queries visit them in the order they were made in, as before")
}

// Documents that have outlived their time are not saved, and neither is what was deleted.
func TestDumpLeavesOutTheExpired(t *testing.T) {
	t.Parallel()
	c, at := timed(t, `,"defaultTtl":10`)
	at(0)
	put(t, c, `{"id":"over","pk":"p"}`)
	put(t, c, `{"id":"gone","pk":"p"}`)
	put(t, c, `{"id":"ever","pk":"p","ttl":-1}`)
	remove(t, c, "gone", "p")
	at(10)
	require.Equal(t, []string{"ever"}, ids(reloaded(t, c.account).Items()))
}

// An account that has another database of the same rid loads a dump under another one: nothing that was there changes.
func TestLoadBesideWhatIsThere(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 1, "")
	it := put(t, c, `{"id":"1","pk":"p"}`)
	a := c.account
	text := bytes.Replace([]byte(dumped(t, a)), []byte(`"id": "d"`), []byte(`"id": "other"`), 1)
	require.NoError(t, a.Load(text))
	other, err := a.Container("other", "c")
	require.NoError(t, err)
	require.NotEqual(t, c.db.RID(), other.db.RID())
	require.NotEqual(t, c.RID(), other.RID())
	require.Contains(t, other.Resource().Self(), other.db.RID())
	require.Same(t, it, c.Items()[0])
	require.Len(t, other.Items(), 1)
	byRID, err := a.Container(c.db.RID(), c.RID())
	require.NoError(t, err)
	require.Same(t, c, byRID)
	err = a.Load(text)
	require.ErrorContains(t, err, `database "other": 409`)
}

// A rid is of one resource only, whatever a file says: the first keeps it, and what belongs to another parent, or is
// not one, is not taken.
func TestLoadGivesARIDOnce(t *testing.T) {
	t.Parallel()
	const database, own, foreign = `"_rid": "AQAAAA=="`, `"_rid": "AQAAAIAAAAE="`, `"_rid": "AgAAAIAAAAE="`
	container := func(id, more string) string { return `{"id": "` + id + `",` + keyed + `,` + more + `}` }
	key := func(id string) string {
		return strings.Replace(string(wrapped(id, "AAEC")), "{", `{"_rid": "AQAAAAEAAAA=",`, 1)
	}
	a := NewAccount(Options{})
	require.NoError(t, a.Load([]byte(`{"databases": [{"id": "first", `+database+`,
		"clientencryptionkeys": [`+key("k")+`,`+key("l")+`],
		"containers": [`+container("c", own)+`,`+container("d", own)+`,`+container("e", foreign)+`,`+
		container("f", `"_rid": 5`)+`]}, {"id": "second", `+database+`}]}`)))
	d, err := a.Database("AQAAAA==")
	require.NoError(t, err)
	require.Equal(t, "first", d.ID())
	c, err := a.Container("AQAAAA==", "AQAAAIAAAAE=")
	require.NoError(t, err)
	require.Equal(t, "c", c.ID())
	k, err := d.EncryptionKey("AQAAAAEAAAA=")
	require.NoError(t, err)
	require.Equal(t, "k", k.ID())
	second, err := a.Database("second")
	require.NoError(t, err)
	seen := map[string]bool{d.RID(): true, second.RID(): true}
	for _, c := range d.Containers() {
		seen[c.RID()] = true
		require.Equal(t, d.RID(), ridText(ridBytes(c.RID())[:4]), "it is in its database")
	}
	for _, k := range d.EncryptionKeys() {
		seen[k.RID()] = true
		require.Contains(t, k.Self(), k.RID())
	}
	require.Len(t, seen, 2+4+2)
}

// A client encryption key of a file is held against the rules as one that a client sends.
func TestLoadRefusesEncryptionKeys(t *testing.T) {
	t.Parallel()
	for keys, want := range map[string]string{
		`{"id":"k"}`: `line 2: database "d", clientencryptionkeys "k": 400: `,
		string(wrapped("k", "AAEC")) + ",\n" + string(wrapped("k", "AAEC")): `line 3: database "d", ` +
			`clientencryptionkeys "k": 409: `,
	} {
		text := `{"databases": [{"id": "d", "clientencryptionkeys": [` + "\n" + keys + `]}]}`
		err := NewAccount(Options{}).Load([]byte(text))
		require.ErrorContains(t, err, want)
	}
}

// A dump that is taken while others write, split and merge can be loaded, and has each partition as it was at a moment:
// the two documents that are always written together have one value, and a unique key is there once.
func TestDumpBesideWriters(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 2, ","+uniqueMail)
	const writers, dumps = 4, 15
	var done atomic.Bool
	var work sync.WaitGroup
	for w := range writers {
		work.Go(func() {
			for v := 0; v < 3000 && !done.Load(); v++ {
				epk := epkOf(c, fmt.Sprint(w))
				_, err := c.Update(epk, "", func(tx *Tx) error {
					tx.DeleteAll(epk) // so that the key is free
					for _, id := range []string{"left", "right"} {
						doc := fmt.Appendf(nil, `{"id":%q,"pk":"%d","mail":"%s%d","v":%d}`, id, w, id, v%3, v)
						d, err := c.Parse(doc)
						if err != nil {
							return err
						}
						if _, err := tx.Create(d); err != nil {
							return err
						}
					}
					return nil
				})
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	work.Go(func() {
		for i := 0; i < 200 && !done.Load(); i++ {
			if r := c.Ranges(); len(r) > 4 {
				c.Merge(r[0].ID, r[1].ID)
			} else {
				c.Split(r[len(r)-1].ID)
			}
		}
	})
	defer work.Wait()
	defer done.Store(true)
	for range dumps {
		values := map[string][]int64{}
		for _, it := range reloaded(t, c.account).Items() {
			v, _ := it.Value().Get("v").AsInt()
			values[it.EPK] = append(values[it.EPK], v)
		}
		for _, v := range values {
			require.Len(t, v, 2)
			require.Equal(t, v[0], v[1])
		}
	}
}

// failing is a writer that takes only so many bytes.
type failing struct{ left int }

func (f *failing) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errors.New("the disk is full")
	}
	return len(p), nil
}

// A dump that was not written whole is an error, wherever it ended.
func TestDumpTellsOfItsWriter(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 1, "")
	for i := range 200 {
		put(t, c, fmt.Sprintf(`{"id":"%d","pk":"p"}`, i))
	}
	whole := len(dumped(t, c.account))
	for _, left := range []int{0, 1, whole / 2, whole - 1} {
		require.ErrorContains(t, c.account.Dump(&failing{left}), "the disk is full", left)
	}
	require.NoError(t, c.account.Dump(&failing{whole}))
}
