package cosmostest

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cosmossql/cosmossql/internal/emulator/gateway"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

// DefaultKey is the master key of a server that is not given another: the public one of all Cosmos DB emulators.
const DefaultKey = "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw=="

// Server is a running server. Its methods are safe for concurrent use.
type Server struct {
	config  config
	account *store.Account
	gateway *gateway.Gateway
	conf    *tls.Config
	host    string // on which it listens
	cert    *x509.Certificate
	client  *http.Client
	once    sync.Once
	ahead   atomic.Int64 // how far [Server.Advance] has moved the clock
	making  sync.Mutex   // held by [Server.Container]
	t       T            // of [RunT]

	changing sync.Mutex // held while regions are added
	closed   bool
	faces    atomic.Pointer[[]*face] // one for each region, by its id; the first is the server's own address
}

// NewServer starts a server. It panics, as httptest.NewServer does, if there is no port to listen on or an option is
// wrong; [Start] returns the error instead.
func NewServer(opts ...Option) *Server {
	s, err := Start(opts...)
	if err != nil {
		panic(err)
	}
	return s
}

// Start starts a server. The error is about an address that cannot be listened on, an option that is
// wrong, or data that cannot be loaded.
func Start(opts ...Option) (*Server, error) {
	s := &Server{config: defaults()}
	for _, o := range opts {
		o(&s.config)
	}
	if s.config.queryMemory < 1 {
		return nil, fmt.Errorf("cosmostest: QueryMemory(%d): a number of bytes above 0 is wanted", s.config.queryMemory)
	}
	s.faces.Store(&[]*face{})
	if err := cmp.Or(s.config.checkRegions(), s.config.checkNames()); err != nil {
		return nil, err
	}
	if err := s.config.checkRanges(); err != nil {
		return nil, err
	}
	if err := s.listen(); err != nil {
		s.closeFaces()
		return nil, err
	}
	so := store.Options{
		Name: s.config.account, Now: s.now, Partitions: s.config.partitions, ContinuousBackup: s.config.backup,
		Regions:     s.config.regions,
		MultiWrite:  s.config.multiWrite,
		Synchronous: s.config.consistency == "Strong", Seed: s.config.seed, Flap: s.config.flap,
		PartitionSize: s.config.partitionSize, Phases: s.config.phases,
	}
	if s.config.consistency == "BoundedStaleness" {
		so.MaxStaleness = gateway.MaxStaleness
	}
	s.account = store.NewAccount(so)
	if err := s.account.SetDelay(-1, -1, s.config.leastDelay, s.config.mostDelay); err != nil {
		s.closeFaces()
		return nil, err
	}
	o := gateway.Options{
		Key: s.config.key(), ReadOnlyKey: s.config.readOnlyKey(), Consistency: s.config.consistency,
		Scheme: s.scheme(), Throttle: s.config.throttle, ServeAll: s.config.serveAll, AnyOrder: s.config.anyOrder,
		ContinuousBackup: s.config.backup, PreviousImages: s.config.images, Distributed: s.config.distributed,
		Scripts: s.config.scripts, ScriptOperations: s.config.scriptOps,
		Observe: s.config.observer(), FixedAddresses: s.config.advertise != "", Named: s.config.domain != "",
		PartitionFailover: s.config.partitionFailover, QueryMemory: s.config.queryMemory,
	}
	var err error
	if s.gateway, err = gateway.New(s.account, o); err != nil {
		s.closeFaces()
		return nil, err
	}
	if err := s.load(); err != nil {
		s.gateway.Close()
		s.closeFaces()
		return nil, err
	}
	handlers := make([]http.Handler, len(s.list()))
	for i, f := range s.list() {
		handlers[i] = s.gateway.Serve(i, s.address(f, s.config.regions[i]))
	}
	if s.config.domain != "" {
		s.list()[0].serve(http.HandlerFunc(s.serveByName))
		return s, nil
	}
	for i, f := range s.list() { // every address is known
		f.serve(handlers[i])
	}
	return s, nil
}

// now is the server's clock.
func (s *Server) now() time.Time { return s.config.now().Add(time.Duration(s.ahead.Load())) }

