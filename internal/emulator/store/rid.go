package store

import (
	"encoding/base64"
	"encoding/binary"
	"math/rand/v2"
)

// Kinds of resource that live under a container; the kind is the high nibble of a rid's last byte.
const (
	kindDocument  = 0x0
	kindConflict  = 0x4
	kindRange     = 0x5
	kindUDF       = 0x6
	kindTrigger   = 0x7
	kindProcedure = 0x8
)

// ridEncoding is base64 with "-" where the alphabet has "/", so that a rid fits a path.
var ridEncoding = base64.NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-")

// ridText is a resource id as clients see it.
func ridText(b []byte) string { return ridEncoding.EncodeToString(b) }

// ridBytes reads what ridText wrote; nil when s is not a rid.
func ridBytes(s string) []byte {
	b, err := ridEncoding.DecodeString(s)
	if err != nil {
		return nil
	}
	return b
}

// IsDatabaseRID reports whether s can be the rid of a database; a path whose first name is one is made of rids.
func IsDatabaseRID(s string) bool { return len(s)%4 == 0 && len(ridBytes(s)) == 4 }

// childRID is the rid of the n-th resource of a kind under a container.
func childRID(container []byte, kind byte, n uint64) string {
	var b [16]byte
	copy(b[:8], container)
	binary.LittleEndian.PutUint64(b[8:], n)
	b[15] |= kind << 4
	return ridText(b[:])
}

// DocumentNumber is the number of the document that rid names within its container: see [Item.Number].
func DocumentNumber(rid string) (uint64, bool) {
	var space [18]byte // for 24 letters; a longer rid is none of a document
	if len(rid) != 24 {
		return 0, false
	}
	n, err := ridEncoding.Decode(space[:], []byte(rid))
	if err != nil || n != 16 || space[15]>>4 != kindDocument {
		return 0, false
	}
	return childNumber(space[:16]), true
}

// childNumber is the n of a [childRID].
func childNumber(rid []byte) uint64 { return binary.LittleEndian.Uint64(rid[8:]) &^ (0xf << 60) }

// newDatabaseRID draws four bytes. The last is zero, as the service's are.
func newDatabaseRID() []byte {
	var b [4]byte
	binary.LittleEndian.PutUint32(b[:], 1+rand.Uint32N(1<<24-1))
	return b[:]
}

// newContainerRID draws a rid under a database; the set high bit tells containers from users.
func newContainerRID(database []byte) []byte {
	b := binary.LittleEndian.AppendUint32(append([]byte(nil), database...), rand.Uint32())
	b[4] |= 0x80
	return b
}

// newUserRID draws a rid under a database with the bit clear that containers have set.
func newUserRID(database []byte) []byte {
	b := binary.LittleEndian.AppendUint32(append([]byte(nil), database...), rand.Uint32())
	b[4] &^= 0x80
	return b
}

// newPermissionRID is the rid of a user's n-th permission.
func newPermissionRID(user []byte, n uint64) string {
	return ridText(binary.LittleEndian.AppendUint64(append([]byte(nil), user...), n))
}

// newOfferRID draws the three bytes of an offer's rid.
func newOfferRID() string {
	n := rand.Uint32()
	return ridText([]byte{byte(n), byte(n >> 8), byte(n >> 16)})
}
