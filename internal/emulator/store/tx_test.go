package store

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/value"
)

// parsed is a document for container c.
func parsed(t testing.TB, c *Container, doc string) *Document {
	t.Helper()
	d, err := c.Parse([]byte(doc))
	require.NoError(t, err)
	return d
}

func TestConditions(t *testing.T) {
	t.Parallel()
	const doc, missing = `{"id":"a","pk":"p","n":2}`, `{"id":"none","pk":"p"}`
	ops := map[string]func(tx *Tx, d *Document, etag string) error{
		"replace": func(tx *Tx, d *Document, etag string) error { _, err := tx.Replace(d.ID, d, etag); return err },
		"upsert":  func(tx *Tx, d *Document, etag string) error { _, _, err := tx.Upsert(d, etag); return err },
		"delete":  func(tx *Tx, d *Document, etag string) error { return tx.Delete(d.EPK, d.ID, etag) },
		"patch": func(tx *Tx, d *Document, etag string) error {
			p, _, err := ParsePatch([]byte(`[{"op":"incr","path":"/n","value":1}]`))
			if err != nil {
				return err
			}
			_, err = tx.Patch(d.EPK, d.ID, p, nil, etag)
			return err
		},
	}
	for _, test := range []struct {
		name, doc, etag string // etag "now" is the present one
		want            map[string]int
	}{
		{"no condition", doc, "", map[string]int{}},
		{"the present etag", doc, "now", map[string]int{}},
		{"any", doc, "*", map[string]int{}},
		{"another etag", doc, `"x"`, map[string]int{"replace": 412, "upsert": 412, "delete": 412, "patch": 412}},
		{"not there", missing, "", map[string]int{"replace": 404, "delete": 404, "patch": 404}},
		{"not there, any", missing, "*", map[string]int{"replace": 404, "delete": 404, "patch": 404}},
		{"not there, an etag", missing, `"x"`, map[string]int{"replace": 404, "delete": 404, "patch": 404}},
	} {
		for name, op := range ops {
			t.Run(test.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				c := newTestContainer(t, 1, "")
				it := put(t, c, `{"id":"a","pk":"p","n":1}`)
				etag := test.etag
				if etag == "now" {
					etag = it.ETag
				}
				d := parsed(t, c, test.doc)
				mark, err := c.Update(d.EPK, "", func(tx *Tx) error { return op(tx, d, etag) })
				if status := test.want[name]; status != 0 {
					refused(t, err, status, "")
					require.Equal(t, int64(1), mark.LSN)
					return
				}
				require.NoError(t, err)
				require.Equal(t, int64(2), mark.LSN)
			})
		}
	}
}

func TestWhatAWriteKeeps(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 4, "")
	first := put(t, c, `{"id":"a","pk":"p","n":1}`)
	second := put(t, c, `{"id":"a","pk":"p","n":2}`)
	require.Equal(t, first.RID, second.RID)
	require.NotEqual(t, first.ETag, second.ETag)
	require.Equal(t, []int64{1, 2}, []int64{first.LSN, second.LSN})
	require.Equal(t, "1", string(value.AppendJSON(nil, first.Value().Get("n"))),
		"who holds the old version still has it")

	d := parsed(t, c, `{"id":"a","pk":"p"}`)
	_, err := c.Update(d.EPK, "", func(tx *Tx) error { return tx.Delete(d.EPK, "a", "") })
	require.NoError(t, err)
	third := put(t, c, `{"id":"a","pk":"p"}`)
	require.NotEqual(t, first.RID, third.RID, "a number is used once")

	_, err = c.Update(d.EPK, "", func(tx *Tx) error { _, err := tx.Create(d); return err })
	refused(t, err, 409, "already exists")
	put(t, c, `{"id":"b","pk":"p"}`)
	_, err = c.Update(d.EPK, "", func(tx *Tx) error { _, err := tx.Replace("b", d, ""); return err })
	refused(t, err, 409, "already exists")
	_, err = c.Update(d.EPK, "99", func(*Tx) error { return nil })
	refused(t, err, 410, "'99'")
}

