package main

import (
	"strings"
	"testing"
)

func TestTable(t *testing.T) {
	t.Parallel()
	const output = `goos: linux
BenchmarkRead/c=1/cosmos     	 3000	 1000 ns/op	 500 cpu-ns/op	 7 allocs/op
BenchmarkRead/c=1/azcosmos   	 3000	 3000 ns/op	 1500 cpu-ns/op	 12345 allocs/op
BenchmarkRead/c=1/cosmos     	 3000	 9000 ns/op	 900 cpu-ns/op	 7 allocs/op
BenchmarkRead/c=1/cosmos     	 3000	 2000 ns/op	 600 cpu-ns/op	 8 allocs/op
BenchmarkStream/docs=10      	 1	 1.234 peak-MB
PASS
`
	const want = `
### Read/c=1

| | cpu-ns/op | × cosmos | ns/op | allocs/op |
| --- | --- | --- | --- | --- |
| cosmos | 600 | 1.00 | 2,000 | 7 |
| azcosmos | 1,500 | 2.50 | 3,000 | 12,345 |

### Stream

| | peak-MB |
| --- | --- |
| docs=10 | 1.23 |
`
	groups, err := parse(strings.NewReader(output))
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, g := range groups {
		g.print(&got)
	}
	if got.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", got.String(), want)
	}
	if _, err := parse(strings.NewReader("BenchmarkX 1 many ns/op")); err == nil {
		t.Error("a result that is none is taken")
	}
}
