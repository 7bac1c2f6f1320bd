package examples

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
)

// build makes the binary of an example.
func build(t *testing.T, name string) string {
	binary := filepath.Join(t.TempDir(), name+".exe")
	command(t, ".", "go", "build", "-o", binary, "./"+name)
	return binary
}

// Every example runs with no arguments and says something, but for the server, which runs until it is told to stop.
func TestEveryExample(t *testing.T) {
	t.Parallel()
	dirs, err := filepath.Glob("*/main.go")
	require.NoError(t, err)
	require.NotEmpty(t, dirs)
	for _, main := range dirs {
		name := filepath.Dir(main)
		if _, err := os.Stat(filepath.Join(name, "go.mod")); err == nil || name == "server" {
			continue // a module of its own has a test of its own
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := command(t, t.TempDir(), build(t, name))
			require.Greater(t, strings.Count(out, "\n"), 1, "%s", out)
		})
	}
}

func TestServer(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	cmd := exec.CommandContext(ctx, build(t, "server"), "-addr", "127.0.0.1:0", "-health", "127.0.0.1:0",
		"-partitions", "2")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())

	// The connection string that it prints is all that a client needs.
	lines := bufio.NewScanner(out)
	var dsn string
	for dsn == "" && lines.Scan() {
		dsn = regexp.MustCompile(`AccountEndpoint=\S+`).FindString(lines.Text())
	}
	require.NotEmpty(t, dsn, "no connection string")
	client, err := cosmos.NewClientFromConnectionString(dsn, nil)
	require.NoError(t, err)
	defer client.Close()
	_, err = client.CreateDatabase(ctx, "shop")
	require.NoError(t, err)

	if runtime.GOOS == "windows" { // where no process can interrupt another
		require.NoError(t, cmd.Process.Kill())
		return
	}
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	_, err = io.Copy(io.Discard, out)
	require.NoError(t, err)
	require.NoError(t, cmd.Wait(), "an interrupt has to end it cleanly")
}

// command runs a program that has to succeed and returns what it printed.
func command(t *testing.T, dir, name string, args ...string) string {
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return string(out)
}
