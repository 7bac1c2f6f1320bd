package bench

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime/pprof"
	"strings"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/test/bench/canned"
)

// service is what a child process serves. Exactly one field is set.
type service struct {
	Canned   *canned.Options `json:",omitempty"` // made-up answers
	Emulator *emulator       `json:",omitempty"` // our in-process server
	Plain    *plain          `json:",omitempty"` // a handler of net/http
}

type emulator struct {
	Partitions int
	Delay      time.Duration // of every answer
}

// serving is the environment variable that makes the test binary a server.
const serving = "COSMOSSQL_BENCH_SERVE"

func TestMain(m *testing.M) {
	text := os.Getenv(serving)
	if text == "" {
		os.Exit(m.Run())
	}
	if err := serve(text); err != nil {
		fmt.Fprintln(os.Stderr, "bench server:", err)
		os.Exit(1)
	}
}

// serve says on standard output where it listens and serves until its standard input ends.
func serve(text string) error {
	var s service
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return err
	}
	if file := os.Getenv("BENCH_SERVER_PROFILE"); file != "" && s.Emulator != nil {
		out, err := os.Create(file)
		if err != nil {
			return err
		}
		defer out.Close()
		if err := pprof.StartCPUProfile(out); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	if s.Emulator != nil {
		srv := cosmostest.NewServer(cosmostest.Partitions(s.Emulator.Partitions))
		defer srv.Close()
		fmt.Println(srv.Endpoint())
		in := bufio.NewReader(os.Stdin)
		// The first line says that the data is there: only from then on do answers take their time.
		if _, err := in.ReadString('\n'); err == nil && s.Emulator.Delay > 0 {
			srv.Delay(s.Emulator.Delay)
			fmt.Println("slow")
		}
		_, err := io.Copy(io.Discard, in)
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	failed := make(chan error, 1)
	if s.Plain != nil {
		go func() { failed <- http.Serve(l, s.Plain) }()
	} else {
		go func() { failed <- canned.Serve(l, *s.Canned) }()
	}
	fmt.Printf("http://%s/\n", l.Addr())
	_, err = io.Copy(io.Discard, os.Stdin)
	l.Close()
	<-failed
	return err
}

// plain is a handler of net/http that does nothing: it answers always the same, or what it was sent.
type plain struct {
	Status int // 0 answers the body of the request
	Header http.Header
	Body   string
}

func (p *plain) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if p.Status == 0 {
		_, _ = w.Write(body)
		return
	}
	for name, values := range p.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(p.Status)
	_, _ = io.WriteString(w, p.Body)
}

// process is a running server.
type process struct {
	pid      int
	endpoint string
	in       io.Writer
	out      *bufio.Reader
}

// start runs a server in another process for the length of a benchmark.
func start(tb testing.TB, s service) *process {
	tb.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		tb.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	if cpu := os.Getenv("BENCH_SERVER_CPU"); cpu != "" {
		cmd = exec.Command("taskset", "-c", cpu, os.Args[0]) // which becomes the server: the process is the same
	}
	cmd.Env = append(os.Environ(), serving+"="+string(text), "GOMAXPROCS=1")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			tb.Errorf("the server ended with %v", err)
		}
	})
	p := &process{pid: cmd.Process.Pid, in: in, out: bufio.NewReader(out)}
	p.endpoint = p.line(tb)
	return p
}

func (p *process) line(tb testing.TB) string {
	tb.Helper()
	line, err := p.out.ReadString('\n')
	if err != nil {
		tb.Fatal("the server does not answer:", err)
	}
	return strings.TrimSpace(line)
}

// slow makes the emulator's answers take their time from now on.
func (p *process) slow(tb testing.TB) {
	tb.Helper()
	fmt.Fprintln(p.in)
	p.line(tb)
}

// connectionString names the server in every client's words.
func (p *process) connectionString() string {
	return "AccountEndpoint=" + p.endpoint + ";AccountKey=" + cosmostest.DefaultKey + ";"
}
