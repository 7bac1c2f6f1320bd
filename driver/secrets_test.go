package driver_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest/explorer"
	"github.com/cosmossql/cosmossql/driver"
	"github.com/stretchr/testify/require"
)

const secretToken = "type=resource&ver=1.0&sig=t0ps3cr3tt0k3n;abc"

// texts are the ways in which a value reaches a log or a screen.
func texts(v any) []string {
	var list []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%t"} {
		list = append(list, fmt.Sprintf(verb, v))
	}
	if text, err := json.Marshal(v); err == nil {
		list = append(list, string(text))
	}
	for _, handler := range []func(*bytes.Buffer) slog.Handler{
		func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
		func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
	} {
		var b bytes.Buffer
		slog.New(handler(&b)).Info("x", "value", v)
		list = append(list, b.String())
	}
	return list
}

// No public value prints a key or a token, whatever the verb, whether it stands alone or in a field, exported or not.
// There is a value of every public type that can lead to one.
func TestNoPublicValuePrintsASecret(t *testing.T) {
	t.Parallel()
	srv, err := cosmostest.Start()
	require.NoError(t, err)
	defer srv.Close()
	secrets := []string{srv.Key(), secretToken, "t0ps3cr3tt0k3n", "entra-secret"}
	keyed, err := cosmos.KeyCredential(srv.Key())
	require.NoError(t, err)
	entra := cosmos.TokenFunc(func(context.Context, string) (string, time.Time, error) {
		return "entra-secret", time.Now().Add(time.Hour), nil
	})
	values := map[string]any{}
	for name, cred := range map[string]cosmos.Credential{
		"key":   keyed,
		"token": cosmos.ResourceToken(secretToken),
		"entra": entra,
	} {
		client, err := cosmos.NewClient(srv.Endpoint(), cred, nil)
		require.NoError(t, err)
		defer client.Close()
		_, err = client.Database("d").Container("c").ReadItem(t.Context(), "1", cosmos.PartitionKey("a"))
		require.Error(t, err)
		for what, v := range map[string]any{
			"Client":        client,
			"Credential":    cred,
			"Database":      client.Database("d"),
			"Container":     client.Database("d").Container("c"),
			"ClientOptions": cosmos.ClientOptions{},
			"Error":         err,
			"Pager":         client.Database("d").Container("c").NewPager("SELECT * FROM c", nil),
			"ChangeFeed":    client.Database("d").Container("c").ChangeFeed(),
			"Resources":     client.Database("d").Users(),
			"Transaction":   client.NewTransaction(),
			"ChangeFeedProcessor": client.Database("d").Container("c").ChangeFeedProcessor(
				client.Database("d").Container("l"), nil, nil),
		} {
			values[name+" cosmos."+what] = v
		}
	}
	cfg := driver.Config{Endpoint: srv.Endpoint(), Key: srv.Key(), Database: "d"}
	connector, err := driver.OpenConnector(cfg)
	require.NoError(t, err)
	db := sql.OpenDB(connector)
	defer db.Close()
	conn, err := db.Conn(t.Context())
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.Raw(func(c any) error {
		values["key cosmossql.Conn"] = c
		return nil
	}))
	_, err = db.ExecContext(t.Context(), "DELETE FROM c WHERE id = '1' AND pk = '2'")
	values["key driver.Connector"], values["key sql.DB"] = connector, db
	values["key sql.Conn"], values["key error"] = conn, err
	values["key driver.Config"] = cfg
	values["token driver.Config"] = driver.Config{Endpoint: srv.Endpoint(), ResourceToken: secretToken}
	values["token cosmos.Permission"] = cosmos.Permission{ID: "p", Token: secretToken}
	values["driver.Driver"] = driver.Driver{}
	values["cosmostest.Server"], values["cosmostest.TokenCredential"] = srv, srv.TokenCredential()
	values["cosmostest.Container"], values["explorer.Explorer"] = srv.Container("/pk"), explorer.New()

	for name, v := range values {
		wrapped := []any{v, struct{ Exported any }{v}, []any{v}, map[string]any{"k": v}}
		// fmt cannot call methods of what stands in an unexported field. A Config or Permission there is a plain struct
		// with a public field: their documentation says to keep a pointer.
		if _, plain := v.(cosmos.Permission); !plain && reflect.TypeOf(v) != reflect.TypeFor[driver.Config]() {
			wrapped = append(wrapped, struct{ unexported any }{v})
		} else {
			wrapped = append(wrapped, struct{ pointer *any }{&v})
		}
		for _, w := range wrapped {
			for i, text := range texts(w) {
				if i >= 8 && strings.HasSuffix(name, "Permission") && strings.Contains(text, `"_token"`) {
					continue // as JSON it is what the service answers
				}
				for _, secret := range secrets {
					require.NotContains(t, text, secret, name)
				}
			}
		}
	}

	scanned := map[string]bool{module + "/cosmos/cosmostest.AccessToken": true} // is a token, as azcore.AccessToken
	for _, v := range values {
		if v != nil {
			scanned[typeName(v)] = true
		}
	}
	for _, typ := range secretTypes(t) {
		require.True(t, scanned[typ], "%s can lead to a key or a token: add a value of it here", typ)
	}
}

