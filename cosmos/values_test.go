package cosmos

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestImpossibleOptionsAreRefused before anything is sent, with what is wrong about them.
func TestImpossibleOptionsAreRefused(t *testing.T) {
	t.Parallel()
	f := newFake(t, func(w http.ResponseWriter, _ call) { reply(w, 200, `{"Documents":[]}`) })
	for want, o := range map[string]Option{
		`is "Global" or "Local", not "Here"`:      FullTextScoreScope("Here"),
		"cannot be -1 bytes":                      MaxQueryMemory(-1),
		"the name of an excluded region is empty": ExcludedRegions("West US", ""),
		"0 KB is not above zero":                  ContinuationLimit(0),
		"token life of 1ms is too short":          TokenLife(time.Millisecond),
	} {
		for _, err := range Query[any](WithOptions(t.Context(), o), f.orders(), "SELECT * FROM c") {
			require.ErrorContains(t, err, want)
		}
	}
	_, err := f.orders().PatchItem(t.Context(), "1", []PatchOperation{PatchSet("/a", 1)}, PartitionKey("c"),
		PatchCondition("FROM c WHERE c.a = '\xff'"))
	require.ErrorContains(t, err, "the patch condition is not valid UTF-8")
	for _, op := range []PatchOperation{PatchSet("/\xff", 1), PatchMove("/a\xff", "/b")} {
		_, err = f.orders().PatchItem(t.Context(), "1", []PatchOperation{op}, PartitionKey("c"))
		require.ErrorContains(t, err, "not valid UTF-8")
	}
	for _, err := range Query[any](t.Context(), f.orders(), "SELECT '\xff'") {
		require.ErrorContains(t, err, "UTF-8")
	}
	for _, err := range Query[any](t.Context(), f.orders(), "SELECT @a", Parameter{Name: "@a", Value: func() {}}) {
		require.ErrorContains(t, err, "@a")
	}
	_, err = f.orders().CreateItem(t.Context(), map[string]any{"id": "1", "customer": func() {}})
	require.Error(t, err)
	require.Zero(t, f.sent())
}

// TestImpossibleClientOptionsAreRefused by NewClient.
func TestImpossibleClientOptionsAreRefused(t *testing.T) {
	t.Parallel()
	cred, err := KeyCredential(testKey)
	require.NoError(t, err)
	for want, o := range map[string]ClientOptions{
		"TimeFormat":                     {TimeFormat: "iso"},
		"MaxThrottleWait is negative":    {MaxThrottleWait: -1},
		"ConnectTimeout is negative":     {ConnectTimeout: -1},
		"HedgeThreshold is negative":     {HedgeThreshold: -1},
		"HedgeStep is negative":          {HedgeThreshold: 1, HedgeStep: -1},
		"MaxResponseBytes is negative":   {MaxResponseBytes: -1},
		"ConnectTimeout has no effect":   {HTTPClient: &http.Client{}, ConnectTimeout: 1},
		"HedgeStep has no effect":        {HedgeStep: time.Second},
		"excluded region is empty":       {ExcludedRegions: []string{""}},
		"a preferred or excluded region": {PreferredRegions: []string{"West US", ""}},
	} {
		_, err := NewClient("https://localhost/", cred, &o)
		require.ErrorContains(t, err, want)
	}
	for want, cs := range map[string]string{
		"has the part accountkey twice": "AccountEndpoint=https://localhost/;AccountKey=" + testKey +
			";account_key=" + testKey,
		"has no AccountEndpoint":    "AccountKey=" + testKey,
		"has no AccountKey":         "AccountEndpoint=https://localhost/",
		"part 2 is not of the form": "AccountEndpoint=https://localhost/;AccountKey",
		"neither true nor false": "AccountEndpoint=https://localhost/;AccountKey=" + testKey +
			";DisableServerCertificateValidation=maybe",
	} {
		_, err := NewClientFromConnectionString(cs, nil)
		require.ErrorContains(t, err, want)
	}
}

// TestSecretsAreNotPrinted whatever the verb.
func TestSecretsAreNotPrinted(t *testing.T) {
	t.Parallel()
	cred, err := KeyCredential(testKey)
	require.NoError(t, err)
	client, err := NewClient("https://localhost/", cred, nil)
	require.NoError(t, err)
	defer client.Close()
	permission := Permission{ID: "p", Mode: PermissionAll, Resource: "dbs/a/colls/b", Token: "type=resource&sig=secret"}
	for _, v := range []any{cred, client, permission, &permission} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d"} {
			text := fmt.Sprintf(verb, v)
			require.NotContains(t, text, testKey)
			require.NotContains(t, text, "secret")
			require.NotEmpty(t, text)
		}
	}
	require.Equal(t, "Permission(p: All of dbs/a/colls/b)", fmt.Sprint(permission))
	require.NotContains(t, cred.GoString(), testKey)
}

