package rest

import (
	"context"
	"errors"
	"net/url"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

const (
	emulatorKey = "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw=="
	sampleKey   = "VGhpcyBpcyBhIHNhbXBsZSBzdHJpbmc="
	docsKey     = "dsZQi3KtZmCv1ljt3VNWNm7sQUF1y5rJfC6kv5JiwvW0EndXdDku/dkKBp8/ufDToSxLzR4y+O/0H/t4bQtVNw=="
	date2017    = "Thu, 27 Apr 2017 00:51:12 GMT"
)

// The published vectors: the service's documentation, the tests of its SDKs, and values computed from them.
func TestMasterKeySignatures(t *testing.T) {
	t.Parallel()
	tests := []struct {
		key, verb  string
		kind       Kind
		link, date string
		want       string
	}{
		{docsKey, "GET", Databases, "dbs/ToDoList", date2017, "c09PEVJrgp2uQRkr934kFbTqhByc7TVr3OHyqlu+c+c="},
		{emulatorKey, "GET", Account, "", date2017, "gFB1bRB/PLJTG3bCgMuoVgNzOyFvZAamzEtLuSITjRc="},
		{emulatorKey, "GET", Databases, "dbs/ToDoList", date2017, "mM0rMK/7o1MZhQwDitGRoGisPRPx09os/86Jk0YwquY="},
		{emulatorKey, "POST", Containers, "dbs/ToDoList/colls/Items", date2017,
			"9fodoJndxJJqYS/dkem6JKOmSACRmXQ1H2h8W+tGaiU="},
		{emulatorKey, "POST", Documents, "dbs/ToDoList/colls/Items", date2017,
			"xsGOVdJuhdfCMSf88b/z4eUsnekTR9zZqIIh8juDTYo="},
		{emulatorKey, "GET", Documents, "dbs/ToDoList/colls/Items/docs/a b", date2017,
			"cfOpPMFu9uy8BH5LRp0DC+h9MWHFmDWcw2Tu2TKMH2o="},
		{emulatorKey, "GET", Ranges, "dbs/ToDoList/colls/Items", date2017,
			"JdKBC8MLrC5G54uKYVaIhq/7Zc6tfFSHW4jR7yNCSKQ="},
		{emulatorKey, "POST", Procedures, "dbs/ToDoList/colls/Items/sprocs/sp1", date2017,
			"Bd31LICxhfLJAtVjAtbBjPqFwZa20ZCXy9uXfd1Jsj8="},
		{emulatorKey, "POST", Offers, "", date2017, "FIhlZydHuW2r3NHmGYsAVgJa0wCItsCqUO+zEbzxw2o="},
		{emulatorKey, "PUT", Offers, "Hu+t", date2017, "HqJwdv2DF98EWpmvs354ZLFbrReLT6YAge+X7D2ad7c="},
		{sampleKey, "GET", Account, "", "Tue, 21 Jul 2020 17:55:31 GMT",
			"4ldo2CcZsh80o/VDqZFPS+3d2O0hTGfsVmhTfnSlE8g="},
		{sampleKey, "GET", Databases, "", "Tue, 21 Jul 2020 17:55:33 GMT",
			"eGk7x5lvE1VKgZ4286y6+axcDJfDbfOFeCDHVg/9sZo="},
		{sampleKey, "POST", Containers, "dbs/92dc837c73484349852a2c8f05777565", "Tue, 21 Jul 2020 17:55:36 GMT",
			"2MIgOuCzkrWLI6+j5NYnmKYm8a7oS1dmcvETQAs3sEQ="},
		{sampleKey, "GET", Ranges, "dpztakyoj5g=", "Tue, 21 Jul 2020 17:55:37 GMT",
			"qH73yd16s9pr9e3X4azaZc97zyqs4oyxkB1L+LdsGbk="},
		{sampleKey, "PUT", Documents, "dpztakyoj5gbaaaaaaaaaa==", "Tue, 21 Jul 2020 17:55:37 GMT",
			"F8ZE0qxkWE1DszV7y46GWQs42kdkFfT2+hGHK0zJp7U="},
	}
	for _, tt := range tests {
		t.Run(tt.verb+" "+string(tt.kind)+" "+tt.link, func(t *testing.T) {
			t.Parallel()
			auth, err := NewMasterKey(tt.key)
			require.NoError(t, err)
			for range 2 { // the second signature comes from a used signer
				header, err := auth.Authorize(t.Context(), tt.verb, tt.kind, tt.link, tt.date)
				require.NoError(t, err)
				plain, err := url.QueryUnescape(header)
				require.NoError(t, err)
				require.Equal(t, "type=master&ver=1.0&sig="+tt.want, plain)
			}
		})
	}
}

func TestMasterKeyHeaderIsEscaped(t *testing.T) {
	t.Parallel()
	auth, err := NewMasterKey(emulatorKey)
	require.NoError(t, err)
	header, err := auth.Authorize(t.Context(), "POST", Documents, "dbs/ToDoList/colls/Items", date2017)
	require.NoError(t, err)
	require.Equal(t, "type%3Dmaster%26ver%3D1.0%26sig%3DxsGOVdJuhdfCMSf88b%2Fz4eUsnekTR9zZqIIh8juDTYo%3D", header)
}

func TestMasterKeyRefuses(t *testing.T) {
	t.Parallel()
	_, err := NewMasterKey("")
	require.ErrorContains(t, err, "key is empty")
	_, err = NewMasterKey("c2VjcmV0-not-base64")
	require.ErrorContains(t, err, "not valid base64")
	require.NotContains(t, err.Error(), "c2VjcmV0", "a key must not show in errors")
}

func TestOtherCredentials(t *testing.T) {
	t.Parallel()
	header, err := NewResourceToken("type=resource&ver=1&sig=a+b==;c;").Authorize(t.Context(), "GET", Documents, "", "")
	require.NoError(t, err)
	require.Equal(t, "type%3Dresource%26ver%3D1%26sig%3Da%2Bb%3D%3D%3Bc%3B", header)
	again, err := NewResourceToken(header).Authorize(t.Context(), "GET", Documents, "", "")
	require.NoError(t, err)
	require.Equal(t, header, again, "an escaped token stays as it is")
	_, err = NewResourceToken("").Authorize(t.Context(), "GET", Documents, "", "")
	require.ErrorContains(t, err, "resource token is empty")

	header, err = NewBearer(&tokens{list: []string{"a.b-c"}}).Authorize(t.Context(), "GET", Documents, "", "")
	require.NoError(t, err)
	require.Equal(t, "type%3Daad%26ver%3D1.0%26sig%3Da.b-c", header)
	broken := errors.New("no login")
	_, err = NewBearer(&tokens{err: broken}).Authorize(t.Context(), "GET", Documents, "", "")
	require.ErrorIs(t, err, broken)
}

// A key is rotated while the client works: requests are signed with the new one from then on. One that makes no sense
// changes nothing, and a client that signs with none has none to rotate.
func TestKeysAreRotated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // one date
		c, s := scripted(t, nil, fine)
		sign := func() string {
			require.NoError(t, do(t, c, readReq()))
			return s.seen[len(s.seen)-1].header.Get(headerAuthorization)
		}
		first := sign()
		require.Equal(t, first, sign())
		require.ErrorContains(t, c.SetKey("no base64"), "not valid base64")
		require.Equal(t, first, sign())
		require.NoError(t, c.SetKey(sampleKey))
		require.NotEqual(t, first, sign())
		c.auth = NewResourceToken("t")
		require.EqualError(t, c.SetKey(sampleKey), "cosmos: SetKey: the client was not made with an account key")
	})
}

