package langchain

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/cosmossql/cosmossql/examples/ai/store"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/schema"
)

// History is a [store.History] for langchaingo, such as memory.WithChatHistory takes. Messages come back as the types
// that they were, with calls of tools and names.
type History struct {
	*store.History
	Window int // Messages returns only the last so many; 0: all
}

var _ schema.ChatMessageHistory = History{}

// AddMessage adds a message of any of langchaingo's types.
func (h History) AddMessage(ctx context.Context, message llms.ChatMessage) error {
	m, err := encode(message)
	if err != nil {
		return err
	}
	_, err = h.Append(ctx, m)
	return err
}

// AddUserMessage adds what a human says.
func (h History) AddUserMessage(ctx context.Context, text string) error {
	return h.AddMessage(ctx, llms.HumanChatMessage{Content: text})
}

// AddAIMessage adds what the model says.
func (h History) AddAIMessage(ctx context.Context, text string) error {
	return h.AddMessage(ctx, llms.AIChatMessage{Content: text})
}

// Messages returns the messages in their order.
func (h History) Messages(ctx context.Context) ([]llms.ChatMessage, error) {
	stored := []store.Message{}
	if h.Window > 0 {
		var err error
		if stored, _, err = h.Page(ctx, 0, h.Window); err != nil {
			return nil, err
		}
	} else {
		for m, err := range h.History.Messages(ctx) {
			if err != nil {
				return nil, err
			}
			stored = append(stored, m)
		}
	}
	messages := make([]llms.ChatMessage, len(stored))
	for i, m := range stored {
		var err error
		if messages[i], err = decode(m); err != nil {
			return nil, err
		}
	}
	return messages, nil
}

// SetMessages puts other messages in the place of those that are there.
func (h History) SetMessages(ctx context.Context, messages []llms.ChatMessage) error {
	list := make([]store.Message, len(messages))
	for i, message := range messages {
		var err error
		if list[i], err = encode(message); err != nil {
			return err
		}
	}
	return h.Set(ctx, list...)
}

// encode keeps the whole message beside its text: an AI message may have calls of tools, a generic one a name.
func encode(message llms.ChatMessage) (store.Message, error) {
	if message == nil {
		return store.Message{}, fmt.Errorf("langchain: a nil message")
	}
	m := store.Message{Role: string(message.GetType()), Content: message.GetContent()}
	if _, err := decode(m); err != nil {
		return m, err
	}
	var err error
	if ai, ok := message.(llms.AIChatMessage); ok {
		m.Extra, err = json.Marshal(aiRecord(ai))
	} else {
		m.Extra, err = json.Marshal(message)
	}
	return m, err
}

// aiMessage is an AI message as it is stored. langchaingo's own JSON of a tool call is read back without the function's
// name and arguments (v0.1.14), so it has fields of its own here.
type aiMessage struct {
	Content          string             `json:"content,omitempty"`
	FunctionCall     *llms.FunctionCall `json:"function_call,omitempty"`
	ToolCalls        []toolCall         `json:"tool_calls,omitempty"`
	ReasoningContent string             `json:"reasoning_content,omitempty"`
}

type toolCall llms.ToolCall // without its methods

func aiRecord(m llms.AIChatMessage) aiMessage {
	r := aiMessage{Content: m.Content, FunctionCall: m.FunctionCall, ReasoningContent: m.ReasoningContent}
	for _, c := range m.ToolCalls {
		r.ToolCalls = append(r.ToolCalls, toolCall(c))
	}
	return r
}

func (r aiMessage) message() llms.AIChatMessage {
	m := llms.AIChatMessage{Content: r.Content, FunctionCall: r.FunctionCall, ReasoningContent: r.ReasoningContent}
	for _, c := range r.ToolCalls {
		m.ToolCalls = append(m.ToolCalls, llms.ToolCall(c))
	}
	return m
}

func decode(m store.Message) (llms.ChatMessage, error) {
	switch llms.ChatMessageType(m.Role) {
	case llms.ChatMessageTypeAI:
		r, err := as[aiMessage](m)
		return r.message(), err
	case llms.ChatMessageTypeHuman:
		return as[llms.HumanChatMessage](m)
	case llms.ChatMessageTypeSystem:
		return as[llms.SystemChatMessage](m)
	case llms.ChatMessageTypeGeneric:
		return as[llms.GenericChatMessage](m)
	case llms.ChatMessageTypeFunction:
		return as[llms.FunctionChatMessage](m)
	case llms.ChatMessageTypeTool:
		return as[llms.ToolChatMessage](m)
	}
	return nil, fmt.Errorf("langchain: message %d: %w: %q", m.Seq, llms.ErrUnexpectedChatMessageType, m.Role)
}

func as[T any](m store.Message) (message T, err error) {
	data := m.Extra
	if data == nil { // it was not written by langchaingo
		if data, err = json.Marshal(map[string]string{"content": m.Content}); err != nil {
			return message, err
		}
	}
	if err := json.Unmarshal(data, &message); err != nil {
		return message, fmt.Errorf("langchain: message %d: %w", m.Seq, err)
	}
	return message, nil
}
