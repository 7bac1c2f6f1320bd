package cosmos

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cosmossql/cosmossql/internal/rest"
	"github.com/stretchr/testify/assert"
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
		claims []string
		life   time.Duration
		err    error // unless the scope is the general one
		fails  error // whatever the scope
	}
)

func (l *azureLogin) GetToken(_ context.Context, o tokenOptions) (accessToken, error) {
	l.scopes, l.claims = append(l.scopes, o.Scopes...), append(l.claims, o.Claims)
	if l.fails != nil {
		return accessToken{}, l.fails
	}
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
	f.account = true
	c, err := NewClient(f.Endpoint(), cred, nil)
	require.NoError(t, err)
	defer c.Close()
	for range 3 {
		_, err = c.Account(t.Context())
		require.NoError(t, err)
	}
	require.Equal(t, []string{"https://127.0.0.1/.default", "https://127.0.0.1/.default"}, login.scopes,
		"kept, and renewed when refused")
	require.Equal(t, "type%3Daad%26ver%3D1.0%26sig%3Dtoken2", f.last(t).header.Get("Authorization"))
}

func authorize(t *testing.T, auth rest.Authorizer) string {
	t.Helper()
	header, err := auth.Authorize(t.Context(), "GET", "", "", "")
	require.NoError(t, err)
	return strings.TrimPrefix(header, "type%3Daad%26ver%3D1.0%26sig%3D")
}

// A token is used until it ends. Five minutes before that another one is fetched beside its use.
func TestTokenLife(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		login := &azureLogin{life: time.Hour}
		cred, err := TokenCredential(login)
		require.NoError(t, err)
		auth := cred.auth(&url.URL{Scheme: "https", Host: "a.test:443"})
		require.Equal(t, "token1", authorize(t, auth))
		time.Sleep(time.Hour - renewEarly)
		require.Equal(t, "token1", authorize(t, auth), "it is still good")
		synctest.Wait()
		require.Equal(t, "token2", authorize(t, auth))

		time.Sleep(time.Hour - time.Minute)
		login.fails = errors.New("the login is down")
		for range 3 {
			require.Equal(t, "token2", authorize(t, auth),
				"a renewal that fails is nobody's matter as long as the token is good")
			synctest.Wait()
		}
		require.Len(t, login.scopes, 3, "and is not tried at once again")
		time.Sleep(time.Minute)
		_, err = auth.Authorize(t.Context(), "GET", "", "", "")
		require.ErrorIs(t, err, login.fails)
		login.fails = nil
		require.Equal(t, "token5", authorize(t, auth))
	})
}

// A token that lives for less than five minutes is used, too.
func TestShortTokenLife(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		login := &azureLogin{life: 4 * time.Minute}
		cred, err := TokenCredential(login)
		require.NoError(t, err)
		auth := cred.auth(nil)
		for range 10 {
			require.Equal(t, "token1", authorize(t, auth))
		}
		time.Sleep(3 * time.Minute)
		require.Equal(t, "token1", authorize(t, auth))
		synctest.Wait()
		require.Equal(t, "token2", authorize(t, auth))
	})
}

// A token source that hangs delays no request beyond its own context, and is given up when nobody waits any more.
func TestTokenSourceHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var ended time.Duration
		begun := time.Now()
		cred := TokenFunc(func(ctx context.Context, _ string) (string, time.Time, error) {
			<-ctx.Done()
			ended = time.Since(begun)
			return "", time.Time{}, ctx.Err()
		})
		auth := cred.auth(nil)
		wait := func(d time.Duration) (took time.Duration) {
			ctx, cancel := context.WithTimeout(t.Context(), d)
			defer cancel()
			start := time.Now()
			_, err := auth.Authorize(ctx, "GET", "", "", "")
			require.ErrorIs(t, err, context.DeadlineExceeded)
			return time.Since(start)
		}
		var wg sync.WaitGroup
		wg.Go(func() { assert.Equal(t, 5*time.Second, wait(5*time.Second)) })
		synctest.Wait()
		require.Equal(t, 300*time.Millisecond, wait(300*time.Millisecond))
		wg.Wait()
		synctest.Wait()
		require.Equal(t, 5*time.Second, ended)
	})
}

