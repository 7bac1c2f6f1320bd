package gateway_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/gateway"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

const testKey = "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw=="

// server is a gateway behind HTTP, and a client that knows nothing but HTTP and the rules of signing.
type server struct {
	t       *testing.T
	url     string
	http    *http.Client
	gateway *gateway.Gateway
	account *store.Account
	key     string
}

func newServer(t *testing.T, change ...func(*gateway.Options, *store.Options)) *server {
	t.Helper()
	so := store.Options{Partitions: 4, Regions: []string{"South Central US"}}
	o := gateway.Options{Key: testKey, Scheme: "http"}
	for _, f := range change {
		f(&o, &so)
	}
	a := store.NewAccount(so)
	g, err := gateway.New(a, o)
	require.NoError(t, err)
	s := httptest.NewServer(g.Serve(0, ""))
	t.Cleanup(func() { s.Close(); g.Close() })
	return &server{t: t, url: s.URL, http: s.Client(), gateway: g, account: a, key: testKey}
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// h is the headers of a request.
type h map[string]string

// link is the type and link that a path is signed with; the names in the path are not escaped.
func link(path string) (kind, link string) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	switch n := len(parts); {
	case parts[0] == "":
		return "", ""
	case n%2 == 1:
		return parts[n-1], strings.Join(parts[:n-1], "/")
	default:
		return parts[n-2], strings.Join(parts, "/")
	}
}

func signature(key, verb, kind, link, date string) string {
	k, _ := base64.StdEncoding.DecodeString(key)
	mac := hmac.New(sha256.New, k)
	mac.Write([]byte(strings.ToLower(verb) + "\n" + kind + "\n" + link + "\n" + strings.ToLower(date) + "\n\n"))
	return url.QueryEscape("type=master&ver=1.0&sig=" + base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

// do sends a signed request. The names in the path are escaped as azcosmos does.
func (s *server) do(verb, path string, headers h, body any) answer {
	s.t.Helper()
	date := time.Now().UTC().Format(http.TimeFormat)
	kind, link := link(path)
	if strings.HasPrefix(path, "/offers/") {
		link = strings.ToLower(strings.TrimPrefix(link, "offers/"))
	}
	all := h{"x-ms-date": date, "x-ms-version": "2020-11-05", "authorization": signature(s.key, verb, kind, link, date)}
	for k, v := range headers {
		all[k] = v
	}
	escaped := []string{}
	for _, p := range strings.Split(path, "/") {
		escaped = append(escaped, url.PathEscape(p))
	}
	return s.raw(verb, strings.Join(escaped, "/"), all, body)
}

// signed sends a request that is signed with another type and link than its path's.
func (s *server) signed(verb, path, kind, link string, headers h) answer {
	s.t.Helper()
	date := time.Now().UTC().Format(http.TimeFormat)
	return s.raw(verb, path,
		headers.and(h{"x-ms-date": date, "authorization": signature(s.key, verb, kind, link, date)}), nil)
}

// raw sends a request as it is. The body is sent as JSON unless it is a string.
func (s *server) raw(verb, path string, headers h, body any) answer {
	s.t.Helper()
	var r io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		r = strings.NewReader(b)
	default:
		text, err := json.Marshal(b)
		require.NoError(s.t, err)
		r = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(s.t.Context(), verb, s.url+path, r)
	require.NoError(s.t, err)
	for k, v := range headers {
		req.Header.Set(k, v)
	}
	res, err := s.http.Do(req)
	require.NoError(s.t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	require.NoError(s.t, err)
	return answer{res.StatusCode, res.Header, string(text)}
}

// broken sends a signed request whose connection is expected to break. It is the status if the answer came whole, else
// 0.
func (s *server) broken(verb, path string, headers h, body h) int {
	s.t.Helper()
	date := time.Now().UTC().Format(http.TimeFormat)
	kind, link := link(path)
	text, err := json.Marshal(body)
	require.NoError(s.t, err)
	req, err := http.NewRequestWithContext(s.t.Context(), verb, s.url+path, bytes.NewReader(text))
	require.NoError(s.t, err)
	for k, v := range headers.and(h{"x-ms-date": date, "authorization": signature(s.key, verb, kind, link, date)}) {
		req.Header.Set(k, v)
	}
	res, err := s.http.Do(req)
	if err != nil {
		return 0
	}
	defer res.Body.Close()
	if _, err := io.ReadAll(res.Body); err != nil {
		return 0
	}
	return res.StatusCode
}

// want checks the status, and the substatus if it is given.
func (a answer) want(t *testing.T, status int, sub ...string) answer {
	t.Helper()
	require.Equal(t, status, a.status, a.body)
	if len(sub) > 0 {
		require.Equal(t, sub[0], a.header.Get("x-ms-substatus"), a.body)
	}
	return a
}

// get reads a member of the answer's JSON, down a path.
func (a answer) get(path ...string) any {
	var v any
	json.Unmarshal([]byte(a.body), &v)
	for _, p := range path {
		m, _ := v.(map[string]any)
		v = m[p]
	}
	return v
}

func (a answer) text(path ...string) string {
	s, _ := a.get(path...).(string)
	return s
}

// rows are the elements of a page.
func (a answer) rows(name string) []any {
	list, _ := a.get(name).([]any)
	return list
}

// container creates database d and container c with the key path.
func (s *server) container(keys ...string) string {
	s.t.Helper()
	s.do("POST", "/dbs", nil, h{"id": "d"}).want(s.t, 201)
	kind := "Hash"
	if len(keys) > 1 {
		kind = "MultiHash"
	}
	s.do("POST", "/dbs/d/colls",
		nil, map[string]any{"id": "c", "partitionKey": map[string]any{"paths": keys, "kind": kind, "version": 2}}).
		want(s.t, 201)
	return "/dbs/d/colls/c"
}

// pk is the partition key header.
func pk(values ...any) h {
	text, _ := json.Marshal(values)
	return h{"x-ms-documentdb-partitionkey": string(text)}
}

// and adds headers.
func (x h) and(y h) h {
	out := h{}
	for k, v := range x {
		out[k] = v
	}
	for k, v := range y {
		out[k] = v
	}
	return out
}

// query runs a query to its end, page by page, and returns all rows. It fails on an error.
func (s *server) query(coll, text string, headers h, params ...any) []any {
	s.t.Helper()
	var all []any
	token := ""
	for {
		a := s.post(coll, text, headers.and(h{"x-ms-continuation": token}), params...).want(s.t, 200)
		all = append(all, a.rows("Documents")...)
		if token = a.header.Get("x-ms-continuation"); token == "" {
			return all
		}
	}
}

// post sends one query request. Parameters are name, value, name, value, ….
func (s *server) post(coll, text string, headers h, params ...any) answer {
	s.t.Helper()
	list := []any{}
	for i := 0; i < len(params); i += 2 {
		list = append(list, map[string]any{"name": params[i], "value": params[i+1]})
	}
	return s.do("POST", coll+"/docs",
		headers.and(h{"x-ms-documentdb-isquery": "True", "content-type": "application/query+json"}),
		map[string]any{"query": text, "parameters": list})
}

var cross = h{"x-ms-documentdb-query-enablecrosspartition": "True"}
