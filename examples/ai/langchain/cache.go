package langchain

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/cosmossql/cosmossql/examples/ai/store"
	"github.com/tmc/langchaingo/llms"
)

// Cached is a model whose answers are kept in a semantic cache: a last message that is similar enough to one that was
// answered before gets the same answer, if the messages before it and the options of the call are the same. Only plain
// texts are cached; what has images or tools goes to the model.
type Cached struct {
	Model llms.Model
	Cache *store.Cache
	Scope string // keeps apart what must not share answers: users, prompts' versions
}

var _ llms.Model = Cached{}

// GenerateContent answers from the cache, or asks the model and keeps its answer.
func (c Cached) GenerateContent(
	ctx context.Context,
	messages []llms.MessageContent,
	options ...llms.CallOption,
) (*llms.ContentResponse, error) {
	var opts llms.CallOptions
	for _, o := range options {
		o(&opts)
	}
	question, ok := lastText(messages)
	if !ok || opts.N > 1 || opts.CandidateCount > 1 || len(opts.Tools) > 0 || len(opts.Functions) > 0 {
		return c.Model.GenerateContent(ctx, messages, options...)
	}
	before, err := json.Marshal([]any{c.Scope, messages[:len(messages)-1], messages[len(messages)-1].Role, opts})
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(before)
	scope := hex.EncodeToString(sum[:])
	answer, found, err := c.Cache.Get(ctx, scope, question)
	if err != nil {
		return nil, err
	}
	if found {
		if opts.StreamingFunc != nil {
			if err := opts.StreamingFunc(ctx, []byte(answer)); err != nil {
				return nil, err
			}
		}
		return &llms.ContentResponse{Choices: []*llms.ContentChoice{{Content: answer, StopReason: "cached"}}}, nil
	}
	resp, err := c.Model.GenerateContent(ctx, messages, options...)
	if err != nil || len(resp.Choices) != 1 || resp.Choices[0].Content == "" || len(resp.Choices[0].ToolCalls) > 0 {
		return resp, err
	}
	return resp, c.Cache.Put(ctx, scope, question, resp.Choices[0].Content)
}

// Call answers a single prompt.
//
// Deprecated: it is part of llms.Model; use GenerateContent.
func (c Cached) Call(ctx context.Context, prompt string, options ...llms.CallOption) (string, error) {
	return llms.GenerateFromSinglePrompt(ctx, c, prompt, options...)
}

// lastText is the text of the last message, if it is nothing but one text.
func lastText(messages []llms.MessageContent) (string, bool) {
	if len(messages) == 0 || len(messages[len(messages)-1].Parts) != 1 {
		return "", false
	}
	text, ok := messages[len(messages)-1].Parts[0].(llms.TextContent)
	return text.Text, ok && text.Text != ""
}