// TestKeysAreRotated: a client signs with the key that it was given last, and refuses one that is none.
func TestKeysAreRotated(t *testing.T) {
	t.Parallel()
	f := newFake(t, okay)
	read := func() string {
		_, err := f.orders().ReadItem(t.Context(), "1", PartitionKey("c"))
		require.NoError(t, err)
		return f.last(t).header.Get("Authorization")
	}
	before := read()
	require.NoError(t, f.SetKey("QW5vdGhlciBrZXk="))
	require.NotEqual(t, before, read())
	require.Error(t, f.SetKey("not base64"))
	require.ErrorContains(t, (*Client)(nil).SetKey(testKey), "the *Client is nil")
	token, err := NewClient("https://localhost/", ResourceToken("type=resource"), nil)
	require.NoError(t, err)
	defer token.Close()
	require.Error(t, token.SetKey(testKey), "it was not made with a key")
}

// TestCredentialsHaveNames by which a DSN finds them.
func TestCredentialsHaveNames(t *testing.T) {
	t.Parallel()
	cred, err := KeyCredential(testKey)
	require.NoError(t, err)
	// A test that is repeated has not taken this name.
	name := fmt.Sprint("of TestCredentialsHaveNames ", time.Now().UnixNano())
	require.NoError(t, RegisterCredential(name, cred))
	got, err := RegisteredCredential(name)
	require.NoError(t, err)
	require.NotNil(t, got.auth)
	require.ErrorContains(t, RegisterCredential(name, cred), "there is a credential of this name")
	require.ErrorContains(t, RegisterCredential("", cred), "the name is empty")
	require.ErrorContains(t, RegisterCredential("empty", Credential{}), "the credential is empty")
	_, err = RegisteredCredential("nobody's")
	require.ErrorContains(t, err, "call cosmos.RegisterCredential before the DSN is opened")
}

// lives is a tracer that notes when clients come and go.
type lives struct {
	Tracer
	told []string
}

func (l *lives) ClientOpens(host string)  { l.told = append(l.told, "opens "+host) }
func (l *lives) ClientCloses(host string) { l.told = append(l.told, "closes "+host) }

// TestTracersSeeClientsComeAndGo once each, with the address that requests go to.
func TestTracersSeeClientsComeAndGo(t *testing.T) {
	t.Parallel()
	cred, err := KeyCredential(testKey)
	require.NoError(t, err)
	for endpoint, host := range map[string]string{
		"https://name.example": "name.example:443", "http://localhost": "localhost:80",
		"https://name.example:8081/": "name.example:8081",
	} {
		l := &lives{Tracer: LogTracer(nil)}
		client, err := NewClient(endpoint, cred, &ClientOptions{Tracer: l})
		require.NoError(t, err)
		require.NoError(t, client.Close())
		require.NoError(t, client.Close(), "twice is fine")
		require.Equal(t, []string{"opens " + host, "closes " + host}, l.told)
	}
}

// TestIDsAreChecked before they become part of a path, whatever they are ids of.
func TestIDsAreChecked(t *testing.T) {
	t.Parallel()
	f := newFake(t, okay)
	ctx, bad := t.Context(), "a/b"
	orders := f.orders()
	for name, call := range map[string]func() error{
		"database": func() error { _, err := f.CreateDatabase(ctx, bad); return err },
		"container": func() error {
			_, err := f.Database("shop").CreateContainer(ctx, ContainerProperties{ID: bad})
			return err
		},
		"item":     func() error { _, err := orders.ReadItem(ctx, bad, PartitionKey("c")); return err },
		"conflict": func() error { _, err := orders.DeleteConflict(ctx, bad); return err },
		"stored procedure": func() error {
			_, err := orders.ExecuteStoredProcedure(ctx, bad, nil, PartitionKey("c"))
			return err
		},
		"trigger":  func() error { _, err := orders.Triggers().Create(ctx, Trigger{ID: bad}); return err },
		"function": func() error { _, err := orders.UserDefinedFunctions().Read(ctx, bad); return err },
		"user": func() error {
			_, err := f.Database("shop").Users().Replace(ctx, User{ID: bad})
			return err
		},
		"permission": func() error {
			_, err := f.Database("shop").Permissions("ann").Delete(ctx, bad)
			return err
		},
		"the user of a permission": func() error {
			_, err := f.Database("shop").Permissions(bad).Read(ctx, "p")
			return err
		},
	} {
		require.ErrorContains(t, call(), `"a/b"`, name)
	}
	require.Zero(t, f.sent())
}