// listen opens a listener for each region: the first on the address asked for, the others on free ports beside it.
func (s *Server) listen() error {
	transport := &http.Transport{}
	s.client = &http.Client{Transport: transport}
	if s.config.tls {
		cert, err := s.config.certificate(s.config.hosts())
		if err != nil {
			return fmt.Errorf("cosmostest: no certificate: %w", err)
		}
		s.cert = cert.leaf
		s.conf = &tls.Config{Certificates: []tls.Certificate{cert.tls}, NextProtos: []string{"h2", "http/1.1"}}
		pool := x509.NewCertPool()
		pool.AddCert(cert.leaf)
		transport.TLSClientConfig = &tls.Config{RootCAs: pool}
	}
	l, err := net.Listen("tcp", s.config.addr)
	if err != nil {
		return fmt.Errorf("cosmostest: %w", err)
	}
	s.addFace(newFace(l, s.conf))
	if s.config.domain != "" {
		own := s.list()[0].address()
		transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, own)
		}
	}
	if s.host, _, err = net.SplitHostPort(s.config.addr); err != nil {
		return fmt.Errorf("cosmostest: %w", err)
	}
	for range s.config.regions[1:] {
		f, err := s.newFace()
		if err != nil {
			return err
		}
		s.addFace(f)
	}
	return nil
}

// newFace listens on a free port beside the server's own address, unless that one serves all regions.
func (s *Server) newFace() (*face, error) {
	if s.config.domain != "" {
		return s.list()[0], nil
	}
	l, err := net.Listen("tcp", net.JoinHostPort(s.host, "0"))
	if err != nil {
		return nil, fmt.Errorf("cosmostest: %w", err)
	}
	return newFace(l, s.conf), nil
}

func (s *Server) addFace(f *face) {
	list := append(slices.Clone(s.list()), f)
	s.faces.Store(&list)
}

// list are the server's faces, by the ids of their regions.
func (s *Server) list() []*face { return *s.faces.Load() }

func (s *Server) scheme() string {
	if s.config.tls {
		return "https"
	}
	return "http"
}

// String names the server by its endpoint, never its key.
func (s *Server) String() string { return "cosmostest.Server(" + s.Endpoint() + ")" }

// Format implements [fmt.Formatter]: every verb writes String.
func (s *Server) Format(st fmt.State, _ rune) { _, _ = io.WriteString(st, s.String()) }

// Endpoint is the address of the account: http://127.0.0.1:port/, or what [OnePort] and [Advertise] make of it.
func (s *Server) Endpoint() string { return s.scheme() + "://" + s.address(s.list()[0], "") + "/" }

// Address is where the server listens, host:port; of several regions, the first one's.
func (s *Server) Address() string { return s.list()[0].address() }

// Key is the master key.
func (s *Server) Key() string { return s.config.key() }

// ConnectionString is endpoint and key as the Azure portal shows them.
func (s *Server) ConnectionString() string {
	return "AccountEndpoint=" + s.Endpoint() + ";AccountKey=" + s.Key() + ";"
}

// DSN is the data source name of a database for sql.Open("cosmos", …). The database need not exist yet. The DSN of a
// server with TLS turns the check of its certificate off.
func (s *Server) DSN(database string) string {
	dsn := s.ConnectionString() + "Database=" + database
	if s.config.tls {
		dsn += ";InsecureSkipVerify=true"
	}
	return dsn
}

// HTTPClient is an HTTP client that trusts the server's certificate. Close closes its idle connections.
func (s *Server) HTTPClient() *http.Client { return s.client }

// Certificate is the certificate of a server with TLS, generated for this process; nil without TLS.
func (s *Server) Certificate() *x509.Certificate { return s.cert }

// RegionEndpoint is the address of a region; "" if there is none of the name.
func (s *Server) RegionEndpoint(name string) string {
	r, err := s.account.Topology().Find(name)
	if err != nil {
		return ""
	}
	return s.scheme() + "://" + s.address(s.list()[r.ID], r.Name) + "/"
}

// Close stops the server, breaks its connections and returns when no request is being served and no goroutine of the
// server is left. Closing again does nothing.
func (s *Server) Close() {
	s.once.Do(func() {
		s.changing.Lock()
		s.closed = true
		s.changing.Unlock()
		s.closeFaces()
		s.gateway.Close() // ends what requests wait for
		for _, f := range s.list() {
			f.wait()
		}
		s.client.CloseIdleConnections()
	})
}

func (s *Server) closeFaces() {
	for _, f := range s.list() {
		f.close()
	}
}
