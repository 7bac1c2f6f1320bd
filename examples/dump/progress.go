package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// progress tells how far a container has come: every second on a terminal, and once at the end. It is safe for
// concurrent use.
type progress struct {
	out, live io.Writer
	ticker    *time.Ticker
	done      chan struct{}
	stopped   sync.WaitGroup

	mu        sync.Mutex
	container string // "" between containers
	verb      string
	started   time.Time
	documents int
	passed    int // done by an earlier run
	existing  int // there already
	bytes     int64
	charge    float64
}

func newProgress(out, errs io.Writer) *progress {
	p := &progress{out: out, live: io.Discard, ticker: time.NewTicker(time.Second), done: make(chan struct{})}
	if file, ok := errs.(*os.File); ok {
		if info, err := file.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			p.live = file
		}
	}
	p.stopped.Go(func() {
		for {
			select {
			case <-p.ticker.C:
				p.mu.Lock()
				if p.container != "" {
					fmt.Fprintf(p.live, "\r%s   ", p.line())
				}
				p.mu.Unlock()
			case <-p.done:
				return
			}
		}
	})
	return p
}

func (p *progress) begin(container, verb string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.container, p.verb, p.started = container, verb, time.Now()
	p.documents, p.passed, p.existing, p.bytes, p.charge = 0, 0, 0, 0, 0
}

// before notes documents of an earlier run.
func (p *progress) before(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.passed += n
}

func (p *progress) add(documents int, bytes int64, charge float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.documents += documents
	p.bytes += bytes
	p.charge += charge
}

// there notes documents that are in the container already.
func (p *progress) there(n int, charge float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.existing += n
	p.charge += charge
}

func (p *progress) line() string {
	seconds := max(time.Since(p.started).Seconds(), 0.001)
	line := fmt.Sprintf("%s: %d documents %s, %.1f MB, %.0f a second, %.0f RU",
		p.container, p.documents, p.verb, float64(p.bytes)/1e6, float64(p.documents)/seconds, p.charge)
	if p.passed > 0 {
		line += fmt.Sprintf("; %d before", p.passed)
	}
	if p.existing > 0 {
		line += fmt.Sprintf("; %d were there already", p.existing)
	}
	return line
}

func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprint(p.live, "\r")
	fmt.Fprintln(p.out, p.line())
	p.container = ""
}

func (p *progress) stop() {
	p.ticker.Stop()
	close(p.done)
	p.stopped.Wait()
}
