package rest

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
)

// outgoing is the HTTP request of one attempt.
type outgoing struct {
	http.Request
	url   url.URL
	begun atomic.Bool // it may have begun to be sent
}

// httpRequest makes the HTTP request of one attempt. A write has begun as soon as its body is wanted, or where it has
// none when it gets a connection, if the transport tells of those; told says that it tells of everything.
func (r *Request) httpRequest(ctx context.Context, base *url.URL, header http.Header, told bool) *outgoing {
	o := &outgoing{url: url.URL{Scheme: base.Scheme, Host: base.Host, Path: r.Path, RawPath: r.RawPath}}
	if base.Path != "" && base.Path != "/" {
		o.url.Path, o.url.RawPath = strings.TrimSuffix(base.Path, "/")+r.Path, ""
		if r.RawPath != "" {
			o.url.RawPath = strings.TrimSuffix(base.EscapedPath(), "/") + r.RawPath
		}
	}
	noted := r.Effect != Read && r.Body != nil && !told
	o.begun.Store(!noted)
	if r.Effect != Read && !noted {
		ctx = o.traced(ctx, r.Body != nil)
	}
	o.Request = *(&http.Request{}).WithContext(ctx)
	o.Method, o.URL, o.Host, o.Header = r.Verb, &o.url, o.url.Host, header
	if r.Body == nil {
		return o
	}
	o.ContentLength = int64(len(r.Body))
	o.GetBody = func() (io.ReadCloser, error) {
		if noted {
			return &body{*bytes.NewReader(r.Body), &o.begun}, nil
		}
		return io.NopCloser(bytes.NewReader(r.Body)), nil
	}
	o.Body, _ = o.GetBody()
	return o
}

// traced has begun taken back while the request waits for its first connection: until it has one, or until the header
// is written of a request with a body, without which nobody can execute it.
func (o *outgoing) traced(ctx context.Context, withBody bool) context.Context {
	var t struct {
		httptrace.ClientTrace
		got atomic.Bool
	}
	t.GetConn = func(string) {
		if !t.got.Load() {
			o.begun.Store(false)
			o.begun.CompareAndSwap(false, t.got.Load()) // a transport may have tried twice, side by side
		}
	}
	begin := func() {
		t.got.Store(true)
		o.begun.Store(true)
	}
	if withBody {
		t.WroteHeaders = begin
	} else {
		t.GotConn = func(httptrace.GotConnInfo) { begin() }
	}
	return httptrace.WithClientTrace(ctx, &t.ClientTrace)
}

// body is a request body that notes that it began to be sent, for transports that may not tell. net/http's own is given
// one that it knows to be in memory: it sends header and body in one packet then, and else in two.
type body struct {
	bytes.Reader
	begun *atomic.Bool
}

func (b *body) Read(p []byte) (int, error) {
	b.begun.Store(true)
	return b.Reader.Read(p)
}

func (b *body) WriteTo(w io.Writer) (int64, error) {
	b.begun.Store(true)
	return b.Reader.WriteTo(w)
}

func (b *body) Close() error { return nil }
