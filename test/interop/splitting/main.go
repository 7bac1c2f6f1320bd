// Command splitting serves an account, two physical partitions a container, whose splits go on while a program of any
// language uses them. The control port begins one with "phases": true and advances it to the phase preparing; from then
// on each refusal that a client gets because of it (410/1007, 410/1002) moves it to its next phase, before the client
// has the refusal. So every client meets every phase, and none waits for a clock. The first line of the output is JSON:
// endpoint, key and control. It ends with its standard input.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"sync/atomic"

	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest/control"
)

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "splitting:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
	world := control.New()
	var server atomic.Pointer[cosmostest.Server]
	var moving sync.Mutex // several requests may be refused at once
	srv, err := cosmostest.Start(cosmostest.Partitions(2), world.Watch(),
		cosmostest.Observe(func(x cosmostest.Exchange) {
			if x.Status == http.StatusGone {
				moving.Lock()
				defer moving.Unlock()
				goOn(server.Load(), x)
			}
		}))
	if err != nil {
		return err
	}
	defer srv.Close()
	server.Store(srv)
	moves := httptest.NewServer(world.Handler(srv))
	defer moves.Close()
	err = json.NewEncoder(out).Encode(map[string]string{
		"endpoint": srv.Endpoint(), "key": srv.Key(), "control": moves.URL,
	})
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, in)
	return err
}

// goOn moves on the splits of a container because of which a request was refused.
func goOn(srv *cosmostest.Server, x cosmostest.Exchange) {
	changes, err := srv.RangeChanges(x.Database, x.Container)
	for _, ch := range changes {
		if ch.Phase() > cosmostest.Copying {
			_, err = ch.Advance()
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "splitting:", err)
	}
}
