package azcosmos

import (
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/stretchr/testify/require"
)

// upstream is the package whose own tests are run.
const upstream = "github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"

// excluded are the tests of upstream that our server does not try to pass, with the reason.
var excluded = map[string]string{
	"TestItemIdEncodingRoutingGW": "one of the service's two front ends: stores ids with / and \\ and then " +
		"cannot find them",
	"TestItemIdEncodingComputeGW": "the other front end, which answers ids that end in a blank otherwise",
}

// TestUpstream runs the tests that Azure's client brings for Microsoft's emulator against our server. They are
// unchanged but for the emulator's address, which stands in them as a constant.
func TestUpstream(t *testing.T) {
	t.Parallel()
	dir := copyUpstream(t)
	names := emulatorTests(t, dir)
	for name := range excluded {
		require.Contains(t, names, name, "excluded, and no longer there")
	}
	names = slices.DeleteFunc(names, func(name string) bool { return excluded[name] != "" })

	// The tests count on the order and the pages of documents that one physical partition gives; and azcosmos itself
	// finds no document by its hash of version 1, which these tests use, once there is more than one partition.
	runUpstream(t, dir, 1, names)
}

// copyUpstream copies the module to where its files can be changed.
func copyUpstream(t *testing.T) string {
	t.Helper()
	home, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", upstream).Output()
	require.NoError(t, err)
	dir := filepath.Join(t.TempDir(), "azcosmos")
	require.NoError(t, os.CopyFS(dir, os.DirFS(strings.TrimSpace(string(home)))))
	return dir
}

// emulatorTests are the names of the tests that need the emulator.
func emulatorTests(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "emulator_*_test.go"))
	require.NoError(t, err)
	var names []string
	for _, file := range files {
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, m := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllSubmatch(source, -1) {
			names = append(names, string(m[1]))
		}
	}
	return names
}

func runUpstream(t *testing.T, dir string, partitions int, names []string) {
	srv := cosmostest.NewServer(cosmostest.TLS(), cosmostest.Partitions(partitions),
		cosmostest.Regions("South Central US"), cosmostest.Consistency("Strong"))
	t.Cleanup(srv.Close)
	for _, name := range []string{"emulator_test.go", "emulator_cosmos_global_endpoint_manager_test.go",
		"emulator_cosmos_database_test.go"} {
		path := filepath.Join(dir, name)
		source, err := os.ReadFile(path)
		require.NoError(t, err)
		require.NoError(t, os.Chmod(path, 0o600))
		source = regexp.MustCompile(`https://(localhost|127\.0\.0\.1):[0-9]+/`).
			ReplaceAll(source, []byte(srv.Endpoint()))
		// The span of an account's query is named for the host.
		source = []byte(strings.ReplaceAll(string(source), "query_databases localhost", "query_databases 127.0.0.1"))
		require.NoError(t, os.WriteFile(path, source, 0o600))
	}
	certificate := filepath.Join(t.TempDir(), "certificate.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw})
	require.NoError(t, os.WriteFile(certificate, block, 0o600))

	cmd := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-v", "-run",
		"^("+strings.Join(names, "|")+")$", ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=", "EMULATOR=true", "SSL_CERT_FILE="+certificate)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Logf("%s", out)
	}
	require.NoError(t, err)
	// Every name was a test that ran: none was skipped, none misspelt.
	require.Equal(t, len(names), len(regexp.MustCompile(`(?m)^--- PASS: Test`).FindAll(out, -1)))
	for _, line := range regexp.MustCompile(`(?m)^--- .*$`).FindAll(out, -1) {
		t.Logf("%s", line)
	}
}
