package eval

import (
	_ "embed"
	"slices"
	"strings"
	"unicode"
	"unsafe"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/french"
	"github.com/blevesearch/snowballstem/german"
	"github.com/blevesearch/snowballstem/italian"
	"github.com/blevesearch/snowballstem/portuguese"
	"github.com/blevesearch/snowballstem/spanish"
)

// language is how full text of one language is analysed. The service publishes its English stop words and says that it
// has none for the other languages; its stemmers are not published, these are the usual ones.
type language struct {
	stem func(*snowballstem.Env) bool
	stop map[string]bool
}

var languages = map[string]*language{
	"en": {english.Stem, stopWords(englishStopWords)},
	// The documentation says "Stopword Removal: No" of these five.
	"de": {german.Stem, nil},
	"es": {spanish.Stem, nil},
	"fr": {french.Stem, nil},
	"it": {italian.Stem, nil},
	"pt": {portuguese.Stem, nil},
}

// englishStopWords is the published list without its single digits, which the orders that the service publishes for a
// hundred documents show to be words.
//
//go:embed stopwords_en.txt
var englishStopWords string

func stopWords(list string) map[string]bool {
	set := make(map[string]bool)
	for w := range strings.FieldsSeq(list) {
		set[w] = true
	}
	return set
}

// languageFor finds the language of a name like "en-US"; English where there is none. The region of a tag makes no
// difference to the stemmers. The published orders come from containers without a policy, so English is the service's
// default too.
func languageFor(name string) *language {
	tag, _, _ := strings.Cut(strings.ToLower(name), "-")
	if l := languages[tag]; l != nil {
		return l
	}
	return languages["en"]
}

// analysis is what is left of a text: its words, lower case, without stop words, as stems; and its length, which BM25
// wants. The text is kept to recognize it again, by its place in memory.
type analysis struct {
	lang   *language
	text   string
	words  []string
	length int
	shared bool // words are those that known remembers
}

// analyser analyses the texts of a run, each once a document, each word once a run. The zero analyser is ready.
type analyser struct {
	texts []analysis // of the document at hand
	known *Texts     // of earlier runs; nil for none
	stems map[stemKey]string
	env   *snowballstem.Env
}

// The word as it was written, so that a hit saves lower-casing as well.
type stemKey struct {
	lang *language
	word string // as the text has it
}

// maxStems bounds the words that a run remembers. More than the vocabulary of most corpora; texts of random words
// must not fill the memory.
const maxStems = 1 << 17

// maxTexts bounds the texts of one document, or of a query that reads none, that are remembered. A query names a
// handful of paths. Beyond it the first one makes room, and its words are found anew when they are asked for.
const maxTexts = 32

// next forgets the texts of the document before.
func (a *analyser) next() { a.texts = a.texts[:0] }

// analyse splits text at everything that is neither letter nor digit. Parentheses are not words, but the orders that
// the service publishes for a hundred documents show that they count in the length of a text. The result is lent
// until the next call. Two texts are the same when they lie at the same place: comparing their bytes would cost as
// much as many an analysis, and calls over one path of one document share the place.
func (a *analyser) analyse(l *language, text string) *analysis {
	for i := range a.texts {
		if t := &a.texts[i]; t.lang == l && len(t.text) == len(text) &&
			unsafe.StringData(t.text) == unsafe.StringData(text) {
			return t
		}
	}
	n := len(a.texts)
	if n == maxTexts {
		n = 0
	}
	if n < cap(a.texts) {
		a.texts = a.texts[:n+1]
	} else {
		a.texts = append(a.texts, analysis{})
	}
	t := &a.texts[n]
	// Those words belong to all queries now and must not be written over.
	if t.shared {
		t.words = nil
	}
	if w, ok := a.known.get(l, text); ok {
		*t = analysis{l, text, w.list, w.length, true}
		return t
	}
	t.lang, t.text, t.words = l, text, t.words[:0]
	start, parentheses := -1, 0
	for i, r := range text {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
			if start < 0 {
				start = i
			}
			continue
		}
		if r == '(' || r == ')' {
			parentheses++
		}
		if start >= 0 {
			t.words = a.append(t.words, l, text[start:i])
			start = -1
		}
	}
	if start >= 0 {
		t.words = a.append(t.words, l, text[start:])
	}
	t.length = len(t.words) + parentheses
	if a.known != nil {
		list := slices.Clone(t.words)
		if t.shared = a.known.put(l, text, words{list, t.length}); t.shared {
			t.words = list
		}
	}
	return t
}

// append adds the stem of a word that is not a stop word. A stop word is remembered as an empty stem, so that it too
// is looked up only once.
func (a *analyser) append(words []string, l *language, word string) []string {
	key := stemKey{l, word}
	stem, known := a.stems[key]
	if !known {
		if lower := strings.ToLower(word); !l.stop[lower] {
			if a.env == nil {
				a.env = snowballstem.NewEnv("")
			}
			a.env.SetCurrent(lower)
			l.stem(a.env)
			stem = strings.Clone(a.env.Current()) // which may be a part of the document
		}
		if a.stems == nil {
			a.stems = make(map[stemKey]string)
		}
		if len(a.stems) < maxStems {
			a.stems[key] = stem
		}
	}
	if stem == "" {
		return words
	}
	return append(words, stem)
}

// term is analysed words that a text must have one after the other, each with at most so many edits. Uncertain in the
// service: whether the words of a term may also stand apart. A phrase: a term of two words as a whole, as in the
// service's published rankings ("United States").
type term struct {
	words    []string
	distance int
}

// maxDistance is the service's bound on the edits of a fuzzy term. It also keeps edits cheap: words whose lengths
// differ by more are told apart without a comparison.
const maxDistance = 2

func (a *analyser) term(l *language, text string) term {
	return term{words: slices.Clone(a.analyse(l, text).words)}
}

// occurrences counts the places at which the words of the term follow each other. A term of stop words only is in no
// text: it has no words left to look for. Terms may overlap, as every place is tried.
func (t term) occurrences(words []string) int {
	if len(t.words) == 0 {
		return 0
	}
	n := 0
next:
	for i := 0; i+len(t.words) <= len(words); i++ {
		for j, w := range t.words {
			if words[i+j] != w && (t.distance == 0 || edits(words[i+j], w) > t.distance) {
				continue next
			}
		}
		n++
	}
	return n
}

// edits is how many characters must be added, removed or replaced to turn a into b; any number above maxDistance may
// stand for any other. Levenshtein's distance, in one row: the stems are short. In characters, so that an accent is
// one edit whatever its encoding.
func edits(a, b string) int {
	from, to := []rune(a), []rune(b)
	if d := len(from) - len(to); d > maxDistance || -d > maxDistance {
		return maxDistance + 1
	}
	row := make([]int, len(to)+1) // row[j] is the distance between the runes of a seen so far and to[:j]
	for j := range row {
		row[j] = j
	}
	for i, r := range from {
		diagonal := row[0]
		row[0] = i + 1
		for j, s := range to {
			replaced := diagonal
			if r != s {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, diagonal+1)
		}
	}
	return row[len(to)]
}
