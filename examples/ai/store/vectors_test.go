package store_test

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/examples/ai/store"
)

// exact ranks all documents by comparing with each, as a search has to.
func exact(docs []store.Document, vector []float32, distance cosmos.DistanceFunction, top int) []string {
	score := func(d store.Document) float64 {
		var dot, a, b, square float64
		for i := range vector {
			x, y := float64(vector[i]), float64(d.Vector[i])
			dot, a, b, square = dot+x*y, a+x*x, b+y*y, square+(x-y)*(x-y)
		}
		switch distance {
		case cosmos.DistanceDotProduct:
			return dot
		case cosmos.DistanceEuclidean:
			return -math.Sqrt(square)
		}
		return dot / math.Sqrt(a*b)
	}
	ranked := slices.SortedStableFunc(
		slices.Values(docs),
		func(a, b store.Document) int { return cmp.Compare(score(b), score(a)) },
	)
	var ids []string
	for _, d := range ranked[:top] {
		ids = append(ids, d.ID)
	}
	return ids
}

// Every kind of index and distance finds what comparing with all documents finds, in one namespace and over all of
// them.
func TestRecall(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	vector := func() []float32 {
		v := make([]float32, 16)
		for i := range v {
			v[i] = random.Float32()*2 - 1
		}
		return v
	}
	var docs, third []store.Document
	for i := range 300 {
		d := store.Document{ID: fmt.Sprint(i), Text: "text", Vector: vector()}
		docs = append(docs, d)
		if i%3 == 1 {
			third = append(third, d)
		}
	}
	queries := make([][]float32, 10)
	for i := range queries {
		queries[i] = vector()
	}
	for _, index := range []cosmos.VectorIndexType{"flat", "quantizedFlat", "diskANN"} {
		for _, distance := range []cosmos.DistanceFunction{"cosine", "dotproduct", "euclidean"} {
			t.Run(fmt.Sprint(index, distance), func(t *testing.T) {
				t.Parallel()
				v := vectors(t, store.VectorContainer{Dimensions: 16, Index: index, Distance: distance})
				for i := range 3 {
					var part []store.Document
					for j := i; j < len(docs); j += 3 {
						part = append(part, docs[j])
					}
					_, err := v.Namespace(fmt.Sprint("n", i)).Add(t.Context(), part...)
					require.NoError(t, err)
				}
				for _, q := range queries {
					for _, exactly := range []bool{false, true} {
						found, err := v.Find(t.Context(), store.Search{Vector: q, Top: 10, All: true, Exact: exactly})
						require.NoError(t, err)
						require.Equal(t, exact(docs, q, distance, 10), ids(found))
						found, err = v.Namespace("n1").
							Find(t.Context(), store.Search{Vector: q, Top: 10, Exact: exactly})
						require.NoError(t, err)
						require.Equal(t, exact(third, q, distance, 10), ids(found))
					}
				}
			})
		}
	}
}

func ids(docs []store.Document) []string {
	var list []string
	for _, d := range docs {
		list = append(list, d.ID)
	}
	return list
}

