package rest

import (
	"crypto/tls"
	"net"
	"net/http"
	"time"
)

// NewHTTPClient returns an HTTP client for many small requests to one host at the same time. It has no timeout:
// contexts bound requests. insecure accepts any certificate; connect bounds the making of a connection, 0 is 5 s.
func NewHTTPClient(insecure bool, connect time.Duration) *http.Client {
	if connect == 0 {
		connect = 5 * time.Second
	}
	t := &http.Transport{
		Proxy:       http.ProxyFromEnvironment,
		DialContext: (&net.Dialer{Timeout: connect, KeepAlive: 30 * time.Second}).DialContext,
		// net/http keeps 2 idle connections for each host: with more requests than that in flight nearly every request
		// would open, and leave behind, a connection of its own.
		MaxIdleConnsPerHost: 512,
		IdleConnTimeout:     90 * time.Second,
		TLSHandshakeTimeout: connect,
		ForceAttemptHTTP2:   true,
		// Many requests share one HTTP/2 connection, so a dead one must be noticed.
		HTTP2: &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pingWithin},
		// The service does not compress; without this, a length is not known where a proxy does.
		DisableCompression: true,
	}
	if insecure {
		t.TLSClientConfig = &tls.Config{InsecureSkipVerify: true}
	}
	return &http.Client{Transport: &streams{Transport: t}}
}
