package bench

import (
	"runtime"
	"runtime/metrics"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// meter measures what a piece of work costs this process: time, processor time and allocations.
type meter struct {
	wall   time.Time
	cpu    time.Duration
	memory runtime.MemStats
}

// measure starts a measurement; what came before does not count.
func measure(b *testing.B) *meter {
	m := &meter{}
	runtime.GC()
	b.ResetTimer()
	runtime.ReadMemStats(&m.memory)
	m.cpu = cpuTime()
	m.wall = time.Now()
	return m
}

// report gives the costs of one of n things, in place of the benchmark's own figures, which are for one iteration.
func (m *meter) report(b *testing.B, n int, thing string) {
	wall, cpu := time.Since(m.wall), cpuTime()-m.cpu
	var after runtime.MemStats
	runtime.ReadMemStats(&after)
	per := func(v float64, unit string) { b.ReportMetric(v/float64(n), unit+"/"+thing) }
	if thing == "op" {
		b.ReportAllocs() // else the figures of that name would not be shown
	}
	b.ReportMetric(0, "ns/op")
	per(float64(wall.Nanoseconds()), "ns")
	per(float64(cpu.Nanoseconds()), "cpu-ns")
	per(float64(after.TotalAlloc-m.memory.TotalAlloc), "B")
	per(float64(after.Mallocs-m.memory.Mallocs), "allocs")
}

// cpuTime is the processor time that this process has had.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // it has no other failure than a wrong argument
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// peak watches how much memory the heap takes, what is dead and not yet collected included.
type peak struct {
	stop chan struct{}
	done chan struct{}
	most atomic.Uint64
}

// watch starts watching, from a heap without garbage.
func watch() *peak {
	runtime.GC()
	p := &peak{stop: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(p.done)
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		tick := time.NewTicker(500 * time.Microsecond)
		defer tick.Stop()
		for {
			metrics.Read(sample)
			p.most.Store(max(p.most.Load(), sample[0].Value.Uint64()))
			select {
			case <-p.stop:
				return
			case <-tick.C:
			}
		}
	}()
	return p
}

// end stops watching and returns the most bytes seen.
func (p *peak) end() uint64 {
	close(p.stop)
	<-p.done
	return p.most.Load()
}