func TestAddAndDelete(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	v := vectors(t, store.VectorContainer{Fields: []string{"lang"}})
	all := func() []string {
		found, err := v.Find(ctx, store.Search{Text: "partition keys", Top: 10})
		require.NoError(t, err)
		return slices.Sorted(slices.Values(texts(found)))
	}
	first, err := v.Add(
		ctx,
		store.Document{Text: "partition keys", Metadata: map[string]any{"lang": "en"}},
		store.Document{ID: "x", Text: "throughput"},
	)
	require.NoError(t, err)
	require.Equal(t, "x", first[1])
	again, err := v.Add(
		ctx,
		store.Document{Text: "partition keys", Metadata: map[string]any{"lang": "en"}},
		store.Document{ID: "x", Text: "request units"},
	)
	require.NoError(t, err)
	require.Equal(t, first, again)
	require.Equal(t, []string{"partition keys", "request units"}, all())

	// A namespace of its own does not see them, nor deletes them.
	other := v.Namespace("other")
	require.NoError(t, other.Delete(ctx, first...))
	found, err := other.Find(ctx, store.Search{Text: "partition keys"})
	require.NoError(t, err)
	require.Empty(t, found)

	require.NoError(t, v.Delete(ctx, "x", "never there"))
	require.Equal(t, []string{"partition keys"}, all())
	_, err = v.Add(ctx, store.Document{Text: "Schlüssel", Metadata: map[string]any{"lang": "de"}})
	require.NoError(t, err)
	n, err := v.DeleteWhere(ctx, store.Filter{"lang": "de"})
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.Equal(t, []string{"partition keys"}, all())
	n, err = v.DeleteWhere(ctx, nil)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.Empty(t, all())
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	v, srv := vectorsOn(t, store.VectorContainer{Expiry: true})
	_, err := v.Add(ctx, store.Document{Text: "for a minute", TTL: time.Minute}, store.Document{Text: "for good"})
	require.NoError(t, err)
	srv.Advance(2 * time.Minute)
	found, err := v.Find(ctx, store.Search{Text: "minute"})
	require.NoError(t, err)
	require.Equal(t, []string{"for good"}, texts(found))
}

func TestThreshold(t *testing.T) {
	t.Parallel()
	docs := []store.Document{
		{ID: "same", Vector: []float32{1, 0}}, {ID: "near", Vector: []float32{3, 4}},
		{ID: "far", Vector: []float32{0, 2}}, {ID: "opposite", Vector: []float32{-1, 0}},
	}
	for _, c := range []struct {
		distance  cosmos.DistanceFunction
		threshold float64
		want      []string
		scores    []float64
	}{
		{cosmos.DistanceCosine, 0.6, []string{"same", "near"}, []float64{1, 0.6}},
		{cosmos.DistanceCosine, 0, []string{"same", "near", "far"}, []float64{1, 0.6, 0}},
		{cosmos.DistanceCosine, -1, []string{"same", "near", "far", "opposite"}, []float64{1, 0.6, 0, -1}},
		{cosmos.DistanceDotProduct, 1, []string{"near", "same"}, []float64{3, 1}},
		{cosmos.DistanceEuclidean, 2, []string{"same", "opposite"}, []float64{0, 2}},
	} {
		t.Run(fmt.Sprint(c.distance, c.threshold), func(t *testing.T) {
			t.Parallel()
			v := vectors(t, store.VectorContainer{Dimensions: 2, Distance: c.distance})
			_, err := v.Add(t.Context(), docs...)
			require.NoError(t, err)
			found, err := v.Find(t.Context(), store.Search{Vector: []float32{1, 0}, Top: 10, Threshold: &c.threshold})
			require.NoError(t, err)
			require.Equal(t, c.want, ids(found))
			for i, d := range found {
				require.InDelta(t, c.scores[i], d.Score, 1e-6)
			}
		})
	}
}

// Words and vectors rank each in their way; weights decide between them.
func TestHybrid(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	v := vectors(t, store.VectorContainer{Dimensions: 2, Language: "en-US", Fields: []string{"lang"}})
	_, err := v.Add(ctx,
		store.Document{Text: "a bicycle with a bell", Vector: []float32{0, 1}, Metadata: map[string]any{"lang": "en"}},
		store.Document{Text: "a car", Vector: []float32{1, 0}, Metadata: map[string]any{"lang": "en"}},
		store.Document{Text: "a boat", Vector: []float32{1, 1}, Metadata: map[string]any{"lang": "de"}})
	require.NoError(t, err)
	find := func(s store.Search) []string {
		s.Vector, s.Text, s.Top = []float32{1, 0.1}, "which bicycles have a bell?", 3
		found, err := v.Find(ctx, s)
		require.NoError(t, err)
		return texts(found)
	}
	require.Equal(t, []string{"a car", "a boat", "a bicycle with a bell"}, find(store.Search{}))
	require.Equal(t, "a bicycle with a bell", find(store.Search{Hybrid: &store.Hybrid{Vector: 1, Text: 10}})[0])
	require.Equal(t, "a car", find(store.Search{Hybrid: &store.Hybrid{Vector: 10, Text: 1}})[0])
	require.Equal(t, "a boat", find(store.Search{Hybrid: &store.Hybrid{Text: 1, Keywords: []string{"boat"}}})[0])
	require.Len(t, find(store.Search{Hybrid: &store.Hybrid{}}), 3)
	require.NotContains(
		t,
		find(store.Search{Hybrid: &store.Hybrid{Vector: 1, Text: 10}, Filter: store.Filter{"lang": "en"}}),
		"a boat",
	)
	threshold := 0.9
	require.Equal(t, []string{"a car"}, find(store.Search{Hybrid: &store.Hybrid{Text: 1}, Threshold: &threshold}))
}

