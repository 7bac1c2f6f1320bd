package main

import (
	"context"
	"fmt"
	"os"
)

func Example() {
	fmt.Println(run(context.Background(), os.Stdout, ""))
	// Output:
	// 1 Oslo 36 0154 [chess skiing]
	// 2 Oslo false Torggata 2
	// 3 Rome true Via Appia 3
	// 2 in Oslo
	// 18 Torggata 20
	// <nil>
}
