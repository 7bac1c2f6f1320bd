package cosmos

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestConnectionStrings(t *testing.T) {
	t.Parallel()
	good := []string{
		"AccountEndpoint=https://a.test:443/;AccountKey=" + testKey + ";",
		"accountkey=" + testKey + "; ACCOUNTENDPOINT=https://a.test:443/",
		"Database=x;AccountKey=" + testKey +
			";DisableServerCertificateValidation=True;AccountEndpoint=https://a.test:443/;;",
	}
	for _, cs := range good {
		c, err := NewClientFromConnectionString(cs, &ClientOptions{UserAgent: "me"})
		require.NoError(t, err)
		require.Equal(t, "https://a.test:443/", c.Endpoint())
		require.NoError(t, c.Close())
	}
	for cs, want := range map[string]string{
		"":                               "no AccountEndpoint",
		"AccountKey=" + testKey:          "no AccountEndpoint",
		"AccountEndpoint=https://a.test": "no AccountKey",
		"AccountEndpoint=a.test;AccountKey=" + testKey:         "not of the form",
		"AccountEndpoint=https://a.test;AccountKey=not!base64": "not valid base64",
		"AccountEndpoint=https://a.test;AccountKey=" + testKey +
			";secret": "not of the form Name=value",
		"AccountEndpoint=https://a.test;AccountKey=" + testKey +
			";DisableServerCertificateValidation=perhaps": "neither true nor false",
	} {
		_, err := NewClientFromConnectionString(cs, nil)
		require.ErrorContains(t, err, want, cs)
		require.NotContains(t, err.Error(), testKey)
		require.NotContains(t, err.Error(), "secret")
	}
}

func TestNewClientRefuses(t *testing.T) {
	t.Parallel()
	cred, err := KeyCredential(testKey)
	require.NoError(t, err)
	_, err = NewClient("https://a.test", Credential{}, nil)
	require.ErrorContains(t, err, "credential is empty")
	_, err = NewClient("", cred, nil)
	require.ErrorContains(t, err, "endpoint is missing")
	_, err = NewClient("https://a.test", cred, &ClientOptions{HTTPClient: http.DefaultClient, InsecureSkipVerify: true})
	require.ErrorContains(t, err, "InsecureSkipVerify has no effect")
	_, err = NewClient("https://a.test", cred, &ClientOptions{Consistency: "Odd"})
	require.ErrorContains(t, err, `no consistency level "Odd"`)
	for _, text := range []string{fmt.Sprint(cred), fmt.Sprintf("%+v", cred), fmt.Sprintf("%#v", cred)} {
		require.Equal(t, "cosmos.Credential(redacted)", text)
	}
}

func TestAccount(t *testing.T) {
	t.Parallel()
	f := newFake(t, func(w http.ResponseWriter, c call) {
		reply(w, 200, `{"id":"acct","writableLocations":[{"name":"West US","databaseAccountEndpoint":"https://w"}],`+
			`"readableLocations":[{"name":"West US","databaseAccountEndpoint":"https://w"}],`+
			`"userConsistencyPolicy":{"defaultConsistencyLevel":"Session"},"extra":1}`)
	})
	f.account = true
	a, err := f.Account(t.Context())
	require.NoError(t, err)
	require.Equal(t, "acct", a.ID)
	require.Equal(t, ConsistencySession, a.Consistency)
	require.Equal(t, []Region{{"West US", "https://w"}}, a.WriteRegions)
	require.Equal(t, a.WriteRegions, a.ReadRegions)
	require.Contains(t, string(a.Raw), `"extra":1`)
	require.Equal(t, "/", f.last(t).path)
}

func TestDatabases(t *testing.T) {
	t.Parallel()
	f := newFake(t, func(w http.ResponseWriter, c call) {
		switch {
		case c.method == "GET" && c.path == "/dbs" && c.header.Get("x-ms-continuation") == "":
			reply(w, 200, feedOf("Databases", map[string]any{"id": "a"}), "x-ms-continuation", "more")
		case c.method == "GET" && c.path == "/dbs":
			reply(w, 200, feedOf("Databases", map[string]any{"id": "b", "_ts": 5}))
		case c.method == "POST":
			reply(w, 201, c.body)
		case c.method == "DELETE":
			w.WriteHeader(204)
		default:
			reply(w, 200, `{"id":"a b","_rid":"r"}`)
		}
	})
	var ids []string
	for d, err := range f.Databases(t.Context()) {
		require.NoError(t, err)
		ids = append(ids, d.ID)
	}
	require.Equal(t, []string{"a", "b"}, ids)
	_, err := f.CreateDatabase(t.Context(), "a b", AutoscaleThroughput(4000))
	require.NoError(t, err)
	require.Equal(t, `{"id":"a b"}`, f.last(t).body)
	require.Equal(t, `{"maxThroughput":4000}`, f.last(t).header.Get("x-ms-cosmos-offer-autopilot-settings"))
	p, err := f.Database("a b").Read(t.Context())
	require.NoError(t, err)
	require.Equal(t, "r", p.RID)
	require.Equal(t, "/dbs/a%20b", f.last(t).path)
	f.rest.Sessions.Keep("dbs/a b/colls/c", "", "0:-1#1")
	_, err = f.Database("a b").Delete(t.Context())
	require.NoError(t, err)
	require.Empty(t, f.rest.Sessions.Token("dbs/a b/colls/c", ""))
	before := f.sent()
	_, err = f.CreateDatabase(t.Context(), "a/b")
	require.ErrorContains(t, err, `database id "a/b"`)
	_, err = f.CreateDatabase(t.Context(), strings.Repeat("é", 256))
	require.ErrorContains(t, err, "more than 255 characters")
	_, err = f.CreateDatabase(t.Context(), "x", Throughput(400), AutoscaleThroughput(4000))
	require.ErrorContains(t, err, "exclude each other")
	_, err = f.CreateDatabase(t.Context(), "x", Throughput(0))
	require.ErrorContains(t, err, "not positive")
	_, err = f.Database("").Read(t.Context())
	require.ErrorContains(t, err, "database id is empty")
	_, err = f.Database("").Delete(t.Context())
	require.ErrorContains(t, err, "database id is empty")
	require.Equal(t, before, f.sent())
}

