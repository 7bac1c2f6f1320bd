package errtext_test

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"testing"

	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/stretchr/testify/require"
)

func TestThePrefixStandsOnce(t *testing.T) {
	t.Parallel()
	inside := fmt.Errorf("cosmos: the outcome is unknown: %w", io.ErrUnexpectedEOF)
	err := fmt.Errorf("cosmos: statement 2: %w", errtext.Inner(inside))
	require.EqualError(t, err, "cosmos: statement 2: the outcome is unknown: unexpected EOF")
	require.ErrorIs(t, err, inside)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.Equal(t, "EOF", errtext.Of(io.EOF), "an error of others has no prefix")

	told := fmt.Errorf("cosmos: %w", errtext.Reworded(inside, errors.New("cosmos: in short")))
	require.EqualError(t, told, "cosmos: in short")
	require.ErrorIs(t, told, io.ErrUnexpectedEOF)

	quoted := errors.New(`cosmos: the name is "cosmos: "`)
	require.Equal(t, `the name is "cosmos: "`, errtext.Of(errtext.Inner(quoted)), "the one in front, and that once")
	secret := errors.New("parse https://key@a.test: invalid port")
	require.NotErrorIs(t, errtext.Reworded(inside, secret), secret,
		"of the other error the text is taken, and nothing else")
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	err := errtext.Refusef("cosmos: the id is empty: %w", io.ErrUnexpectedEOF)
	require.EqualError(t, err, "cosmos: the id is empty: unexpected EOF")
	require.ErrorIs(t, err, errtext.ErrBadRequest)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.ErrorIs(t, fmt.Errorf("cosmos: row 2: %w", errtext.Inner(err)), errtext.ErrBadRequest)
	require.Equal(t, err, errtext.Refuse(err), "once is enough")
	require.NoError(t, errtext.Refuse(nil))
	require.NotErrorIs(t, err, errors.ErrUnsupported)

	_, cause := strconv.Atoi("x")
	var number *strconv.NumError
	require.ErrorAs(t, errtext.Refuse(cause), &number, "what is wrong can be asked for")
	require.EqualError(t, errtext.Refuse(cause), cause.Error())
}

func TestCount(t *testing.T) {
	t.Parallel()
	require.Equal(t, "0 values", errtext.Count(0, "value"))
	require.Equal(t, "1 value", errtext.Count(1, "value"))
	require.Equal(t, "2 values", errtext.Count(2, "value"))
}
