package eval

import (
	"math"
	"slices"

	"github.com/peterstace/simplefeatures/geom"

	"github.com/cosmossql/cosmossql/internal/value"
)

// plane is a geometry of a container whose coordinates are flat.
type plane struct {
	g     geom.Geometry
	edges []segment // of lines and rings; a point's only one has no length
	rings [][]segment
}

// segment is a straight edge.
type segment struct{ a, b position }

// The library reads the JSON again and checks what was not checked before: rings that cross themselves.
func newPlane(v value.Value, shape geoJSON) (geometry, string) {
	g, err := geom.UnmarshalGeoJSON(value.AppendJSON(nil, v))
	if err != nil {
		return nil, err.Error()
	}
	p := &plane{g: g}
	if len(shape.points) == 1 {
		p.edges = append(p.edges, segment{shape.points[0], shape.points[0]})
	}
	for i := 1; i < len(shape.points); i++ {
		p.edges = append(p.edges, segment{shape.points[i-1], shape.points[i]})
	}
	for _, rings := range shape.polygons {
		for _, ring := range rings {
			edges := make([]segment, len(ring))
			for i := range ring {
				edges[i] = segment{ring[i], ring[(i+1)%len(ring)]}
			}
			p.rings, p.edges = append(p.rings, edges), append(p.edges, edges...)
		}
	}
	return p, ""
}

func (p *plane) intersects(o geometry) bool { return geom.Intersects(p.g, o.(*plane).g) }

// within reports whether every point of p lies in one of o's polygons or on its boundary, as [globe.within] does. The
// library's own predicates leave boundaries out, and are wrong on machines of 32 bits. Both kinds of container must
// answer alike for a point on a boundary, which the documentation leaves open.
func (p *plane) within(other geometry) bool {
	o := other.(*plane)
	for _, e := range p.edges {
		// Between two places where it meets edges of o, an edge is wholly inside or wholly outside.
		cuts := []float64{0, 1}
		for _, f := range o.edges {
			cuts = e.cuts(f, cuts)
		}
		slices.Sort(cuts)
		for i, t := range cuts {
			if !o.covers(e.at(t)) || i > 0 && !o.covers(e.at((cuts[i-1]+t)/2)) {
				return false
			}
		}
	}
	// A hole of o may lie inside a polygon of p without an edge of p in it, and even share all of its boundary with p.
	// Such a hole is wholly inside or wholly outside of p, so one point of it tells.
	for _, ring := range o.rings {
		if at, ok := o.beside(ring); ok && p.covers(at) && !p.touches(at) {
			return false
		}
	}
	return true
}

// beside returns a point next to an edge of one of p's rings, on the side that p does not cover; false where polygons
// that share all edges of the ring leave none.
func (p *plane) beside(ring []segment) (position, bool) {
	for _, e := range ring {
		middle, length := e.at(0.5), math.Hypot(e.b.x-e.a.x, e.b.y-e.a.y)
		free := length
		for _, f := range p.edges {
			if f != e {
				free = min(free, f.distance(middle))
			}
		}
		if free == 0 {
			continue // another polygon's edge, or none of any length
		}
		// So near that no other edge lies between.
		dx, dy := (e.b.x-e.a.x)*free/2/length, (e.b.y-e.a.y)*free/2/length
		for _, at := range []position{{middle.x - dy, middle.y + dx}, {middle.x + dy, middle.y - dx}} {
			if !p.covers(at) {
				return at, true
			}
		}
	}
	return position{}, false
}

// distance is that of q from the nearest point of s.
func (s segment) distance(q position) float64 {
	dx, dy, t := s.b.x-s.a.x, s.b.y-s.a.y, 0.0
	if length := dx*dx + dy*dy; length > 0 {
		t = max(0, min(1, ((q.x-s.a.x)*dx+(q.y-s.a.y)*dy)/length))
	}
	near := s.at(t)
	return math.Hypot(near.x-q.x, near.y-q.y)
}

func (s segment) at(t float64) position {
	return position{s.a.x + t*(s.b.x-s.a.x), s.a.y + t*(s.b.y-s.a.y)}
}

// cuts adds to list where along s, from 0 to 1, f meets it.
func (s segment) cuts(f segment, list []float64) []float64 {
	dx, dy, ex, ey := s.b.x-s.a.x, s.b.y-s.a.y, f.b.x-f.a.x, f.b.y-f.a.y
	det := dx*ey - dy*ex
	if det != 0 {
		ax, ay := f.a.x-s.a.x, f.a.y-s.a.y
		// Ends of s are in the list already; ends of f count, since f's ring turns there.
		if t, u := (ax*ey-ay*ex)/det, (ax*dy-ay*dx)/det; t > 0 && t < 1 && u >= 0 && u <= 1 {
			list = append(list, t)
		}
		return list
	}
	// Parallel: where they overlap, the ends of f on s are where s may leave the boundary.
	length := dx*dx + dy*dy
	for _, q := range []position{f.a, f.b} {
		if t := ((q.x-s.a.x)*dx + (q.y-s.a.y)*dy) / length; length > 0 && t > 0 && t < 1 {
			list = append(list, t)
		}
	}
	return list
}

// covers reports whether q lies in a polygon of p, or on an edge. Even-odd over all rings makes holes the outside
// without being told which they are.
func (p *plane) covers(q position) bool {
	rings := 0
	for _, r := range p.rings {
		rings += crossings(r, q)
	}
	return rings%2 == 1 || p.touches(q)
}

// crossings counts the edges of a ring that the line from q to the right crosses. Half-open in y, so that a corner
// that lies level with q counts once.
func crossings(ring []segment, q position) int {
	n := 0
	for _, e := range ring {
		if (e.a.y > q.y) != (e.b.y > q.y) && q.x < e.a.x+(q.y-e.a.y)/(e.b.y-e.a.y)*(e.b.x-e.a.x) {
			n++
		}
	}
	return n
}

// touches reports whether q lies on an edge, but for what the rounding of coordinates moves it.
func (p *plane) touches(q position) bool {
	return p.rings != nil && slices.ContainsFunc(p.edges, func(e segment) bool {
		size := max(math.Abs(q.x), math.Abs(q.y), math.Abs(e.a.x), math.Abs(e.a.y), math.Abs(e.b.x), math.Abs(e.b.y))
		// Relative to the coordinates: those of the plane have no unit, and may be 1e9 or 1e-3.
		return e.distance(q) <= 1e-12*size
	})
}

func (p *plane) distance(o geometry) float64 {
	d, _ := geom.Distance(p.g, o.(*plane).g) // 0 when one is empty, which GeoJSON that was read is not
	return d
}

func (p *plane) area() float64 { return p.g.Area() }
