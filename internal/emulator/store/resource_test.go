package store

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// An id is a text of up to 255 characters without those that a path is made of, and without a blank at its end: for
// everything but documents.
func TestIDsOfResources(t *testing.T) {
	t.Parallel()
	create := map[string]func(d *Database, id string) error{
		"database": func(d *Database, id string) error {
			_, err := d.account.CreateDatabase([]byte(`{"id":"`+id+`"}`), Throughput{})
			return err
		},
		"container": func(d *Database, id string) error {
			_, err := d.CreateContainer([]byte(`{"id":"`+id+`","partitionKey":{"paths":["/pk"]}}`), Throughput{})
			return err
		},
		"user": func(d *Database, id string) error {
			_, err := d.PutUser(nil, []byte(`{"id":"`+id+`"}`), "")
			return err
		},
		"script": func(d *Database, id string) error {
			_, err := d.Containers()[0].Scripts.Create(Procedure, []byte(`{"id":"`+id+`","body":""}`))
			return err
		},
	}
	for kind, create := range create {
		d := newTestContainer(t, 1, "").db
		for _, id := range []string{"a", "A", " a", "a b", "ä", "日本", "a.b-c_d", "a%2Fb", "a+b&c=d", "'", "a\u00a0",
			strings.Repeat("é", 255)} {
			require.NoError(t, create(d, id), "%s %q", kind, id)
			refused(t, create(d, id), 409, "already exists")
		}
		for id, want := range map[string]string{"": "'id; '", "a/b": "invalid character", `a\\b`: "invalid character",
			"a?": "invalid character", "#": "invalid character", "a ": "invalid character", " ": "invalid character",
			strings.Repeat("é", 256): "less than '255' characters"} {
			refused(t, create(d, id), 400, want)
		}
	}
}

// What a client sends under the names of the server's own properties is not what is stored.
func TestResourcesHaveTheServersProperties(t *testing.T) {
	t.Parallel()
	const sent = `{"_ts":1,"_rid":"mine","b":1,"_colls":"mine","_self":2,"id":"x","_etag":"mine",` +
		`"_users":3,"_lsn":4,"a":2}`
	d, err := NewAccount(Options{}).CreateDatabase([]byte(sent), Throughput{})
	require.NoError(t, err)
	var names []string
	for m := range d.Value().Members() {
		names = append(names, m.Name)
	}
	require.Equal(t, []string{"b", "id", "a", "_rid", "_self", "_etag", "_colls", "_users", "_ts"}, names,
		"the client's as they were sent, then the server's")
	require.Equal(t, d.RID(), d.Value().Get("_rid").AsString())
	require.Equal(t, "dbs/"+d.RID()+"/", d.Value().Get("_self").AsString())
	require.Equal(t, d.ETag(), d.Value().Get("_etag").AsString())
	require.Equal(t, "colls/", d.Value().Get("_colls").AsString())
	ts, exact := d.Value().Get("_ts").AsInt()
	require.True(t, exact && ts > 1)
	u, err := d.PutUser(nil, []byte(`{"_permissions":"mine","id":"u"}`), "")
	require.NoError(t, err)
	require.Equal(t, "permissions/", u.Value().Get("_permissions").AsString())
}

// Each write of metadata counts, and makes an etag of its own.
func TestMetadataCounts(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 1, "")
	a, etags, last := c.account, map[string]bool{}, c.account.LSN()
	step := func(r *Resource, err error) {
		t.Helper()
		require.NoError(t, err)
		require.Greater(t, r.LSN(), last)
		require.Equal(t, a.LSN(), r.LSN())
		require.False(t, etags[r.ETag()], r.ETag())
		etags[r.ETag()], last = true, r.LSN()
	}
	const body = `{"id":"c","partitionKey":{"paths":["/pk"],"version":2}}`
	for range 3 {
		step(c.Replace([]byte(body), ""))
	}
	u, err := c.db.PutUser(nil, []byte(`{"id":"u"}`), "")
	step(u.Resource, err)
	u, err = c.db.PutUser(u, []byte(`{"id":"u"}`), "")
	step(u.Resource, err)
	p, err := u.PutPermission(nil, permission("p", "c", ""), "")
	step(p.Resource, err)
	step(c.Scripts.Create(Function, []byte(`{"id":"f","body":""}`)))
	step(c.Scripts.Replace(Function, "f", []byte(`{"id":"f","body":""}`), ""))
	_, err = c.Replace([]byte(body), `"another"`)
	refused(t, err, 412, "")
	put(t, c, `{"id":"a"}`)
	require.Equal(t, last, a.LSN(), "what is refused does not count, nor do documents")
}
