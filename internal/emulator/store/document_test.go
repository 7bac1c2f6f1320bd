package store

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/value"
)

// put creates a document from its JSON.
func put(t testing.TB, c *Container, doc string) *Item {
	t.Helper()
	d, err := c.Parse([]byte(doc))
	require.NoError(t, err)
	var it *Item
	_, err = c.Update(d.EPK, "", func(tx *Tx) (err error) {
		it, _, err = tx.Upsert(d, "")
		return err
	})
	require.NoError(t, err)
	return it
}

func TestStoredDocument(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 1, "")
	for _, test := range []struct{ name, doc, want string }{
		{"in the order as it was sent, numbers in the form of the service", `{"z":1,"id":"a","a":{"y":[1,2.50,1e3]}}`,
			`{"z":1,"id":"a","a":{"y":[1,2.5,1000]},"_rid"`},
		{"without blanks", " {\n \"id\" : \"a\" ,\t\"x\":\"b c\" } ", `{"id":"a","x":"b c","_rid"`},
		{"system properties replaced",
			`{"_rid":"r","id":"a","_self":1,"_etag":2,"_attachments":3,"_ts":4,"_lsn":5,"x":6}`,
			`{"id":"a","x":6,"_rid"`},
		{"other underscores stay", `{"id":"a","_mine":1}`, `{"id":"a","_mine":1,"_rid"`},
		{"the last of a name", `{"id":"b","x":1,"id":"a","x":2}`, `"id":"a"`},
		{"64 bits", `{"id":"a","n":9223372036854775807}`, `"n":9223372036854775807`},
		{"beyond ASCII", `{"id":"é","x":"\u00e9\ud83d\ude00"}`, `{"id":"é","x":"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			it := put(t, c, test.doc)
			require.Contains(t, string(it.JSON), test.want)
			again, err := value.Parse(it.JSON)
			require.NoError(t, err)
			require.True(t, value.Equal(again, it.Value()))
			require.Equal(t, it.ID, it.Value().Get("id").AsString())
			require.Equal(t, it.RID, it.Value().Get("_rid").AsString())
			require.Equal(t, it.ETag, it.Value().Get("_etag").AsString())
			require.Equal(t, "attachments/", it.Value().Get("_attachments").AsString())
			require.Regexp(t, "^dbs/.+/colls/.+/docs/"+regexpQuote(it.RID)+"/$", it.Value().Get("_self").AsString())
			ts, exact := it.Value().Get("_ts").AsInt()
			require.True(t, exact)
			require.Equal(t, it.TS, ts)
		})
	}
}

func regexpQuote(s string) string { return strings.NewReplacer("+", `\+`).Replace(s) }

func TestDocumentRefused(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 1, "")
	for _, test := range []struct {
		name, doc string
		status    int
		want      string
	}{
		{"no JSON", `{"id":"a"`, 400, "request payload is invalid"},
		{"nothing", ``, 400, "request payload is invalid"},
		{"no object", `"a"`, 400, "inputs is invalid"},
		{"no id", `{"pk":"p"}`, 400, "'id; '"},
		{"empty id", `{"id":""}`, 400, "'id; '"},
		{"id null", `{"id":null}`, 400, "'id; '"},
		{"ttl null", `{"id":"a","ttl":null}`, 400, "ttl 'null'"},
		{"1024 bytes", `{"id":"` + strings.Repeat("é", 512) + `"}`, 400, "less than '1024'"},
		{"large", `{"id":"a","x":"` + strings.Repeat("x", MaxDocument) + `"}`, 413, "too large"},
		{"ttl of a fraction", `{"id":"a","ttl":1.5}`, 400, "ttl '1.5'"},
		{"ttl 0", `{"id":"a","ttl":0}`, 400, "ttl '0'"},
		{"ttl beyond", `{"id":"a","ttl":2147483648}`, 400, "ttl"},
		{"key too long", `{"id":"a","pk":"` + strings.Repeat("é", 1025) + `"}`, 400, "longer than 2048 bytes"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := c.Parse([]byte(test.doc))
			refused(t, err, test.status, test.want)
		})
	}
	for _, fine := range []string{`{"id":"` + strings.Repeat("x", 1023) + `"}`, `{"id":"a?b#c "}`, `{"id":"a/b"}`,
		`{"id":"a\\b"}`, `{"id":"a","ttl":-1}`,
		`{"id":"a","pk":"` + strings.Repeat("é", 1024) + `"}`} {
		_, err := c.Parse([]byte(fine))
		require.NoError(t, err)
	}
	// What the server adds can make a document too large, too.
	d, err := c.Parse([]byte(`{"id":"a","x":"` + strings.Repeat("x", MaxDocument-20) + `"}`))
	require.NoError(t, err)
	_, err = c.Update(d.EPK, "", func(tx *Tx) error { _, err := tx.Create(d); return err })
	refused(t, err, 413, "too large")
}

func TestKeyOfDocument(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, key, doc, want string }{
		{"text", `{"paths":["/a"],"version":2}`, `{"a":"x"}`, `["x"]`},
		{"number", `{"paths":["/a"],"version":2}`, `{"a":5.0}`, `[5]`},
		{"boolean", `{"paths":["/a"]}`, `{"a":false}`, `[false]`},
		{"null", `{"paths":["/a"]}`, `{"a":null}`, `[null]`},
		{"absent", `{"paths":["/a"]}`, `{"b":1}`, `[{}]`},
		{"array is absent", `{"paths":["/a"]}`, `{"a":[1]}`, `[{}]`},
		{"object is absent", `{"paths":["/a"]}`, `{"a":{"b":1}}`, `[{}]`},
		{"nested", `{"paths":["/a/b"]}`, `{"a":{"b":"x"}}`, `["x"]`},
		{"nested in nothing", `{"paths":["/a/b"]}`, `{"a":1}`, `[{}]`},
		{"quoted", `{"paths":["/a/\"b c/d\""]}`, `{"a":{"b c/d":"x"}}`, `["x"]`},
		{"id", `{"paths":["/id"]}`, `{"id":"i"}`, `["i"]`},
		{"three levels", `{"paths":["/a","/b","/c"],"version":2}`, `{"a":1,"c":"z"}`, `[1,{},"z"]`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			def, err := parseDefinition([]byte(`{"id":"c","partitionKey":` + test.key + `}`))
			require.NoError(t, err)
			doc, err := value.Parse([]byte(test.doc))
			require.NoError(t, err)
			require.Equal(t, test.want, def.key(doc).Header())
			// The partition room reads the same key out of the raw text.
			raw, err := def.PartitionKey.Extract([]byte(test.doc))
			require.NoError(t, err)
			require.Equal(t, raw, def.key(doc))
		})
	}
	def, err := parseDefinition([]byte(`{"id":"c","partitionKey":{"paths":["/_partitionKey"],"systemKey":true}}`))
	require.NoError(t, err)
	require.Equal(t, partition.Key{}, def.key(value.Object(nil)), "a container of old that has no key")
}

func TestLifetime(t *testing.T) {
	t.Parallel()
	seconds := func(n int64) *int64 { return &n }
	for _, test := range []struct {
		name      string
		container *int64
		own       int64
		after     int64
		expired   bool
	}{
		{"off", nil, 5, 100, false},
		{"on without default", seconds(-1), 0, 1 << 40, false},
		{"own", seconds(-1), 5, 4, false},
		{"own, over", seconds(-1), 5, 5, true},
		{"default", seconds(10), 0, 9, false},
		{"default, over", seconds(10), 0, 10, true},
		{"own is shorter", seconds(10), 5, 5, true},
		{"own is longer", seconds(10), 50, 49, false},
		{"own is for ever", seconds(10), -1, 1 << 40, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			it := &Item{TS: 1000, ttl: test.own}
			require.Equal(t, test.expired, it.expired(test.container, 1000+test.after))
		})
	}
}
