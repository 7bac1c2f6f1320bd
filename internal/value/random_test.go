package value

import (
	"bytes"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// random makes a value out of few enough parts that two of them are often equal, or nearly so.
func random(r *rand.Rand, depth int) Value {
	numbers := []Value{Int(0), Float(0), Int(1), Float(1), Float(0.5), Int(1 << 53), Int(1<<53 + 1), Float(1 << 53),
		Int(math.MaxInt64),
		Float(1 << 63), Int(math.MinInt64), Float(-1 << 63), Float(math.NaN()), Float(math.Inf(1)), Float(math.Inf(-1))}
	names := []string{"a", "b", "c", "ab", ""}
	switch kinds := 7; r.IntN(kinds) {
	case 0:
		return Null
	case 1:
		return Bool(r.IntN(2) == 0)
	case 2:
		return numbers[r.IntN(len(numbers))]
	case 3:
		return String(names[r.IntN(len(names))])
	case 4, 5:
		if depth == 0 {
			return Array(nil)
		}
		elems := make([]Value, r.IntN(3))
		for i := range elems {
			elems[i] = random(r, depth-1)
		}
		return Array(elems)
	default:
		if depth == 0 {
			return Object(nil)
		}
		members := make([]Member, 0, 3)
		for _, i := range r.Perm(len(names))[:r.IntN(4)] {
			members = append(members, Member{names[i], random(r, depth-1)})
		}
		return Object(members)
	}
}

// TestLaws holds the three ways of comparing to what an order and an equality must obey, whatever the values.
func TestLaws(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 50_000 {
		a, b, c := random(r, 2), random(r, 2), random(r, 2)
		ab, bc, ac := Compare(a, b), Compare(b, c), Compare(a, c)
		if ab != -Compare(b, a) {
			t.Fatalf("not antisymmetric: %s %s", AppendJSON(nil, a), AppendJSON(nil, b))
		}
		if ab <= 0 && bc <= 0 && ac > 0 || ab == 0 && bc == 0 && ac != 0 {
			t.Fatalf("not transitive: %s %s %s", AppendJSON(nil, a), AppendJSON(nil, b), AppendJSON(nil, c))
		}
		equal := Equal(a, b)
		if equal != (ab == 0) || equal != bytes.Equal(AppendKey(nil, a), AppendKey(nil, b)) {
			t.Fatalf("no agreement on %s and %s", AppendJSON(nil, a), AppendJSON(nil, b))
		}
		if !Equal(a, a) || Compare(a, a) != 0 {
			t.Fatalf("not itself: %s", AppendJSON(nil, a))
		}
	}
}

func TestKindsDoNotMix(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	all := make([]Value, 1000)
	for i := range all {
		all[i] = random(r, 1)
	}
	slices.SortFunc(all, Compare)
	require.True(t, slices.IsSortedFunc(all, func(a, b Value) int { return int(a.Kind()) - int(b.Kind()) }))
}

func TestWrittenValuesReadBack(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	for range 20_000 {
		v := random(r, 3)
		text := AppendJSON(nil, v)
		again, err := Parse(text)
		require.NoError(t, err)
		// What is not finite is written as a string, so compare what a second round makes of it.
		require.Equal(t, string(text), string(AppendJSON(nil, again)))
		if !bytes.Contains(text, []byte("N")) && !bytes.Contains(text, []byte("Inf")) {
			require.True(t, Equal(v, again), string(text))
		}
	}
}

// TestMemberOrderDoesNotMatter shuffles the members of an object that is large enough for every path through the code.
func TestMemberOrderDoesNotMatter(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 8))
	for _, n := range []int{1, 2, fewMembers - 1, fewMembers, fewMembers + 1, 100} {
		members := make([]Member, n)
		for i := range members {
			members[i] = Member{string(rune('a' + i)), Int(int64(i))}
		}
		shuffled := slices.Clone(members)
		r.Shuffle(n, func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		a, b := Object(members), Object(shuffled)
		require.True(t, Equal(a, b), n)
		require.Zero(t, Compare(a, b), n)
		require.Equal(t, AppendKey(nil, a), AppendKey(nil, b), n)

		shuffled[r.IntN(n)].Value = String("other")
		require.False(t, Equal(a, Object(shuffled)), n)
		require.NotEqual(t, AppendKey(nil, a), AppendKey(nil, Object(shuffled)), n)
	}
}
