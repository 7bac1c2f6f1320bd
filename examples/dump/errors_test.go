package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
)

// A dump that does not fit is refused before anything is written, of the containers that would fit, too.
func TestWhatDoesNotFit(t *testing.T) {
	_, client := account(t)
	for _, name := range []string{"shop", "other"} {
		_, err := client.CreateDatabase(t.Context(), name)
		require.NoError(t, err)
	}
	shop, other := client.Database("shop"), client.Database("other")
	for _, id := range []string{"a", "z"} {
		_, err := shop.CreateContainer(t.Context(),
			cosmos.ContainerProperties{ID: id, PartitionKey: cosmos.PartitionKeyPaths("/id")})
		require.NoError(t, err)
		_, err = shop.Container(id).CreateItem(t.Context(), map[string]string{"id": "1", "city": "Oslo"})
		require.NoError(t, err)
	}
	dir := t.TempDir()
	_, err := output(t.Context(), "-db", "shop", "save", dir)
	require.NoError(t, err)

	_, err = other.CreateContainer(t.Context(),
		cosmos.ContainerProperties{ID: "z", PartitionKey: cosmos.PartitionKeyPaths("/city")})
	require.NoError(t, err)
	_, err = output(t.Context(), "-db", "other", "load", dir)
	require.EqualError(t, err, `z does not fit: the paths of the partition key were ["/id"] when it was saved, and `+
		`those of the container that is there are ["/city"]; nothing was written`)
	_, err = other.Container("a").Read(t.Context())
	require.ErrorIs(t, err, cosmos.ErrNotFound)

	// What is there already is left alone, or replaced.
	_, err = shop.Container("a").UpsertItem(t.Context(), map[string]string{"id": "1", "city": "Rome"})
	require.NoError(t, err)
	out, err := output(t.Context(), "-db", "shop", "-container", "a", "load", dir)
	require.NoError(t, err)
	require.Contains(t, out, "a: 0 documents loaded")
	require.Contains(t, out, "1 were there already")
	require.Contains(t, contents(t, shop.Container("a"))[`"1"`], "Rome")
	_, err = output(t.Context(), "-db", "shop", "-container", "a", "-overwrite", "load", dir)
	require.NoError(t, err)
	require.Contains(t, contents(t, shop.Container("a"))[`"1"`], "Oslo")

	// A file that somebody has changed.
	files, err := filepath.Glob(filepath.Join(dir, "a", "*.jsonl"))
	require.NoError(t, err)
	for _, name := range files {
		require.NoError(t, os.WriteFile(name, []byte("{}\n"), 0o600))
	}
	_, err = output(t.Context(), "-db", "new", "load", dir)
	require.ErrorContains(t, err, "when it was saved")
	_, err = client.Database("new").Read(t.Context())
	require.ErrorIs(t, err, cosmos.ErrNotFound)
}

// A document whose unique key another document has is named: it is neither there nor stored. One that is there is told
// from it.
func TestUniqueKeyOfAnother(t *testing.T) {
	_, client := account(t)
	for _, name := range []string{"shop", "other"} {
		_, err := client.CreateDatabase(t.Context(), name)
		require.NoError(t, err)
	}
	properties := cosmos.ContainerProperties{
		ID: "people", PartitionKey: cosmos.PartitionKeyPaths("/city"),
		UniqueKeyPolicy: &cosmos.UniqueKeyPolicy{UniqueKeys: []cosmos.UniqueKey{{Paths: []string{"/mail"}}}},
	}
	_, err := client.Database("shop").CreateContainer(t.Context(), properties)
	require.NoError(t, err)
	for _, id := range []string{"1", "2"} {
		_, err = client.Database("shop").Container("people").CreateItem(t.Context(),
			map[string]string{"id": id, "city": "Oslo", "mail": "m" + id})
		require.NoError(t, err)
	}
	dir := t.TempDir()
	_, err = output(t.Context(), "-db", "shop", "save", dir)
	require.NoError(t, err)
	out, err := output(t.Context(), "-db", "shop", "load", dir)
	require.NoError(t, err)
	require.Contains(t, out, "2 were there already")

	other := client.Database("other").Container("people")
	_, err = client.Database("other").CreateContainer(t.Context(), properties)
	require.NoError(t, err)
	for id, mail := range map[string]string{"1": "m1", "9": "m2"} {
		_, err = other.CreateItem(t.Context(), map[string]string{"id": id, "city": "Oslo", "mail": mail})
		require.NoError(t, err)
	}
	for _, args := range [][]string{{"-db", "other", "load", dir}, {"-db", "other", "-overwrite", "load", dir}} {
		_, err = output(t.Context(), args...)
		require.ErrorContains(t, err, "document 2", args)
	}
	_, err = other.DeleteItem(t.Context(), "9", cosmos.PartitionKey("Oslo"))
	require.NoError(t, err)
	out, err = output(t.Context(), "-db", "other", "-resume", "load", dir)
	require.NoError(t, err, out)
	require.Len(t, contents(t, other), 2)
}

func TestErrors(t *testing.T) {
	account(t)
	for want, args := range map[string][]string{
		"say what to do":                 {"-db", "shop", "delete", "x"},
		"-db is missing":                 {"save", "x"},
		"-parallel and -ru are":          {"-db", "shop", "-parallel", "0", "save", "x"},
		"holds no dump of a container":   {"-db", "shop", "load", t.TempDir()},
		"holds no dump of a container x": {"-db", "shop", "-container", "x", "load", t.TempDir()},
		"404 NotFound":                   {"-db", "nothing", "save", t.TempDir()},
	} {
		_, err := output(t.Context(), args...)
		require.ErrorContains(t, err, want)
	}
	broken := filepath.Join(t.TempDir(), "a")
	require.NoError(t, os.MkdirAll(broken, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(broken), databaseName),
		[]byte(`{"Containers":["a","b"]}`), 0o600))
	_, err := output(t.Context(), "-db", "shop", "load", filepath.Dir(broken))
	require.ErrorContains(t, err, "the container a is not saved yet: end it with save -resume")
	require.NoError(t, os.WriteFile(filepath.Join(broken, manifestName), []byte(`{"Def`), 0o600))
	_, err = output(t.Context(), "-db", "shop", "load", filepath.Dir(broken))
	require.ErrorContains(t, err, "container.json is damaged")
}
