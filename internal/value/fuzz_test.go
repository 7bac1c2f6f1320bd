package value

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode/utf8"
)

// FuzzParse holds Parse against encoding/json: the same texts are accepted, numbers that are not finite doubles apart,
// and they mean the same.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`null`, `-0`, `[1,2.5e3,"a\u0041\n",{"b":{}}]`, `{"a":1,"a":2}`, `"\ud83d\ude00\ud83d"`, ` [ ] `, `1e400`,
		`{"a":}`, `9223372036854775808`, `[[[[[[]]]]]]`, "\"\x01\"", `"\/"`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		v, err := Parse(text)
		if !utf8.Valid(text) || bytes.Count(text, []byte("["))+bytes.Count(text, []byte("{")) > MaxDepth {
			return // where the two differ on purpose
		}
		var theirs any
		if theirErr := json.Unmarshal(text, &theirs); (theirErr == nil) != (err == nil) {
			t.Fatalf("Parse says %v, encoding/json %v", err, theirErr)
		}
		if err != nil {
			return
		}
		again, err := Parse(AppendJSON(nil, v))
		if err != nil || !Equal(v, again) {
			t.Fatalf("%s does not read back: %v", AppendJSON(nil, v), err)
		}
		if !sameAs(v, theirs) {
			t.Fatalf("got %s, want %v", AppendJSON(nil, v), theirs)
		}
	})
}

func sameAs(v Value, want any) bool {
	switch want := want.(type) {
	case nil:
		return v.Kind() == KindNull
	case bool:
		return v.Kind() == KindBool && v.IsTrue() == want
	case float64:
		return v.Kind() == KindNumber && v.AsFloat() == want
	case string:
		return v.Kind() == KindString && v.AsString() == want
	case []any:
		if v.Kind() != KindArray || v.Len() != len(want) {
			return false
		}
		for i, w := range want {
			if !sameAs(v.At(i), w) {
				return false
			}
		}
		return true
	case map[string]any:
		if v.Kind() != KindObject || v.Len() != len(want) {
			return false
		}
		for name, w := range want {
			if !sameAs(v.Get(name), w) {
				return false
			}
		}
		return true
	}
	return false
}

// FuzzCompare checks that order, equality and keys tell the same story about any two values.
func FuzzCompare(f *testing.F) {
	f.Add([]byte(`{"a":1,"b":[1.0]}`), []byte(`{"b":[1],"a":1}`))
	f.Add([]byte(`9007199254740993`), []byte(`9007199254740992.0`))
	f.Fuzz(func(t *testing.T, textA, textB []byte) {
		a, errA := Parse(textA)
		b, errB := Parse(textB)
		if errA != nil || errB != nil {
			return
		}
		equal := Equal(a, b)
		if c := Compare(a, b); (c == 0) != equal || c != -Compare(b, a) {
			t.Fatalf("Compare gives %d and %d, Equal %t", c, Compare(b, a), equal)
		}
		if keys := bytes.Equal(AppendKey(nil, a), AppendKey(nil, b)); keys != equal {
			t.Fatalf("the keys are equal: %t, the values: %t", keys, equal)
		}
	})
}
