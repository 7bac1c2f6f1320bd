// Command report runs the benchmarks of test/bench in rounds, holds them against the bounds that the project has set
// for itself, and writes the tables of test/bench/README.md and docs/performance.md:
//
//	cd test/bench && go run ./report
//
// It takes about ten minutes. With two processors or more, clients are pinned to one and servers to another. AIO_PYTHON
// names a Python that has aio-cosmos; without it that row is left out.
package main

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// step is a run of some benchmarks, several rounds of it.
type step struct {
	bench, times string
	rounds       int
	v2           bool // built with GOEXPERIMENT=jsonv2
}

// ours are the clients whose point operations the report compares.
const ours = "^(net_http|cosmos|cosmos_sql)$"

// steps are in the order of what matters, should the time not suffice.
var steps = []step{
	{"Read/c=64/" + ours + "|Columns/c=64/" + ours + "|Create/c=64/" + ours, "8000x", 4, false},
	{"Results", "3x", 2, false},
	{"Query/page=1000/^(cosmos|cosmos_decoded|cosmos_sql_8_fields|azcosmos_decoded|jsontext_loop)$", "2x", 2, false},
	{"Growth", "5x", 1, false},
	{"Client", "1x", 1, false},
	{"Server", "10000x", 2, false},
	{"Search", "5x", 2, false},
	{"BulkPartitions", "1x", 2, false},
	{"ChangeFeed", "1x", 2, false},
	{"TenPartitions", "1x", 1, false},
	{"Bulk$", "1x", 1, false},
	{"Query/page=1000/^(cosmos_decoded|cosmos_sql_8_fields|azcosmos_decoded)$", "2x", 2, true},
	{"Seed", "1x", 2, false},
}

// results are the values of each benchmark by unit, one for each round; those of a build with json v2 begin with "v2:".
type results map[string]map[string][]float64

func main() {
	limit := flag.Duration("limit", 10*time.Minute, "after which no further round begins")
	short := flag.Bool("short", false, "one round of each, to see that all of it works")
	only := flag.String("only", "",
		"run the steps alone whose name has this, and print the tables instead of writing them")
	flag.Parse()
	if err := run(*limit, *short, *only); err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
		os.Exit(1)
	}
}

func run(limit time.Duration, short bool, only string) error {
	dir, err := os.MkdirTemp("", "cosmossql-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	begun, got := time.Now(), results{}
	var left []string
	for _, s := range steps {
		if !strings.Contains(s.bench, only) {
			continue
		}
		binary := filepath.Join(dir, "bench.test")
		if s.v2 {
			binary += ".v2"
		}
		if _, err := os.Stat(binary); err != nil {
			if err := build(binary, s.v2); err != nil {
				return err
			}
		}
		if short {
			s.rounds = 1
		}
		for i := range s.rounds {
			if time.Since(begun) > limit {
				left = append(left, s.bench)
				break
			}
			fmt.Fprintf(os.Stderr, "%4.0f s  %s, round %d of %d\n", time.Since(begun).Seconds(), s.bench, i+1, s.rounds)
			if err := got.run(binary, s); err != nil {
				return fmt.Errorf("%s: %w", s.bench, err)
			}
		}
	}
	head := machine()
	if len(left) > 0 {
		head += " Left out or cut short, as the time was up: " + strings.Join(left, ", ") + "."
	}
	if only != "" {
		fmt.Println(head + "\n\n" + got.bounds() + "\n" + got.client() + "\n" + got.server())
		return nil
	}
	if err := insert("README.md", "report", head+"\n\n"+got.bounds()); err != nil {
		return err
	}
	page := filepath.Join("..", "..", "docs", "performance.md")
	if err := insert(page, "client", head+"\n\n"+got.client()); err != nil {
		return err
	}
	return insert(page, "server", head+"\n\n"+got.server())
}

func build(binary string, v2 bool) error {
	cmd := exec.Command("go", "test", "-c", "-o", binary, ".")
	cmd.Stderr = os.Stderr
	if v2 {
		cmd.Env = append(os.Environ(), "GOEXPERIMENT=jsonv2")
	}
	return cmd.Run()
}

// run adds a round.
func (got results) run(binary string, s step) error {
	args := []string{binary, "-test.run", "^$", "-test.bench", s.bench, "-test.benchtime", s.times, "-test.cpu", "1",
		"-test.timeout", "5m"}
	env := os.Environ()
	if _, err := exec.LookPath("taskset"); err == nil && runtime.NumCPU() > 1 {
		args, env = append([]string{"taskset", "-c", "1"}, args...), append(env, "BENCH_SERVER_CPU=0")
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env, cmd.Stderr = env, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return got.read(out, s.v2)
}

var procs = regexp.MustCompile(`-\d+$`)

// read adds the lines of a run that are results.
func (got results) read(out []byte, v2 bool) error {
	lines := bufio.NewScanner(bytes.NewReader(out))
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		name := procs.ReplaceAllString(strings.TrimPrefix(fields[0], "Benchmark"), "")
		if v2 {
			name = "v2:" + name
		}
		if got[name] == nil {
			got[name] = map[string][]float64{}
		}
		for i := 2; i+1 < len(fields); i += 2 {
			v, err := strconv.ParseFloat(fields[i], 64)
			if err != nil {
				return fmt.Errorf("%q is not a result", lines.Text())
			}
			got[name][fields[i+1]] = append(got[name][fields[i+1]], v)
		}
	}
	return lines.Err()
}

// machine is what the figures hold for.
func machine() string {
	model := runtime.GOARCH
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if _, rest, ok := strings.Cut(string(text), "model name"); ok {
			model, _, _ = strings.Cut(strings.TrimLeft(rest, "\t :"), "\n")
		}
	}
	load := ""
	if text, err := os.ReadFile("/proc/loadavg"); err == nil {
		load = ", load " + strings.Fields(string(text))[1] + " over the last five minutes, the run's own included"
	}
	return fmt.Sprintf("%s, %d processors (%s)%s, %s.", time.Now().UTC().Format("2006-01-02 15:04 UTC"),
		runtime.NumCPU(), model, load, runtime.Version())
}

// insert puts text between the marks of a section of a file.
func insert(file, section, text string) error {
	old, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	begin, end := "<!-- "+section+" begins -->", "<!-- "+section+" ends -->"
	before, rest, ok := strings.Cut(string(old), begin)
	_, after, more := strings.Cut(rest, end)
	if !ok || !more {
		return fmt.Errorf("%s has no section %s", file, section)
	}
	return os.WriteFile(file, []byte(before+begin+"\n\n"+strings.TrimSpace(text)+"\n\n"+end+after), 0o644)
}