// Whatever ends a transaction early, nothing of it stays.
func TestPanicUndoes(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 1, "")
	old := put(t, c, `{"id":"a","pk":"p","v":1}`)
	require.Panics(t, func() {
		c.Update(epkOf(c, "p"), "", func(tx *Tx) error {
			d, err := c.Parse([]byte(`{"id":"a","pk":"p","v":2}`))
			require.NoError(t, err)
			_, _, err = tx.Upsert(d, "")
			require.NoError(t, err)
			panic("a fault in what the transaction calls")
		})
	})
	now, _, err := c.Read(epkOf(c, "p"), "a")
	require.NoError(t, err)
	require.Same(t, old, now)
	put(t, c, `{"id":"a","pk":"p","v":3}`)
	sound(t, c)
}

func TestPatchConditionAndFailure(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 1, "")
	it := put(t, c, `{"id":"a","pk":"p","n":1}`)
	p, _, err := ParsePatch([]byte(`[{"op":"incr","path":"/n","value":1}]`))
	require.NoError(t, err)
	for name, test := range map[string]struct {
		met    func(value.Value) (bool, error)
		status int
	}{
		"met":     {func(doc value.Value) (bool, error) { return doc.Get("_etag").AsString() == it.ETag, nil }, 0},
		"not met": {func(value.Value) (bool, error) { return false, nil }, 412},
		"error":   {func(value.Value) (bool, error) { return true, Errorf(400, 0, "no") }, 400},
	} {
		_, err := c.Update(it.EPK, "", func(tx *Tx) error {
			_, err := tx.Patch(it.EPK, "a", p, test.met, "")
			return err
		})
		if test.status == 0 {
			require.NoError(t, err, name)
			continue
		}
		refused(t, err, test.status, "")
	}
}

func TestDeleteAll(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 1, "")
	for _, doc := range []string{`{"id":"a","pk":"p"}`, `{"id":"b","pk":"p"}`, `{"id":"a","pk":"q"}`} {
		put(t, c, doc)
	}
	epk := parsed(t, c, `{"id":"x","pk":"p"}`).EPK
	for _, want := range []int{2, 0} {
		_, err := c.Update(epk, "", func(tx *Tx) error {
			require.Equal(t, want, tx.DeleteAll(epk))
			return nil
		})
		require.NoError(t, err)
	}
	require.Len(t, items(t, c, Scope{}), 1)
}

// Within a transaction its own writes are there, in the order of numbers, and nothing of another logical partition,
// nothing deleted and nothing that has expired.
func TestWhatATransactionSees(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 1, func(o *Options) { o.Partitions = 1 })
	g.policy(`"defaultTtl":-1`)
	c := g.c
	for _, doc := range []string{`{"id":"a","pk":"p"}`, `{"id":"old","pk":"p","ttl":5}`, `{"id":"b","pk":"p"}`,
		`{"id":"a","pk":"q"}`, `{"id":"c","pk":"p"}`} {
		put(t, c, doc)
	}
	far := items(t, c, Scope{Key: epkOf(c, "q"), HasKey: true})[0]
	p := epkOf(c, "p")
	g.now = g.now.Add(5 * time.Second)
	seen := func(tx *Tx, from uint64) (ids []string) {
		for it := range tx.Items(p, from) {
			ids = append(ids, it.ID)
		}
		return ids
	}
	_, err := c.Update(p, "", func(tx *Tx) error {
		require.Equal(t, []string{"a", "b", "c"}, seen(tx, 0))
		made, err := tx.Create(parsed(t, c, `{"id":"d","pk":"p"}`))
		require.NoError(t, err)
		require.NoError(t, tx.Delete(p, "b", ""))
		renamed, err := tx.Replace("a", parsed(t, c, `{"id":"z","pk":"p","v":1}`), "")
		require.NoError(t, err)
		require.Equal(t, []string{"z", "c", "d"}, seen(tx, 0), "a document keeps its place")
		require.Equal(t, []string{"d"}, seen(tx, made.Number()))
		for it := range tx.Items(p, 0) {
			require.Same(t, renamed, it)
			break // who stops early stops
		}
		require.Empty(t, seen(tx, made.Number()+1))
		for range tx.Items(epkOf(c, "none"), 0) {
			t.Error("nothing is there")
		}

		require.Same(t, made, tx.ByRID(p, made.RID))
		require.Same(t, renamed, tx.ByRID(p, renamed.RID))
		for _, rid := range []string{"", "x", far.RID, c.RID(), childRID(c.ridBytes, kindDocument, 99)} {
			require.Nil(t, tx.ByRID(p, rid), rid)
		}
		for id, status := range map[string]int{"a": 404, "b": 404, "old": 404, "c": 0, "d": 0, "z": 0} {
			it, err := tx.Read(p, id)
			if status != 0 {
				refused(t, err, status, "does not exist")
				continue
			}
			require.NoError(t, err)
			require.Equal(t, id, it.ID)
		}
		require.Equal(t, int64(6), tx.Mark().LSN, "what expired was a transaction of its own")
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, []string{"z", "a", "c", "d"}, ids(items(t, c, Scope{})))
}

