package cosmos_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

func TestMergeSessionTokens(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		tokens []string
		want   string
	}{
		{nil, ""},
		{[]string{"", "0:-1#5"}, "0:-1#5"},
		{[]string{"0:-1#5", "0:-1#7", "0:-1#6"}, "0:-1#7"},
		{[]string{"1:-1#5", "0:-1#7,1:-1#9"}, "0:-1#7,1:-1#9"},
		{[]string{"0:1#5#1=3#2=8", "0:1#6#1=4#2=2"}, "0:1#6#1=4#2=8"},
	} {
		got, err := cosmos.MergeSessionTokens(tc.tokens...)
		require.NoError(t, err)
		require.Equal(t, tc.want, got)
	}
	_, err := cosmos.MergeSessionTokens("0:-1#5", "secret")
	require.ErrorContains(t, err, "not valid")
}

func TestSessionTokenCovers(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		have, want string
		covers     bool
	}{
		{"0:-1#5", "", true},
		{"0:-1#5", "0:-1#5", true},
		{"0:-1#5", "0:-1#6", false},
		{"0:-1#5", "1:-1#1", false},
		{"0:-1#5,1:-1#2", "1:-1#1", true},
		{"", "0:-1#1", false},
	} {
		covers, err := cosmos.SessionTokenCovers(tc.have, tc.want)
		require.NoError(t, err)
		require.Equal(t, tc.covers, covers, "%s covers %s", tc.have, tc.want)
	}
	_, err := cosmos.SessionTokenCovers("0:-1#5", "x")
	require.Error(t, err)
}

// TestSessionTokenOf: a token that is kept over splits and merges names no range that is gone, and a reader still sees
// its writes.
func TestSessionTokenOf(t *testing.T) {
	t.Parallel()
	c := cosmostest.RunT(t, cosmostest.Partitions(2)).Container("/pk")
	client := connect(t, c.Server(), nil)
	items := client.Database(c.Database).Container(c.ID)
	token := ""
	write := func(n int) {
		for i := range 20 {
			resp, err := items.UpsertItem(t.Context(), map[string]any{"id": fmt.Sprint(i), "pk": fmt.Sprint(i), "n": n})
			require.NoError(t, err)
			token, err = cosmos.MergeSessionTokens(token, resp.SessionToken)
			require.NoError(t, err)
		}
	}
	write(1)
	require.Equal(t, 2, strings.Count(token, ":"))
	ranges, err := c.Server().Ranges(c.Database, c.ID)
	require.NoError(t, err)
	_, err = c.Server().Split(c.Database, c.ID, ranges[0].ID)
	require.NoError(t, err)
	write(2)

	whole := cosmos.FeedRange{Min: "", Max: "FF"}
	short, err := items.SessionTokenOf(t.Context(), whole, token)
	require.NoError(t, err)
	require.Equal(t, 3, strings.Count(short, ":"), short)
	require.NotContains(t, ","+short, ","+ranges[0].ID+":")
	_, err = c.Server().Merge(c.Database, c.ID, "2", "3")
	require.NoError(t, err)
	write(3)
	short, err = items.SessionTokenOf(t.Context(), whole, token)
	require.NoError(t, err)
	require.Equal(t, 2, strings.Count(short, ":"), short)
	for i := range 20 {
		_, err := items.ReadItem(t.Context(), fmt.Sprint(i), cosmos.PartitionKey(fmt.Sprint(i)),
			cosmos.SessionToken(short))
		require.NoError(t, err)
	}
	left, err := items.SessionTokenOf(t.Context(), cosmos.FeedRange{Min: "", Max: ranges[0].Max}, token)
	require.NoError(t, err)
	require.Equal(t, 1, strings.Count(left, ":"), left)
	_, err = items.SessionTokenOf(t.Context(), whole, "damaged")
	require.ErrorContains(t, err, "not valid")
}

