package rest

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestStandingHeaders(t *testing.T) {
	t.Parallel()
	c, s := scripted(t, nil, fine)
	req := writeReq()
	req.Set(HeaderIsUpsert, "False")
	req.Set(HeaderIsUpsert, "True")
	req.Consistency = "Eventual"
	_, err := c.Do(t.Context(), req)
	require.NoError(t, err)
	h := s.seen[0].header
	require.True(t, strings.HasPrefix(h.Get("Authorization"), "type%3Dmaster%26ver%3D1.0%26sig%3D"))
	require.Equal(t, "2020-07-15", h.Get("x-ms-version"))
	require.Equal(t, "test", h.Get("User-Agent"))
	require.Len(t, h.Get("x-ms-activity-id"), 36)
	require.Equal(t, []string{"True"}, h.Values(HeaderIsUpsert))
	require.Empty(t, h.Get(HeaderConsistency), "consistency is for reads")
	_, err = http.ParseTime(h.Get("x-ms-date"))
	require.NoError(t, err)

	read := readReq()
	read.Consistency = "Eventual"
	_, err = c.Do(t.Context(), read)
	require.NoError(t, err)
	require.Equal(t, "Eventual", s.seen[1].header.Get(HeaderConsistency))
}

func TestSessionsFollowTheAnswers(t *testing.T) {
	t.Parallel()
	const rid, other = "DPZtAKyOj5g=", "DPZtAKyOj5h="
	c, s := scripted(t, nil,
		answers(201, `{}`, HeaderSessionToken, "0:-1#5", HeaderContentPath, rid),
		answers(409, `{"message":"m"}`, HeaderSessionToken, "1:-1#9", HeaderContentPath, rid),
		answers(404, `{"message":"m"}`, HeaderSessionToken, "1:-1#90", HeaderSubStatus, "1002"),
		answers(500, `{"message":"m"}`, HeaderSessionToken, "1:-1#91"),
		answers(200, `{}`, HeaderSessionToken, "0:-1#4,x,y:z", HeaderContentPath, rid+"AAAA"),
		answers(200, `{}`, HeaderSessionToken, "0:-1#1", HeaderContentPath, other))
	for _, want := range []string{"", "0:-1#5", "0:-1#5,1:-1#9"} {
		_, _ = c.Do(t.Context(), readReq())
		require.Equal(t, want, s.seen[len(s.seen)-1].header.Get(HeaderSessionToken))
		s.seen = s.seen[:0]
		if want == "0:-1#5,1:-1#9" {
			break
		}
	}
	require.Equal(t, "0:-1#5,1:-1#9", c.Sessions.Token("dbs/d/colls/c", ""),
		"404/1002, failures and older tokens change nothing")
	_, err := c.Do(t.Context(), readReq())
	require.NoError(t, err)
	require.Equal(t, "0:-1#1", c.Sessions.Token("dbs/d/colls/c", ""), "the name belongs to another container now")

	manual := readReq()
	manual.SessionToken = "0:-1#77"
	_, err = c.Do(t.Context(), manual)
	require.NoError(t, err)
	require.Equal(t, "0:-1#77", s.seen[len(s.seen)-1].header.Get(HeaderSessionToken))
	for name, change := range map[string]func(*Request){
		"a master resource":   func(r *Request) { r.Scope = "" },
		"weaker consistency":  func(r *Request) { r.Consistency = "Eventual" },
		"a write":             func(r *Request) { r.Effect = Write },
		"another container":   func(r *Request) { r.Scope = "dbs/d/colls/other" },
		"stronger by request": func(r *Request) { r.Consistency = "Strong" },
	} {
		req := readReq()
		change(req)
		_, err = c.Do(t.Context(), req)
		require.NoError(t, err)
		require.Empty(t, s.seen[len(s.seen)-1].header.Get(HeaderSessionToken), name)
	}
	c.Sessions.Forget("dbs/d")
	require.Empty(t, c.Sessions.Token("dbs/d/colls/c", ""))
}

func TestContradictingTokenTakesOver(t *testing.T) {
	t.Parallel()
	var s Sessions
	s.Keep("c", "", "0:1#100#1=20")
	s.Keep("c", "", "0:1#90#1=20#2=5")
	require.Equal(t, "0:1#90#1=20#2=5", s.Token("c", ""))
	s.Forget("other")
	require.NotEmpty(t, s.Token("c", ""))
}

