package eval

import (
	"math"

	"github.com/golang/geo/r3"
)

// arcTree holds the edges of a geometry in balls, so that those near each other are found without comparing every
// pair. Edges that follow each other lie close together, so a ball holds a run of them. A polygon may have 4096
// points: compared pair by pair, two of them take 16 million pairs and seconds, for one document.
type arcTree struct {
	edges []arc
	nodes []ball
}

// ball is a run of edges, all of whose points are no farther than radius from center, as the crow flies through the
// earth. Straight distances instead of angles: they obey the triangle inequality all the same and need no arc cosine.
type ball struct {
	from, to    int
	left, right int // nodes; 0 for both in a leaf
	center      r3.Vector
	radius      float64
}

// leafEdges is how many edges a leaf has at most. Fewer make the tree deeper than the comparisons they save are
// worth; more compare edges that are far apart.
const leafEdges = 4

func newArcTree(edges []arc) *arcTree {
	t := &arcTree{edges: edges}
	if len(edges) > 0 {
		// About what a tree has whose leaves are half full; it may still grow, so build fills in its ball by index
		// when its children are done.
		t.nodes = make([]ball, 0, 2*len(edges)/leafEdges+2)
		t.build(0, len(edges))
	}
	return t
}

// Halves by position in the ring, not in space: neighbours in a ring are neighbours on the earth, and no sorting is
// needed.
func (t *arcTree) build(from, to int) int {
	at := len(t.nodes)
	t.nodes = append(t.nodes, ball{from: from, to: to})
	b := ball{from: from, to: to}
	if to-from <= leafEdges {
		for i := from; i < to; i++ {
			b.center = b.center.Add(t.edges[i].middle.Vector)
		}
		b.center = b.center.Mul(1 / float64(to-from))
		for i := from; i < to; i++ {
			// An edge bulges out of the straight line between its ends, but no point of it is farther from its middle
			// than the ends are.
			b.radius = max(b.radius, b.center.Distance(t.edges[i].middle.Vector)+t.edges[i].chord)
		}
	} else {
		middle := (from + to) / 2
		b.left, b.right = t.build(from, middle), t.build(middle, to)
		l, r := &t.nodes[b.left], &t.nodes[b.right]
		b.center = l.center.Add(r.center).Mul(0.5)
		b.radius = max(b.center.Distance(l.center)+l.radius, b.center.Distance(r.center)+r.radius)
	}
	t.nodes[at] = b
	return at
}

// pairs calls visit with the edges of the two trees that may be no farther apart than limit, which visit may lower,
// until visit gives false. It reports whether all were visited.
func (t *arcTree) pairs(o *arcTree, limit *float64, visit func(i, j int) bool) bool {
	if len(t.nodes) == 0 || len(o.nodes) == 0 {
		return true
	}
	var walk func(x, y int) bool
	walk = func(x, y int) bool {
		a, b := &t.nodes[x], &o.nodes[y]
		if a.center.Distance(b.center)-a.radius-b.radius > *limit {
			return true
		}
		switch {
		case a.left == 0 && b.left == 0:
			for i := a.from; i < a.to; i++ {
				for j := b.from; j < b.to; j++ {
					e, f := &t.edges[i], &o.edges[j]
					if e.middle.Vector.Distance(f.middle.Vector)-e.chord-f.chord <= *limit && !visit(i, j) {
						return false
					}
				}
			}
			return true
		// The larger ball is split, so that both shrink together and far pairs part early.
		case b.left == 0 || a.left != 0 && a.radius >= b.radius:
			return walk(a.left, y) && walk(a.right, y)
		default:
			// The nearer half first, so that a search for the least distance lowers its limit early.
			near, far := b.left, b.right
			if a.center.Distance(o.nodes[far].center) < a.center.Distance(o.nodes[near].center) {
				near, far = far, near
			}
			return walk(x, near) && walk(x, far)
		}
	}
	return walk(0, 0)
}

// chordOf is the straight line between two points of the unit sphere that are an angle apart. An angle beyond half
// the circle, as an unset limit is, has the diameter as its chord.
func chordOf(angle float64) float64 { return 2 * math.Sin(min(angle, math.Pi)/2) }