// Claims come in any form of base64; a challenge that has none, or one that is damaged, asks for nothing.
func TestClaims(t *testing.T) {
	t.Parallel()
	for challenge, want := range map[string]string{
		`Bearer claims="eyJhIjoiPz8_In0"`:  `{"a":"???"}`,
		`Bearer claims="eyJhIjoxfQ=="`:     `{"a":1}`,
		`Bearer claims="%"`:                "",
		`Bearer claims="eyJhIjoxfQ`:        "",
		`Bearer realm="", error="expired"`: "",
	} {
		require.Equal(t, want, claims([]string{challenge}), challenge)
	}
}

// tokens hands out the first token of a list, until it is refused.
type tokens struct {
	list   []string
	claims []string
	err    error
}

func (s *tokens) Token(context.Context) (string, error) {
	if s.err != nil {
		return "", s.err
	}
	return s.list[0], nil
}

func (s *tokens) Close() {}

func (s *tokens) Renew(token, claims string) {
	s.claims = append(s.claims, claims)
	if token == s.list[0] {
		s.list = s.list[1:]
	}
}

func TestRefusedTokenIsRenewedOnce(t *testing.T) {
	t.Parallel()
	const challenge = `Bearer realm="", authorization_uri="https://login.test/", error="insufficient_claims", ` +
		`claims="eyJhY2Nlc3MiOjF9"`
	c, s := scripted(t, nil, answers(401, `{"code":"Unauthorized","message":"revoked"}`, HeaderSubStatus, "5013",
		"Www-Authenticate", challenge), fine)
	list := &tokens{list: []string{"old", "new", "newer"}}
	c.auth = NewBearer(list)
	_, err := c.Do(t.Context(), writeReq())
	require.NoError(t, err)
	require.Contains(t, s.seen[1].header.Get("Authorization"), "new")
	require.Equal(t, []string{`{"access":1}`}, list.claims)
	s.play(status(401, 0))
	resp, err := c.Do(t.Context(), writeReq())
	require.Error(t, err)
	require.Equal(t, 2, resp.Attempts)
}

func BenchmarkSign(b *testing.B) {
	auth, err := NewMasterKey(emulatorKey)
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := auth.Authorize(b.Context(), "GET", Documents, "dbs/ToDoList/colls/Items/docs/42",
			date2017); err != nil {
			b.Fatal(err)
		}
	}
}
