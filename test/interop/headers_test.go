// Package interop holds the in-process server against clients that others wrote: see run.sh and the folders beside it.
// Its Go tests need none of them.
package interop

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// withoutEffect are the headers that SDKs send and the server does not look at, because they change no answer of it.
// Those that a user may have asked for are in docs/interop.md, with the reason.
var withoutEffect = map[string]string{
	"accept":                                       "answers are JSON",
	"cache-control":                                "there is no cache",
	"x-ms-cosmos-resource-type":                    "the path says it",
	"accept-encoding":                              "answers are not compressed",
	"connection":                                   "net/http's",
	"content-length":                               "net/http's",
	"user-agent":                                   "who asks",
	"x-ms-useragent":                               "who asks",
	"x-ms-client-id":                               "who asks",
	"x-ms-cosmos-apitype":                          "who asks",
	"x-ms-cosmos-correlated-activityid":            "for traces",
	"x-ms-client-retry-attempt-count":              "for traces",
	"x-ms-remaining-time-in-ms-on-client":          "for traces",
	"x-ms-cosmos-sdk-supportedcapabilities":        "what the client can take: nothing is sent that some cannot",
	"x-ms-documentdb-isquery":                      "the content type makes a query",
	"x-ms-documentdb-query":                        "the content type makes a query",
	"x-ms-documentdb-query-iscontinuationexpected": "changes nothing of what the gateway refuses, as recorded",
	"x-ms-cosmos-query-version":                    "plans have one version",
	"x-ms-cosmos-query-optimisticdirectexecute":    "a query of one range is run anyway",
	"x-ms-cosmos-changefeed-wire-format-version":   "the feed of all versions has one form",
	"x-ms-cosmos-batch-ordered":                    "operations are done in order",
	"x-ms-noretry-449":                             "the server repeats nothing",
	"x-ms-cosmos-is-client-encrypted":              "the intended container says the same",
	"x-ms-collectionroutingmap-refresh":            "there is no cache",
	"x-ms-force-refresh":                           "there is no cache",
	"x-ms-use-master-collection-resolver":          "there is no cache",
	"x-ms-target-lsn":                              "of direct mode",
	"x-ms-target-global-committed-lsn":             "of direct mode",
	"x-ms-write-request-trigger-refresh":           "of direct mode",

	"x-ms-cosmos-priority-level":                           "",
	"x-ms-cosmos-throughput-bucket":                        "",
	"x-ms-cosmos-supported-serialization-formats":          "",
	"x-ms-dedicatedgateway-bypass-cache":                   "",
	"x-ms-dedicatedgateway-max-age":                        "",
	"x-ms-dedicatedgateway-shard-key":                      "",
	"x-ms-documentdb-query-enable-scan":                    "",
	"x-ms-documentdb-force-query-scan":                     "",
	"x-ms-documentdb-query-parallelizecrosspartitionquery": "",
	"x-ms-documentdb-responsecontinuationtokenlimitinkb":   "",
	"x-ms-documentdb-disable-ru-per-minute-usage":          "",
	"x-ms-offer-is-ru-per-minute-throughput-enabled":       "",
	"x-ms-offer-type":                                      "",
	"x-ms-cosmos-use-thinclient":                           "",
	"x-ms-thinclient-pkrange-min":                          "",
	"x-ms-thinclient-pkrange-max":                          "",
	"x-ms-thinclient-range-min":                            "",
	"x-ms-thinclient-range-max":                            "",
	"x-ms-thinclient-proxy-operation-type":                 "",
	"x-ms-thinclient-proxy-resource-type":                  "",
	"x-ms-documentdb-collection-rid":                       "",
}

// members are those of request bodies that SDKs write beside the resources themselves.
var members = map[string][]string{
	"query": {"query", "parameters", "resumeFilter"},
	"batch": {"operationType", "id", "resourceBody", "ifMatch", "ifNoneMatch", "partitionKey",
		"minimalReturnPreference"},
	"patch":  {"operations", "condition", "op", "path", "from", "value"},
	"offer":  {"offerThroughput", "offerAutopilotSettings", "maxThroughput", "autoUpgradePolicy"},
	"rights": {"permissionMode", "resource", "resourcePartitionKey"},
	"transaction": {"databaseName", "collectionName", "databaseResourceId", "collectionResourceId", "index",
		"sessionToken", "operations"},
}

// Every header that an SDK was seen to send, or can send by its source, is read by the server or listed as without
// effect; request_headers.json has who sends what.
func TestRequestHeadersAreLookedAt(t *testing.T) {
	t.Parallel()
	var sent map[string][]string
	text, err := os.ReadFile("request_headers.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &sent))
	source := serverSource(t)
	page, err := os.ReadFile("../../docs/interop.md")
	require.NoError(t, err)
	seen := map[string]bool{}
	for sdk, names := range sent {
		require.True(t, slices.IsSorted(names), sdk)
		for _, name := range names {
			seen[name] = true
			why, listed := withoutEffect[name]
			switch read := strings.Contains(source, `"`+name+`"`); {
			case read && listed:
				t.Errorf("%s is read, and listed as without effect", name)
			case !read && !listed:
				t.Errorf("%s sends %s, which the server does not look at: let it read or refuse it, or list it",
					sdk, name)
			case listed && why == "" && !strings.Contains(string(page), "`"+name+"`"):
				t.Errorf("docs/interop.md does not say why %s has no effect", name)
			}
		}
	}
	for name := range maps.Keys(withoutEffect) {
		require.True(t, seen[name], "nobody sends %s", name)
	}
}

// The same of members of bodies.
func TestRequestMembersAreLookedAt(t *testing.T) {
	t.Parallel()
	source := serverSource(t)
	for kind, names := range members {
		for _, name := range names {
			written := regexp.MustCompile(`"` + strings.ToLower(name) + `[",]`)
			require.True(t, written.MatchString(source), "%s of a %s", name, kind)
		}
	}
}

// serverSource is the source of the server's gateway and store in lower case, without tests, comments and what is
// written to answers.
func serverSource(t *testing.T) string {
	var out strings.Builder
	comment, answers := regexp.MustCompile(`(?m)//.*$`), regexp.MustCompile(`\b([sS]et|has)\("[^"]*"`)
	for _, dir := range []string{"gateway", "store"} {
		files, err := filepath.Glob("../../internal/emulator/" + dir + "/*.go")
		require.NoError(t, err)
		require.NotEmpty(t, files)
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			out.Write(answers.ReplaceAll(comment.ReplaceAll(text, nil), nil))
		}
	}
	return strings.ToLower(out.String())
}
