package cosmos

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The shapes of azcore.AccessToken, policy.TokenRequestOptions and an azcore.TokenCredential.
type (
	accessToken struct {
		Token                string
		ExpiresOn, RefreshOn time.Time
	}
	tokenOptions struct {
		Claims    string
		EnableCAE bool
		Scopes    []string
		TenantID  string
	}
	azureLogin struct {
		scopes []string
		life   time.Duration
		err    error
	}
)

func (l *azureLogin) GetToken(_ context.Context, o tokenOptions) (accessToken, error) {
	l.scopes = append(l.scopes, o.Scopes...)
	if l.err != nil && !strings.Contains(o.Scopes[0], "cosmos.azure.com") {
		return accessToken{}, l.err
	}
	return accessToken{Token: "token" + string(rune('0'+len(l.scopes))), ExpiresOn: time.Now().Add(l.life)}, nil
}

func TestTokenCredential(t *testing.T) {
	t.Parallel()
	login := &azureLogin{life: time.Hour}
	cred, err := TokenCredential(login)
	require.NoError(t, err)
	refused := 0
	f := newFake(t, func(w http.ResponseWriter, c call) {
		if refused++; refused == 2 {
			refuse(401, "5013")(w, c)
			return
		}
		reply(w, 200, `{}`)
	})
	c, err := NewClient(f.Endpoint(), cred, nil)
	require.NoError(t, err)
	defer c.Close()
	for range 3 {
		_, err = c.Account(t.Context())
		require.NoError(t, err)
	}
	require.Equal(t, []string{"https://127.0.0.1/.default", "https://127.0.0.1/.default"}, login.scopes, "kept, and renewed when refused")
	require.Equal(t, "type%3Daad%26ver%3D1.0%26sig%3Dtoken2", f.last(t).header.Get("Authorization"))
}

func TestTokenLife(t *testing.T) {
	t.Parallel()
	login := &azureLogin{life: renewEarly}
	cred, err := TokenCredential(login)
	require.NoError(t, err)
	auth := cred.auth(&url.URL{Scheme: "https", Host: "a.test:443"})
	for range 2 {
		_, err := auth.Authorize(t.Context(), "GET", "", "", "")
		require.NoError(t, err)
	}
	require.Equal(t, []string{"https://a.test/.default", "https://a.test/.default"}, login.scopes, "a token about to end is not used")
}

func TestTokenScopeFallsBack(t *testing.T) {
	t.Parallel()
	login := &azureLogin{err: errors.New("AADSTS500011: the resource principal was not found"), life: renewEarly}
	cred, err := TokenCredential(login)
	require.NoError(t, err)
	auth := cred.auth(&url.URL{Host: "a.test"})
	for range 2 {
		_, err := auth.Authorize(t.Context(), "GET", "", "", "")
		require.NoError(t, err)
	}
	require.Equal(t, []string{"https://a.test/.default", anyAccount, anyAccount}, login.scopes)

	login = &azureLogin{err: errors.New("no network")}
	cred, err = TokenCredential(login)
	require.NoError(t, err)
	_, err = cred.auth(nil).Authorize(t.Context(), "GET", "", "", "")
	require.NoError(t, err, "without an account, the general scope")
	_, err = cred.auth(&url.URL{Host: "a.test"}).Authorize(t.Context(), "GET", "", "", "")
	require.ErrorIs(t, err, login.err)
}

type oddOptions struct{}

func (oddOptions) GetToken(context.Context, struct{ Scope string }) (accessToken, error) {
	return accessToken{}, nil
}

type oddToken struct{}

func (oddToken) GetToken(context.Context, tokenOptions) (string, error) { return "", nil }

func TestTokenCredentialRefusesOtherShapes(t *testing.T) {
	t.Parallel()
	_, err := TokenCredential(oddOptions{})
	require.ErrorContains(t, err, "have no Scopes")
	_, err = TokenCredential(oddToken{})
	require.ErrorContains(t, err, "has no Token string")
	_, err = TokenCredential[tokenOptions, accessToken](nil)
	require.ErrorContains(t, err, "is nil")
}
