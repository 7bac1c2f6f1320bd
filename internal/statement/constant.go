package statement

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/cosmossql/cosmossql/internal/nosql"
)

// checkConstant reports, at Parse, what [appendConstant] could not encode: x must be made of literals and parameters.
func checkConstant(x nosql.Expr, what string) error {
	var bad nosql.Node
	nosql.Walk(x, func(n nosql.Node) bool {
		switch n := n.(type) {
		case *nosql.Literal:
			if n.Kind == nosql.Number && (n.Text == "NaN" || n.Text == "Infinity") {
				bad = n
			}
		case *nosql.Param, *nosql.Array, *nosql.Object:
		case *nosql.Unary:
			if lit, ok := n.X.(*nosql.Literal); !ok || lit.Kind != nosql.Number || n.Op != "-" && n.Op != "+" {
				bad = n
			}
		default:
			bad = n
		}
		return bad == nil
	})
	if bad == nil {
		return nil
	}
	at := bad.Pos()
	hint := ""
	if id, ok := bad.(*nosql.Ident); ok && !isPseudoColumn(id) {
		hint = ", or written " + nosql.SingleQuoted(id.Name) + " for a text"
	}
	return &nosql.Error{
		Message: fmt.Sprintf("%s takes literals and parameters; %s must be computed before and given as a parameter%s.",
			what, nosql.Print(bad), hint),
		Start: at.Start, End: at.End,
	}
}

// appendConstant appends x as JSON; args are bound. It is false, and appends nothing, for undefined: the member or
// element is then left out.
func appendConstant(dst []byte, x nosql.Expr, args []Arg) ([]byte, bool) {
	switch x := x.(type) {
	case *nosql.Literal:
		return appendLiteral(dst, x)
	case *nosql.Param:
		i := slices.IndexFunc(args, func(a Arg) bool { return a.Name == x.Name })
		return append(dst, args[i].Value...), true
	case *nosql.Unary:
		if x.Op == "-" {
			dst = append(dst, '-')
		}
		return appendConstant(dst, x.X, args)
	case *nosql.Array:
		dst = append(dst, '[')
		for _, item := range x.Items {
			dst = appendPart(dst, '[', nil, item, args)
		}
		return append(dst, ']'), true
	case *nosql.Object:
		dst = append(dst, '{')
		for _, f := range x.Fields {
			dst = appendPart(dst, '{', nosql.AppendString(nil, f.Name), f.Value, args)
		}
		return append(dst, '}'), true
	}
	return dst, false
}

// appendPart appends one element of an array, or one member with its name, and the comma before it.
func appendPart(dst []byte, open byte, name []byte, x nosql.Expr, args []Arg) []byte {
	before := len(dst)
	if dst[before-1] != open {
		dst = append(dst, ',')
	}
	if name != nil {
		dst = append(append(dst, name...), ':')
	}
	dst, ok := appendConstant(dst, x, args)
	if !ok {
		return dst[:before]
	}
	return dst
}

func appendLiteral(dst []byte, x *nosql.Literal) ([]byte, bool) {
	switch x.Kind {
	case nosql.Null:
		return append(dst, "null"...), true
	case nosql.True:
		return append(dst, "true"...), true
	case nosql.False:
		return append(dst, "false"...), true
	case nosql.Number:
		return append(dst, jsonNumber(x.Text)...), true
	case nosql.String:
		return nosql.AppendString(dst, x.Text), true
	}
	return dst, false
}

// jsonNumber is the number of a Cosmos text as JSON has it: 0x1F, .5 and 12. are none there.
func jsonNumber(text string) string {
	if len(text) > 1 && text[1]|0x20 == 'x' {
		n, _ := new(big.Int).SetString(text[2:], 16)
		return n.String()
	}
	whole, rest, dotted := strings.Cut(text, ".")
	if !dotted {
		mantissa, exponent, scaled := cutExponent(text)
		return trimZeros(mantissa) + exponentOf(exponent, scaled)
	}
	fraction, exponent, scaled := cutExponent(rest)
	number := trimZeros(whole)
	if fraction != "" {
		number += "." + fraction
	}
	return number + exponentOf(exponent, scaled)
}

func cutExponent(s string) (mantissa, exponent string, ok bool) {
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

func exponentOf(exponent string, scaled bool) string {
	if !scaled {
		return ""
	}
	return "e" + exponent
}

// trimZeros takes leading zeros off digits, which JSON does not allow.
func trimZeros(digits string) string {
	digits = strings.TrimLeft(digits, "0")
	if digits == "" {
		return "0"
	}
	return digits
}