func TestFailures(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, body, code, message string }{
		{"plain", `{"code":"NotFound","message":"no such thing"}`, "NotFound", "no such thing"},
		{"wrapped", `{"code":"BadRequest","message":"Message: {\"Errors\":[\"first\",\"second\"]}\r\nActivityId: 1, ` +
			`Request URI: /x"}`, "BadRequest", "first; second"},
		{"no code", `{"message":"{\"errors\":[{\"location\":{\"start\":7,\"end\":8},\"message\":\"Odd star\"},` +
			`{\"message\":\"Plain\"}]}"}`, "NotFound", "Odd star (characters 7 to 8); Plain"},
		{"query", `{"code":"BadRequest","message":"{\"errors\":[{\"severity\":\"Error\",` +
			`\"location\":{\"start\":7,\"end\":8},\"code\":\"SC1001\",\"message\":\"Syntax error\"}]}"}`, "BadRequest",
			"Syntax error (SC1001, characters 7 to 8)"},
		{"query without place",
			`{"code":"BadRequest","message":"x {\"errors\":[{\"code\":\"SC1\",\"message\":\"m\"}, {}]}"}`, "BadRequest",
			"m (SC1); {}"},
		{"braces in the text", `{"code":"B","message":"object {a} is wrong"}`, "B", "object {a} is wrong"},
		{"activity on a new line", `{"code":"B","message":"text\nActivityId: 5"}`, "B", "text"},
		{"no JSON", "<html>\n<b>proxy</b>", "NotFound", "<html> <b>proxy</b>"},
		{"empty", "", "NotFound", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, _ := scripted(t, nil, answers(404, tt.body, HeaderActivityID, "act", HeaderSubStatus, "7"))
			resp, err := c.Do(t.Context(), readReq())
			var f *Failure
			require.ErrorAs(t, err, &f)
			require.Same(t, f, resp.Failure)
			require.Len(t, f.Tried.All(), 1)
			f.Tried = Tries{}
			require.Equal(t, Failure{
				StatusCode: 404, SubStatus: 7, Code: tt.code, Message: tt.message,
				Operation: "GET dbs/d/colls/c/docs/1", ActivityID: "act", RequestCharge: 1.5,
			}, *f)
			require.ErrorContains(t, err, "cosmos: GET dbs/d/colls/c/docs/1: 404/7 "+tt.code)
			require.ErrorContains(t, err, "(activity act)")
		})
	}
	long := excerpt([]byte(strings.Repeat("é", 500)))
	require.True(t, strings.HasSuffix(long, "é…"), long)
}

func TestClosed(t *testing.T) {
	t.Parallel()
	c, s := scripted(t, nil, fine)
	require.False(t, c.closed.Load())
	c.Close()
	require.True(t, c.closed.Load())
	_, err := c.Do(t.Context(), readReq())
	require.ErrorIs(t, err, ErrClosed)
	require.Empty(t, s.seen)
}

// A request that is waiting to be repeated ends when the client is closed: nothing is sent any more.
func TestClosedWhileRepeating(t *testing.T) {
	t.Parallel()
	for _, trouble := range []step{answers(429, `{"message":"slow down"}`, HeaderRetryAfter, "1000"), fails(errDial)} {
		synctest.Test(t, func(t *testing.T) {
			c, s := scripted(t, nil, trouble)
			time.AfterFunc(10*time.Millisecond, c.Close)
			_, err := c.Do(t.Context(), readReq())
			require.ErrorIs(t, err, ErrClosed)
			require.Len(t, s.seen, 1)
		})
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	var paths []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.RequestURI, "/") {
			paths = append(paths, r.RequestURI)
		}
		_, _ = io.WriteString(w, `{}`)
	}))
	defer srv.Close()
	auth, err := NewMasterKey(sampleKey)
	require.NoError(t, err)
	hc := NewHTTPClient(false, 0)
	defer hc.CloseIdleConnections()
	for _, base := range []string{srv.URL, srv.URL + "/", srv.URL + "/a%20b/"} {
		c, err := New(Config{Endpoint: base, Auth: auth, HTTP: hc})
		require.NoError(t, err)
		for _, id := range []string{"plain", "a b?c#d%é+&="} {
			_, err = c.Do(t.Context(),
				&Request{Verb: "GET", Kind: Documents, Path: "/docs/" + id, RawPath: "/docs/" + Escape(id)})
			require.NoError(t, err)
		}
	}
	odd := "/docs/a%20b%3Fc%23d%25%C3%A9+&="
	require.Equal(t, []string{"/docs/plain", odd, "/docs/plain", odd, "/a%20b/docs/plain", "/a%20b" + odd}, paths)
}

