package naming

import (
	"fmt"
	"iter"
	"strings"
)

// Part is a part of a connection string, Name=value, without the blanks around either.
type Part struct{ Name, Value string }

// Parts yields the parts of a connection string in order, but for blank ones. The error is that of a part without an
// equals sign, which it does not show: it may be a key.
func Parts(text string) iter.Seq2[Part, error] {
	return func(yield func(Part, error) bool) {
		for i, part := range strings.Split(text, ";") {
			if strings.TrimSpace(part) == "" {
				continue
			}
			// A key ends in = itself: only the first one separates.
			name, value, ok := strings.Cut(part, "=")
			var err error
			if !ok {
				name, value, err = "", "", fmt.Errorf("part %d is not of the form Name=value", i+1)
			}
			if !yield(Part{strings.TrimSpace(name), strings.TrimSpace(value)}, err) {
				return
			}
		}
	}
}

// Fold makes PageSize, page_size, page-size and "page size" one name.
func Fold(name string) string { return strings.ToLower(separators.Replace(name)) }

var separators = strings.NewReplacer("_", "", "-", "", " ", "")