// What does not fit is told before anything is sent, with the way out.
func TestBadInput(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	v, srv := vectorsOn(t, store.VectorContainer{Dimensions: 3, Fields: []string{"lang", "author.name"}})
	plain := vectors(t, store.VectorContainer{Dimensions: 3})
	count := func() int64 {
		return int64(
			srv.Count(
				cosmostest.Create,
			) + srv.Count(
				cosmostest.Query,
			) + srv.Count(
				cosmostest.Batch,
			) + srv.Count(
				cosmostest.Upsert,
			),
		)
	}
	before := count()
	add := func(d store.Document) error { _, err := v.Add(ctx, d); return err }
	find := func(s store.Search) error { _, err := v.Find(ctx, s); return err }
	one := []float32{1, 0, 0}
	for _, c := range []struct {
		err  error
		want string
	}{
		{add(store.Document{ID: "a", Vector: []float32{1, 2}}), `of 2 numbers, and container "docs" is for 3`},
		{add(store.Document{ID: "a", Text: "by the embedder"}), `VectorContainer.Dimensions: 64`},
		{add(store.Document{ID: "a", Vector: []float32{0, 0, 0}}), "no direction"},
		{add(store.Document{ID: "a", Vector: []float32{1, float32(math.NaN()), 0}}), "NaN at 1"},
		{add(store.Document{ID: "a", Vector: one, TTL: time.Minute}), "VectorContainer.Expiry"},
		{add(store.Document{Vector: one, Metadata: map[string]any{"f": func() {}}}), "has no JSON"},
		{find(store.Search{Vector: []float32{1}}), "the search has a vector of 1 numbers"},
		{find(store.Search{}), "needs a vector, or a text"},
		{find(store.Search{Vector: one, Top: -1}), "1 to 1000"},
		{find(store.Search{Vector: one, Threshold: new(math.NaN())}), "not a number"},
		{find(store.Search{Vector: one, Filter: store.Filter{"colour": "red"}}),
			`it has: lang, author.name. To filter`},
		{find(store.Search{Vector: one, Filter: store.Filter{"$or": []store.Filter{{"lang": "en"}, {"size": 1}}}}),
			`"size"`},
		{find(store.Search{Vector: one, Filter: store.Filter{"$or": "en"}}), "takes a list of filters"},
		{find(store.Search{Vector: one, Filter: store.Filter{"lang": map[string]any{"$like": 1}}}), `operator "$like"`},
		{find(store.Search{Vector: one, Filter: store.Filter{"lang": map[string]any{"$in": "en"}}}), "takes a list"},
		{find(store.Search{Vector: one, Filter: store.Filter{"lang": map[string]any{"$exists": 1}}}), "true or false"},
		{find(store.Search{Vector: one, Filter: store.Filter{"lang": map[string]any{}}}), "says nothing"},
		{find(store.Search{Vector: one, Text: "x", Hybrid: &store.Hybrid{}}), "VectorContainer.Language"},
	} {
		require.ErrorContains(t, c.err, c.want)
	}
	require.Equal(t, before, count(), "something was sent")
	_, err := plain.Find(ctx, store.Search{Vector: one, Filter: store.Filter{"lang": "en"}})
	require.ErrorContains(t, err, "it has: none")
	hybrid := vectors(t, store.VectorContainer{Dimensions: 3, Language: "en-US"})
	for want, h := range map[string]*store.Hybrid{"weight of -1": {Vector: -1}, "Hybrid.Keywords": {}} {
		_, err = hybrid.Find(ctx, store.Search{Vector: one, Text: "?", Hybrid: h})
		if h.Vector < 0 {
			_, err = hybrid.Find(ctx, store.Search{Vector: one, Text: "word", Hybrid: h})
		}
		require.ErrorContains(t, err, want)
	}
}

