// Package control moves the world of a server of cosmostest over HTTP, so that tests in any language can do what tests
// in Go do with the methods of [cosmostest.Server]: regions that come, go, lag and fail over, ranges that split,
// faults, the clock, throttling, data, the requests that were seen.
//
//	c := control.New()
//	srv := cosmostest.NewServer(c.Watch(), cosmostest.Regions("West US", "East US"))
//	http.ListenAndServe("127.0.0.1:8082", c.Handler(srv))
//
// The routes are listed by GET / and in docs/testing-failover.md. Requests and answers are JSON. There is no password,
// so serve it on a loopback address only, never where clients of the database come in.
package control

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

// Control moves the world of one server. It is safe for concurrent use.
type Control struct {
	log    requests
	faults faults
}

// New returns the control of the server that will be started with its option [Control.Watch].
func New() *Control { return &Control{} }

// Watch lets the control see the server's requests.
func (c *Control) Watch() cosmostest.Option { return cosmostest.Observe(c.See) }

// See remembers a request; it is for programs that have an observer of their own.
func (c *Control) See(x cosmostest.Exchange) { c.log.add(x) }

// call is one request to the control port.
type call struct {
	control *Control
	srv     *cosmostest.Server
	r       *http.Request
	body    []byte
}

// maxBody bounds the body of a request: a file to load is the largest.
const maxBody = 256 << 20

// Handler serves the routes. Pages of other sites are refused by what browsers say of them.
func (c *Control) Handler(srv *cosmostest.Server) http.Handler {
	mux := http.NewServeMux()
	for _, rt := range routes() {
		mux.HandleFunc(rt.method+" "+rt.path, func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
			var v any
			if err == nil {
				v, err = rt.serve(&call{c, srv, r, body})
			}
			answer(w, v, err)
		})
	}
	var guard http.CrossOriginProtection
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		answer(w, nil, fail(403, "a page of another site has sent this request: only programs may"))
	}))
	return guard.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern == "" {
			answer(w, nil, noRoute(mux, w, r))
			return
		}
		mux.ServeHTTP(w, r)
	}))
}

// Do is a request to [Control.Handler] without HTTP. Its answer is JSON; the error says what the handler's would.
func (c *Control) Do(srv *cosmostest.Server, method, path string, body []byte) ([]byte, error) {
	r, err := http.NewRequestWithContext(context.Background(), method, path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	w := &recorder{header: http.Header{}, status: http.StatusOK}
	c.Handler(srv).ServeHTTP(w, r)
	if w.status == http.StatusOK {
		return w.body.Bytes(), nil
	}
	var said struct {
		Error string `json:"error"`
	}
	err = json.Unmarshal(w.body.Bytes(), &said)
	return nil, cmp.Or(err, fail(w.status, "%s", said.Error))
}

// recorder keeps an answer.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header is the answer's.
func (w *recorder) Header() http.Header { return w.header }

// WriteHeader keeps the status.
func (w *recorder) WriteHeader(status int) { w.status = status }

// Write keeps what is written.
func (w *recorder) Write(p []byte) (int, error) { return w.body.Write(p) }

// noRoute says what there is in place of what was asked for.
func noRoute(mux *http.ServeMux, w http.ResponseWriter, r *http.Request) error {
	var allowed []string
	for _, method := range []string{"GET", "POST", "PUT", "DELETE"} {
		other := r.Clone(r.Context())
		other.Method = method
		if _, pattern := mux.Handler(other); pattern != "" {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) > 0 {
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		return fail(405, "%s does not take %s, but %s: GET / lists all routes", r.URL.Path, r.Method,
			strings.Join(allowed, ", "))
	}
	return fail(404, "there is no route %s %s: GET / lists all of them", r.Method, r.URL.Path)
}

// refusal is an error with the status that answers it.
type refusal struct {
	status int
	text   string
}

func (e *refusal) Error() string { return e.text }

func fail(status int, format string, args ...any) error {
	return &refusal{status, fmt.Sprintf(format, args...)}
}

// answer writes a value as JSON, or an error.
func answer(w http.ResponseWriter, v any, err error) {
	status := http.StatusOK
	var own *refusal
	var stored *store.Error
	var large *http.MaxBytesError
	switch {
	case err == nil:
	case errors.As(err, &own):
		status = own.status
	case errors.As(err, &stored):
		status = stored.Status
	case errors.As(err, &large):
		status, err = 413, fmt.Errorf("the body has more than %d bytes", large.Limit)
	default:
		status = http.StatusBadRequest
	}
	if err != nil {
		v = map[string]any{"error": strings.TrimPrefix(err.Error(), "cosmostest: "), "status": status}
	}
	text, marshalErr := json.Marshal(v, jsontext.Multiline(true), json.Deterministic(true))
	if marshalErr != nil {
		status, text = 500, []byte(`{"error":"the answer cannot be written as JSON","status":500}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	w.Write(append(text, '\n'))
}

// read decodes the body of a call; example shows what one looks like.
func read(body []byte, example string, in any) error {
	if len(bytes.TrimSpace(body)) == 0 {
		return fail(400, "the body is missing: such as %s", example)
	}
	err := json.Unmarshal(body, in, json.RejectUnknownMembers(true))
	var meaning *json.SemanticError
	var form *jsontext.SyntacticError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, json.ErrUnknownName) && errors.As(err, &meaning):
		return fail(400, "unknown member %q: the body is such as %s", path(meaning.JSONPointer), example)
	case errors.Is(err, jsontext.ErrDuplicateName) && errors.As(err, &form):
		return fail(400, "member %q is given twice", path(form.JSONPointer))
	case errors.As(err, &form):
		return fail(400, "the body is not JSON, at byte %d: %v: such as %s", form.ByteOffset, form.Err, example)
	case errors.As(err, &meaning):
		var own *refusal
		if errors.As(meaning.Err, &own) {
			return fail(400, "member %q: %s", path(meaning.JSONPointer), own.text)
		}
		return fail(400, "member %q: %s is not what is wanted: the body is such as %s", path(meaning.JSONPointer),
			cut(string(meaning.JSONValue), meaning.JSONKind), example)
	}
	return fail(400, "the body: %v", err)
}

// path is where a member stands, with dots between.
func path(p jsontext.Pointer) string {
	return strings.ReplaceAll(strings.TrimPrefix(string(p), "/"), "/", ".")
}

// cut is a value to show, or its kind where it is long or not known.
func cut(value string, kind jsontext.Kind) string {
	const most = 60
	if value == "" || len(value) > most {
		return "a " + kind.String()
	}
	return value
}
