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
		{"an id that is not UTF-8", "{\"id\":\"a\xff\"}", 400, "request payload is invalid"},
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
	whole := `{"id":"a"}` + strings.Repeat(" ", MaxDocument-len(`{"id":"a"}`))
	_, err := c.Parse([]byte(whole))
	require.NoError(t, err, "exactly as much as there may be")
	_, err = c.Parse([]byte(whole + " "))
	refused(t, err, 413, "too large")
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

// The feed of all versions names the key of what was deleted by path, without what the document did not have.
func TestNamedKeyOfDocument(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ key, doc, want string }{
		{`{"paths":["/pk"]}`, `{"pk":"x"}`, `{"pk":"x"}`},
		{`{"paths":["/pk"]}`, `{"pk":1.50}`, `{"pk":1.5}`},
		{`{"paths":["/pk"]}`, `{"pk":null}`, `{"pk":null}`},
		{`{"paths":["/pk"]}`, `{"id":"x"}`, `{}`},
		{`{"paths":["/a/b"]}`, `{"a":{"b":true}}`, `{"a/b":true}`},
		{`{"paths":["/a","/b","/c"],"version":2}`, `{"c":3,"a":1}`, `{"a":1,"c":3}`},
	} {
		def, err := parseDefinition([]byte(`{"id":"c","partitionKey":` + test.key + `}`))
		require.NoError(t, err)
		require.Equal(t, test.want, string(value.AppendJSON(nil, def.NamedKey(mustValue(t, test.doc)))))
	}
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

// Reads and writes of one document write exponents with three digits, as the service does; what is stored, and what
// queries give, has two.
func TestBodyOfDocument(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 1, "")
	it := put(t, c, `{"id":"a","u64":1.8446744073709552e19,"small":5e-7,"text":"1e+19","n":[1e300,-0.0]}`)
	require.Contains(t, string(it.JSON), `"u64":1.8446744073709552e+19`)
	require.Contains(t, string(it.Body()), `"u64":1.8446744073709552e+019`)
	require.Contains(t, string(it.Body()), `"text":"1e+19"`, "texts stay")
	require.Contains(t, string(it.Body()), `1e+300`)
	plain := put(t, c, `{"id":"b","n":1.5}`)
	require.Equal(t, plain.JSON, plain.Body())
}

// A document whose parsed form is much larger than its text is parsed anew for each reader, who is told how much that
// takes; lists of numbers are small.
func TestHeavyDocuments(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 1, "")
	list := func(element string, n int) string { return strings.TrimSuffix(strings.Repeat(element+",", n), ",") }
	for _, test := range []struct {
		name, member string
		heavy        bool
	}{
		{"a text", `"x":"` + strings.Repeat("x", 2000) + `"`, false},
		{"texts", `"x":[` + list(`"some words, and more of them"`, 200) + `]`, false},
		{"an embedding", `"x":[` + list("0.123456", 1000) + `]`, false},
		{"small numbers", `"x":[` + list("1", 1000) + `]`, true},
		{"small members", `"x":[` + list(`{"a":1}`, 300) + `]`, true},
		{"empty lists", `"x":[` + list(`[]`, 300) + `]`, true},
	} {
		it := put(t, c, `{"id":"a",`+test.member+`}`)
		first, second := it.Value(), it.Value()
		require.True(t, value.Equal(first, second), test.name)
		require.Equal(t, "a", first.Get("id").AsString())
		require.Equal(t, test.heavy, it.tree.Load() == nil, test.name)
		if test.heavy {
			require.Equal(t, 4*len(it.JSON), it.Parsed(), test.name)
		} else {
			require.Zero(t, it.Parsed(), test.name)
		}
	}
}

// A patched document is held against the rules like one that is sent, with the members that the patch has added.
func TestPatchedDocumentIsChecked(t *testing.T) {
	t.Parallel()
	nested := strings.Repeat(`{"x":`, value.MaxDepth-2) + "1" + strings.Repeat("}", value.MaxDepth-2)
	for _, test := range []struct {
		name, ops string
		status    int
		want      string
	}{
		{"a unique key that is taken", `{"op":"add","path":"/mail","value":"taken"}`, 409, "already exists"},
		{"a ttl", `{"op":"add","path":"/ttl","value":0}`, 400, "ttl '0'"},
		{"nested too deeply", `{"op":"add","path":"/a/b/c/d","value":` + nested + `}`, 400, "document is invalid"},
		{"too large", `{"op":"add","path":"/text","value":"` + strings.Repeat("x", MaxDocument-150) + `"}`, 413,
			"too large"},
		{"what may be", `{"op":"add","path":"/mail","value":"free"}`, 0, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := newTestContainer(t, 1, `,`+uniqueMail)
			put(t, c, `{"id":"other","pk":"p","mail":"taken"}`)
			it := put(t, c, `{"id":"a","pk":"p","mail2":1,"a":{"b":{"c":{}}}}`)
			p, _, err := ParsePatch([]byte(`[` + test.ops + `]`))
			require.NoError(t, err)
			patch := func() (next *Item, err error) {
				_, err = c.Update(it.EPK, "", func(tx *Tx) error {
					next, err = tx.Patch(it.EPK, "a", p, nil, "")
					return err
				})
				return next, err
			}
			next, err := patch()
			if test.status != 0 {
				refused(t, err, test.status, test.want)
				now, _, err := c.Read(it.EPK, "a")
				require.NoError(t, err)
				require.Same(t, it, now)
				return
			}
			require.NoError(t, err)
			text := string(next.JSON)
			require.Less(t, strings.Index(text, `"_attachments"`), strings.Index(text, `"mail":"free"`),
				"a member that a patch adds stands where the service puts it, also after another patch")
			require.Less(t, strings.Index(text, `"mail":"free"`), strings.Index(text, `"_ts"`))
			next, err = patch()
			require.NoError(t, err)
			require.Equal(t, strings.Index(text, `"mail"`), strings.Index(string(next.JSON), `"mail"`))
		})
	}
}

// A stored document is a copy: the bytes that it came in can be used again.
func TestDocumentDoesNotKeepItsRequest(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 1, `,`+uniqueMail)
	body := []byte(`{"id":"a","pk":"p","mail":"x","n":[1,2.50,"text"]}`)
	d, err := c.Parse(body)
	require.NoError(t, err)
	var it *Item
	_, err = c.Update(d.EPK, "", func(tx *Tx) (err error) { it, err = tx.Create(d); return err })
	require.NoError(t, err)
	text := string(it.JSON)
	for i := range body {
		body[i] = '#'
	}
	require.Equal(t, text, string(it.JSON))
	require.Equal(t, "a", it.ID)
	found, _, err := c.Read(epkOf(c, "p"), "a")
	require.NoError(t, err)
	require.Same(t, it, found)
	_, err = c.Update(it.EPK, "", func(tx *Tx) error {
		_, err := tx.Create(parsed(t, c, `{"id":"b","pk":"p","mail":"x"}`))
		return err
	})
	refused(t, err, 409, "")
}