func TestTruncatedAnswers(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	c, _, _ := connect(t, "http", nil, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" && calls.Add(1) == 1 {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, `{"half`)
			return
		}
		_, _ = io.WriteString(w, `{"whole":1}`)
	})
	resp, err := c.Do(t.Context(), readReq())
	require.NoError(t, err)
	require.Equal(t, `{"whole":1}`, string(resp.Body))
	require.Equal(t, 2, resp.Attempts)

	calls.Store(0)
	resp, err = c.Do(t.Context(), writeReq())
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.ErrorIs(t, err, ErrUnknownOutcome)
	require.Equal(t, 1, resp.Attempts)
}

func TestReadBody(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("0123456789", 5000)
	for _, length := range []int64{-1, int64(len(text)), 10, 1 << 40} {
		got, err := readBody(io.NopCloser(strings.NewReader(text)), length, nil, 0, 1<<50)
		require.NoError(t, err)
		require.Equal(t, text, string(got))
	}
	buffer := make([]byte, 3, 60000)
	got, err := readBody(io.NopCloser(strings.NewReader(text)), int64(len(text)), buffer, 0, 1<<20)
	require.NoError(t, err)
	require.Same(t, &buffer[0], &got[0], "the buffer is used when it has room")
	got, err = readBody(io.NopCloser(strings.NewReader("")), 0, buffer, 0, 10)
	require.NoError(t, err)
	require.Empty(t, got)
	broken := errors.New("broken")
	_, err = readBody(io.NopCloser(io.MultiReader(strings.NewReader("x"), errReader{broken})), -1, nil, 100, 10)
	require.ErrorIs(t, err, broken)
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

func TestConnectionsAreUsedAgain(t *testing.T) {
	t.Parallel()
	c, opened, _ := connect(t, "http", nil, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, `{"message":"none"}`)
	})
	const workers = 32
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for range 20 {
				_, _ = c.Do(t.Context(), readReq())
			}
		})
	}
	wg.Wait()
	require.LessOrEqual(t, opened.Load(), int32(2*workers))
}

func TestHTTP2(t *testing.T) {
	t.Parallel()
	var first atomic.Bool
	c, _, _ := connect(t, "h2", nil, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && first.CompareAndSwap(false, true) {
			w.Header().Set(HeaderRetryAfter, "1")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		w.Header().Set("Proto", r.Proto)
		w.Header().Set(HeaderRequestCharge, "1")
		_, _ = io.Copy(w, r.Body)
	})
	resp, err := c.Do(t.Context(), writeReq())
	require.NoError(t, err)
	require.Equal(t, "HTTP/2.0", resp.Header.Get("Proto"))
	require.Equal(t, `{"id":"1"}`, string(resp.Body), "the body was sent whole the second time, too")
	require.Equal(t, 2, resp.Attempts)
}

// Redirects are not followed, not even by a client of the user's: a signed request is meant for one address.
func TestRedirects(t *testing.T) {
	t.Parallel()
	var followed atomic.Bool
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/elsewhere" {
			followed.Store(true)
			return
		}
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	}))
	defer srv.Close()
	auth, err := NewMasterKey(sampleKey)
	require.NoError(t, err)
	own := &http.Client{Transport: &http.Transport{}}
	defer own.CloseIdleConnections()
	c, err := New(Config{Endpoint: srv.URL, Auth: auth, HTTP: own})
	require.NoError(t, err)
	defer c.Close()
	_, err = c.Do(t.Context(), writeReq())
	require.ErrorContains(t, err, `it redirects to "/elsewhere"`)
	require.ErrorIs(t, err, ErrUnknownOutcome, "whoever answered, it was not Cosmos DB")
	require.False(t, followed.Load())
	require.Nil(t, own.CheckRedirect, "the user's client is left as it was")
}
