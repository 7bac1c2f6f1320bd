package eval

import (
	"strings"
	"sync"
)

// Texts remembers analysed texts from one query to the next, so that each is analysed about once as long as it is
// there. It keeps those of the last queries, up to a bound of bytes, and is safe for concurrent use; its zero value
// is empty. Two generations are nearly as good as a list by last use and need no link for every text: what is asked
// for moves to the young one, and what is not is gone after two fillings.
type Texts struct {
	mu         sync.Mutex
	young, old map[textKey]words // when young is full it takes the place of old
	bytes      int               // of young
}

// The same text has other stems in another language.
type textKey struct {
	lang *language
	text string
}

// words are an analysed text's.
type words struct {
	list   []string
	length int
}

const (
	// Twice that at most, as old is as large.
	maxTextBytes = 32 << 20 // of young
	maxText      = 64 << 10 // a longer text is not worth its room
)

func (t *Texts) get(l *language, text string) (words, bool) {
	if t == nil || len(text) > maxText {
		return words{}, false
	}
	key := textKey{l, text}
	t.mu.Lock()
	defer t.mu.Unlock()
	w, ok := t.young[key]
	if !ok {
		if w, ok = t.old[key]; ok {
			t.keep(key, w)
		}
	}
	return w, ok
}

// put remembers words, which must not change any more, and reports whether it does. The text is cloned because it
// lies in the memory of a whole document.
func (t *Texts) put(l *language, text string, w words) bool {
	if len(text) > maxText {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.keep(textKey{l, strings.Clone(text)}, w) // the document can go
	return true
}

func (t *Texts) keep(key textKey, w words) {
	// Estimates: of an entry in a map with its key and slice, of a stem's header and most of its letters.
	const entry, word = 150, 24
	size := entry + len(key.text) + word*len(w.list)
	if t.bytes += size; t.young == nil || t.bytes > maxTextBytes {
		t.young, t.old, t.bytes = map[textKey]words{}, t.young, size
	}
	t.young[key] = w
}
