package bulk

import (
	"errors"
	"testing"

	"github.com/cosmossql/cosmossql/internal/batch"
	"github.com/cosmossql/cosmossql/internal/rest"
	"github.com/stretchr/testify/require"
)

// TestWhatMayHaveBeenExecuted: which answers leave it open whether a write was executed. It is noted for writes alone,
// and stays noted when a later attempt is answered.
func TestWhatMayHaveBeenExecuted(t *testing.T) {
	t.Parallel()
	c := &Config{Attempts: func(e rest.Effect) *rest.Attempts { return new(rest.Attempts) }}
	for _, tt := range []struct {
		status, sub int
		want        bool
	}{
		{200, 0, false}, {201, 0, false}, {304, 0, false}, {400, 0, false}, {401, 0, false}, {403, 3, false},
		{404, 0, false}, {404, 1002, false}, {408, 0, true}, {409, 0, false}, {410, 0, false}, {410, 1002, false},
		{410, 1022, true}, {412, 0, false}, {413, 0, false}, {413, 3402, true}, {424, 0, false}, {429, 3200, false},
		{449, 0, false}, {500, 0, true}, {501, 0, false}, {502, 0, true}, {503, 0, true}, {504, 0, true},
	} {
		out := outcome{Result: batch.Result{StatusCode: tt.status, SubStatus: tt.sub}, final: true}
		for _, kind := range []string{batch.Create, batch.Patch, batch.Delete, batch.Read} {
			o := op(kind, "")
			require.Equal(t, decision{}, c.decide(o, &out, false), "what was repeated singly is not repeated again")
			require.Equal(t, tt.want && kind != batch.Read, o.outcomeUnknown, "%s: %d/%d", kind, tt.status, tt.sub)
			c.decide(o, &outcome{Result: batch.Result{StatusCode: 412}, final: true}, false)
			require.Equal(t, tt.want && kind != batch.Read, o.outcomeUnknown, "a later answer does not undo it")
		}
	}
	for _, sent := range []bool{false, true} {
		o := op(batch.Patch, "")
		c.decide(o, &outcome{err: errors.New("cut"), sent: sent, closed: true}, false)
		require.Equal(t, sent, o.outcomeUnknown, "no answer, sent: %v", sent)
	}
}
