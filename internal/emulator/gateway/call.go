package gateway

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/cosmossql/cosmossql/internal/emulator/eval"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

// call is one request on its way through the gateway.
type call struct {
	g      *Gateway
	w      http.ResponseWriter
	r      *http.Request
	region int // index of the region that it came to
	// Of the target as it was sent: net/http's own path has doubled slashes and escapes undone in other ways than the
	// service.
	path   []string // decoded names
	op     operation
	body   []byte
	values []string // of the reply's headers

	began time.Time
	// The client's, if it gave one: PROTOCOL.md 1.5 has it sent back.
	activity  string
	cut       Cut    // how the connection breaks when the reply is written
	spoil     Spoil  // how the reply is spoiled
	instead   *Fault // whose status takes the place of the reply
	replica   replica
	database  *store.Database // once it has been found, like the others
	container *store.Container
	user      *store.User // whose permissions are asked for
	// The answer then names no content path.
	nothing bool                       // a batch has written nothing
	sent    reply                      // what has been answered
	told    bool                       // of the call has been: see observe
	share   eval.Share                 // of the memory of all queries
	udfs    map[string]*store.Resource // the container's functions: see functions
	changed []byte                     // the body that a post-trigger has put in the place of the document
}

// The activity id is there before anything can fail, as error messages carry it.
func newCall(g *Gateway, w http.ResponseWriter, r *http.Request, region int) *call {
	const headers = 40 // more than a reply has
	c := &call{g: g, w: w, r: r, region: region, path: segments(r.RequestURI), values: make([]string, 0, headers),
		began: time.Now()}
	if c.activity = c.header(headerActivity); c.activity == "" {
		c.activity = uuid.NewString()
	}
	c.op = c.route()
	return c
}

