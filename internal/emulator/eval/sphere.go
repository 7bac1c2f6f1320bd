package eval

import (
	"cmp"
	"math"
	"slices"

	"github.com/golang/geo/r3"
	"github.com/golang/geo/s1"
	"github.com/golang/geo/s2"
)

// globe is a geometry on the earth: edges are great circles for the predicates, distances those of the ellipsoid.
type globe struct {
	tree *arcTree
	// Enough to tell where a part lies once it is known that no edges meet.
	starts   []s2.Point // one vertex of each point, line and ring
	polygons []region
}

// arc is an edge; both ends of a point's only edge are the same.
type arc struct {
	a, b   s2.Point
	middle s2.Point
	chord  float64 // from the middle to either end, straight
}

// region is a polygon: the inside of a ring, which lies to its left, without holes. A ring wound clockwise is the
// rest of the globe (documentation): s2 has it so too.
type region struct {
	outer *s2.Loop
	holes []*s2.Loop
}

// touching is how close, in radians, counts as the same place: about a tenth of a millimetre. Coordinates in degrees
// have fifteen digits, and projecting a point onto an edge loses the last of them; without a tolerance no point would
// ever lie on a boundary.
const touching = 2e-11

// Rings that cross themselves are refused because the inside of one is not defined.
func newGlobe(g geoJSON) (geometry, string) {
	out := &globe{}
	var edges []arc
	if n := len(g.points); n > 0 {
		out.starts = append(out.starts, spherePoint(g.points[0]))
		if n == 1 {
			edges = append(edges, newArc(out.starts[0], out.starts[0]))
		}
		for i := 1; i < n; i++ {
			edges = append(edges, newArc(spherePoint(g.points[i-1]), spherePoint(g.points[i])))
		}
	}
	for _, rings := range g.polygons {
		var r region
		for i, ring := range rings {
			loop := s2.LoopFromPoints(spherePoints(ring))
			if loop.Validate() != nil {
				return nil, crossing
			}
			first := len(edges)
			for k := range loop.NumVertices() {
				edges = append(edges, newArc(loop.Vertex(k), loop.Vertex(k+1)))
			}
			if crossesItself(edges[first:]) {
				return nil, crossing
			}
			out.starts = append(out.starts, loop.Vertex(0))
			if i == 0 {
				r.outer = loop
				continue
			}
			loop.Normalize() // whichever way a hole is wound, it is the smaller side
			r.holes = append(r.holes, loop)
		}
		out.polygons = append(out.polygons, r)
	}
	out.tree = newArcTree(edges)
	return out, ""
}

const crossing = "A ring of a Polygon must not repeat a point or cross itself."

func spherePoint(p position) s2.Point { return s2.PointFromLatLng(s2.LatLngFromDegrees(p.y, p.x)) }

func spherePoints(ring []position) []s2.Point {
	points := make([]s2.Point, len(ring))
	for i, p := range ring {
		points[i] = spherePoint(p)
	}
	return points
}

// Computed, the middle of a point with itself need not be exactly that point.
func newArc(a, b s2.Point) arc {
	middle := a
	if a != b {
		middle = s2.Interpolate(0.5, a, b)
	}
	return arc{a: a, b: b, middle: middle, chord: chordOf(middle.Distance(a).Radians())}
}

// crossesItself reports whether two edges of a ring cross, or two vertices are the same. Each pair once, and no edge
// with itself or the next, which share a vertex.
func crossesItself(ring []arc) bool {
	tree, limit := newArcTree(ring), touching
	return !tree.pairs(tree, &limit, func(i, j int) bool {
		return j < i+1 || ring[i].a != ring[j].a && (j < i+2 || !crosses(&ring[i], &ring[j]))
	})
}

func crosses(x, y *arc) bool { return s2.CrossingSign(x.a, x.b, y.a, y.b) == s2.Cross }

func (r *region) contains(p s2.Point) bool {
	if !r.outer.ContainsPoint(p) {
		return false
	}
	for _, h := range r.holes {
		if h.ContainsPoint(p) {
			return false
		}
	}
	return true
}

// touches reports whether p lies on an edge. p as a tree of one edge finds the near edges of thousands without
// looking at each.
func (g *globe) touches(p s2.Point) bool {
	limit := touching
	return !newArcTree([]arc{newArc(p, p)}).pairs(g.tree, &limit, func(_, j int) bool {
		e := &g.tree.edges[j]
		return s2.DistanceFromSegment(p, e.a, e.b) > touching
	})
}

func (g *globe) contains(p s2.Point) bool {
	for i := range g.polygons {
		if g.polygons[i].contains(p) {
			return true
		}
	}
	return false
}

// intersects reports whether the geometries share a point.
func (g *globe) intersects(other geometry) bool {
	o := other.(*globe)
	// Unless edges meet, a part lies wholly inside or wholly outside of the other geometry, and any vertex of it tells.
	return g.meets(o) || slices.ContainsFunc(g.starts, o.contains) || slices.ContainsFunc(o.starts, g.contains)
}

// meets reports whether edges of the two touch or cross.
func (g *globe) meets(o *globe) bool {
	limit := touching
	return !g.tree.pairs(o.tree, &limit, func(i, j int) bool {
		p, q := closest(&g.tree.edges[i], &o.tree.edges[j])
		return p.Distance(q) > touching
	})
}

