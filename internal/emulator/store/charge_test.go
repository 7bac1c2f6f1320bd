package store

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/value"
)

// Documents that the service was recorded with.
const (
	everyType = `{"id":"ty1","pk":"t","i":42,"f":1.5,"t":true,"fa":false,"nu":null,"s":"héllo",` +
		`"arr":[1,"a",null,[2]],"obj":{"a":{"b":1}},"emp":"","ea":[],"eo":{},"ts":"2026-10-10T12:00:00Z",` +
		`"dt":"2026-10-10","tm":"12:34:56.789","uuid":"123e4567-e89b-12d3-a456-426614174000","b64":"AAEC/w==",` +
		`"dec":"12345678901234567890.1"}`
	fewMembers = `{"id":"d1","pk":"a","n":1,"s":"x1"}`
	uniquePair = `,"uniqueKeyPolicy":{"uniqueKeys":[{"paths":["/email"]}]},` +
		`"indexingPolicy":{"compositeIndexes":[[{"path":"/a"},{"path":"/b"}]]}`
)

// Writes cost what the service was recorded to charge for them (FACTS.md 24).
func TestUnitsAsRecorded(t *testing.T) {
	t.Parallel()
	create := func(tx *Tx, d *Document) error { _, err := tx.Create(d); return err }
	upsert := func(tx *Tx, d *Document) error { _, _, err := tx.Upsert(d, ""); return err }
	replace := func(tx *Tx, d *Document) error { _, err := tx.Replace(d.ID, d, ""); return err }
	other := func(tx *Tx, d *Document) error { _, err := tx.Replace(d.ID, d, `"another"`); return err }
	remove := func(tx *Tx, d *Document) error { return tx.Delete(d.EPK, d.ID, "") }
	read := func(tx *Tx, d *Document) error { _, err := tx.Read(d.EPK, d.ID); return err }
	patch := func(tx *Tx, d *Document) error {
		p, _, err := ParsePatch([]byte(`[{"op":"set","path":"/n","value":7},{"op":"incr","path":"/n","value":3},` +
			`{"op":"add","path":"/new","value":"v"}]`))
		require.NoError(t, err)
		_, err = tx.Patch(d.EPK, d.ID, p, nil, "")
		return err
	}
	for _, test := range []struct {
		name, policies string
		there          string // before
		op             func(*Tx, *Document) error
		doc            string
		want           string
	}{
		{"create of two values", "", "", create, `{"id":"b9","pk":"b"}`, "5.90"},
		{"create of three", "", "", create, `{"id":"b1","pk":"b","n":10}`, "6.29"},
		{"create of four", "", "", create, fewMembers, "6.67"},
		{"create of every type", "", "", create, everyType, "14.29"},
		{"create of a value at depth three", "", "", create,
			`{"id":"ord1","pk":"a","zeta":1,"alpha":2,"mid":3,"b":4,"abcdef":5,"nu":null,"obj":{"a":{"b":1}}}`, "9.14"},
		{"create with a unique key and a composite index", uniquePair, "", create,
			`{"id":"1","pk":"p","email":"a@b"}`, "7.77"},
		{"upsert of none", "", "", upsert, fewMembers, "6.67"},
		{"upsert of one that is there", "", fewMembers, upsert, `{"id":"d1","pk":"a","n":100,"s":"x1"}`, "10.67"},
		{"replace of two values", "", fewMembers, replace, `{"id":"d1","pk":"a","n":5,"s":"y"}`, "11.05"},
		{"replace by much less", "", everyType, replace, `{"id":"ty1","pk":"t","i":43}`, "18.67"},
		{"delete", "", fewMembers, remove, fewMembers, "6.67"},
		{"read", "", fewMembers, read, fewMembers, "1.00"},
		{"read of one that is not there", "", "", read, fewMembers, "1.00"},
		{"create of one that is there", "", fewMembers, create, `{"id":"d1","pk":"a"}`, "1.48"},
		{"create that breaks the unique key", uniquePair, `{"id":"1","pk":"p","email":"a@b"}`, create,
			`{"id":"2","pk":"p","email":"a@b"}`, "1.94"},
		{"delete of one that is not there", "", "", remove, fewMembers, "1.24"},
		{"replace under another etag", "", fewMembers, other, fewMembers, "1.24"},
		{"patch of one value and a new one", "", fewMembers, patch, fewMembers, "11.05"}, // 11.42 in the service
		{"delete of what was patched", "", fewMembers, func(tx *Tx, d *Document) error {
			require.NoError(t, patch(tx, d))
			tx.Units()
			return remove(tx, d)
		}, fewMembers, "7.05"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := newTestContainer(t, 1, test.policies)
			if test.there != "" {
				put(t, c, test.there)
			}
			d := parsed(t, c, test.doc)
			c.Update(d.EPK, "", func(tx *Tx) error {
				err := test.op(tx, d)
				require.Equal(t, test.want, fmt.Sprintf("%.2f", tx.Units()))
				require.Zero(t, tx.Units(), "what was told is not told again")
				return err
			})
		})
	}
}

