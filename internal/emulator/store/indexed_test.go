package store

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// What a policy indexes decides which queries read an index, and what the metrics of indexes say of them.
func TestPolicyCovers(t *testing.T) {
	t.Parallel()
	in := func(included, excluded string) string {
		return fmt.Sprintf(`{"includedPaths":[%s],"excludedPaths":[%s]}`, included, excluded)
	}
	const all, none, mail = `{"path":"/*"}`, `{"path":"/*"}`, `{"path":"/user/mail/?"}`
	for _, test := range []struct {
		name, policy string
		path         []string
		want         bool
	}{
		{"without a policy", `{}`, []string{"a", "b"}, true},
		{"the etag is in no index", `{}`, []string{"_etag"}, false},
		{"what is below the etag's name is", `{}`, []string{"_etag", "x"}, true},
		{"no indexing", `{"indexingMode":"none"}`, []string{"a"}, false},
		{"the root as it once was written", in(`{"path":"/"}`, ""), []string{"a", "b", "c"}, true},
		{"all excluded", in("", none), []string{"a"}, false},
		{"one included", in(mail, none), []string{"user", "mail"}, true},
		{"above it", in(mail, none), []string{"user"}, false},
		{"below it", in(mail, none), []string{"user", "mail", "host"}, false},
		{"beside it", in(mail, none), []string{"user", "mails"}, false},
		{"all below one", in(`{"path":"/user/*"}`, none), []string{"user", "mail", "host"}, true},
		{"it is the value, too", in(`{"path":"/user/*"}`, none), []string{"user"}, true},
		{"above all below one", in(`{"path":"/user/mail/*"}`, none), []string{"user"}, false},
		{"one of several", in(`{"path":"/x/?"},{"path":"/y/*"},`+mail, none), []string{"user", "mail"}, true},
		{"in and out, spelled otherwise", in(`{"path":"/\"a\"/?"}`, `{"path":"/a/?"},`+none), []string{"a"}, false},
		{"one below what is excluded", in(all+","+mail, `{"path":"/user/*"}`), []string{"user", "mail"}, true},
		{"another below what is excluded", in(all+","+mail, `{"path":"/user/*"}`), []string{"user", "name"}, false},
		{"the value and not what is below", in(`{"path":"/a/?"}`, `{"path":"/a/*"},`+none), []string{"a"}, true},
		{"what is below and not the value", in(`{"path":"/a/*"}`, `{"path":"/a/?"},`+none), []string{"a"}, false},
		{"the longest path decides, wherever it stands",
			in(`{"path":"/a/b/*"},`+all, `{"path":"/a/*"},{"path":"/a/b/c/*"}`), []string{"a", "b", "x"}, true},
		{"also where it excludes", in(`{"path":"/a/b/*"},`+all, `{"path":"/a/b/c/*"},{"path":"/a/*"}`),
			[]string{"a", "b", "c"}, false},
		{"case counts", in(mail, none), []string{"User", "mail"}, false},
		{"a name with a blank", in(`{"path":"/\"order date\"/?"}`, none), []string{"order date"}, true},
		{"a name with a slash", in(`{"path":"/\"a/b\"/?"}`, none), []string{"a/b"}, true},
		{"which are not two names", in(`{"path":"/\"a/b\"/?"}`, none), []string{"a", "b"}, false},
		{"a name with a quote", in(`{"path":"/\"say \\\"x\\\"\"/*"}`, none), []string{`say "x"`, "y"}, true},
		{"a name in single quotes", in(`{"path":"/'a b'/?"}`, none), []string{"a b"}, true},
		{"a name that is a wildcard", in(`{"path":"/\"*\"/?"}`, none), []string{"a"}, false},
		{"elements of a list are not members", in(`{"path":"/tags/[]/?"}`, none), []string{"tags", "x"}, false},
		{"a path without an end is the value", in(`{"path":"/a"}`, none), []string{"a"}, true},
		{"nor what is below", in(`{"path":"/a"}`, none), []string{"a", "b"}, false},
		{"a path that cannot be read indexes nothing", in(`{"path":"/\"a/?"}`, none), []string{"a"}, false},
		{"nor anything below", in(`{"path":"/\"a/*"}`, none), []string{"a", "b"}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			def, err := parseDefinition(
				fmt.Appendf(nil, `{"id":"c","partitionKey":{"paths":["/pk"]},"indexingPolicy":%s}`, test.policy))
			require.NoError(t, err)
			require.Equal(t, test.want, def.IndexingPolicy.Covers(test.path))
		})
	}
}

// A composite index sorts by the paths it names, whose names may stand in quotes.
func TestCompositeIndexSorts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		path string
		sort []string
		want bool
	}{
		{"/a", []string{"a"}, true},
		{"/a", []string{"b"}, false},
		{"/a/b", []string{"a", "b"}, true},
		{"/a/b", []string{"a"}, false},
		{"/a", []string{"a", "b"}, false},
		{`/"order date"`, []string{"order date"}, true},
		{`/o/"a/b"`, []string{"o", "a/b"}, true},
		{`/o/"a/b"`, []string{"o", "a", "b"}, false},
		{`/"a`, []string{`"a`}, false},
	} {
		require.Equal(t, test.want, CompositeIndex{Path: test.path}.Sorts(test.sort), "%s by %q", test.path, test.sort)
	}
}