// The same of a whole client: every request ends at its own deadline, whoever else waits for the token, and none was
// sent.
func TestHangingTokenSourceDelaysNobodyBeyondTheirContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cred := TokenFunc(func(ctx context.Context, _ string) (string, time.Time, error) {
			<-ctx.Done()
			return "", time.Time{}, ctx.Err()
		})
		var sent atomic.Int64
		client, err := NewClient("https://account.test/", cred, &ClientOptions{
			HTTPClient: &http.Client{Transport: counted{&sent}},
		})
		require.NoError(t, err)
		defer client.Close()
		items := client.Database("d").Container("c")
		var wg sync.WaitGroup
		for i, call := range []func(context.Context) error{
			func(ctx context.Context) error { return failed(items.ReadItem(ctx, "1", PartitionKey("p"))) },
			func(ctx context.Context) error {
				return failed(items.UpsertItem(ctx, map[string]string{"id": "1", "pk": "p"}))
			},
			func(ctx context.Context) error { return drain(items.NewPager("SELECT * FROM c"), ctx) },
			func(ctx context.Context) error { return failed(client.Account(ctx)) },
		} {
			for _, limit := range []time.Duration{100 * time.Millisecond, 3 * time.Second, 40 * time.Second} {
				wg.Go(func() {
					ctx, cancel := context.WithTimeout(t.Context(), limit)
					defer cancel()
					start := time.Now()
					err := call(ctx)
					assert.ErrorIs(t, err, context.DeadlineExceeded, "call %d", i)
					assert.NotErrorIs(t, err, ErrUnknownOutcome)
					assert.Equal(t, limit, time.Since(start), "call %d", i)
				})
			}
		}
		wg.Wait()
		require.Zero(t, sent.Load())
	})
}

// TestNobodyWaitsForAGivenUpToken: a caller that comes when the last one has given up gets a token of its own, also
// while the function that was to give one has not ended yet.
func TestNobodyWaitsForAGivenUpToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var calls int
		source := newTokens(func(ctx context.Context, _ string) (string, time.Time, error) {
			if calls++; calls > 1 {
				return "second", time.Now().Add(time.Hour), nil
			}
			<-ctx.Done()
			time.Sleep(5 * time.Second)
			return "", time.Time{}, ctx.Err()
		}, anyAccount)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := source.Token(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		token, err := source.Token(t.Context())
		require.NoError(t, err)
		require.Equal(t, "second", token)
		time.Sleep(10 * time.Second) // the first one ends
		token, err = source.Token(t.Context())
		require.NoError(t, err)
		require.Equal(t, "second", token)
	})
}

// counted counts the requests that it gets.
type counted struct{ n *atomic.Int64 }

func (c counted) RoundTrip(*http.Request) (*http.Response, error) {
	c.n.Add(1)
	return httpAnswer(200, `{}`), nil
}

// What a challenge asks for reaches the credential.
func TestClaimsReachTheCredential(t *testing.T) {
	t.Parallel()
	login := &azureLogin{life: time.Hour}
	cred, err := TokenCredential(login)
	require.NoError(t, err)
	auth := cred.auth(nil)
	require.Equal(t, "token1", authorize(t, auth))
	calls := 0
	f := newFake(t, func(w http.ResponseWriter, c call) {
		if calls++; calls == 1 {
			reply(w, 401, `{"message":"revoked"}`, "x-ms-substatus", "5013", "www-authenticate",
				`Bearer realm="", error="insufficient_claims", claims="eyJhY2Nlc3MiOjF9"`)
			return
		}
		reply(w, 200, `{}`)
	})
	c, err := NewClient(f.Endpoint(), cred, nil)
	require.NoError(t, err)
	defer c.Close()
	_, err = c.Database("shop").Read(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"", "", `{"access":1}`}, login.claims)
}

func TestTokenScopeFallsBack(t *testing.T) {
	t.Parallel()
	login := &azureLogin{err: errors.New("AADSTS500011: the resource principal was not found"), life: -1}
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
