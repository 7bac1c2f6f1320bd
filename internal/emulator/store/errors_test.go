package store

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The service dresses a refusal by who refuses: a partition, the replica that has looked for the document, or the
// gateway before it asks any. Clients that read bodies and headers tell them apart.
func TestWhoRefuses(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 2)
	g.put(0, "a", 1)
	a, epk := mustDocument(g.c, "a"), mustDocument(g.c, "a").EPK
	update := func(fn func(tx *Tx) error) error { _, err := g.c.Update(epk, "", fn); return err }
	for _, test := range []struct {
		name string
		err  error
		text string
		form Form
	}{
		{"read", func() error { _, _, err := g.c.Read(epk, "b"); return err }(), "404: Entity with", Diagnosed},
		{"create", update(func(tx *Tx) error { _, err := tx.Create(a); return err }), "409: Entity with", Diagnosed},
		{"replace", update(func(tx *Tx) error { _, err := tx.Replace("a", a, `"x"`); return err }),
			"412: Operation cannot be performed", Diagnosed},
		{"upsert", update(func(tx *Tx) error { _, _, err := tx.Upsert(a, `"x"`); return err }),
			"412: Operation cannot be performed", Diagnosed},
		{"conflict", func() error { _, err := g.c.Conflict(epk, "x"); return err }(), "404: Entity with", Diagnosed},
		{"script run by a missing document", NotFound(), "404: Entity with", Diagnosed},
		{"container", func() error { _, err := g.Container("d", "x"); return err }(), "404: Resource Not Found",
			Replica},
		{"condition on metadata", Match(`"x"`, g.c.Resource().ETag()), "412: Operation cannot be performed", Replica},
		{"partition", func() error { _, err := g.c.Update(epk, "99", nil); return err }(),
			"410/1002: PartitionKeyRange with id '99'", Replica},
		{"region that does not write", func() error { _, err := g.tryPut(1, "a", 1); return err }(),
			"403/3: The requested operation", Gateway},
		{"region that is gone", AccountNotFound("mine"), "403/1008: Database Account mine does not exist", Gateway},
		{"body", Malformed(), "400: The request payload is invalid", Replica},
		{"large", TooLarge(), "413: Request size is too large", Replica},
	} {
		var refusal *Error
		require.ErrorAs(t, test.err, &refusal, test.name)
		require.Equal(t, test.form, refusal.Form, test.name)
		require.Contains(t, refusal.Error(), test.text, test.name)
	}
}

// A condition holds for the very etag, for any where it is "*", and where there is none.
func TestMatch(t *testing.T) {
	t.Parallel()
	const etag = `"00000001-0000-0700-0000-6553f1000000"`
	for condition, holds := range map[string]bool{"": true, "*": true, etag: true,
		`"*"`: false, etag[1 : len(etag)-1]: false, `W/` + etag: false, `""`: false, etag + "," + etag: false} {
		err := Match(condition, etag)
		if holds {
			require.NoError(t, err, condition)
			continue
		}
		refused(t, err, 412, "precondition")
	}
}
