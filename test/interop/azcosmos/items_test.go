package azcosmos

import (
	"net/http"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/stretchr/testify/require"
)

func TestItems(t *testing.T) {
	t.Parallel()
	a := newItems(t, "/pk")
	pk := azcosmos.NewPartitionKeyString("p")
	doc := map[string]any{"id": "ada", "pk": "p", "n": 1.0, "deep": map[string]any{"list": []any{nil, true, "é"}}}

	created, err := a.azure.CreateItem(t.Context(), pk, must(t, doc), nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, created.RawResponse.StatusCode)
	require.Subset(t, object(t, created.Value), doc)
	require.Positive(t, created.RequestCharge)
	require.NotEmpty(t, created.ActivityID)
	require.NotNil(t, created.SessionToken)
	_, err = a.azure.CreateItem(t.Context(), pk, must(t, doc), nil)
	require.Equal(t, http.StatusConflict, status(err))

	read, err := a.azure.ReadItem(t.Context(), pk, "ada", &azcosmos.ItemOptions{SessionToken: created.SessionToken})
	require.NoError(t, err)
	require.JSONEq(t, string(created.Value), string(read.Value))

	doc["n"] = 2.0
	replaced, err := a.azure.ReplaceItem(t.Context(), pk, "ada", must(t, doc),
		&azcosmos.ItemOptions{IfMatchEtag: &created.ETag})
	require.NoError(t, err)
	require.NotEqual(t, created.ETag, replaced.ETag)
	_, err = a.azure.ReplaceItem(t.Context(), pk, "ada", must(t, doc),
		&azcosmos.ItemOptions{IfMatchEtag: &created.ETag})
	require.Equal(t, http.StatusPreconditionFailed, status(err))

	upserted, err := a.azure.UpsertItem(t.Context(), pk, must(t, doc), nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, upserted.RawResponse.StatusCode)
	upserted, err = a.azure.UpsertItem(t.Context(), pk, []byte(`{"id":"new","pk":"p"}`), nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, upserted.RawResponse.StatusCode)

	_, err = a.azure.DeleteItem(t.Context(), pk, "ada", nil)
	require.NoError(t, err)
	for name, err := range map[string]error{
		"read":    second(a.azure.ReadItem(t.Context(), pk, "ada", nil)),
		"replace": second(a.azure.ReplaceItem(t.Context(), pk, "ada", must(t, doc), nil)),
		"delete":  second(a.azure.DeleteItem(t.Context(), pk, "ada", nil)),
	} {
		require.Equal(t, http.StatusNotFound, status(err), name)
	}
}

func second(_ azcosmos.ItemResponse, err error) error { return err }

// Without EnableContentResponseOnWrite azcosmos asks for an empty answer and relies on getting one.
func TestMinimalAnswers(t *testing.T) {
	t.Parallel()
	a := newItems(t, "/pk")
	key, err := azcosmos.NewKeyCredential(a.server.Key())
	require.NoError(t, err)
	client, err := azcosmos.NewClientWithKey(a.server.Endpoint(), key, nil)
	require.NoError(t, err)
	t.Cleanup(client.Close)
	c, err := client.NewContainer("shop", "items")
	require.NoError(t, err)
	resp, err := c.CreateItem(t.Context(), azcosmos.NewPartitionKeyString("p"), []byte(`{"id":"1","pk":"p"}`), nil)
	require.NoError(t, err)
	require.Empty(t, resp.Value)
	require.NotEmpty(t, resp.ETag)
}

func TestPartitionKeys(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		azure azcosmos.PartitionKey
		ours  any
		json  string
	}{
		{"string", azcosmos.NewPartitionKeyString("p"), "p", `"pk":"p",`},
		{"empty string", azcosmos.NewPartitionKeyString(""), "", `"pk":"",`},
		{"unicode", azcosmos.NewPartitionKeyString("žluť日本"), "žluť日本", `"pk":"žluť日本",`},
		{"quotes", azcosmos.NewPartitionKeyString(`a"b\c`), `a"b\c`, `"pk":"a\"b\\c",`},
		{"number", azcosmos.NewPartitionKeyNumber(-12.5), -12.5, `"pk":-12.5,`},
		{"whole number", azcosmos.NewPartitionKeyNumber(7), 7, `"pk":7,`},
		{"true", azcosmos.NewPartitionKeyBool(true), true, `"pk":true,`},
		{"false", azcosmos.NewPartitionKeyBool(false), false, `"pk":false,`},
		{"null", azcosmos.NullPartitionKey, nil, `"pk":null,`},
	}
	a := newItems(t, "/pk")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := a.azure.CreateItem(t.Context(), tt.azure, []byte(`{`+tt.json+`"id":"azure"}`), nil)
			require.NoError(t, err)
			_, err = a.ours.CreateItem(t.Context(), []byte(`{`+tt.json+`"id":"ours"}`))
			require.NoError(t, err)

			mine, err := a.ours.ReadItem(t.Context(), "azure", cosmos.PartitionKey(tt.ours))
			require.NoError(t, err)
			theirs, err := a.azure.ReadItem(t.Context(), tt.azure, "azure", nil)
			require.NoError(t, err)
			require.Equal(t, string(theirs.Value), string(mine.Body))
			_, err = a.azure.ReadItem(t.Context(), tt.azure, "ours", nil)
			require.NoError(t, err)
		})
	}
}

func TestHierarchicalKeys(t *testing.T) {
	t.Parallel()
	a := newItems(t, "/tenant", "/user")
	key := azcosmos.NewPartitionKeyString("t1").AppendNumber(7)
	_, err := a.azure.CreateItem(t.Context(), key, []byte(`{"id":"1","tenant":"t1","user":7}`), nil)
	require.NoError(t, err)
	_, err = a.ours.CreateItem(t.Context(), []byte(`{"id":"2","tenant":"t1","user":7}`))
	require.NoError(t, err)
	_, err = a.ours.ReadItem(t.Context(), "1", cosmos.PartitionKey("t1", 7))
	require.NoError(t, err)
	_, err = a.azure.ReadItem(t.Context(), key, "2", nil)
	require.NoError(t, err)
}

// What one client's ETag guards, the other's write has to respect.
func TestETagsAcrossClients(t *testing.T) {
	t.Parallel()
	a := newItems(t, "/pk")
	pk := azcosmos.NewPartitionKeyString("p")
	created, err := a.ours.CreateItem(t.Context(), []byte(`{"id":"1","pk":"p","n":0}`))
	require.NoError(t, err)
	etag := azcore.ETag(created.ETag)
	fresh, err := a.azure.ReplaceItem(t.Context(), pk, "1", []byte(`{"id":"1","pk":"p","n":1}`),
		&azcosmos.ItemOptions{IfMatchEtag: &etag})
	require.NoError(t, err)
	_, err = a.ours.ReplaceItem(t.Context(), "1", []byte(`{"id":"1","pk":"p","n":2}`), cosmos.IfMatch(created.ETag))
	require.ErrorIs(t, err, cosmos.ErrPreconditionFailed)
	_, err = a.ours.ReplaceItem(t.Context(), "1", []byte(`{"id":"1","pk":"p","n":2}`),
		cosmos.IfMatch(string(fresh.ETag)))
	require.NoError(t, err)
	unchanged, err := a.ours.ReadItem(t.Context(), "1", cosmos.PartitionKey("p"),
		cosmos.IfNoneMatch(string(fresh.ETag)))
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, unchanged.StatusCode)
}
