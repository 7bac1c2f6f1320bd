package exec_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/stretchr/testify/require"
)

// SET has one meaning, whatever the documents hold and however many there are.
func TestSetBridgesWhatAPatchCannot(t *testing.T) {
	t.Parallel()
	docs := []string{
		`{"id":"1","pk":"a","f":1,"o":{"x":1},"tags":["t"]}`,
		`{"id":"2","pk":"b"}`,
		`{"id":"3","pk":"c","o":null}`,
	}
	for _, tt := range []struct {
		set  string
		want []string
	}{
		{"f = undefined", []string{`{"id":"1","o":{"x":1},"pk":"a","tags":["t"]}`, `{"id":"2","pk":"b"}`,
			`{"id":"3","o":null,"pk":"c"}`}},
		{"f = undefined, m = 2", []string{`{"id":"1","m":2,"o":{"x":1},"pk":"a","tags":["t"]}`,
			`{"id":"2","m":2,"pk":"b"}`, `{"id":"3","m":2,"o":null,"pk":"c"}`}},
		{"o.y.z = 5", []string{
			`{"f":1,"id":"1","o":{"x":1,"y":{"z":5}},"pk":"a","tags":["t"]}`, `{"id":"2","o":{"y":{"z":5}},"pk":"b"}`,
			`{"id":"3","o":{"y":{"z":5}},"pk":"c"}`,
		}},
		{"o.x = undefined", []string{`{"f":1,"id":"1","o":{},"pk":"a","tags":["t"]}`, `{"id":"2","pk":"b"}`,
			`{"id":"3","o":null,"pk":"c"}`}},
		{"o.n = o.n + 1", []string{`{"f":1,"id":"1","o":{"n":1,"x":1},"pk":"a","tags":["t"]}`,
			`{"id":"2","o":{"n":1},"pk":"b"}`, `{"id":"3","o":{"n":1},"pk":"c"}`}},
		{"tags = ARRAY_CONCAT(tags, ['u'])", []string{
			`{"f":1,"id":"1","o":{"x":1},"pk":"a","tags":["t","u"]}`, `{"id":"2","pk":"b","tags":["u"]}`,
			`{"id":"3","o":null,"pk":"c","tags":["u"]}`,
		}},
		{"a = 1, b = 1, cc.d = 1, d = 1, e = 1, f = undefined, g = 1, h = 1, i = 1, j = 1, k = 1, tags = 1, o = 1",
			[]string{
				`{"a":1,"b":1,"cc":{"d":1},"d":1,"e":1,"g":1,"h":1,"i":1,"id":"1","j":1,"k":1,"o":1,"pk":"a","tags":1}`,
				`{"a":1,"b":1,"cc":{"d":1},"d":1,"e":1,"g":1,"h":1,"i":1,"id":"2","j":1,"k":1,"o":1,"pk":"b","tags":1}`,
				`{"a":1,"b":1,"cc":{"d":1},"d":1,"e":1,"g":1,"h":1,"i":1,"id":"3","j":1,"k":1,"o":1,"pk":"c","tags":1}`,
			}},
	} {
		t.Run(tt.set, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, docs...)
			require.EqualValues(t, 3, w.affected(t, "UPDATE c SET "+tt.set+" WHERE true"))
			require.Equal(t, tt.want, w.docs(t), "all of them")
			w = newWorld(t, docs...)
			for _, where := range []string{"id = '1' AND pk = 'a'", "id = '2' AND pk = 'b'", "id = '3' AND pk = 'c'"} {
				require.EqualValues(t, 1, w.affected(t, "UPDATE c SET "+tt.set+" WHERE "+where))
			}
			require.Equal(t, tt.want, w.docs(t), "each alone")
		})
	}
}