// header is a header of the request; "" without it. The name is one of the program's own, in lower case.
func (c *call) header(name string) string {
	if values := c.r.Header[canonical(name)]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// canonicalNames are the names of headers as net/http keeps them, by those that were asked for: finding one anew would
// allocate with every look, a tenth of what a read of a document allocates.
var canonicalNames atomic.Pointer[map[string]string]

// The map is copied, not locked: after the first requests of a kind it never changes again.
func canonical(name string) string {
	names := canonicalNames.Load()
	if names != nil {
		if known, ok := (*names)[name]; ok {
			return known
		}
	}
	more := map[string]string{name: http.CanonicalHeaderKey(name)}
	if names != nil {
		maps.Copy(more, *names)
	}
	canonicalNames.CompareAndSwap(names, &more) // who comes too late finds it anew
	return more[name]
}

// flag reads a header that is True, true, or anything else for no. SDKs write True, true and False (PROTOCOL.md 1.4).
func (c *call) flag(name string) bool { return strings.EqualFold(c.header(name), "true") }

// set puts a header into the reply, its name as it is. The values share their memory. Set of net/http would write the
// name in its own case.
func (c *call) set(name, value string) {
	n := len(c.values)
	c.values = append(c.values, value)
	c.w.Header()[name] = c.values[n : n+1 : n+1]
}

// has reports whether the reply has a header that set has put in.
func (c *call) has(name string) bool { return c.w.Header()[name] != nil }

// readBody reads the request's body up to the limit of the service.
func (c *call) readBody() error {
	// A patch or a batch is bounded like a document; the slack is for what encloses it. Beyond the document: a
	// condition of a patch and the operations around it.
	const slack = 1 << 10
	// 413 Request size is too large is recorded (exchange 180). The bodies of batches have the same bound of 2 MB
	// (PROTOCOL.md 4.3).
	const limit = store.MaxDocument + slack
	var b bytes.Buffer
	b.Grow(int(min(max(0, c.r.ContentLength), limit)) + bytes.MinRead) // so that the end is met without growing
	_, err := b.ReadFrom(io.LimitReader(c.r.Body, limit+1))
	body := b.Bytes()
	if err != nil {
		return store.Errorf(400, 0, "The request body could not be read: %v", err)
	}
	if len(body) > limit {
		// Clients that are still sending when the connection closes see a broken connection and no answer. Bounds
		// what is read only to be thrown away.
		const patience = 64 << 20
		io.Copy(io.Discard, io.LimitReader(c.r.Body, patience))
		return store.TooLarge()
	}
	// Here, for all operations: a body of binary JSON keeps the content type of a text (PROTOCOL.md 10.13).
	if c.body, err = fromBinary(body); err != nil {
		return store.Errorf(400, 0, "The request payload is invalid: %v.", err)
	}
	return nil
}

// reply is what a call answers.
type reply struct {
	status int
	body   []byte
	charge float64
	kind   kind    // ofGateway where nothing else is said, for which the operation's is taken
	free   bool    // without a charge
	sub    int     // substatus of a refusal
	buffer *[]byte // that the body is in, used again once it is written; nil for none
}

// encode writes v as JSON, and leaves the characters < > & in documents and query texts as they are. The service
// writes them so, and a client that compares texts must find its own.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// cents rounds a charge to what is shown of it. Headers have two decimals, while operations of a batch show all
// digits (recorded exchange 193).
func cents(charge float64) float64 { return math.Round(charge*100) / 100 }

// invalidURL refuses a path, a type of resource or a method that there is not. 400 and never 404 (recorded exchanges
// 156, 182, 183 and 210).
func invalidURL() error { return refuse(400, 0, "Request url is invalid.") }

// forbidden is how the service answers OPTIONS, without a message. The one error without it (recorded exchange 203).
func forbidden(*call) (reply, error) {
	return reply{}, &store.Error{Status: http.StatusForbidden, Form: store.Bare}
}

// postToDocument is how it answers a POST to a document. Recorded exchange 201, of docs/$batch.
func postToDocument(*call) (reply, error) {
	return reply{}, &store.Error{Status: http.StatusMethodNotAllowed, Message: "RequestHandler.Post", Form: store.Bare}
}

func methodNotAllowed(*call) (reply, error) {
	return reply{}, invalidURL()
}

// pageSize is how many results the caller wants on a page. 0 counts as absent, -1 leaves it to the server: 2500 rows
// came at once; other negative numbers are refused by inference (recorded exchanges 96 to 105).
func (c *call) pageSize() (int, error) {
	text := c.header(headerMaxItems)
	if text == "" {
		return defaultPageSize, nil
	}
	n, err := strconv.Atoi(text)
	switch {
	case err != nil || n < -1:
		// The recording of the refusal has this header (105).
		c.set("x-ms-request-validation-failure", "1")
		return 0, refuse(400, 0,
			"The input PageSize %s is invalid. Ensure to pass a valid page size which must be a positive "+
				"integer or -1 for a dynamic page size.", text)
	case n == 0:
		return defaultPageSize, nil
	case n == -1:
		return maxPageSize, nil
	}
	return n, nil
}

// resource replies with one resource of metadata.
func (c *call) resource(status int, r *store.Resource, charge float64) reply {
	c.set(headerETag, r.ETag())
	c.replica.item = r.LSN()
	return reply{status: status, body: r.JSON(), charge: charge}
}

// feed replies with a page of a feed. The elements are JSON texts. The elements are texts already, and are put
// together without being read again. The envelope has no blanks and its members are in the service's order.
func (c *call) feed(rid, name string, elements [][]byte, charge float64) reply {
	size := 64 + len(name)
	for _, e := range elements {
		size += len(e) + 1
	}
	buffer := buffers.Get().(*[]byte)
	b := slices.Grow((*buffer)[:0], size)
	b = fmt.Appendf(b, `{"_rid":%q,%q:[`, rid, name)
	for i, e := range elements {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, e...)
	}
	b = fmt.Appendf(b, `],"_count":%d}`, len(elements))
	c.set(headerItemCount, strconv.Itoa(len(elements)))
	*buffer = b
	return reply{status: http.StatusOK, body: b, charge: charge, buffer: buffer}
}

// buffers are those of pages that have been written.
var buffers = sync.Pool{New: func() any { return new([]byte) }}
