package cosmostest

import (
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// face is the server at one address: one region of the account.
type face struct {
	listener net.Listener
	server   *http.Server
	done     chan struct{}  // closed when nothing is accepted any more
	conns    sync.WaitGroup // connections that are open
}

func newFace(l net.Listener, conf *tls.Config) *face {
	f := &face{listener: l, done: make(chan struct{})}
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	protocols.SetUnencryptedHTTP2(true) // with prior knowledge, as the Rust SDK speaks to emulators
	f.server = &http.Server{
		// a client that never ends its header holds a connection for ever otherwise
		ReadHeaderTimeout: 30 * time.Second,
		TLSConfig:         conf.Clone(), // the regions share conf, and serving changes it
		Protocols:         &protocols,
		// What clients do wrong in the handshake is their business, not for the test's output.
		ErrorLog: log.New(io.Discard, "", 0),
		ConnState: func(_ net.Conn, state http.ConnState) {
			switch state {
			case http.StateNew:
				f.conns.Add(1)
			case http.StateClosed, http.StateHijacked:
				f.conns.Done()
			}
		},
	}
	return f
}

// address is where clients on this machine find the face, also if it listens on every address.
func (f *face) address() string {
	a := f.listener.Addr().(*net.TCPAddr)
	if a.IP.IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", strconv.Itoa(a.Port))
	}
	return a.String()
}

func (f *face) serve(h http.Handler) {
	f.server.Handler = h
	go func() {
		defer close(f.done)
		if f.server.TLSConfig != nil {
			f.server.ServeTLS(f.listener, "", "") // ends with Close
			return
		}
		f.server.Serve(f.listener)
	}()
}

// close closes the listener and breaks all connections.
func (f *face) close() {
	f.server.Close()
	f.listener.Close() // in case it never served
}

// wait returns when what close has ended is over.
func (f *face) wait() {
	if f.server.Handler != nil {
		<-f.done
		f.conns.Wait()
	}
}
