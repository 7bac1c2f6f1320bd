package eval

import (
	"math"

	"github.com/golang/geo/s1"
	"github.com/golang/geo/s2"
)

// globe is a geometry on the earth: edges are great circles for the predicates, distances those of the ellipsoid.
type globe struct {
	edges    []arc
	polygons []region
}

// arc is an edge; both ends of a point's only edge are the same.
type arc struct {
	a, b   s2.Point
	middle s2.Point
	reach  s1.Angle // from the middle to either end
}

// region is a polygon: the inside of a ring, which lies to its left, without holes.
type region struct {
	outer *s2.Loop
	holes []*s2.Loop
}

// touching is how close, in radians, counts as the same place: about a tenth of a millimetre.
const touching = 2e-11

func newGlobe(g geoJSON) (geometry, string) {
	out := &globe{}
	switch n := len(g.points); n {
	case 0:
	case 1:
		p := spherePoint(g.points[0])
		out.edges = append(out.edges, newArc(p, p))
	default:
		for i := 1; i < n; i++ {
			out.edges = append(out.edges, newArc(spherePoint(g.points[i-1]), spherePoint(g.points[i])))
		}
	}
	for _, rings := range g.polygons {
		var r region
		for i, ring := range rings {
			loop := s2.LoopFromPoints(spherePoints(ring))
			if loop.Validate() != nil || crossesItself(loop) {
				return nil, "A ring of a Polygon must not repeat a point or cross itself."
			}
			for k := range loop.NumVertices() {
				out.edges = append(out.edges, newArc(loop.Vertex(k), loop.Vertex(k+1)))
			}
			if i == 0 {
				r.outer = loop
				continue
			}
			loop.Normalize() // whichever way a hole is wound, it is the smaller side
			r.holes = append(r.holes, loop)
		}
		out.polygons = append(out.polygons, r)
	}
	return out, ""
}

func spherePoint(p position) s2.Point { return s2.PointFromLatLng(s2.LatLngFromDegrees(p.y, p.x)) }

func spherePoints(ring []position) []s2.Point {
	points := make([]s2.Point, len(ring))
	for i, p := range ring {
		points[i] = spherePoint(p)
	}
	return points
}

func newArc(a, b s2.Point) arc {
	middle := a
	if a != b {
		middle = s2.Interpolate(0.5, a, b)
	}
	return arc{a: a, b: b, middle: middle, reach: middle.Distance(a)}
}

// crossesItself compares the edges of a ring with each other.
func crossesItself(loop *s2.Loop) bool {
	n := loop.NumVertices()
	edges := make([]arc, n)
	for i := range edges {
		edges[i] = newArc(loop.Vertex(i), loop.Vertex(i+1))
	}
	for i := range edges {
		for j := i + 2; j < n; j++ {
			if edges[i].gap(&edges[j]) <= touching && crosses(&edges[i], &edges[j]) {
				return true
			}
		}
	}
	return false
}

func crosses(x, y *arc) bool { return s2.CrossingSign(x.a, x.b, y.a, y.b) == s2.Cross }

// gap is a lower bound of the distance between two arcs; it spares most pairs the exact computation.
func (x *arc) gap(y *arc) s1.Angle { return x.middle.Distance(y.middle) - x.reach - y.reach }

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

// touches reports whether p lies on an edge.
func (g *globe) touches(p s2.Point) bool {
	at := newArc(p, p)
	for i := range g.edges {
		e := &g.edges[i]
		if e.gap(&at) <= touching && s2.DistanceFromSegment(p, e.a, e.b) <= touching {
			return true
		}
	}
	return false
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
	// Unless edges meet, one lies wholly inside or wholly outside the other, and any vertex tells.
	for i := range g.edges {
		if o.contains(g.edges[i].a) {
			return true
		}
	}
	for i := range o.edges {
		if g.contains(o.edges[i].a) {
			return true
		}
	}
	return g.meets(o)
}

// meets reports whether edges of the two touch or cross.
func (g *globe) meets(o *globe) bool {
	for i := range g.edges {
		for j := range o.edges {
			x, y := &g.edges[i], &o.edges[j]
			if x.gap(y) > touching {
				continue
			}
			if p, q := closest(x, y); p.Distance(q) <= touching {
				return true
			}
		}
	}
	return false
}

// closest returns the points at which two arcs come closest to each other.
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

// within reports whether every point of g lies in one of o's polygons or on its boundary.
func (g *globe) within(other geometry) bool {
	o := other.(*globe)
	for i := range g.edges {
		e := &g.edges[i]
		// The middle tells an edge along a boundary, or between two points of it, from one that leaves.
		for _, p := range []s2.Point{e.a, e.middle} {
			if !o.contains(p) && !o.touches(p) {
				return false
			}
		}
		for j := range o.edges {
			if e.gap(&o.edges[j]) <= touching && crosses(e, &o.edges[j]) {
				return false
			}
		}
	}
	// A hole of o, or a complement's outside, may lie inside a polygon of g without meeting an edge of it.
	for i := range g.polygons {
		for j := range o.edges {
			if p := o.edges[j].middle; g.polygons[i].contains(p) && !g.touches(p) {
				return false
			}
		}
	}
	return true
}

// distance returns the metres between the geometries, 0 if they share a point.
func (g *globe) distance(other geometry) float64 {
	o := other.(*globe)
	if len(g.edges) == 0 || len(o.edges) == 0 || g.intersects(o) {
		return 0
	}
	best := s1.Angle(math.Inf(1))
	var p, q s2.Point
	for i := range g.edges {
		for j := range o.edges {
			x, y := &g.edges[i], &o.edges[j]
			if x.gap(y) >= best {
				continue
			}
			a, b := closest(x, y)
			if d := a.Distance(b); d < best {
				best, p, q = d, a, b
			}
		}
	}
	return geodesic(s2.LatLngFromPoint(p), s2.LatLngFromPoint(q))
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

func authalicArea(loop *s2.Loop) float64 {
	points := make([]s2.Point, loop.NumVertices())
	for i := range points {
		points[i] = authalic(s2.LatLngFromPoint(loop.Vertex(i)))
	}
	return s2.LoopFromPoints(points).Area() * authalicRadius * authalicRadius
}
