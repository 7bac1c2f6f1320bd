package gateway

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cosmossql/cosmossql/internal/emulator/store"
	"github.com/cosmossql/cosmossql/internal/value"
)

// changeFeed replies with what has changed since the position that the request names. The reply's etag is the
// position behind it; 304 says that there is nothing new. Clients read until they get 304, so it must come whenever
// nothing is left, and with an etag, also when it has not moved.
func (c *call) changeFeed(x *store.Container, s search) (reply, error) {
	start, err := c.feedStart(x)
	if err != nil {
		return reply{}, err
	}
	if start.all {
		x.Expire() // a document that has expired is a change, too
	}
	p := &page{}
	var at []string
	err = x.View(s.Scope, func(slices []*store.Slice) error {
		for _, slice := range slices {
			next, err := c.readChanges(x, p, slice, start, s.size)
			if err != nil {
				return err
			}
			if len(slices) == 1 {
				at = append(at, next.String())
			} else {
				at = append(at, slice.Range().ID+":"+next.String())
			}
		}
		return nil
	})
	if err != nil {
		return reply{}, err
	}
	c.set(headerETag, `"`+strings.Join(at, ",")+`"`)
	c.answered(p.marks...)
	if len(p.rows) == 0 {
		// .NET reads it on 304, too, and fails without (PROTOCOL.md 1.5).
		c.set(headerItemCount, "0")
		return reply{status: http.StatusNotModified, charge: chargeOne}, nil
	}
	return c.feed(x.RID(), "Documents", p.rows, max(chargeOne, p.charge()-queryCharge)), nil
}

// readChanges reads one slice into the page and returns the position behind it. A full page leaves later partitions
// where they were: their position goes into the etag unchanged.
func (c *call) readChanges(
	x *store.Container, p *page, s *store.Slice, start feedStart, size int,
) (next store.Position, err error) {
	if err := c.checkSession(s.Mark()); err != nil {
		return next, err
	}
	f := store.Feed{After: start.after(s.Mark()), Since: start.since, All: start.all}
	// Now is where the partition is when the request comes, not when the client was started.
	if start.now {
		f.After = s.End()
	}
	if p.full(size) {
		return f.After, nil
	}
	f.Limit, f.Bytes = size-len(p.rows), maxPageBytes-p.bytes
	changes, next := s.Changes(f)
	for _, ch := range changes {
		p.read++
		if start.all {
			p.add(fullChange(x, ch, c.g.opts.PreviousImages))
		} else {
			p.add(withLSN(ch.Item.JSON, ch.LSN))
		}
	}
	p.marks = append(p.marks, s.Mark())
	return next, nil
}

// feedStart is where a change feed begins.
type feedStart struct {
	now   bool
	all   bool           // every version and delete
	since int64          // seconds
	at    store.Position // for every range
	// The service's etag is of a single range; one over several is the server's own.
	positions map[string]store.Position // or by range
}

// after is the position in a range: its own, or that of the ranges it came from. A partition that was split reads on
// where its parent was: PROTOCOL.md 10.1.
func (f feedStart) after(m store.Mark) store.Position {
	if f.positions == nil {
		return f.at
	}
	if at, ok := f.positions[m.Range]; ok {
		return at
	}
	// A range that was merged has parents that were read to different positions; going back to the first of them shows
	// some changes again but leaves none out.
	var first store.Position
	known := false
	for _, parent := range m.Parents {
		if at, ok := f.positions[parent]; ok && known {
			first = first.Earlier(at)
		} else if ok {
			first, known = at, true
		}
	}
	return first
}

