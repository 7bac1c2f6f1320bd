package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReport(t *testing.T) {
	got := results{}
	for _, out := range []string{
		"goos: linux\nBenchmarkRead/c=64/net_http \t 8000\t 20000 cpu-ns/op\t 96 allocs/op\n" +
			"BenchmarkRead/c=64/cosmos-2 \t 8000\t 21000 cpu-ns/op\t 110 allocs/op\nPASS\n",
		"BenchmarkRead/c=64/net_http \t 8000\t 40000 cpu-ns/op\t 96 allocs/op\n" +
			"BenchmarkRead/c=64/cosmos \t 8000\t 60000 cpu-ns/op\t 120 allocs/op\n",
		"BenchmarkRead/c=64/net_http \t 8000\t 10000 cpu-ns/op\t 96 allocs/op\n" +
			"BenchmarkRead/c=64/cosmos \t 8000\t 12000 cpu-ns/op\t 111 allocs/op\n",
	} {
		if err := got.read([]byte(out), false); err != nil {
			t.Fatal(err)
		}
	}
	table := got.bounds()
	for _, want := range []string{"| 1.20 × (1.05 to 1.50) | ≤ 1.10 × | **not met** |",
		"| 111 (110 to 120) | ≤ 112 | met |", "not measured in this run"} {
		if !strings.Contains(table, want) {
			t.Errorf("%q is missing in\n%s", want, table)
		}
	}
	if err := got.read([]byte("BenchmarkX 1 y ns/op\n"), false); err == nil {
		t.Error("a line that is not a result is not refused")
	}
}

func TestInsert(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.md")
	if err := os.WriteFile(file, []byte("a\n<!-- s begins -->\nold\n<!-- s ends -->\nb\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := insert(file, "s", "new\n"); err != nil {
			t.Fatal(err)
		}
	}
	text, _ := os.ReadFile(file)
	if want := "a\n<!-- s begins -->\n\nnew\n\n<!-- s ends -->\nb\n"; string(text) != want {
		t.Errorf("%q instead of %q", text, want)
	}
	if err := insert(file, "other", ""); err == nil {
		t.Error("a section that is not there is not refused")
	}
}
