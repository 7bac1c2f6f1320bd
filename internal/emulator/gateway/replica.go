package gateway

import (
	"net/http"
	"strconv"
	"time"

	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

// replica is what the answer says of the replica that gave it. It is filled in as partitions are asked; an answer
// that asked none is given by the place where it would have looked.
type replica struct {
	answers bool // one was asked
	token   string
	lsn     int64
	item    int64 // of the write that made what is answered
	rangeID string
	count   int   // documents of the partition
	bytes   int64 // and their size
}

// setReplica writes what every answer of a replica has. The numbers are made up where no client can tell, and true
// where one can: lsn, session token, charge, range.
func (c *call) setReplica(res *reply) {
	c.set("x-ms-schemaversion", "1.21")
	c.set("x-ms-serviceversion", "version=2.14.0.0")
	c.set("x-ms-request-duration-ms",
		strconv.FormatFloat(float64(time.Since(c.began).Microseconds()+1)/1000, 'f', 3, 64))
	c.set("x-ms-transport-request-id", strconv.FormatUint(c.g.requests.Add(1), 10))
	// Recorded exchange 180: neither charge nor token nor lsn.
	if res.status == http.StatusRequestEntityTooLarge {
		c.set("x-ms-request-validation-failure", "1")
		return
	}
	r := c.place(res.kind)
	lsn := strconv.FormatInt(r.lsn, 10)
	c.set("lsn", lsn)
	c.set("x-ms-cosmos-llsn", lsn)
	committed := lsn
	if c.op.writes {
		// After a write committed and acknowledged are lsn-1, after a refused one they are the lsn (recorded
		// exchanges 142 to 145).
		if res.status < 400 && r.lsn > 0 {
			committed = strconv.FormatInt(r.lsn-1, 10)
		}
		c.set("x-ms-quorum-acked-lsn", committed)
		c.set("x-ms-cosmos-quorum-acked-llsn", committed)
		// The primary alone says these; exchanges of 2021 and 2022 had them.
		c.set("x-ms-current-replica-set-size", "4")
		c.set("x-ms-current-write-quorum", "3")
		c.set("x-ms-xp-role", "1")
	} else {
		c.set("x-ms-xp-role", "2")
	}
	c.set("x-ms-global-committed-lsn", committed)
	c.set("x-ms-cosmos-internal-partition-id", internalPartition)
	c.set("x-ms-number-of-read-regions", strconv.Itoa(c.g.account.Topology().Others()))
	// Ranges, and a batch of 101 operations (recorded exchanges 38 and 200).
	if !res.free {
		c.set(headerCharge, strconv.FormatFloat(cents(res.charge), 'f', -1, 64))
	}
	// Recorded exchange 217: no session token.
	if res.status == http.StatusTooManyRequests {
		c.set("x-ms-cosmos-global-nregion-committed-glsn", lsn)
		c.set("x-ms-cosmos-physical-partition-id", "0")
		return
	}
	if res.kind != ofTransaction { // whose operations have one each
		c.set(headerSession, r.token)
	}
	c.set("x-ms-last-state-change-utc", c.g.changed(c.region))
	if r.rangeID != "" {
		c.set(headerRange, r.rangeID)
		if res.kind != ofFeed {
			c.set("x-ms-cosmos-physical-partition-id", r.rangeID)
		}
	}
	// Only answers about one resource name the lsn of its last write.
	read := c.op.name == Read || c.op.name == ReadContainer || c.op.name == ReadDatabase
	if (read || res.kind == ofContainer || c.op.name == CreateDatabase) && res.status < 300 &&
		res.status != http.StatusNoContent {
		item := strconv.FormatInt(min(r.lsn, c.replica.item), 10)
		c.set("x-ms-item-lsn", item)
		if c.op.name != CreateDatabase {
			c.set("x-ms-cosmos-item-llsn", item)
		}
	}
}

// place is the replica of the answer. What no partition of documents has answered is answered by what keeps the
// metadata, for a container by its first partition. A refusal before a partition was asked still has a session token
// in the service (recorded exchange 135), if it is a replica that refuses.
func (c *call) place(k kind) replica {
	r := c.replica
	switch {
	case r.answers:
	case k.inDocuments() && c.container != nil:
		m := c.container.In(c.region).Mark()
		r = replica{token: sessionToken(m), lsn: m.LSN, rangeID: m.Range, count: m.Count, bytes: m.Bytes}
	default:
		r.lsn = c.g.account.LSN()
		r.token = sessionToken(store.MetadataMark(r.lsn))
	}
	return r
}
