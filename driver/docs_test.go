package driver

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/cosmossql/cosmossql/internal/naming"
	"github.com/stretchr/testify/require"
)

// docs/dsn.md has every option with its other names, its default and an example that works in both forms.
func TestDocs(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/dsn.md")
	require.NoError(t, err)
	const keyOfExamples = "c2VjcmV0LWtleS1vZi1hbi1hY2NvdW50"
	documented := map[string]bool{"version": true}
	for line := range strings.Lines(string(page)) {
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		var cells []string
		for cell := range strings.SplitSeq(strings.Trim(strings.TrimSpace(line), "|"), "|") {
			cells = append(cells, strings.TrimSpace(cell))
		}
		require.Len(t, cells, 6, line)
		name, preset, example := strings.Trim(cells[0], "`"), strings.Trim(cells[3], "`"), strings.Trim(cells[4], "`")
		names := []string{name}
		for i, also := range strings.Split(cells[1], "`") {
			if i%2 == 1 {
				names = append(names, also)
			}
		}
		for _, n := range names {
			i := slices.IndexFunc(options, func(o option) bool {
				return naming.Fold(o.name) == naming.Fold(n) || slices.Contains(o.aliases, naming.Fold(n))
			})
			require.GreaterOrEqual(t, i, 0, n)
			documented[options[i].name] = true
			value := example
			if n == "timeout_ms" {
				value = "30000"
			}
			for form, where := range map[string]int{
				"AccountEndpoint=https://host;Db=d;": inString,
				"cosmos://host/d?":                   inURL,
			} {
				if options[i].where&where == 0 {
					continue
				}
				if n == "account_endpoint" || options[i].name == "database" {
					form = strings.TrimSuffix(strings.ReplaceAll(form, "/d?", "?"),
						"AccountEndpoint=https://host;Db=d;")
					if n != "account_endpoint" && where == inString {
						form = "AccountEndpoint=https://host;"
					}
				}
				set, err := ParseDSN(form + n + "=" + value)
				require.NoError(t, err, n)
				if preset == "required" || where == inURL && n == "tls" {
					continue
				}
				unset := &Config{Endpoint: "https://host/"}
				if options[i].name != "database" {
					unset.Database = "d"
				}
				require.NotEqual(t, unset, set, "the example of %s does something", n)
			}
		}
	}
	for _, o := range options {
		require.True(t, documented[o.name], "docs/dsn.md lacks %s", o.name)
	}
	_, examples, ok := strings.Cut(string(page), "\n## Examples\n")
	require.True(t, ok)
	for line := range strings.Lines(examples) {
		if _, dsn, ok := strings.Cut(line, "| `"); ok {
			dsn, _, _ = strings.Cut(dsn, "`")
			_, err := OpenConnector(must(ParseDSN(strings.ReplaceAll(dsn, "KEY", keyOfExamples))))
			require.NoError(t, err, dsn)
		}
	}
}

func must(c *Config, err error) Config {
	if err != nil {
		panic(err)
	}
	return *c
}
