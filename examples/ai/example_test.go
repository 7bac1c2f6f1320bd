package ai_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/firebase/genkit/go/ai"
	gk "github.com/firebase/genkit/go/genkit"
	"github.com/tmc/langchaingo/memory"
	"github.com/tmc/langchaingo/vectorstores"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/examples/ai/genkit"
	"github.com/cosmossql/cosmossql/examples/ai/hashing"
	"github.com/cosmossql/cosmossql/examples/ai/internal/account"
	"github.com/cosmossql/cosmossql/examples/ai/langchain"
	"github.com/cosmossql/cosmossql/examples/ai/store"
)

const embedder = hashing.Embedder(256)

// try runs what an example does, on a server of its own.
func try(do func(ctx context.Context, db *cosmos.Database) error) {
	ctx := context.Background()
	db, done, err := account.Open(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer done()
	if err := do(ctx, db); err != nil {
		log.Fatal(err)
	}
}

func notes(ctx context.Context, db *cosmos.Database) (*store.Vectors, error) {
	definition := store.VectorContainer{
		ID:         "notes",
		Dimensions: 256,
		Fields:     []string{"lang", "year"},
		Language:   "en-US",
		Expiry:     true,
	}
	if _, err := db.CreateContainerIfNotExists(ctx, definition.Properties()); err != nil {
		return nil, err
	}
	return store.OpenVectors(ctx, db.Container("notes"), embedder)
}

func Example_vectors() {
	try(func(ctx context.Context, db *cosmos.Database) error {
		definition := store.VectorContainer{
			ID:         "notes",
			Dimensions: 256,                      // of the embedder
			Fields:     []string{"lang", "year"}, // of the metadata, for filters
			Language:   "en-US",                  // for hybrid search
		}
		if _, err := db.CreateContainerIfNotExists(ctx, definition.Properties()); err != nil {
			return err
		}
		vectors, err := store.OpenVectors(ctx, db.Container("notes"), embedder)
		if err != nil {
			return err
		}

		ids, err := vectors.Add(ctx,
			store.Document{Text: "Books are lent for four weeks.",
				Metadata: map[string]any{"lang": "en", "year": 2026}},
			store.Document{Text: "The library opens at nine.", Metadata: map[string]any{"lang": "en", "year": 2020}})
		if err != nil {
			return err
		}

		found, err := vectors.Find(ctx, store.Search{
			Text:      "for how many weeks are books lent?",
			Top:       3,
			Filter:    store.Filter{"lang": "en", "year": map[string]any{"$gte": 2024}},
			Threshold: new(0.3),
			Hybrid:    &store.Hybrid{Vector: 2, Text: 1},
		})
		if err != nil {
			return err
		}
		for _, d := range found {
			fmt.Println(d.Text)
		}
		return vectors.Delete(ctx, ids...)
	})
	// Output: Books are lent for four weeks.
}

func Example_history() {
	try(func(ctx context.Context, db *cosmos.Database) error {
		if _, err := db.CreateContainerIfNotExists(ctx, store.HistoryContainer("chats", 30*24*time.Hour)); err != nil {
			return err
		}
		history, err := store.OpenHistory(ctx, db.Container("chats"), "session-1")
		if err != nil {
			return err
		}
		_, err = history.Append(ctx,
			store.Message{Role: "human", Content: "Hi!"}, store.Message{Role: "ai", Content: "Hello."})
		if err != nil {
			return err
		}

		// the last twenty; the ones before: history.Page(ctx, page[0].Seq, 20)
		page, more, err := history.Page(ctx, 0, 20)
		if err != nil {
			return err
		}
		for _, m := range page {
			fmt.Println(m.Role, m.Content)
		}
		fmt.Println("older ones:", more)
		return nil
	})
	// Output:
	// human Hi!
	// ai Hello.
	// older ones: false
}

func Example_cache() {
	try(func(ctx context.Context, db *cosmos.Database) error {
		vectors, err := notes(ctx, db)
		if err != nil {
			return err
		}
		cache, err := store.NewCache(vectors, store.CacheOptions{Threshold: 0.9, TTL: time.Hour})
		if err != nil {
			return err
		}
		const scope = "ann, model 4, no conversation before"
		if err := cache.Put(ctx, scope, "When does the library open?", "At nine."); err != nil {
			return err
		}
		answer, found, err := cache.Get(ctx, scope, "when does a library open")
		fmt.Println(answer, found)
		return err
	})
	// Output: At nine. true
}

type Plan struct {
	Done []string `json:"done"`
}

func Example_checkpoints() {
	try(func(ctx context.Context, db *cosmos.Database) error {
		if _, err := db.CreateContainerIfNotExists(ctx, store.CheckpointContainer("threads")); err != nil {
			return err
		}
		checkpoints, err := store.OpenCheckpoints[Plan](ctx, db.Container("threads"))
		if err != nil {
			return err
		}
		latest, err := checkpoints.Load(ctx, "thread-1") // one point read
		if err != nil {
			return err
		}
		next := Plan{Done: append(latest.State.Done, "looked it up")}
		if _, err := checkpoints.Save(ctx, latest, next); errors.Is(err, store.ErrStale) {
			fmt.Println("another worker went on with this thread")
		}

		// Load, change and save, again from the start where another was faster:
		now, err := checkpoints.Update(ctx, "thread-1", func(p Plan) (Plan, error) {
			p.Done = append(p.Done, "answered")
			return p, nil
		})
		fmt.Println(now.Step, now.State.Done)
		return err
	})
	// Output: 2 [looked it up answered]
}

func Example_langchaingo() {
	try(func(ctx context.Context, db *cosmos.Database) error {
		vectors, err := notes(ctx, db)
		if err != nil {
			return err
		}
		if _, err := db.CreateContainerIfNotExists(ctx, store.HistoryContainer("chats", 0)); err != nil {
			return err
		}
		history, err := store.OpenHistory(ctx, db.Container("chats"), "session-1")
		if err != nil {
			return err
		}

		retriever := vectorstores.ToRetriever(langchain.VectorStore{Vectors: vectors}, 4,
			vectorstores.WithFilters(store.Filter{"lang": "en"}))
		buffer := memory.NewConversationBuffer(memory.WithChatHistory(langchain.History{History: history}))

		docs, err := retriever.GetRelevantDocuments(ctx, "books")
		if err != nil {
			return err
		}
		fmt.Println(len(docs), buffer.GetMemoryKey(ctx))
		return nil
	})
	// Output: 0 history
}

func Example_genkit() {
	try(func(ctx context.Context, db *cosmos.Database) error {
		vectors, err := notes(ctx, db)
		if err != nil {
			return err
		}
		g := gk.Init(ctx)
		if _, err := genkit.Index(ctx, vectors,
			ai.DocumentFromText("Books are lent for four weeks.", nil)); err != nil {
			return err
		}

		retriever := genkit.DefineRetriever(g, "cosmos/notes", vectors)
		resp, err := gk.Retrieve(ctx, g, ai.WithRetriever(retriever), ai.WithTextDocs("books"),
			ai.WithConfig(&genkit.RetrieverOptions{K: 3}))
		if err != nil {
			return err
		}
		fmt.Println(resp.Documents[0].Content[0].Text)
		return nil
	})
	// Output: Books are lent for four weeks.
}