// A container that does not fit is told when the store is opened, and what to create.
func TestUnfitContainers(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db, _ := database(t)
	fit := store.VectorContainer{ID: "c", Dimensions: 3}.Properties()
	elsewhere := fit
	elsewhere.VectorEmbeddingPolicy = &cosmos.VectorEmbeddingPolicy{VectorEmbeddings: []cosmos.VectorEmbedding{{
		Path: "/v", Dimensions: 3, DataType: cosmos.VectorFloat32, DistanceFunction: cosmos.DistanceCosine}}}
	elsewhere.IndexingPolicy = nil
	unindexed := fit
	unindexed.IndexingPolicy = nil
	for i, c := range []struct {
		p    cosmos.ContainerProperties
		want string
	}{
		{cosmos.ContainerProperties{PartitionKey: cosmos.PartitionKeyPaths("/id")}, "is partitioned by /id, and"},
		{cosmos.ContainerProperties{PartitionKey: cosmos.PartitionKeyPaths("/namespace")},
			"has no vector embedding policy"},
		{elsewhere, "has vectors at /v, and a vector store's are at /embedding"},
		{unindexed, "has no vector index of /embedding"},
	} {
		c.p.ID = fmt.Sprint("c", i)
		_, err := db.CreateContainer(ctx, c.p)
		require.NoError(t, err)
		_, err = store.OpenVectors(ctx, db.Container(c.p.ID), nil)
		require.ErrorContains(t, err, c.want)
		require.ErrorContains(t, err, fmt.Sprintf("store.VectorContainer{ID: %q, Dimensions: …}.Properties()", c.p.ID))
	}
	_, err := store.OpenVectors(ctx, db.Container("none"), nil)
	require.ErrorIs(t, err, cosmos.ErrNotFound)
	require.ErrorContains(t, err, `there is no container "none"; create it by`)
	_, err = store.OpenHistory(ctx, db.Container("c0"), "s")
	require.ErrorContains(
		t,
		err,
		`is by /session; create one by Database.CreateContainer(ctx, store.HistoryContainer("c0", ttl))`,
	)
	_, err = store.OpenCheckpoints[int](ctx, db.Container("none"))
	require.ErrorContains(t, err, `store.CheckpointContainer("none")`)

	// A policy that indexes everything lets filters name anything.
	everything := fit
	everything.ID, everything.IndexingPolicy = "all", &cosmos.IndexingPolicy{
		IncludedPaths: []cosmos.IndexedPath{
			{Path: "/*"},
		}, ExcludedPaths: []cosmos.IndexedPath{{Path: "/embedding/*"}, {Path: "/metadata/raw/*"}},
		VectorIndexes: fit.IndexingPolicy.VectorIndexes,
	}
	_, err = db.CreateContainer(ctx, everything)
	require.NoError(t, err)
	v, err := store.OpenVectors(ctx, db.Container("all"), nil)
	require.NoError(t, err)
	_, err = v.Find(ctx, store.Search{Vector: []float32{1, 0, 0}, Filter: store.Filter{"any thing": 1}})
	require.NoError(t, err)
	_, err = v.Find(ctx, store.Search{Vector: []float32{1, 0, 0}, Filter: store.Filter{"raw.x": 1}})
	require.ErrorContains(t, err, `"raw.x"`)
}
