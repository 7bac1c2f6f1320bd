package argument_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/internal/argument"
)

// TestOwnTypesAreNoValues: what means something in our own API is refused with the way out. As JSON it would be a value
// that equals nothing.
func TestOwnTypesAreNoValues(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		value any
		want  string
	}{
		{cosmos.OpDelete("a"), "Container.Do, TransactionalBatch or Bulk"},
		{[]cosmos.Operation{}, "Container.Do, TransactionalBatch or Bulk"},
		{[]cosmos.PatchOperation{cosmos.PatchSet("/a", 1)}, "PatchItem, OpPatch or PatchMany"},
		{cosmos.At("a", "p"), "pass its ID and the values of its PartitionKey one by one"},
		{&cosmos.Page{}, "what you need of its Items"},
		{&cosmos.Response{}, "pass its Body or what you need of it"},
		{&cosmos.BatchResponse{}, "what you need of its Results"},
		{[2]*cosmos.BulkResult{}, "pass its Body or what you need of it"},
		{cosmos.PageSize(5), "pass an Option as an argument of its own"},
		{&cosmos.Parameter{Name: "a"}, "pass a Parameter or []Parameter as an argument of its own"},
	} {
		_, err := argument.Encode(tt.value)
		require.ErrorContains(t, err, tt.want, "%T", tt.value)
		require.ErrorContains(t, err, "cannot be sent: ")
	}
	for _, own := range []any{cosmos.JSON[int]{V: 1}, cosmos.TimeFixed} { // these are values
		text, err := argument.Encode(own)
		require.NoError(t, err, "%T", own)
		require.NotEmpty(t, text)
	}
}
