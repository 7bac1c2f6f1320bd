package rest

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/cosmossql/cosmossql/internal/rawjson"
)

// Shape is the JSON that an answer has as its body.
type Shape uint8

// The shapes of answers.
const (
	Object   Shape = iota // or nothing
	Array                 // of a batch
	Anything              // of a stored procedure
)

// recognize tells the service's answer from a stranger's and from a damaged one. Proxies, login pages and misrouted
// load balancers answer 200, too. The service sends x-ms- headers with every answer; an emulator that never does is
// known by the JSON that was asked for.
func (c *Client) recognize(req *Request, resp *Response) error {
	signed := hasServiceHeader(resp.Header)
	if signed && !c.genuine.Load() {
		c.genuine.Store(true)
	}
	bodiless := resp.Status == http.StatusNoContent || resp.Status == http.StatusNotModified
	if !signed && (c.genuine.Load() || !bodiless && !req.plausible(resp)) {
		resp.answer = answer{loss: foreign, sent: true}
		return stranger(resp)
	}
	if resp.Status/100 != 2 || bodiless {
		return nil
	}
	if err := req.accept(resp.Body); err != nil {
		resp.answer = answer{loss: damaged, sent: true}
		return err
	}
	return nil
}

// plausible reports whether an answer without x-ms- headers may be an emulator's.
func (r *Request) plausible(resp *Response) bool {
	return isJSON(resp.Body) || resp.success() && (r.Shape == Anything || len(resp.Body) == 0 && r.Effect != Read)
}

func hasServiceHeader(h http.Header) bool {
	if h[HeaderActivityID] != nil {
		return true
	}
	for name := range h {
		if strings.HasPrefix(name, "X-Ms-") {
			return true
		}
	}
	return false
}

// isJSON reports whether a body begins as the service's do.
func isJSON(body []byte) bool {
	for _, c := range body {
		switch c {
		case ' ', '\t', '\r', '\n':
			continue
		}
		return c == '{' || c == '['
	}
	return false
}

// stranger is the error of an answer that is not the service's.
func stranger(resp *Response) error {
	text := fmt.Sprintf("the answer %d does not come from Cosmos DB but from a proxy, a login page or the like",
		resp.Status)
	if place := resp.Header.Get("Location"); place != "" {
		text += fmt.Sprintf("; it redirects to %q", shorten(place))
	}
	if begin := excerpt(resp.Body); begin != "" {
		text += ": " + begin
	}
	return errors.New(text)
}

// accept reads the body of a success. A body that is damaged is an error.
func (r *Request) accept(body []byte) error {
	switch {
	case r.Accept != nil:
		return r.Accept(body)
	case r.Shape == Anything, len(body) == 0 && r.Shape == Object && r.Effect != Read:
		return nil // what was written was not asked for
	}
	switch {
	case !rawjson.Valid(body):
		return errors.New("the body of the answer is not JSON: it is damaged or breaks off")
	case r.Shape == Object && rawjson.Kind(body) != '{':
		return errors.New("the body of the answer is not a JSON object")
	case r.Shape == Array && rawjson.Kind(body) != '[':
		return errors.New("the body of the answer is not a JSON array")
	}
	return nil
}
