// Command chat is a chat with memory, on langchaingo's interfaces: it answers from notes (a vector store), remembers
// what was said (a chat history), does not think twice about the same question (a semantic cache), and keeps count of
// where it is (a checkpoint), so that another process can go on. With no arguments it runs on the in-process server,
// with COSMOS_DSN on an account. Its "model" only repeats what it is given: take an llms.Model of langchaingo in its
// place.
package main

import (
	"context"
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/memory"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/examples/ai/hashing"
	"github.com/cosmossql/cosmossql/examples/ai/internal/account"
	"github.com/cosmossql/cosmossql/examples/ai/langchain"
	"github.com/cosmossql/cosmossql/examples/ai/store"
)

const embedder = hashing.Embedder(256)

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	db, done, err := account.Open(ctx)
	if err != nil {
		return err
	}
	defer done()
	first, err := open(ctx, db, "ann")
	if err != nil {
		return err
	}
	notes := []schema.Document{
		{PageContent: "The library opens at nine and closes at six."},
		{PageContent: "Books are lent for four weeks, films for one."},
		{PageContent: "A lost card costs five euros."},
	}
	if _, err := first.notes.AddDocuments(ctx, notes); err != nil {
		return err
	}
	for _, question := range []string{
		"When does the library open?", "For how many weeks are books lent?", "When does the library open again?",
	} {
		if err := first.ask(ctx, question); err != nil {
			return err
		}
	}
	// Another process takes up the same session.
	second, err := open(ctx, db, "ann")
	if err != nil {
		return err
	}
	if err := second.ask(ctx, "What does a lost card cost?"); err != nil {
		return err
	}
	said, err := second.memory.LoadMemoryVariables(ctx, nil)
	if err != nil {
		return err
	}
	fmt.Printf("\nwhat it remembers of the last two turns:\n%s\n", said["history"])
	return nil
}

// chat is one session.
type chat struct {
	session string
	notes   langchain.VectorStore
	memory  schema.Memory
	model   llms.Model
	asked   *store.Checkpoints[progress]
}

type progress struct {
	Questions int `json:"questions"`
}

func open(ctx context.Context, db *cosmos.Database, session string) (*chat, error) {
	for _, p := range []cosmos.ContainerProperties{
		store.VectorContainer{ID: "library", Dimensions: int(embedder), Expiry: true}.Properties(),
		store.HistoryContainer("chats", 30*24*time.Hour),
		store.CheckpointContainer("progress"),
	} {
		if _, err := db.CreateContainerIfNotExists(ctx, p); err != nil {
			return nil, err
		}
	}
	vectors, err := store.OpenVectors(ctx, db.Container("library"), embedder)
	if err != nil {
		return nil, err
	}
	history, err := store.OpenHistory(ctx, db.Container("chats"), session)
	if err != nil {
		return nil, err
	}
	cache, err := store.NewCache(vectors, store.CacheOptions{Threshold: 0.85, TTL: time.Hour})
	if err != nil {
		return nil, err
	}
	asked, err := store.OpenCheckpoints[progress](ctx, db.Container("progress"))
	if err != nil {
		return nil, err
	}
	return &chat{
		session: session,
		notes:   langchain.VectorStore{Vectors: vectors},
		memory:  memory.NewConversationWindowBuffer(2, memory.WithChatHistory(langchain.History{History: history})),
		model: langchain.Cached{
			Model: parrot{vectorstores.ToRetriever(langchain.VectorStore{Vectors: vectors}, 1)},
			Cache: cache,
			Scope: session,
		},
		asked: asked,
	}, nil
}

// ask answers a question and remembers both.
func (c *chat) ask(ctx context.Context, question string) error {
	answer, err := llms.GenerateFromSinglePrompt(ctx, c.model, question)
	if err != nil {
		return err
	}
	err = c.memory.SaveContext(ctx, map[string]any{"question": question}, map[string]any{"answer": answer})
	if err != nil {
		return err
	}
	now, err := c.asked.Update(
		ctx,
		c.session,
		func(p progress) (progress, error) { return progress{p.Questions + 1}, nil },
	)
	if err != nil {
		return err
	}
	fmt.Printf("%d. %s\n   %s\n", now.State.Questions, question, answer)
	return nil
}

// parrot is a model that has nothing to say but what the notes have.
type parrot struct{ notes schema.Retriever }

func (p parrot) GenerateContent(
	ctx context.Context,
	messages []llms.MessageContent,
	_ ...llms.CallOption,
) (*llms.ContentResponse, error) {
	question := messages[len(messages)-1].Parts[0].(llms.TextContent).Text
	docs, err := p.notes.GetRelevantDocuments(ctx, question)
	if err != nil {
		return nil, err
	}
	answer := "I do not know."
	if len(docs) > 0 {
		answer = docs[0].PageContent
	}
	fmt.Printf("   (thinking about %d words)\n", len(strings.Fields(question)))
	return &llms.ContentResponse{Choices: []*llms.ContentChoice{{Content: answer}}}, nil
}

func (p parrot) Call(ctx context.Context, prompt string, options ...llms.CallOption) (string, error) {
	return llms.GenerateFromSinglePrompt(ctx, p, prompt, options...)
}
