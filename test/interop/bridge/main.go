// Command bridge lets a script in another language drive package cosmos: it reads one JSON request per line from its
// standard input and writes one JSON answer per line, in the same order, until its input ends. COSMOS_ENDPOINT and
// COSMOS_KEY say which account to talk to.
//
//	{"op": "query", "database": "d", "container": "c",
//	 "query": "SELECT * FROM c WHERE c.n > @n", "parameters": {"@n": 1}}
//	{"rows": [{"id": "1", "n": 2}], "charge": 2.9}
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/cosmossql/cosmossql/cosmos"
)

func main() {
	if err := run(context.Background(), os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bridge:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, in io.Reader, out io.Writer) error {
	cred, err := cosmos.KeyCredential(os.Getenv("COSMOS_KEY"))
	if err != nil {
		return err
	}
	client, err := cosmos.NewClient(os.Getenv("COSMOS_ENDPOINT"), cred, nil)
	if err != nil {
		return err
	}
	defer client.Close()

	requests := json.NewDecoder(bufio.NewReader(in))
	answers := json.NewEncoder(out)
	answers.SetEscapeHTML(false)
	for {
		var r request
		if err := requests.Decode(&r); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("reading a request: %w", err)
		}
		if err := answers.Encode(r.answer(ctx, client)); err != nil {
			return fmt.Errorf("writing an answer: %w", err)
		}
	}
}
