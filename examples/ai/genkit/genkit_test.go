package genkit_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/firebase/genkit/go/ai"
	"github.com/firebase/genkit/go/core/x/session"
	gk "github.com/firebase/genkit/go/genkit"
	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/examples/ai/genkit"
	"github.com/cosmossql/cosmossql/examples/ai/hashing"
	"github.com/cosmossql/cosmossql/examples/ai/store"
)

func container(t *testing.T, p cosmos.ContainerProperties) *cosmos.Container {
	srv := cosmostest.RunT(t)
	client, err := cosmos.NewClientFromConnectionString(srv.ConnectionString(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Close() })
	_, err = client.CreateDatabase(t.Context(), "ai")
	require.NoError(t, err)
	_, err = client.Database("ai").CreateContainer(t.Context(), p)
	require.NoError(t, err)
	return client.Database("ai").Container(p.ID)
}

func TestRetriever(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	g := gk.Init(ctx)
	e := genkit.DefineEmbedder(g, "test/hashing", 64, hashing.Embedder(64))
	c := container(
		t,
		store.VectorContainer{ID: "docs", Dimensions: 64, Fields: []string{"name"}, Language: "en-US"}.Properties(),
	)
	vectors, err := store.OpenVectors(ctx, c, genkit.Embedder(e))
	require.NoError(t, err)
	r := genkit.DefineRetriever(g, "cosmos/docs", vectors)
	require.Equal(t, "cosmos/docs", gk.LookupRetriever(g, "cosmos/docs").Name())

	docs := []*ai.Document{
		ai.DocumentFromText("hello one", map[string]any{"name": "hello1"}),
		ai.DocumentFromText("hello two", map[string]any{"name": "hello2"}),
		ai.DocumentFromText("goodbye", map[string]any{"name": "goodbye"}),
	}
	ids, err := genkit.Index(ctx, vectors, docs...)
	require.NoError(t, err)
	again, err := genkit.Index(ctx, vectors, docs...)
	require.NoError(t, err)
	require.Equal(t, ids, again)

	retrieve := func(text string, config any) ([]string, error) {
		resp, err := gk.Retrieve(ctx, g, ai.WithRetriever(r), ai.WithTextDocs(text), ai.WithConfig(config))
		if err != nil {
			return nil, err
		}
		names := []string{}
		for _, d := range resp.Documents {
			require.Contains(t, d.Metadata, genkit.ScoreKey)
			names = append(names, d.Metadata["name"].(string))
		}
		return names, nil
	}
	for _, c := range []struct {
		text   string
		config any
		want   []string
	}{
		{"hello", &genkit.RetrieverOptions{K: 2}, []string{"hello1", "hello2"}},
		{"hello", map[string]any{"k": 2}, []string{"hello1", "hello2"}},
		{"goodbye", genkit.RetrieverOptions{K: 1}, []string{"goodbye"}},
		{"hello", &genkit.RetrieverOptions{Filter: store.Filter{"name": "hello2"}}, []string{"hello2"}},
		{"hello", &genkit.RetrieverOptions{Namespace: "other"}, []string{}},
		{"goodbye", &genkit.RetrieverOptions{Threshold: new(0.9)}, []string{"goodbye"}},
		{"two", &genkit.RetrieverOptions{K: 1, Hybrid: &store.Hybrid{Vector: 1, Text: 2}}, []string{"hello2"}},
	} {
		names, err := retrieve(c.text, c.config)
		require.NoError(t, err)
		require.ElementsMatch(t, c.want, names)
	}
	_, err = retrieve("hello", map[string]any{"limit": 2})
	require.ErrorContains(t, err, "limit")
	_, err = retrieve("hello", 2)
	require.ErrorContains(t, err, "given: integer")
	_, err = retrieve("hello", &genkit.RetrieverOptions{Filter: store.Filter{"size": 1}})
	require.ErrorContains(t, err, "it has: name")
	_, err = genkit.Index(ctx, vectors, ai.DocumentFromText("", nil))
	require.ErrorContains(t, err, "without text")
}

type user struct {
	Name  string            `json:"name"`
	Count int               `json:"count"`
	Likes map[string]string `json:"likes,omitempty"`
}

func sessions(t *testing.T) genkit.Sessions[user] {
	checkpoints, err := store.OpenCheckpoints[user](t.Context(), container(t, store.CheckpointContainer("sessions")))
	require.NoError(t, err)
	return genkit.Sessions[user]{Checkpoints: checkpoints}
}

// What Genkit asks of its own store: what is saved is read, by copies, and replaced; what is not there is nil.
func TestSessions(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := sessions(t)
	data, err := s.Get(ctx, "none")
	require.NoError(t, err)
	require.Nil(t, data)

	saved := &session.Data[user]{ID: "1", State: user{Name: "Ann", Likes: map[string]string{"tea": "green"}}}
	require.NoError(t, s.Save(ctx, "1", saved))
	saved.State.Likes["tea"] = "black"
	data, err = s.Get(ctx, "1")
	require.NoError(t, err)
	require.Equal(
		t,
		&session.Data[user]{ID: "1", State: user{Name: "Ann", Likes: map[string]string{"tea": "green"}}},
		data,
	)
	require.NoError(t, s.Save(ctx, "1", saved))
	data, err = s.Get(ctx, "1")
	require.NoError(t, err)
	require.Equal(t, "black", data.State.Likes["tea"])

	_, err = session.Load(ctx, s, "none")
	var missing *session.NotFoundError
	require.ErrorAs(t, err, &missing)
	sess, err := session.New(
		ctx,
		session.WithID[user]("2"),
		session.WithInitialState(user{Name: "Bob"}),
		session.WithStore[user](s),
	)
	require.NoError(t, err)
	require.NoError(t, sess.UpdateState(ctx, user{Name: "Bob", Count: 1}))
	loaded, err := session.Load(ctx, s, "2")
	require.NoError(t, err)
	require.Equal(t, user{Name: "Bob", Count: 1}, loaded.State())
	fresh, err := session.New(ctx, session.WithID[user]("2"), session.WithStore[user](s))
	require.NoError(t, err)
	require.Zero(t, fresh.State())
}

func TestSessionsAtOnce(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := sessions(t)
	var wg sync.WaitGroup
	for i := range 10 {
		wg.Go(func() {
			id := fmt.Sprint(i % 2)
			if err := s.Save(ctx, id, &session.Data[user]{ID: id, State: user{Count: i}}); err != nil {
				t.Error(err)
			}
			if _, err := s.Get(ctx, id); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, id := range []string{"0", "1"} {
		c, err := s.Checkpoints.Load(ctx, id)
		require.NoError(t, err)
		require.Equal(t, 5, c.Step)
	}

	ended, cancel := context.WithCancel(ctx)
	cancel()
	require.ErrorIs(t, s.Save(ended, "0", &session.Data[user]{}), context.Canceled)
}
