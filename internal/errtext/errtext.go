// Package errtext keeps "cosmos: ", with which every error of the module begins, at the front of a text, where it
// stands once however many errors are wrapped in one another, and has what else the texts of errors share.
package errtext

import (
	"strconv"
	"strings"
)

const prefix = "cosmos: "

// Of is the text of err without the prefix.
func Of(err error) string { return strings.TrimPrefix(err.Error(), prefix) }

// Count is n things, "1 value" and "2 values".
func Count[N int | int64](n N, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return strconv.FormatInt(int64(n), 10) + " " + thing
}

// Inner is err without the prefix in its text, to be wrapped in an error that has it.
func Inner(err error) error { return reworded{err, err} }

// Reworded is err with the text of another one, which has no prefix: for an error whose own text says too much.
func Reworded(err, text error) error { return reworded{err, text} }

type reworded struct{ err, text error }

func (r reworded) Error() string { return Of(r.text) }
func (r reworded) Unwrap() error { return r.err }