// TestSessionInACookie is a web front end of several processes: each request may reach another one, and the cookie
// makes sure that a user reads what the user wrote.
func TestSessionInACookie(t *testing.T) {
	t.Parallel()
	c := cosmostest.RunT(t).Container("/pk")
	handler := func() http.Handler {
		client := connect(t, c.Server(), nil)
		carts := client.Database(c.Database).Container(c.ID)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			ctx, token := r.Context(), ""
			if cookie, err := r.Cookie("session"); err == nil {
				token = cookie.Value
				ctx = cosmos.WithOptions(ctx, cosmos.SessionToken(token))
			}
			var resp *cosmos.Response
			var err error
			if r.Method == http.MethodPost {
				resp, err = carts.UpsertItem(ctx, json.RawMessage(`{"id":"cart","pk":"ada"}`))
			} else {
				resp, err = carts.ReadItem(ctx, "cart", cosmos.PartitionKey("ada"))
			}
			if err == nil {
				token, err = cosmos.MergeSessionTokens(token, resp.SessionToken)
			}
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			http.SetCookie(w, &http.Cookie{Name: "session", Value: token, Path: "/"})
		})
	}
	handlers := []http.Handler{handler(), handler()}
	n := 0
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n++
		handlers[n%2].ServeHTTP(w, r)
	}))
	defer web.Close()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	browser := &http.Client{Jar: jar, Transport: web.Client().Transport}
	for _, method := range []string{http.MethodPost, http.MethodGet, http.MethodGet} {
		req, err := http.NewRequestWithContext(t.Context(), method, web.URL, nil)
		require.NoError(t, err)
		resp, err := browser.Do(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, http.StatusOK, resp.StatusCode, method)
		require.NotEmpty(t, resp.Cookies())
	}
}

// TestSessionAfterAnInjectedConflict: the session token of a refusal that a fault makes is of a partition that
// documents have reached, so that nothing that follows waits for a state that never comes.
func TestSessionAfterAnInjectedConflict(t *testing.T) {
	t.Parallel()
	srv := cosmostest.RunT(t, cosmostest.Partitions(4))
	made := srv.Container("/pk")
	items := connect(t, srv, &cosmos.ClientOptions{}).Database(made.Database).Container(made.ID)
	for _, status := range []int{409, 412} {
		srv.Inject(cosmostest.Fault{Match: cosmostest.On(cosmostest.Create), Times: 1, Status: status})
		_, err := items.CreateItem(t.Context(), map[string]string{"id": "a", "pk": "a"})
		require.Error(t, err)
		for _, err := range cosmos.Query[map[string]any](t.Context(), items, `SELECT * FROM c`) {
			require.NoError(t, err)
		}
	}
}

// What cannot be merged is an error that names the tokens, whichever of the two it is in: a token of which nothing is
// known must not pass for one that is covered.
func TestSessionTokensThatContradict(t *testing.T) {
	t.Parallel()
	const have, other = "0:1#5#1=3", "0:1#5#2=3"
	_, err := cosmos.MergeSessionTokens(have, other)
	require.EqualError(t, err, "cosmos: session tokens 1#5#1=3 and 1#5#2=3 have unexpected regions")
	covers, err := cosmos.SessionTokenCovers(have, other)
	require.ErrorContains(t, err, "have unexpected regions")
	require.False(t, covers)
	for _, damaged := range []string{"x", "0:", "0:-1#5,", have + "," + other} {
		_, err = cosmos.SessionTokenCovers(damaged, have)
		require.Error(t, err, damaged)
		_, err = cosmos.SessionTokenCovers(have, damaged)
		require.Error(t, err, damaged)
	}
}

// A token of ranges that the client has not heard of makes it read them again, once; what is not a range of the
// container at all is left out.
func TestSessionTokenOfUnknownRanges(t *testing.T) {
	t.Parallel()
	c := cosmostest.RunT(t).Container("/pk")
	srv := c.Server()
	items := connect(t, srv, nil).Database(c.Database).Container(c.ID)
	whole := cosmos.FeedRange{Min: "", Max: "FF"}
	ranges, err := items.FeedRanges(t.Context())
	require.NoError(t, err)
	before := srv.Count(cosmostest.ReadRanges)
	short, err := items.SessionTokenOf(t.Context(), whole, "0:-1#5,77:-1#9")
	require.NoError(t, err)
	require.Equal(t, "0:-1#5", short)
	require.Positive(t, srv.Count(cosmostest.ReadRanges)-before, "they were read again")
	short, err = items.SessionTokenOf(t.Context(), ranges[1], "0:-1#5,1:-1#7")
	require.NoError(t, err)
	require.Equal(t, "1:-1#7", short)
	short, err = items.SessionTokenOf(t.Context(), whole, "", "")
	require.NoError(t, err)
	require.Empty(t, short)

	srv.Inject(cosmostest.Fault{Match: func(r cosmostest.Request) bool { return r.Operation == cosmostest.ReadRanges },
		Status: 403})
	_, err = items.SessionTokenOf(t.Context(), whole, "78:-1#9")
	require.ErrorIs(t, err, cosmos.ErrForbidden, "without the ranges it is not known what to leave out")
}