// An upsert says whether it has made a document or put it in the place of another.
func TestUpsertTellsWhatItHasDone(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 1, "")
	for _, want := range []bool{true, false, false} {
		d := parsed(t, c, `{"id":"a","pk":"p"}`)
		_, err := c.Update(d.EPK, "", func(tx *Tx) error {
			it, created, err := tx.Upsert(d, `"x"`)
			if want {
				require.NoError(t, err, "what is not there has no etag that could be another")
			} else {
				refused(t, err, 412, "")
				it, created, err = tx.Upsert(d, "")
			}
			require.Equal(t, want, created)
			require.Equal(t, "a", it.ID)
			return err
		})
		require.NoError(t, err)
	}
	remove(t, c, "a", "p")
	d := parsed(t, c, `{"id":"a","pk":"p"}`)
	_, err := c.Update(d.EPK, "", func(tx *Tx) error {
		_, created, err := tx.Upsert(d, "")
		require.True(t, created)
		return err
	})
	require.NoError(t, err)
}

// A document has 2 MB at most with all that the server adds; one byte more is refused, by whatever makes it that large.
func TestLargestDocument(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 1, "")
	text := func(n int) string { return `{"id":"a","pk":"p","x":"` + strings.Repeat("x", n) + `"}` }
	room := MaxDocument - len(put(t, c, text(0)).JSON)
	upsert := func(n int) error {
		d := parsed(t, c, text(n))
		_, err := c.Update(d.EPK, "", func(tx *Tx) error { _, _, err := tx.Upsert(d, ""); return err })
		return err
	}
	refused(t, upsert(room+1), 413, "too large")
	require.NoError(t, upsert(room))
	require.Len(t, c.Items()[0].JSON, MaxDocument)
	p, _, err := ParsePatch([]byte(`[{"op":"add","path":"/y","value":1}]`))
	require.NoError(t, err)
	_, err = c.Update(epkOf(c, "p"), "", func(tx *Tx) error {
		_, err := tx.Patch(epkOf(c, "p"), "a", p, nil, "")
		return err
	})
	refused(t, err, 413, "too large")
	require.Len(t, c.Items()[0].JSON, MaxDocument)
	sound(t, c)
}

// A patch that would make of a document what is not one is refused, and the document stays.
func TestPatchesThatMakeNoDocument(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 100) + strings.Repeat("]", 100)
	for name, test := range map[string]struct{ ops, want string }{
		"a time to live of 0":    {`{"op":"set","path":"/ttl","value":0}`, "ttl '0' is invalid"},
		"a time to live of text": {`{"op":"add","path":"/ttl","value":"1"}`, "is invalid"},
		"what is not there":      {`{"op":"remove","path":"/none"}`, "nothing at this path"},
		"the last of several": {`{"op":"set","path":"/n","value":2},{"op":"incr","path":"/s","value":1}`,
			"not a number"},
		"deeper than a document": {`{"op":"set","path":"/a/99","value":1}`, "not an index"},
		"nested deeper than JSON": {`{"op":"set","path":"/b","value":` + deep + `},` +
			`{"op":"move","from":"/b","path":"/a/0` + strings.Repeat("/0", 90) + `"}`, "The document is invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newTestContainer(t, 1, "")
			nested := strings.Repeat("[", 91) + "0" + strings.Repeat("]", 91)
			it := put(t, c, `{"id":"a","pk":"p","n":1,"s":"x","a":`+nested+`}`)
			p, _, err := ParsePatch([]byte("[" + test.ops + "]"))
			require.NoError(t, err)
			_, err = c.Update(it.EPK, "", func(tx *Tx) error {
				_, err := tx.Patch(it.EPK, "a", p, nil, "")
				return err
			})
			refused(t, err, 400, test.want)
			now, _, err := c.Read(it.EPK, "a")
			require.NoError(t, err)
			require.Same(t, it, now)
		})
	}
}
