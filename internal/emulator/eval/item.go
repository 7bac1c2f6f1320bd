package eval

import (
	"encoding/base64"
	"encoding/binary"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

func itemFunctions() []function {
	return []function{
		// Volatile because it reads the document at hand, whatever its argument looks like: it must be neither folded
		// nor stored as a computed property.
		{name: "DOCUMENTID", arity: exactly(1), args: signature{isObject}, bind: bindDocumentID, volatile: true,
			doc: "The document's number, unique within its physical partition. The argument is the alias of the item."},
	}
}

// The number is read from _rid, which only a whole item has.
func bindDocumentID(c *compiler, x *nosql.Call, _ []node) body {
	if _, ok := x.Args[0].(*nosql.Ident); !ok {
		c.fail("", x.Span, "The argument of the DOCUMENTID function must be the alias of the item.")
		return nil
	}
	return documentID
}

// A document's resource id is 16 bytes: account and container first, then the number, little endian, whose highest
// four bits say that it is a document.
const ridLen = 16

// A document that came from elsewhere, without a resource id of the server, has no number.
func documentID(_ *env, a []value.Value) value.Value {
	// Resource ids write - where base64 has /.
	rid, err := ridEncoding.DecodeString(a[0].Get("_rid").AsString())
	if err != nil || len(rid) != ridLen {
		return value.Undefined
	}
	return value.Int(int64(binary.LittleEndian.Uint64(rid[ridLen/2:]) &^ (0xf << 60)))
}

var ridEncoding = base64.NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-")