func TestContainers(t *testing.T) {
	t.Parallel()
	f := newFake(t, func(w http.ResponseWriter, c call) {
		switch c.method {
		case "GET":
			reply(w, 200, feedOf("DocumentCollections",
				map[string]any{"id": "orders", "partitionKey": map[string]any{"paths": []string{"/customer"}}}))
		case "POST":
			reply(w, 201, c.body)
		case "DELETE":
			w.WriteHeader(204)
		default:
			reply(w, 200, c.body)
		}
	})
	d := f.Database("shop")
	for c, err := range d.Containers(t.Context()) {
		require.NoError(t, err)
		require.Equal(t, "orders", c.ID)
		require.Equal(t, []string{"/customer"}, c.PartitionKey.Paths)
	}
	ttl := -1
	_, err := d.CreateContainer(t.Context(),
		ContainerProperties{ID: "orders", PartitionKey: PartitionKeyPaths("/customer"), DefaultTTL: &ttl},
		Throughput(400))
	require.NoError(t, err)
	require.JSONEq(t,
		`{"id":"orders","partitionKey":{"paths":["/customer"],"kind":"Hash","version":2},"defaultTtl":-1}`,
		f.last(t).body)
	require.Equal(t, "400", f.last(t).header.Get("x-ms-offer-throughput"))
	_, err = d.CreateContainer(t.Context(), ContainerProperties{ID: "orders"})
	require.ErrorContains(t, err, `container "orders" has no partition key`)
	require.Equal(t, "MultiHash", PartitionKeyPaths("/a", "/b").Kind)

	c := d.Container("orders")
	key, err := c.PartitionKeyDefinition(t.Context())
	require.NoError(t, err)
	require.Equal(t, PartitionKeyPaths("/customer"), key)
	p, err := c.Read(t.Context())
	require.NoError(t, err)
	p.DefaultTTL = &ttl
	_, err = c.Replace(t.Context(), *p)
	require.NoError(t, err)
	require.JSONEq(t, `{"id":"orders","_rid":"DPZtAKyOj5g=","partitionKey":{"paths":["/customer"],"kind":"Hash",`+
		`"version":2},"newThing":{"a":1},"defaultTtl":-1}`, f.last(t).body)
	p.ID = "other"
	_, err = c.Replace(t.Context(), *p)
	require.ErrorContains(t, err, "ids do not change")
	_, err = c.Delete(t.Context())
	require.NoError(t, err)
	require.Equal(t, "/dbs/shop/colls/orders", f.last(t).path)
	require.Nil(t, c.metadata().known.Load(), "what was known of the container is forgotten")
	require.Equal(t, "orders", c.ID())
	require.Same(t, d, c.Database())
	require.Same(t, f.Client, d.Client())
	bad := d.Container("a?")
	_, err = bad.Read(t.Context())
	require.Error(t, err)
	_, err = bad.Replace(t.Context(), *p)
	require.Error(t, err)
	_, err = bad.Delete(t.Context())
	require.Error(t, err)
	_, err = bad.PartitionKeyDefinition(t.Context())
	require.Error(t, err)
}

// A service that takes container names from requests must not remember each of them.
func TestUnknownContainersLeaveNothingBehind(t *testing.T) {
	t.Parallel()
	f := newFake(t, refuse(http.StatusNotFound, "0"))
	kept := func() (n int) {
		f.containers.Range(func(any, any) bool { n++; return true })
		return n
	}
	for i := range 20 {
		c := f.Database("shop").Container(fmt.Sprint("tenant", i))
		require.Zero(t, kept(), "a handle alone")
		_, err := c.ReadItem(t.Context(), "1", PartitionKey("a"))
		require.ErrorIs(t, err, ErrOwnerNotFound)
		require.NotErrorIs(t, err, ErrNotFound)
		for _, err := range Query[any](t.Context(), c, "SELECT * FROM c") {
			require.Error(t, err)
		}
	}
	require.Zero(t, kept())
	_, err := f.orders().PartitionKeyDefinition(t.Context())
	require.NoError(t, err)
	require.Same(t, f.orders().metadata(), f.orders().metadata(), "handles on one container share what is known of it")
	require.Equal(t, 1, kept())
	f.forget("dbs/shop")
	require.Zero(t, kept(), "a deleted one")
}
