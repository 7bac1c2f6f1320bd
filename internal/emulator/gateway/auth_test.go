package gateway

import (
	"encoding/base64"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

// The signatures are published ones: of the service's documentation and of the SDKs' own tests.
func TestSignatureVectors(t *testing.T) {
	t.Parallel()
	const emulator = "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw=="
	const sample = "VGhpcyBpcyBhIHNhbXBsZSBzdHJpbmc="
	const docs = "dsZQi3KtZmCv1ljt3VNWNm7sQUF1y5rJfC6kv5JiwvW0EndXdDku/dkKBp8/ufDToSxLzR4y+O/0H/t4bQtVNw=="
	const date = "thu, 27 apr 2017 00:51:12 gmt"
	for _, test := range []struct{ name, verb, path, key, date, want string }{
		{"account", "GET", "/", emulator, date, "gFB1bRB/PLJTG3bCgMuoVgNzOyFvZAamzEtLuSITjRc="},
		{"database", "GET", "/dbs/ToDoList", emulator, date, "mM0rMK/7o1MZhQwDitGRoGisPRPx09os/86Jk0YwquY="},
		{"partition delete", "POST", "/dbs/ToDoList/colls/Items/operations/partitionkeydelete", emulator, date,
			"9fodoJndxJJqYS/dkem6JKOmSACRmXQ1H2h8W+tGaiU="},
		{"documents", "POST", "/dbs/ToDoList/colls/Items/docs", emulator, date,
			"xsGOVdJuhdfCMSf88b/z4eUsnekTR9zZqIIh8juDTYo="},
		{"blank in an id", "GET", "/dbs/ToDoList/colls/Items/docs/a%20b", emulator, date,
			"cfOpPMFu9uy8BH5LRp0DC+h9MWHFmDWcw2Tu2TKMH2o="},
		{"ranges", "GET", "/dbs/ToDoList/colls/Items/pkranges", emulator, date,
			"JdKBC8MLrC5G54uKYVaIhq/7Zc6tfFSHW4jR7yNCSKQ="},
		{"procedure", "POST", "/dbs/ToDoList/colls/Items/sprocs/sp1", emulator, date,
			"Bd31LICxhfLJAtVjAtbBjPqFwZa20ZCXy9uXfd1Jsj8="},
		{"offers", "POST", "/offers", emulator, date, "FIhlZydHuW2r3NHmGYsAVgJa0wCItsCqUO+zEbzxw2o="},
		{"offer, trailing slash", "PUT", "/offers/Hu+t/", emulator, date,
			"HqJwdv2DF98EWpmvs354ZLFbrReLT6YAge+X7D2ad7c="},
		{"documentation", "GET", "/dbs/ToDoList", docs, date, "c09PEVJrgp2uQRkr934kFbTqhByc7TVr3OHyqlu+c+c="},
		{"databases", "GET", "/dbs", sample, "tue, 21 jul 2020 17:55:33 gmt",
			"eGk7x5lvE1VKgZ4286y6+axcDJfDbfOFeCDHVg/9sZo="},
		{"rid of a feed's parent", "GET", "/dbs/DPZtAA==/colls/DPZtAKyOj5g=/pkranges", sample,
			"tue, 21 jul 2020 17:55:37 gmt", "qH73yd16s9pr9e3X4azaZc97zyqs4oyxkB1L+LdsGbk="},
		{"rid of a document", "PUT", "/dbs/DPZtAA==/colls/DPZtAKyOj5g=/docs/DPZtAKyOj5gBAAAAAAAAAA==/", sample,
			"tue, 21 jul 2020 17:55:37 gmt", "F8ZE0qxkWE1DszV7y46GWQs42kdkFfT2+hGHK0zJp7U="},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(test.verb, test.path, nil)
			c := &call{r: r, path: segments(r.RequestURI)}
			key, err := base64.StdEncoding.DecodeString(test.key)
			require.NoError(t, err)
			got := newSigner(key).sign(c.payloads(test.date + "\n\n")[0])
			require.Equal(t, test.want, base64.StdEncoding.EncodeToString(got))
		})
	}
}

func TestSegments(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, uri string
		want      []string
	}{
		{"account", "/", nil},
		{"trailing and doubled slashes", "//dbs//d/", []string{"dbs", "d"}},
		{"decoded once", "/dbs/a%2520b", []string{"dbs", "a%20b"}},
		{"plus is itself", "/offers/Hu+t/", []string{"offers", "Hu+t"}},
		{"escaped slash stays in its name", "/dbs/d/colls/c/docs/a%2Fb",
			[]string{"dbs", "d", "colls", "c", "docs", "a/b"}},
		{"question mark of an item", "/dbs/d/colls/c/docs/a?b=c%20d?e",
			[]string{"dbs", "d", "colls", "c", "docs", "a?b=c d?e"}},
		{"escaped question mark", "/dbs/d/colls/c/docs/a%3Fb", []string{"dbs", "d", "colls", "c", "docs", "a?b"}},
		{"query elsewhere", "/dbs/d/colls/c/docs?x=1", []string{"dbs", "d", "colls", "c", "docs"}},
		{"bad escape is taken as it is", "/dbs/50%", []string{"dbs", "50%"}},
		{"absolute form", "http://host:1/dbs/d", []string{"dbs", "d"}},
		{"beyond ASCII", "/dbs/%C3%A9", []string{"dbs", "é"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, test.want, segments(test.uri))
		})
	}
}

func TestParseToken(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, text, kind, sig string
		ok                    bool
	}{
		{"upper case escapes", "type%3Dmaster%26ver%3D1.0%26sig%3Da%2Bb%3D", "master", "a+b=", true},
		{"lower case escapes", "type%3dmaster%26ver%3d1.0%26sig%3da%2bb%3d", "master", "a+b=", true},
		{"not escaped", "type=aad&ver=1.0&sig=eyJ.x-y_z", "aad", "eyJ.x-y_z", true},
		{"resource", "type%3Dresource%26ver%3D1%26sig%3Dabc%3D%3D%3Bdef%3B", "resource", "abc==;def;", true},
		{"no signature", "type%3Dmaster%26ver%3D1.0", "master", "", false},
		{"other version", "type%3Dmaster%26ver%3D2.0%26sig%3Dx", "master", "x", false},
		{"bad escape", "%zz", "", "", false},
		{"something else", "Bearer x", "", "", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			kind, sig, ok := parseToken(test.text)
			require.Equal(t, test.ok, ok)
			if ok {
				require.Equal(t, []string{test.kind, test.sig}, []string{kind, sig})
			}
		})
	}
}

func TestResourceTokensExpire(t *testing.T) {
	t.Parallel()
	a := store.NewAccount(store.Options{})
	d, err := a.CreateDatabase([]byte(`{"id":"d"}`), store.Throughput{})
	require.NoError(t, err)
	u, err := d.PutUser(nil, []byte(`{"id":"u"}`), "")
	require.NoError(t, err)
	p, err := u.PutPermission(nil, []byte(`{"id":"p","permissionMode":"Read","resource":"dbs/d"}`), "")
	require.NoError(t, err)
	g, err := New(a, Options{Key: "a2V5"})
	require.NoError(t, err)
	for life, status := range map[time.Duration]int{time.Minute: 200, -time.Second: 403} {
		r := httptest.NewRequest("GET", "/dbs/d", nil)
		r.Header.Set("authorization", url.QueryEscape(g.mint(d, u, p, life)))
		w := httptest.NewRecorder()
		g.Serve(0, "").ServeHTTP(w, r)
		require.Equal(t, status, w.Code, w.Body)
	}
}
