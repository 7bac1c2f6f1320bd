package store

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// wrapped is the JSON of a client encryption key.
func wrapped(id, key string) []byte {
	return []byte(`{"id":"` + id + `","encryptionAlgorithm":"AEAD_AES_256_CBC_HMAC_SHA256",` +
		`"wrappedDataEncryptionKey":"` + key + `",` +
		`"keyWrapMetadata":{"type":"AZURE_KEY_VAULT","name":"k","value":"https://vault.example/k"}}`)
}

func TestEncryptionKeys(t *testing.T) {
	t.Parallel()
	a := NewAccount(Options{})
	d, err := a.CreateDatabase([]byte(`{"id":"d"}`), Throughput{})
	require.NoError(t, err)
	first, err := d.PutEncryptionKey(nil, wrapped("first", "AAEC"), "")
	require.NoError(t, err)
	require.Equal(t, "dbs/"+d.RID()+"/clientencryptionkeys/"+first.RID()+"/", first.Self())
	require.Equal(t, "k", first.Value().Get("keyWrapMetadata").Get("name").AsString(), "the clients' own stays")
	second, err := d.PutEncryptionKey(nil, wrapped("second", "AAEC"), "")
	require.NoError(t, err)
	_, err = d.PutEncryptionKey(nil, wrapped("first", "AAEC"), "")
	refused(t, err, 409, "already exists")
	for _, name := range []string{"first", first.RID()} {
		found, err := d.EncryptionKey(name)
		require.NoError(t, err)
		require.Same(t, first, found)
	}
	_, err = d.EncryptionKey("third")
	refused(t, err, 404, "")

	// A client wraps the key anew. It keeps its rid and its place in the list.
	rewrapped, err := d.PutEncryptionKey(first, wrapped("first", "AwQF"), first.ETag())
	require.NoError(t, err)
	require.Equal(t, []string{first.RID(), first.Self()}, []string{rewrapped.RID(), rewrapped.Self()})
	require.NotEqual(t, first.ETag(), rewrapped.ETag())
	require.Equal(t, []*Resource{rewrapped, second}, d.EncryptionKeys())
	for _, name := range []string{"first", first.RID()} {
		found, err := d.EncryptionKey(name)
		require.NoError(t, err)
		require.Same(t, rewrapped, found)
	}
	// One who has found the key before that is told by the etag, and only if there is one.
	_, err = d.PutEncryptionKey(first, wrapped("first", "AAEC"), first.ETag())
	refused(t, err, 412, "precondition")
	_, err = d.PutEncryptionKey(second, wrapped("first", "AAEC"), "")
	refused(t, err, 400, "cannot be changed")
	again, err := d.PutEncryptionKey(first, wrapped("first", "AAEC"), "")
	require.NoError(t, err)
	require.Equal(t, []*Resource{again, second}, d.EncryptionKeys())

	other, err := a.CreateDatabase([]byte(`{"id":"other"}`), Throughput{})
	require.NoError(t, err)
	_, err = other.PutEncryptionKey(first, wrapped("first", "AAEC"), "")
	refused(t, err, 404, "Resource Not Found")
	require.Empty(t, other.EncryptionKeys(), "a key is its database's")
	require.NoError(t, a.DeleteDatabase(d))
	_, err = d.PutEncryptionKey(again, wrapped("first", "AwQF"), "")
	refused(t, err, 404, "Resource Not Found")
}

// What a key must have is said of all that it lacks, in one order.
func TestEncryptionKeyRefused(t *testing.T) {
	t.Parallel()
	a := NewAccount(Options{})
	d, err := a.CreateDatabase([]byte(`{"id":"d"}`), Throughput{})
	require.NoError(t, err)
	whole := string(wrapped("k", "AAEC"))
	for _, test := range []struct{ name, body, want string }{
		{"no JSON", `{`, "request payload is invalid"},
		{"no id", strings.Replace(whole, `"id":"k",`, "", 1), "'id; '"},
		{"a name with a slash", strings.Replace(whole, `"k"`, `"a/b"`, 1), "invalid character"},
		{"nothing", `{"id":"k"}`, "'encryptionAlgorithm; wrappedDataEncryptionKey; keyWrapMetadata; '"},
		{"no algorithm", strings.Replace(whole, "encryptionAlgorithm", "algorithm", 1), "'encryptionAlgorithm; '"},
		{"a key that is a number", strings.Replace(whole, `"AAEC"`, "5", 1), "'wrappedDataEncryptionKey; '"},
		{"metadata that is a text", `{"id":"k","encryptionAlgorithm":"a","wrappedDataEncryptionKey":"k",` +
			`"keyWrapMetadata":"m"}`, "'keyWrapMetadata; '"},
	} {
		_, err := d.PutEncryptionKey(nil, []byte(test.body), "")
		refused(t, err, 400, test.want)
	}
	require.Empty(t, d.EncryptionKeys())
	k, err := d.PutEncryptionKey(nil, []byte(whole), "")
	require.NoError(t, err)
	_, err = d.PutEncryptionKey(k, []byte(`{"id":"k"}`), "")
	refused(t, err, 400, "'encryptionAlgorithm; ")
	require.Equal(t, []*Resource{k}, d.EncryptionKeys())
}
