package eval

import (
	"strings"
	"unicode"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/french"
	"github.com/blevesearch/snowballstem/german"
	"github.com/blevesearch/snowballstem/italian"
	"github.com/blevesearch/snowballstem/portuguese"
	"github.com/blevesearch/snowballstem/spanish"
)

// language is how full text of one language is analysed. The service publishes neither its stop words nor its
// stemmers; these are the usual ones.
type language struct {
	stem func(*snowballstem.Env) bool
	stop map[string]bool
}

var languages = map[string]*language{
	"en": {english.Stem, words("a an and are as at be but by for from has he in is it its no not of on or such that " +
		"the their then there these they this to was were will with")},
	"de": {german.Stem, words("aber als am an auch auf aus bei das dem den der des die ein eine einer für im in ist mit " +
		"nicht oder sich sie sind und von war zu zum zur")},
	"es": {spanish.Stem, words("a al con de del el en es la las lo los no o para por que se su un una y")},
	"fr": {french.Stem, words("au aux avec ce dans de des du elle en et il la le les ne ou par pas pour que qui se sur " +
		"un une")},
	"it": {italian.Stem, words("a al che con da dal del della di e è gli i il in la le lo nel non o per si su un una")},
	"pt": {portuguese.Stem, words("a ao as com da das de do dos e em é na no nas nos não o os ou para por que se um uma")},
}

func words(list string) map[string]bool {
	set := make(map[string]bool)
	for w := range strings.FieldsSeq(list) {
		set[w] = true
	}
	return set
}

// languageFor finds the language of a name like "en-US"; English where there is none.
func languageFor(name string) *language {
	tag, _, _ := strings.Cut(strings.ToLower(name), "-")
	if l := languages[tag]; l != nil {
		return l
	}
	return languages["en"]
}

// analyse splits text at everything that is neither letter nor digit, lower-cases the words, drops stop words and
// reduces the rest to their stems.
func (l *language) analyse(text string) []string {
	var out []string
	split := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) }
	env := snowballstem.NewEnv("")
	for w := range strings.FieldsFuncSeq(text, split) {
		w = strings.ToLower(w)
		if l.stop[w] {
			continue
		}
		env.SetCurrent(w)
		l.stem(env)
		out = append(out, env.Current())
	}
	return out
}

// term is analysed words that a text must have one after the other, each with at most so many edits. Uncertain in the
// service: whether the words of a term may also stand apart.
type term struct {
	words    []string
	distance int
}

// maxDistance is the service's bound on the edits of a fuzzy term.
const maxDistance = 2

func (l *language) term(text string) term { return term{words: l.analyse(text)} }

// occurrences counts the places at which the words of the term follow each other.
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
// stand for any other.
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
