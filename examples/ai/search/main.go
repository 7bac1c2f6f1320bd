// Command search looks for documents by what they mean and by their words. With no arguments it runs on the in-process
// server, with COSMOS_DSN on an account:
//
//	go run ./search
//	COSMOS_DSN='AccountEndpoint=…;AccountKey=…' go run ./search
//
// Its vectors are made by hashing, without a model: take an embedder of your framework in its place.
package main

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/cosmossql/cosmossql/examples/ai/hashing"
	"github.com/cosmossql/cosmossql/examples/ai/internal/account"
	"github.com/cosmossql/cosmossql/examples/ai/store"
)

var notes = []store.Document{
	{
		Text:     "A partition key spreads documents: choose one with many values that queries filter on.",
		Metadata: map[string]any{"about": "model", "year": 2024},
	},
	{
		Text:     "A hierarchical partition key has up to three levels, such as tenant, user and session.",
		Metadata: map[string]any{"about": "model", "year": 2025},
	},
	{
		Text:     "Request units measure what an operation costs: reading one kilobyte by its id is one unit.",
		Metadata: map[string]any{"about": "cost", "year": 2024},
	},
	{
		Text:     "Autoscale throughput follows the load, between a tenth of its limit and the limit.",
		Metadata: map[string]any{"about": "cost", "year": 2025},
	},
	{
		Text:     "The change feed gives documents in the order in which they changed.",
		Metadata: map[string]any{"about": "events", "year": 2025},
	},
	{
		Text:     "Error 429 means that requests came faster than the throughput allows.",
		Metadata: map[string]any{"about": "errors", "year": 2025},
	},
}

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

	embedder := hashing.Embedder(256)
	definition := store.VectorContainer{ID: "notes", Dimensions: 256, Fields: []string{"about", "year"},
		Language: "en-US"}
	if _, err := db.CreateContainerIfNotExists(ctx, definition.Properties()); err != nil {
		return err
	}
	vectors, err := store.OpenVectors(ctx, db.Container("notes"), embedder)
	if err != nil {
		return err
	}
	ids, err := vectors.Add(ctx, notes...)
	if err != nil {
		return err
	}
	defer func() { _ = vectors.Delete(ctx, ids...) }()

	for _, s := range []struct {
		what string
		store.Search
	}{
		{"by meaning", store.Search{Text: "which partition keys should I choose", Top: 2}},
		{"with a filter", store.Search{
			Text:   "partition key levels",
			Filter: store.Filter{"about": "model", "year": map[string]any{"$gte": 2025}},
		}},
		{"nothing is similar enough", store.Search{Text: "bread and butter", Threshold: new(0.5)}},
		{"by words too", store.Search{Text: "what is a 429?", Top: 1, Hybrid: &store.Hybrid{Vector: 1, Text: 2}}},
	} {
		found, err := vectors.Find(ctx, s.Search)
		if err != nil {
			return err
		}
		fmt.Printf("%s: %s\n", s.what, s.Text)
		for _, d := range found {
			fmt.Printf("  %.2f  %s\n", d.Score, d.Text)
		}
	}
	_, err = vectors.Find(ctx, store.Search{Text: "units", Filter: store.Filter{"abuot": "cost"}})
	what, howTo, _ := strings.Cut(err.Error(), ". ")
	fmt.Printf("%s.\n%s.\n", what, strings.ReplaceAll(howTo, ", or", ",\nor"))
	return nil
}