// A key that stands in the wrong place is in no error.
func TestMisplacedKeys(t *testing.T) {
	t.Parallel()
	const secret = "MN6eiYIe2TLpeG2SshBVBGHsW/tdzGOddxeImkAhQfoBfvX6WzB+QuC4l0ZaecnDgJOBZxaP6YYntDNBhi+NHg=="
	escaped := strings.NewReplacer("+", "%2B", "/", "%2F", "=", "%3D").Replace(secret)
	check := func(what string, err error) {
		t.Helper()
		require.Error(t, err, what)
		for _, s := range []string{secret, escaped, secret[:40], secret[20:70]} {
			require.NotContains(t, err.Error(), s, what)
		}
	}
	for _, name := range []string{"AccountEndpoint", "Timeout", "PageSize", "Consistency", "TimeoutMs", "AutoID",
		"Version", "MaxConcurrency", "SystemColumns", "Nonsense"} {
		_, err := driver.ParseDSN("AccountEndpoint=https://h/;" + name + "=" + secret)
		check(name, err)
	}
	for _, name := range []string{"Database", "Container"} {
		_, err := driver.ParseDSN("AccountEndpoint=https://h/;Database=d;" + name + "=" + secret + "/?")
		check(name, err)
	}
	for _, dsn := range []string{
		"cosmos://" + escaped, "cosmos://h/" + escaped + "/a/b/c", "cosmos://h/d?timeout=" + escaped,
		"cosmos://h/d?" + escaped + "=1", "cosmos://h:" + escaped + "/d",
		"AccountEndpoint=https://h/;" + secret[:44] + "=x", "AccountKey=" + secret + "*;AccountEndpoint=https://h/",
		secret,
	} {
		_, err := driver.ParseDSN(dsn)
		check(dsn[:12], err)
	}
	keyed, err := cosmos.KeyCredential(secret)
	require.NoError(t, err)
	for _, endpoint := range []string{secret, "https://h/?k=" + secret, "https://h/#" + secret,
		"https://u:" + secret + "@h/"} {
		_, err := cosmos.NewClient(endpoint, keyed, nil)
		check(endpoint[:10], err)
		_, err = cosmos.NewClientFromConnectionString("AccountEndpoint="+endpoint+";AccountKey="+secret, nil)
		check(endpoint[:10], err)
		_, err = driver.OpenConnector(driver.Config{Endpoint: endpoint, Key: secret})
		check(endpoint[:10], err)
	}
	_, err = cosmos.NewClientFromConnectionString("AccountEndpoint=https://h/;AccountKey="+secret+
		";DisableServerCertificateValidation="+secret, nil)
	check("certificate", err)
	_, err = driver.OpenConnector(driver.Config{Endpoint: "https://h/", Key: secret, Database: secret + "/"})
	check("database", err)
}
