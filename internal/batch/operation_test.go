package batch

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAppend(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		op   Operation
		want string
	}{
		{Operation{Kind: Create, ID: "1", Body: []byte(`{"id":"1"}`)},
			`{"operationType":"Create","resourceBody":{"id":"1"}}`},
		{Operation{Kind: Upsert, ID: "1", Body: []byte(`{}`), IfMatch: `"e"`, PartitionKey: `["a"]`},
			`{"operationType":"Upsert","partitionKey":"[\"a\"]","ifMatch":"\"e\"","resourceBody":{}}`},
		{Operation{Kind: Delete, ID: `2","operationType":"Upsert`},
			`{"operationType":"Delete","id":"2\",\"operationType\":\"Upsert"}`},
		{Operation{Kind: Read, ID: "3", IfNoneMatch: "x"}, `{"operationType":"Read","id":"3","ifNoneMatch":"x"}`},
	} {
		got := tt.op.Append(nil)
		require.Equal(t, tt.want, string(got))
		require.GreaterOrEqual(t, tt.op.Size()+10, len(got))
	}
	require.Equal(t, "Create 42", (&Operation{Kind: Create, ID: "42"}).String())
	require.Nil(t, (&Operation{Kind: Patch, Body: []byte("{}")}).Document())
}

// TestWhatIsWrittenIsReadBack: whatever stands in an id, a key or an ETag, the request is JSON, says that and nothing
// else: no value can end its own string and write a member of its own.
func TestWhatIsWrittenIsReadBack(t *testing.T) {
	t.Parallel()
	texts := []string{
		"plain", `"`, `\`, `\"`, `","operationType":"Delete","id":"other`, "line\nbreak", "nul\x00", "ü€😀", "\u2028",
		"</script>", strings.Repeat(`"`, 1023),
	}
	for _, text := range texts {
		for _, kind := range []string{Replace, Patch, Delete, Read} {
			op := Operation{Kind: kind, ID: text, PartitionKey: text, IfMatch: text, IfNoneMatch: text}
			if kind == Replace || kind == Patch {
				op.Body = []byte(`{"id":"x"}`)
			}
			var got struct {
				OperationType, PartitionKey, ID, IfMatch, IfNoneMatch string
				ResourceBody                                          json.RawMessage
			}
			request := op.Append(nil)
			require.NoError(t, json.Unmarshal(request, &got), "%s", request)
			require.Equal(t, op, Operation{
				Kind: got.OperationType, PartitionKey: got.PartitionKey, ID: got.ID, IfMatch: got.IfMatch,
				IfNoneMatch: got.IfNoneMatch, Body: got.ResourceBody,
			})
		}
	}
}

// Operations are written one behind the other into one request.
func TestAppendKeepsWhatIsThere(t *testing.T) {
	t.Parallel()
	b := (&Operation{Kind: Read, ID: "1"}).Append([]byte("["))
	b = (&Operation{Kind: Delete, ID: "2"}).Append(append(b, ','))
	require.Equal(t, `[{"operationType":"Read","id":"1"},{"operationType":"Delete","id":"2"}`, string(b))
}

// TestDocument: of what has to fit, and of what is compared with an answer, a patch is not a document.
func TestDocument(t *testing.T) {
	t.Parallel()
	body := []byte(`{"id":"1"}`)
	for kind, want := range map[string][]byte{
		Create: body, Upsert: body, Replace: body, Patch: nil,
	} {
		require.Equal(t, want, (&Operation{Kind: kind, ID: "1", Body: body}).Document(), kind)
	}
	require.Nil(t, (&Operation{Kind: Delete, ID: "1"}).Document())
}
