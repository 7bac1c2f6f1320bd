package promises

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"syscall"
)

// loss is what becomes of the first answer to a write.
type loss struct {
	name     string
	executed bool                       // the service has done it all the same
	answer   func(*http.Response) error // nil if the caller gives up before it comes
}

func status(code int, sub string) func(*http.Response) error {
	return func(r *http.Response) error {
		r.StatusCode = code
		r.Header.Set("X-Ms-Substatus", sub)
		body(r, `{"code":"Code","message":"the message"}`)
		return nil
	}
}

func body(r *http.Response, text string) {
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader([]byte(text))), int64(len(text))
	r.Header.Del("Content-Length")
}

func stranger(code int, text string) func(*http.Response) error {
	return func(r *http.Response) error {
		r.StatusCode, r.Header = code, http.Header{"Content-Type": {"text/html"}}
		body(r, text)
		return nil
	}
}

var losses = []loss{
	{"nothing", true, func(*http.Response) error { return nil }},
	{"the caller gives up, executed", true, nil},
	{"the caller gives up", false, nil},
	{"not sent", false, func(*http.Response) error {
		return &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}},
	{"answer lost", true, func(*http.Response) error { return errors.New("connection reset by peer") }},
	{"503 executed", true, status(503, "")},
	{"503", false, status(503, "")},
	{"500 executed", true, status(500, "")},
	{"408 executed", true, status(408, "")},
	{"408", false, status(408, "")},
	{"410/1022 executed", true, status(410, "1022")},
	{"410/1002", false, status(410, "1002")},
	{"449", false, status(449, "")},
	{"429", false, status(429, "3200")},
	{"403/3", false, status(403, "3")},
	{"404/1002", false, status(404, "1002")},
	{"a stranger's 200, executed", true, stranger(200, "<html>")},
	{"a stranger's 200", false, stranger(200, "<html>")},
	{"a stranger's 204", false, stranger(204, "")},
	{"an empty 200 of a stranger", true, stranger(200, "")},
	{"damaged body", true, func(r *http.Response) error {
		body(r, `{"id":"a","n`)
		r.Header.Set("Content-Length", "500")
		r.ContentLength = 500
		return nil
	}},
	{"an empty answer of the service", true, func(r *http.Response) error { body(r, ""); return nil }},
}

// harmless are the losses after which it is certain that nothing was executed, and that it may be sent again.
var harmless = []string{"nothing", "not sent", "410/1002", "449", "429", "403/3", "404/1002"}