func TestSetThatCannotBe(t *testing.T) {
	t.Parallel()
	w := newWorld(t, `{"id":"1","pk":"a","name":"text","l":[1]}`)
	before := w.docs(t)
	for set, message := range map[string]string{
		"name.part = 1": `name.part cannot be set: name is neither an object nor an ` +
			`array but "text"`,
		"l.x = 1":                               "l is an array, which has no x",
		"l[5] = 1":                              "l has 1 element",
		"x = 1, name = ARRAY_CONCAT(name, [1])": `name is not an array but "text"`,
	} {
		for _, where := range []string{"id = '1' AND pk = 'a'", "true"} {
			_, err := w.run(t, t.Context(), "UPDATE c SET "+set+" WHERE "+where)
			require.ErrorContains(t, err, message)
			require.ErrorIs(t, err, cosmos.ErrBadRequest)
			require.Equal(t, 1, strings.Count(err.Error(), "cosmos: "), err.Error())
		}
	}
	require.Equal(t, before, w.docs(t))
	require.EqualValues(t, 0, w.affected(t, "UPDATE c SET a.b = 1 WHERE id = 'none' AND pk = 'a'"))
	_, err := w.run(t, t.Context(), "UPDATE c SET a.b = 1 WHERE id = '1' AND pk = 'a'",
		cosmos.PatchCondition("FROM c WHERE true"))
	require.ErrorIs(t, err, cosmos.ErrBadRequest, "what a condition guards stays a patch")
}

// The document is replaced under the ETag that it was read with: another writer's change is not lost.
func TestBridgeMeetsOtherWriters(t *testing.T) {
	t.Parallel()
	for _, where := range []string{"id = '1' AND pk = 'a'", "true"} {
		w := newWorld(t, `{"id":"1","pk":"a"}`)
		once := false
		w.each(cosmostest.Replace, 1, func() {
			if !once {
				once = true
				_, err := w.c.PatchItem(context.WithoutCancel(t.Context()), "1",
					[]cosmos.PatchOperation{cosmos.PatchSet("/other", 1)}, cosmos.PartitionKey("a"))
				require.NoError(t, err)
			}
		})
		require.EqualValues(t, 1, w.affected(t, "UPDATE c SET a.b = 1 WHERE "+where))
		require.Equal(t, []string{`{"a":{"b":1},"id":"1","other":1,"pk":"a"}`}, w.docs(t))
	}
	w := newWorld(t, `{"id":"1","pk":"a"}`)
	_, err := w.run(t, t.Context(), "UPDATE c SET a.b = 1 WHERE id = '1' AND pk = 'a'", cosmos.IfMatch(`"old"`))
	require.ErrorIs(t, err, cosmos.ErrPreconditionFailed, "which is the caller's answer")
}

// WHERE id = … with the partition key as an option names one document, as WHERE with both does.
func TestTheOptionPartitionKeyNamesADocument(t *testing.T) {
	t.Parallel()
	w := newWorld(t, `{"id":"1","pk":"a","n":1}`, `{"id":"1","pk":"b","n":1}`)
	before := w.Count(cosmostest.Query)
	require.EqualValues(t, 1,
		w.affected(t, "UPDATE c SET id = '1', pk = 'a', n = 2 WHERE id = '1'", cosmos.PartitionKey("a")))
	require.EqualValues(t, 1, w.affected(t, "UPDATE c SET id = '2' WHERE id = '1'", cosmos.PartitionKey("a")))
	require.EqualValues(t, 1, w.affected(t, "DELETE FROM c WHERE id = '1'", cosmos.PartitionKey("b")))
	require.Equal(t, before, w.Count(cosmostest.Query))
	require.Equal(t, []string{`{"id":"2","n":2,"pk":"a"}`}, w.docs(t))
}

func TestRefusedPatchesAreTried(t *testing.T) {
	t.Parallel()
	w := newWorld(t, `{"id":"1","pk":"a"}`)
	w.Inject(cosmostest.Fault{Match: cosmostest.On(cosmostest.Patch), Times: 1, Status: http.StatusBadRequest})
	_, err := w.run(t, t.Context(), "UPDATE c SET n = 1 WHERE id = '1' AND pk = 'a'")
	require.ErrorIs(t, err, cosmos.ErrBadRequest, "nothing that a replace would do better")
	require.False(t, errors.Is(err, cosmos.ErrUnknownOutcome))
}