// TestScriptArguments are JSON, and one that cannot be is named by its place.
func TestScriptArguments(t *testing.T) {
	t.Parallel()
	f := newFake(t, func(w http.ResponseWriter, _ call) {
		reply(w, 200, `7`, "x-ms-documentdb-script-log-results", "a%20line%zz")
	})
	r, err := f.orders().ExecuteStoredProcedure(t.Context(), "sum", []any{1, "two", []int{3}}, PartitionKey("c"),
		ScriptLogging(true))
	require.NoError(t, err)
	require.Equal(t, `[1,"two",[3]]`, f.last(t).body)
	require.Equal(t, "a%20line%zz", ScriptLog(r), "a log that is not escaped is given as it came")
	require.Empty(t, ScriptLog(nil))
	_, err = f.orders().ExecuteStoredProcedure(t.Context(), "sum", []any{1, func() {}}, PartitionKey("c"))
	require.ErrorContains(t, err, `argument 1 of procedure "sum"`)
}

// TestDocumentsOfConflicts are those that lost; a delete has none.
func TestDocumentsOfConflicts(t *testing.T) {
	t.Parallel()
	var doc struct{ N int }
	require.NoError(t, (&Conflict{ID: "c", Content: `{"n":5}`}).Decode(&doc))
	require.Equal(t, 5, doc.N)
	require.ErrorContains(t, (&Conflict{ID: "c", OperationType: "delete"}).Decode(&doc), "what lost is a delete")
	require.ErrorContains(t, (&Conflict{ID: "c", Content: `{"n":"five"}`}).Decode(&doc),
		"decoding the document of conflict c")
	var unusable error
	for _, unusable = range (*Container)(nil).Conflicts(t.Context()) {
	}
	require.ErrorContains(t, unusable, "nil")
}

// TestThroughputThatIsRefused: the error of each request of the two that it takes, with the response beside it.
func TestThroughputThatIsRefused(t *testing.T) {
	t.Parallel()
	offers := feedOf("Offers", map[string]any{"_rid": "Hu+t", "content": map[string]any{"offerThroughput": 400}})
	for _, tt := range []struct {
		name     string
		query    func(http.ResponseWriter, call)
		offer    func(http.ResponseWriter, call)
		sentinel error
		text     string
	}{
		{"the search for the offer", refuse(403, ""), okay, ErrForbidden, ""},
		{"the offer", func(w http.ResponseWriter, _ call) { reply(w, 200, offers) }, refuse(403, ""), ErrForbidden, ""},
		{"an offer that is none", func(w http.ResponseWriter, _ call) {
			reply(w, 200, feedOf("Offers", 7))
		}, okay, nil, "the service's offer cannot be read"},
		{"a serverless account", refuse(400, ""), okay, ErrNotFound, "has no throughput of its own"},
	} {
		f := newFake(t, func(w http.ResponseWriter, c call) {
			if c.method == http.MethodPost {
				tt.query(w, c)
				return
			}
			if c.path == "/dbs/shop" {
				reply(w, 200, `{"id":"shop","_rid":"DPZtAA=="}`)
				return
			}
			tt.offer(w, c)
		})
		for _, call := range []func(context.Context) error{
			func(ctx context.Context) error { _, err := f.orders().ReadThroughput(ctx); return err },
			func(ctx context.Context) error {
				_, err := f.orders().ReplaceThroughput(ctx, Throughput(500))
				return err
			},
			func(ctx context.Context) error { _, err := f.Database("shop").ReadThroughput(ctx); return err },
			func(ctx context.Context) error {
				_, err := f.Database("shop").ReplaceThroughput(ctx, Throughput(500))
				return err
			},
		} {
			err := call(t.Context())
			require.Error(t, err, tt.name)
			if tt.sentinel != nil {
				require.ErrorIs(t, err, tt.sentinel, tt.name)
			}
			require.ErrorContains(t, err, tt.text, tt.name)
		}
	}
	f := newFake(t, refuse(404, ""))
	_, err := f.Database("shop").ReadThroughput(t.Context())
	require.ErrorIs(t, err, ErrNotFound)
	f = newFake(t, func(w http.ResponseWriter, _ call) { reply(w, 200, offers) })
	_, err = f.orders().ReplaceThroughput(t.Context())
	require.ErrorContains(t, err, "needs one of the options Throughput and AutoscaleThroughput")
}
