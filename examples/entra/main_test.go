package main

import "testing"

// The example signs in to the in-process server.
func TestRun(t *testing.T) {
	n, err := run(t.Context(), "", "", "")
	if err != nil || n != 2 {
		t.Fatalf("%d documents, %v", n, err)
	}
}
