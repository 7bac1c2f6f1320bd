package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/cosmossql/cosmossql/internal/emulator/store"
	"github.com/cosmossql/cosmossql/internal/value"
)

// call is one request on its way through the gateway.
type call struct {
	g      *Gateway
	w      http.ResponseWriter
	r      *http.Request
	region int      // index of the region that it came to
	path   []string // decoded names
	op     operation
	body   []byte

	activity  string
	cut       Cut              // how the connection breaks when the reply is written
	container *store.Container // once it has been found
}

func newCall(g *Gateway, w http.ResponseWriter, r *http.Request, region int) *call {
	c := &call{g: g, w: w, r: r, region: region, path: segments(r.RequestURI)}
	if c.activity = c.header(headerActivity); c.activity == "" {
		c.activity = uuid.NewString()
	}
	c.op = c.route()
	return c
}

func (c *call) header(name string) string { return c.r.Header.Get(name) }

// flag reads a header that is True, true, or anything else for no.
func (c *call) flag(name string) bool { return strings.EqualFold(c.header(name), "true") }

// set puts a header into the reply, its name in lower case as it is.
func (c *call) set(name, value string) { c.w.Header()[name] = []string{value} }

// readBody reads the request's body up to the limit of the service.
func (c *call) readBody() error {
	// A patch or a batch is bounded like a document; the slack is for what encloses it.
	const slack = 1 << 10
	body, err := io.ReadAll(io.LimitReader(c.r.Body, store.MaxDocument+slack+1))
	if err != nil {
		return store.Errorf(400, 0, "The request body could not be read: %v", err)
	}
	if len(body) > store.MaxDocument+slack {
		// Clients that are still sending when the connection closes see a broken connection and no answer.
		const patience = 64 << 20
		io.Copy(io.Discard, io.LimitReader(c.r.Body, patience))
		return store.TooLarge()
	}
	c.body = body
	return nil
}

// reply is what a call answers.
type reply struct {
	status int
	body   []byte
	charge float64
}

// refusal is the reply to a call that failed.
func (c *call) refusal(err error) reply {
	var e *store.Error
	if !errors.As(err, &e) {
		e = store.Errorf(500, 0, "%v", err)
	}
	if e.SubStatus != 0 {
		c.set(headerSubstatus, strconv.Itoa(e.SubStatus))
	}
	members := []value.Member{{Name: "code", Value: value.String(code(e.Status))}, {Name: "message", Value: value.String(c.message(e))}}
	if e.Info != "" {
		members = append(members, value.Member{Name: "additionalErrorInfo", Value: value.String(e.Info)})
	}
	return reply{e.Status, value.AppendJSON(nil, value.Object(members)), 1}
}

// code is the name of a status in error bodies.
func code(status int) string {
	switch status {
	case 412:
		return "PreconditionFailed"
	case 413:
		return "RequestEntityTooLarge"
	case 424:
		return "FailedDependency"
	case 449:
		return "RetryWith"
	}
	return strings.ReplaceAll(http.StatusText(status), " ", "")
}

// message dresses an error's text as the service does: what comes from a partition is a JSON list of errors, what
// comes from the gateway itself is plain.
func (c *call) message(e *store.Error) string {
	text := e.Message
	switch {
	case strings.HasPrefix(text, "{"):
		text = "Message: " + text
	case e.SubStatus == store.SubNotServed:
	case e.Status == 400, e.Status == 404, e.Status == 409, e.Status == 412, e.Status == 413:
		text = `Message: {"Errors":[` + string(value.AppendJSON(nil, value.String(text))) + "]}"
	}
	return text + "\r\nActivityId: " + c.activity + ", Microsoft.Azure.Documents.Common/2.14.0"
}

// write sends the reply.
func (c *call) write(res reply) {
	h := c.w.Header()
	c.set(headerActivity, c.activity)
	c.set(headerCharge, strconv.FormatFloat(cents(res.charge), 'f', -1, 64))
	c.set("x-ms-schemaversion", "1.19")
	c.set("x-ms-serviceversion", "version=2.14.0.0")
	c.set("x-ms-gatewayversion", "version=2.14.0")
	if c.container != nil {
		c.set(headerAltPath, c.container.Path())
		c.set(headerContentPath, c.container.RID())
	}
	if res.status == http.StatusNoContent || res.status == http.StatusNotModified {
		res.body = nil
	} else {
		h["Content-Type"] = []string{"application/json"}
		h["Content-Length"] = []string{strconv.Itoa(len(res.body))}
	}
	switch c.cut {
	case CutAfter:
		c.hangUp()
		return
	case CutBody:
		res.body = res.body[:len(res.body)/2]
	}
	c.w.WriteHeader(res.status)
	if c.r.Method != http.MethodHead {
		c.w.Write(res.body) // a client that is gone needs no answer
	}
	if c.cut == CutBody {
		c.hangUp()
	}
}

// encode writes v as JSON, and leaves the characters < > & in documents and query texts as they are.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// cents rounds a charge to what is shown of it.
func cents(charge float64) float64 { return math.Round(charge*100) / 100 }

func methodNotAllowed(c *call) (reply, error) {
	return reply{}, store.Errorf(405, 0, "The method %s is not allowed for this resource.", c.r.Method)
}

// pageSize is how many results the caller wants on a page.
func (c *call) pageSize() (int, error) {
	text := c.header(headerMaxItems)
	if text == "" {
		return defaultPageSize, nil
	}
	n, err := strconv.Atoi(text)
	switch {
	case err != nil || n == 0 || n < -1:
		return 0, store.Errorf(400, 0, "The input PageSize %s is invalid. Ensure to pass a valid page size which must be a positive "+
			"integer or -1 for a dynamic page size.", text)
	case n == -1:
		return maxPageSize, nil
	}
	return n, nil
}

// resource replies with one resource of metadata.
func (c *call) resource(status int, r *store.Resource, charge float64) reply {
	c.set(headerETag, r.ETag())
	return reply{status, r.JSON(), charge}
}

// feed replies with a page of a feed. The elements are JSON texts.
func (c *call) feed(rid, name string, elements [][]byte, charge float64) reply {
	size := 64 + len(name)
	for _, e := range elements {
		size += len(e) + 1
	}
	b := make([]byte, 0, size)
	b = fmt.Appendf(b, `{"_rid":%q,%q:[`, rid, name)
	for i, e := range elements {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, e...)
	}
	b = fmt.Appendf(b, `],"_count":%d}`, len(elements))
	c.set(headerItemCount, strconv.Itoa(len(elements)))
	return reply{http.StatusOK, b, charge}
}
