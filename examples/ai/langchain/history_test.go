package langchain_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/memory"

	"github.com/cosmossql/cosmossql/examples/ai/langchain"
	"github.com/cosmossql/cosmossql/examples/ai/store"
)

func history(t *testing.T) langchain.History {
	c, _ := container(t, store.HistoryContainer("chats", 0))
	h, err := store.OpenHistory(t.Context(), c, "ann")
	require.NoError(t, err)
	return langchain.History{History: h}
}

func TestHistory(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	h := history(t)
	messages, err := h.Messages(ctx)
	require.NoError(t, err)
	require.Equal(t, []llms.ChatMessage{}, messages)

	require.NoError(t, h.AddAIMessage(ctx, "foo"))
	require.NoError(t, h.AddUserMessage(ctx, "bar"))
	messages, err = h.Messages(ctx)
	require.NoError(t, err)
	require.Equal(
		t,
		[]llms.ChatMessage{llms.AIChatMessage{Content: "foo"}, llms.HumanChatMessage{Content: "bar"}},
		messages,
	)

	// Every type comes back as it was.
	all := []llms.ChatMessage{
		llms.SystemChatMessage{Content: "be brief"},
		llms.HumanChatMessage{Content: "weather?"},
		llms.AIChatMessage{
			ToolCalls: []llms.ToolCall{
				{ID: "1", Type: "function",
					FunctionCall: &llms.FunctionCall{Name: "weather", Arguments: `{"in":"Oslo"}`}},
			},
		},
		llms.ToolChatMessage{ID: "1", Content: "rain"},
		llms.AIChatMessage{Content: "rain", ReasoningContent: "I looked"},
		llms.GenericChatMessage{Content: "hm", Role: "critic", Name: "bob"},
		llms.FunctionChatMessage{Name: "f", Content: "1"},
	}
	require.NoError(t, h.SetMessages(ctx, all))
	messages, err = h.Messages(ctx)
	require.NoError(t, err)
	require.Equal(t, all, messages)
	require.Error(t, h.AddMessage(ctx, nil))

	// So do messages that another program wrote.
	_, err = h.Append(ctx, store.Message{Role: "human", Content: "from elsewhere"})
	require.NoError(t, err)
	messages, err = h.Messages(ctx)
	require.NoError(t, err)
	require.Equal(t, llms.HumanChatMessage{Content: "from elsewhere"}, messages[7])
	_, err = h.Append(ctx, store.Message{Role: "parrot"})
	require.NoError(t, err)
	_, err = h.Messages(ctx)
	require.ErrorIs(t, err, llms.ErrUnexpectedChatMessageType)
	require.ErrorContains(t, err, `"parrot"`)
	require.NoError(t, h.SetMessages(ctx, all))

	h.Window = 2
	messages, err = h.Messages(ctx)
	require.NoError(t, err)
	require.Equal(t, all[5:], messages)
	require.NoError(t, h.Clear(ctx))
	messages, err = h.Messages(ctx)
	require.NoError(t, err)
	require.Empty(t, messages)
}

// langchaingo's memories work on it.
func TestMemory(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	h := history(t)
	buffer := memory.NewConversationBuffer(memory.WithChatHistory(h))
	require.NoError(t, buffer.SaveContext(ctx, map[string]any{"foo": "bar"}, map[string]any{"bar": "foo"}))
	loaded, err := buffer.LoadMemoryVariables(ctx, nil)
	require.NoError(t, err)
	require.Equal(t, map[string]any{"history": "Human: bar\nAI: foo"}, loaded)

	window := memory.NewConversationWindowBuffer(1, memory.WithChatHistory(h))
	require.NoError(t, window.SaveContext(ctx, map[string]any{"foo": "bar1"}, map[string]any{"bar": "foo1"}))
	loaded, err = window.LoadMemoryVariables(ctx, nil)
	require.NoError(t, err)
	require.Equal(t, map[string]any{"history": "Human: bar1\nAI: foo1"}, loaded)
	require.NoError(t, buffer.Clear(ctx))
	loaded, err = buffer.LoadMemoryVariables(ctx, nil)
	require.NoError(t, err)
	require.Equal(t, map[string]any{"history": ""}, loaded)
}
