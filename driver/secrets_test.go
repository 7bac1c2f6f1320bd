package driver_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql"
	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
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

// mayHide reports whether a value of a type can hold what its reader does not see: a struct with an unexported field,
// or with a field that is named for a secret.
func mayHide(expr ast.Expr) bool {
	s, is := expr.(*ast.StructType)
	if !is {
		return false
	}
	for _, f := range s.Fields.List {
		for _, name := range f.Names {
			if !name.IsExported() || strings.Contains("Key ResourceToken Token Credential", name.Name) {
				return true
			}
		}
	}
	return false
}

// publicTypes are the exported types of a package that can hold a secret, by its folder.
func publicTypes(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	var names []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, d := range file.Decls {
			group, ok := d.(*ast.GenDecl)
			if !ok || group.Tok != token.TYPE {
				continue
			}
			for _, spec := range group.Specs {
				if s := spec.(*ast.TypeSpec); s.Name.IsExported() && mayHide(s.Type) {
					names = append(names, filepath.Base(dir)+"."+s.Name.Name)
				}
			}
		}
	}
	return names
}

// No public value prints a key or a token, whatever the verb, whether it stands alone or in a field, exported or not.
// Every public type is either among the values below, or one that holds nothing but plain data and handles of those.
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
	for name, cred := range map[string]cosmos.Credential{"key": keyed, "token": cosmos.ResourceToken(secretToken), "entra": entra} {
		client, err := cosmos.NewClient(srv.Endpoint(), cred, nil)
		require.NoError(t, err)
		defer client.Close()
		_, err = client.Database("d").Container("c").ReadItem(t.Context(), "1", cosmos.PartitionKey("a"))
		require.Error(t, err)
		for what, v := range map[string]any{
			"Client": client, "Credential": cred, "Database": client.Database("d"), "Container": client.Database("d").Container("c"),
			"ClientOptions": cosmos.ClientOptions{}, "Error": err, "Pager": client.Database("d").Container("c").NewPager("SELECT * FROM c", nil),
			"ChangeFeed": client.Database("d").Container("c").ChangeFeed(), "Resources": client.Database("d").Users(),
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
	values["key driver.Connector"], values["key sql.DB"], values["key sql.Conn"], values["key error"] = connector, db, conn, err
	values["key driver.Config"] = cfg
	values["token driver.Config"] = driver.Config{Endpoint: srv.Endpoint(), ResourceToken: secretToken}
	values["token cosmos.Permission"] = cosmos.Permission{ID: "p", Token: secretToken}
	values["driver.Driver"] = driver.Driver{}

	for name, v := range values {
		wrapped := []any{v, struct{ Exported any }{v}, []any{v}, map[string]any{"k": v}}
		// fmt cannot call methods of what stands in an unexported field. A Config or Permission there is a plain struct with
		// a public field: their documentation says to keep a pointer.
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

	for _, typ := range publicTypes(t, "../cosmos") {
		covered := false
		for name := range values {
			covered = covered || strings.HasSuffix(name, " "+typ)
		}
		require.True(t, covered || plainTypes[typ], "%s: say whether it may hold a secret: add a value of it here, or to plainTypes", typ)
	}
	for _, dir := range []string{".", ".."} {
		for _, typ := range publicTypes(t, dir) {
			require.Contains(t, []string{"..Config", "..Connector", "..Driver", "...Conn", "...Rows", "...Settings", "...Result", "...ColumnsChangedError"}, typ, "a new public type: may it hold a secret?")
		}
	}
	_ = cosmossql.Settings{}
}

// plainTypes have unexported fields, which hold no secret and no client.
var plainTypes = func() map[string]bool {
	plain := map[string]bool{}
	for name := range strings.FieldsSeq(`BatchError Changes ChangeFeedProcessor ContainerProperties DatabaseProperties ThroughputProperties ThroughputControlGroup Operation Page Response Stats Transaction JSON FeedRange ItemKey`) {
		plain["cosmos."+name] = true
	}
	return plain
}()

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
	for _, name := range []string{"AccountEndpoint", "Timeout", "PageSize", "Consistency", "TimeoutMs", "AutoID", "Version", "MaxConcurrency", "SystemColumns", "Nonsense"} {
		_, err := driver.ParseDSN("AccountEndpoint=https://h/;" + name + "=" + secret)
		check(name, err)
	}
	for _, name := range []string{"Database", "Container"} {
		_, err := driver.ParseDSN("AccountEndpoint=https://h/;Database=d;" + name + "=" + secret + "/?")
		check(name, err)
	}
	for _, dsn := range []string{
		"cosmos://" + escaped, "cosmos://h/" + escaped + "/a/b/c", "cosmos://h/d?timeout=" + escaped, "cosmos://h/d?" + escaped + "=1", "cosmos://h:" + escaped + "/d",
		"AccountEndpoint=https://h/;" + secret[:44] + "=x", "AccountKey=" + secret + "*;AccountEndpoint=https://h/", secret,
	} {
		_, err := driver.ParseDSN(dsn)
		check(dsn[:12], err)
	}
	keyed, err := cosmos.KeyCredential(secret)
	require.NoError(t, err)
	for _, endpoint := range []string{secret, "https://h/?k=" + secret, "https://h/#" + secret, "https://u:" + secret + "@h/"} {
		_, err := cosmos.NewClient(endpoint, keyed, nil)
		check(endpoint[:10], err)
		_, err = cosmos.NewClientFromConnectionString("AccountEndpoint="+endpoint+";AccountKey="+secret, nil)
		check(endpoint[:10], err)
		_, err = driver.OpenConnector(driver.Config{Endpoint: endpoint, Key: secret})
		check(endpoint[:10], err)
	}
	_, err = cosmos.NewClientFromConnectionString("AccountEndpoint=https://h/;AccountKey="+secret+";DisableServerCertificateValidation="+secret, nil)
	check("certificate", err)
	_, err = driver.OpenConnector(driver.Config{Endpoint: "https://h/", Key: secret, Database: secret + "/"})
	check("database", err)
}