// feedStart reads where the request wants to begin: an etag goes before a time, and neither is the beginning.
// If-None-Match wins over If-Modified-Since (PROTOCOL.md 10.1).
func (c *call) feedStart(x *store.Container) (f feedStart, err error) {
	switch mode := c.header(headerAIM); strings.ToLower(mode) {
	case "incremental feed":
	// Both occur, the longer one in newer SDKs.
	case "full-fidelity feed", "incremental full-fidelity feed":
		f.all = true
	default:
		return f, store.Errorf(400, 0, "The A-IM header value %q is invalid.", mode)
	}
	etag, since := c.header(headerIfNoneMatch), c.header(headerModifiedSince)
	if f.all {
		if x.Definition().Retention() <= 0 {
			return f, store.Errorf(400, 0, "Change Feed 'All Versions and Deletes' mode must be enabled. Refer to "+
				"https://aka.ms/ChangeFeed-AllVersionsAndDeletes "+
				"for Preview program. Here it is for accounts with continuous backup, and where a container's "+
				"changeFeedPolicy has a retentionDuration.")
		}
		// The service says one of these two sentences, by account (PROTOCOL.md 10.1).
		if etag == "" {
			return f, store.Errorf(400, 0, "Start from beginning is not supported with 'All Versions and Deletes' "+
				"mode. You must read the change feed from within the retention period.")
		}
	}
	switch {
	case etag == "*":
		f.now = true
	case etag != "":
		return f, f.parse(strings.Trim(etag, `"`))
	case since != "":
		// azcosmos writes UTC where RFC 1123 wants GMT.
		t, err := time.Parse(time.RFC1123, since)
		if err != nil {
			return f, store.Errorf(400, 0, "The If-Modified-Since header value %q is invalid.", since)
		}
		f.since = t.Unix()
	}
	return f, nil
}

// parse reads the position in an etag. A number alone holds for whichever range is asked; pairs of range and number
// are this server's.
func (f *feedStart) parse(text string) (err error) {
	invalid := store.Errorf(400, 0, "The etag %q is not a position in the change feed.", text)
	ok := false
	if !strings.Contains(text, ":") {
		if f.at, ok = store.ParsePosition(text); !ok {
			return invalid
		}
		return nil
	}
	f.positions = map[string]store.Position{}
	for part := range strings.SplitSeq(text, ",") {
		id, at, _ := strings.Cut(part, ":")
		if f.positions[id], ok = store.ParsePosition(at); !ok {
			return invalid
		}
	}
	return nil
}

// withLSN adds _lsn to a document. _lsn is the last member (recorded exchange 152); appended to the text, as nothing
// else of the document changes.
func withLSN(doc []byte, lsn int64) []byte {
	b := append(make([]byte, 0, len(doc)+24), doc[:len(doc)-1]...)
	return append(strconv.AppendInt(append(b, `,"_lsn":`...), lsn, 10), '}')
}

// fullChange is a change as the feed of all versions shows it. images says whether the previous version is shown,
// too, which in the service a container has to opt in to. Deletes have an empty current: the documentation leaves it
// out, tests of .NET have {} (PROTOCOL.md 10.1).
func fullChange(x *store.Container, ch store.Change, images bool) []byte {
	metadata := []value.Member{{Name: "operationType", Value: value.String("create")},
		{Name: "lsn", Value: value.Int(ch.LSN)},
		{Name: "crts", Value: value.Int(ch.TS)}}
	b := []byte(`{"current":`)
	if ch.Item != nil {
		b = append(b, ch.Item.JSON...)
	} else {
		b = append(b, "{}"...)
	}
	if old := ch.Previous; old != nil {
		kind := "replace"
		metadata = append(metadata, value.Member{Name: "previousImageLSN", Value: value.Int(old.LSN)})
		if ch.Item == nil {
			kind = "delete"
			if ch.Expired {
				metadata = append(metadata, value.Member{Name: "timeToLiveExpired", Value: value.True})
			}
			metadata = append(metadata, value.Member{Name: "id", Value: value.String(old.ID)},
				value.Member{Name: "partitionKey", Value: x.Definition().NamedKey(old.Value())})
		}
		metadata[0].Value = value.String(kind)
	}
	b = value.AppendJSON(append(b, `,"metadata":`...), value.Object(metadata))
	if ch.Previous != nil && images {
		b = append(append(b, `,"previous":`...), ch.Previous.JSON...)
	}
	return append(b, '}')
}
