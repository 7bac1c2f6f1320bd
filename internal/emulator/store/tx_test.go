package store

import (
	"testing"

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
