package naming_test

import (
	"strings"
	"testing"

	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/naming"
	"github.com/stretchr/testify/require"
)

func TestIDs(t *testing.T) {
	t.Parallel()
	const container, document = 1, 2
	tests := []struct {
		name, id, want string
		of             int
	}{
		{"any letters", "Größe 1%2F+&=:@", "", container | document},
		{"as long as it may be", strings.Repeat("é", 255), "", container | document},
		{"one character too many", strings.Repeat("é", 256), "more than 255 characters", container},
		{"as long as a document's may be", strings.Repeat("a", 1023), "", document},
		{"one byte too many", strings.Repeat("a", 1024), "has 1024 bytes, more than 1023", document},
		{"empty", "", "id is empty", container | document},
		{"a slash", "a/b", `id "a/b" has one of the characters /`, container | document},
		{"a backslash", `a\b`, `has one of the characters /`, container | document},
		{"a question mark", "a?b", "has one of the characters /", container},
		{"a question mark of a document", "a?b", "", document},
		{"a hash", "a#b", "has one of the characters /", container},
		{"a hash of a document", "a#b", "", document},
		{"a blank at the end", "a ", `id "a " ends in a space`, container},
		{"a blank at the end of a document's", "a ", "", document},
		{"a dot", ".", `id "." cannot be addressed`, container | document},
		{"two dots", "..", `id ".." cannot be addressed`, container | document},
		{"three dots", "...", "", container | document},
		{"not UTF-8", "a\xff", "not valid UTF-8", container | document},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			check := func(err error, what string) {
				if tt.want == "" {
					require.NoError(t, err)
					return
				}
				require.ErrorContains(t, err, tt.want)
				require.ErrorIs(t, err, errtext.ErrBadRequest)
				require.ErrorContains(t, err, what)
			}
			if tt.of&container != 0 {
				check(naming.CheckID("container", tt.id), "container")
			}
			if tt.of&document != 0 {
				check(naming.CheckItemID(tt.id), "document")
			}
		})
	}
}

func TestParts(t *testing.T) {
	t.Parallel()
	var parts []naming.Part
	for p, err := range naming.Parts(" AccountEndpoint = https://a.test:443/ ;;AccountKey=a2V5Cg==; \n;Empty=") {
		require.NoError(t, err)
		parts = append(parts, p)
	}
	require.Equal(t, []naming.Part{{"AccountEndpoint", "https://a.test:443/"}, {"AccountKey", "a2V5Cg=="},
		{"Empty", ""}}, parts)

	parts = nil
	for p, err := range naming.Parts("A=1;c2VjcmV0;B=2;C=3") {
		if parts = append(parts, p); len(parts) == 2 {
			require.EqualError(t, err, "part 2 is not of the form Name=value", "and does not show what may be a key")
			continue
		}
		require.NoError(t, err)
		if p.Name == "B" {
			break
		}
	}
	require.Equal(t, []naming.Part{{"A", "1"}, {}, {"B", "2"}}, parts, "the parts behind a bad one can be read")
}

func TestFold(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"PageSize", "page_size", "page-size", "Page Size", "PAGESIZE"} {
		require.Equal(t, "pagesize", naming.Fold(name))
	}
	require.NotEqual(t, naming.Fold("PageSize"), naming.Fold("Page.Size"), "other marks make other names")
}