// Without an index no value of a document counts, nor do unique keys and composite indexes.
func TestUnitsWithoutAnIndex(t *testing.T) {
	t.Parallel()
	none := newTestContainer(t, 1, strings.Replace(uniquePair, `{"compositeIndexes"`,
		`{"indexingMode":"none","compositeIndexes"`, 1))
	for _, doc := range []string{everyType, fewMembers, `{"id":"1"}`} {
		require.InDelta(t, writeUnits, none.Units(parsed(t, none, doc)), 1e-9)
	}
}

// A document costs more for each KB that it has more; which values it has does not matter for that.
func TestUnitsOfSize(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 1, "")
	units := func(bytes int) float64 {
		const frame = `{"id":"1","pk":"p","x":""}`
		doc := strings.Replace(frame, `""`, `"`+strings.Repeat("x", bytes-len(frame))+`"`, 1)
		require.Len(t, doc, bytes)
		return c.Units(parsed(t, c, doc))
	}
	least := units(100)
	require.InDelta(t, least, units(1024), 1e-9)
	require.InDelta(t, least+kilobyte, units(1025), 1e-9)
	require.InDelta(t, least+kilobyte, units(2048), 1e-9)
	require.InDelta(t, least+9*kilobyte, units(10*1024), 1e-9)

	it := put(t, c, `{"id":"1","pk":"p","x":"`+strings.Repeat("x", 2048)+`"}`)
	_, err := c.Update(it.EPK, "", func(tx *Tx) error {
		_, err := tx.Read(it.EPK, "1")
		require.InDelta(t, 3, tx.Units(), 1e-9, "a read costs more, too")
		return err
	})
	require.NoError(t, err)
}

// What a replace changes costs the same in either direction, nothing where nothing is changed, and never more than both
// documents.
func TestDifference(t *testing.T) {
	t.Parallel()
	docs := []string{`{}`, `{"a":1}`, `{"a":2}`, `{"b":1}`, `{"a":[]}`, `{"a":{}}`, `{"a":[1,2]}`, `{"a":[1,2,3]}`,
		`{"a":[1,[2]]}`, `{"a":{"b":{"c":1}}}`, `{"a":{"b":{"c":2,"d":1}}}`, `{"a":null,"b":[{"c":1},{"c":2}]}`,
		`{"b":[{"c":1},{"c":3,"d":[]}]}`, everyType, fewMembers}
	for _, from := range docs {
		for _, to := range docs {
			a, b := mustValue(t, from), mustValue(t, to)
			there, back := difference(a, b, 0), difference(b, a, 0)
			require.InDelta(t, there, back, 1e-9, "%s to %s", from, to)
			require.Equal(t, from == to, there == 0, "%s to %s", from, to)
			require.LessOrEqual(t, there, weight(a, 0)+weight(b, 0), "%s to %s", from, to)
		}
	}
	for _, test := range []struct {
		from, to string
		want     float64
	}{
		{`{"a":1,"b":2}`, `{"a":1,"c":2}`, 2}, // one removed, one added
		{`{"a":[1,2,3]}`, `{"a":[1,5]}`, 2},
		{`{"a":[1]}`, `{"a":[1,2,3]}`, 2},
		{`{"a":{"b":1,"c":1}}`, `{"a":{"b":2,"c":1}}`, 1},
		{`{"a":1}`, `{"a":{"b":1,"c":1}}`, 2}, // the greater of the two
		{`{"a":{"b":{"c":1}}}`, `{"a":{"b":{"c":2}}}`, 2.5},
		{`{"a":1}`, `{"a":[]}`, 1},
		{`{"a":1}`, `{"a":1.0}`, 0},
		{`{"a":1,"_ts":1,"_etag":"x"}`, `{"a":1,"_ts":2}`, 0}, // the server's own
		{`{"a":1}`, `{"a":1,"_ts":2}`, 0},
		{`{"o":{"a":1}}`, `{"o":{"a":1,"_ts":2}}`, 1},
		{`{"o":{"_ts":1}}`, `{"o":{"_ts":2}}`, 1}, // which deeper down are the caller's
	} {
		require.InDelta(t, test.want, difference(mustValue(t, test.from), mustValue(t, test.to), 0), 1e-9,
			"%s to %s", test.from, test.to)
	}
	require.Zero(t, weight(value.Object(nil), 0), "a document of nothing")
}
