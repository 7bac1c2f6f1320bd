package gocosmos_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/stretchr/testify/require"
)

// change is all that a program has to change: the import and the name of the driver. The DSN may stay, too.
var change = strings.NewReplacer(
	`_ "github.com/microsoft/gocosmos"`, `_ "github.com/cosmossql/cosmossql/driver"`,
	`const driver = "gocosmos"`, `const driver = "cosmos"`,
)

// TestProgram runs ./library as it is, and changed for our driver: it prints the same. The program does not count on an
// error for UPDATE and DELETE of a document that is not there, where gocosmos has one against its own documentation.
func TestProgram(t *testing.T) {
	source, err := os.ReadFile("library/main.go")
	require.NoError(t, err)
	theirs := run(t, source)
	require.Contains(t, theirs, `"SELECT CROSS PARTITION b.id, b.title, b.author FROM books b " found 4`)

	changed := []byte(change.Replace(string(source)))
	require.Equal(t, 2, differingLines(source, changed))
	require.Equal(t, theirs, run(t, changed))
}

// run compiles the program with source in place of its own and gives what it prints, on a server of its own.
func run(t *testing.T, source []byte) string {
	t.Helper()
	dir := t.TempDir()
	main, err := filepath.Abs("library/main.go")
	require.NoError(t, err)
	replacement := filepath.Join(dir, "main.go")
	require.NoError(t, os.WriteFile(replacement, source, 0o600))
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {main: replacement}})
	require.NoError(t, err)
	list := filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(list, overlay, 0o600))

	srv := cosmostest.NewServer()
	defer srv.Close()
	cmd := exec.CommandContext(t.Context(), "go", "run", "-overlay", list, "./library")
	cmd.Env = append(os.Environ(),
		"LIBRARY_DSN="+srv.ConnectionString()+";DefaultDb=library;AutoId=true;TimeoutMs=10000")
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	require.NoError(t, cmd.Run(), "%s%s", &out, &log)
	t.Log(log.String())
	return out.String()
}

func differingLines(a, b []byte) int {
	one, other := bytes.Split(a, []byte("\n")), bytes.Split(b, []byte("\n"))
	n := 0
	for i := range one {
		if !bytes.Equal(one[i], other[i]) {
			n++
		}
	}
	return n
}