// closest returns the points at which two arcs come closest to each other. A point is an edge without a direction,
// onto which nothing can be projected; hence the three cases.
func closest(x, y *arc) (s2.Point, s2.Point) {
	switch {
	case x.a == x.b && y.a == y.b:
		return x.a, y.a
	case x.a == x.b:
		return x.a, s2.Project(x.a, y.a, y.b)
	case y.a == y.b:
		return s2.Project(y.a, x.a, x.b), y.a
	default:
		return s2.EdgePairClosestPoints(x.a, x.b, y.a, y.b)
	}
}

// within reports whether every point of g lies in one of o's polygons or on its boundary. A boundary counts as
// inside; the documentation does not say.
func (g *globe) within(other geometry) bool {
	o := other.(*globe)
	if len(o.polygons) == 0 {
		return false // nothing lies in a point or a line: the documentation has polygons only
	}
	inside := func(p s2.Point) bool { return o.contains(p) || o.touches(p) }
	// Between two places where it meets edges of o, an edge is wholly inside or wholly outside. Crossings alone do not
	// tell: an end on the boundary may lie beyond it by the rounding of its coordinates.
	cuts := g.cuts(o)
	for i := range g.tree.edges {
		e := &g.tree.edges[i]
		places := append(cuts[i], e.a, e.b)
		slices.SortFunc(places, func(p, q s2.Point) int { return cmp.Compare(e.a.Distance(p), e.a.Distance(q)) })
		for k, p := range places {
			if k > 0 && places[k-1].Distance(p) > 2*touching &&
				!inside(s2.Interpolate(0.5, places[k-1], p)) || !inside(p) {
				return false
			}
		}
	}
	// A hole of o, or a complement's outside, may lie inside a polygon of g without meeting an edge of it.
	for i := range g.polygons {
		for j := range o.tree.edges {
			if p := o.tree.edges[j].middle; g.polygons[i].contains(p) && !g.touches(p) {
				return false
			}
		}
	}
	// It may also share all of its boundary with g: then a point beside the boundary tells.
	for i := range o.polygons {
		for _, loop := range append([]*s2.Loop{o.polygons[i].outer}, o.polygons[i].holes...) {
			if p, ok := o.beside(loop); ok && g.contains(p) && !g.touches(p) {
				return false
			}
		}
	}
	return true
}

// cuts is where edges of g meet edges of o, by the number of g's edge.
func (g *globe) cuts(o *globe) map[int][]s2.Point {
	all, limit := map[int][]s2.Point{}, touching
	g.tree.pairs(o.tree, &limit, func(i, j int) bool {
		e, f := &g.tree.edges[i], &o.tree.edges[j]
		p, q := closest(e, f)
		if p.Distance(q) <= touching {
			all[i] = append(all[i], p)
		}
		for _, end := range []s2.Point{f.a, f.b} { // of an edge that lies along this one
			if e.a != e.b && s2.DistanceFromSegment(end, e.a, e.b) <= touching {
				all[i] = append(all[i], s2.Project(end, e.a, e.b))
			}
		}
		return true
	})
	return all
}

// beside returns a point next to an edge of one of g's rings, on the side that g does not cover; false where polygons
// that share all edges of the ring leave none.
func (g *globe) beside(loop *s2.Loop) (s2.Point, bool) {
	for k := range loop.NumVertices() {
		e := newArc(loop.Vertex(k), loop.Vertex(k+1))
		free := s1.Angle(e.chord)
		for i := range g.tree.edges {
			// A hole may have been turned round since its edges were taken.
			if f := &g.tree.edges[i]; (f.a != e.a || f.b != e.b) && (f.a != e.b || f.b != e.a) {
				free = min(free, s2.DistanceFromSegment(e.middle, f.a, f.b))
			}
		}
		if free < 4*touching {
			continue // another polygon's edge
		}
		// So near that no other edge lies between.
		across := e.a.PointCross(e.b).Normalize().Mul(free.Radians() / 2)
		for _, at := range []r3.Vector{e.middle.Add(across), e.middle.Sub(across)} {
			if p := (s2.Point{Vector: at.Normalize()}); !g.contains(p) {
				return p, true
			}
		}
	}
	return s2.Point{}, false
}

// distance returns the metres between the geometries, 0 if they share a point. The closest points are sought on the
// sphere and then measured on the ellipsoid: the search needs only an order, and the published distances come out.
func (g *globe) distance(other geometry) float64 {
	o := other.(*globe)
	if len(g.tree.edges) == 0 || len(o.tree.edges) == 0 || g.intersects(o) {
		return 0
	}
	best := s1.Angle(math.Inf(1))
	limit := math.Inf(1)
	var p, q s2.Point
	g.tree.pairs(o.tree, &limit, func(i, j int) bool {
		a, b := closest(&g.tree.edges[i], &o.tree.edges[j])
		if d := a.Distance(b); d < best {
			best, limit, p, q = d, chordOf(d.Radians()), a, b
		}
		return true
	})
	return greatEllipse(s2.LatLngFromPoint(p), s2.LatLngFromPoint(q))
}

// area returns square metres; points and lines have none.
func (g *globe) area() float64 {
	total := 0.0
	for _, r := range g.polygons {
		total += authalicArea(r.outer)
		for _, h := range r.holes {
			total -= authalicArea(h)
		}
	}
	return total
}

// Vertices move, edges between them are drawn anew: what they enclose differs from the ellipsoid's polygon by less
// than the published tolerance.
func authalicArea(loop *s2.Loop) float64 {
	points := make([]s2.Point, loop.NumVertices())
	for i := range points {
		points[i] = authalic(s2.LatLngFromPoint(loop.Vertex(i)))
	}
	return s2.LoopFromPoints(points).Area() * authalicRadius * authalicRadius
}
