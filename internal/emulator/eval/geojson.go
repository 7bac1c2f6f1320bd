package eval

import (
	"math"

	"github.com/cosmossql/cosmossql/internal/value"
)

// position is a longitude and latitude, or an x and y.
type position struct{ x, y float64 }

// geoJSON is a Point, LineString, Polygon or MultiPolygon as the document has it. It is read into plain numbers and
// checked before a library of geometry sees it, which is made for shapes that are valid.
type geoJSON struct {
	points   []position     // of a Point or LineString
	polygons [][][]position // of a Polygon or MultiPolygon: rings, the outer one first
}

// maxVertices is the service's bound on the points of a polygon (documentation). It also bounds what one document can
// make a spatial filter cost.
const maxVertices = 4096

// readGeoJSON reads v; reason says what is wrong with it, "" when nothing is.
func readGeoJSON(v value.Value, planar bool) (g geoJSON, reason string) {
	r := geoReader{planar: planar}
	coordinates := v.Get("coordinates")
	switch kind := v.Get("type").AsString(); {
	case v.Kind() != value.KindObject || kind == "":
		return g, "The geometry must be an object with a type and coordinates."
	case kind == "Point":
		g.points = []position{r.position(coordinates)}
	// Reading goes on after a fault with what can be read, as the first fault is all that ST_ISVALIDDETAILED tells.
	case kind == "LineString":
		g.points = r.positions(coordinates, 2, "A LineString must have at least two points.")
	case kind == "Polygon":
		g.polygons = [][][]position{r.rings(coordinates)}
	case kind == "MultiPolygon":
		r.array(coordinates, 1, "A MultiPolygon must have at least one polygon.")
		for p := range coordinates.Elems() {
			g.polygons = append(g.polygons, r.rings(p))
		}
	default:
		return g, "The type of the geometry must be Point, LineString, Polygon or MultiPolygon."
	}
	return g, r.reason
}

// geoReader reads coordinates and keeps the first fault.
type geoReader struct {
	planar bool
	reason string
}

func (r *geoReader) fault(reason string) {
	if r.reason == "" {
		r.reason = reason
	}
}

func (r *geoReader) array(v value.Value, least int, reason string) {
	if v.Kind() != value.KindArray || v.Len() < least {
		r.fault(reason)
	}
}

// A third number is a height, which GeoJSON allows and nothing here looks at.
func (r *geoReader) position(v value.Value) position {
	const reason = "A position must be an array of two or three numbers."
	r.array(v, 2, reason)
	if v.Len() > 3 || !allNumbers(v) {
		r.fault(reason)
	}
	p := position{v.At(0).AsFloat(), v.At(1).AsFloat()}
	switch {
	case math.IsInf(p.x, 0) || math.IsInf(p.y, 0) || math.IsNaN(p.x) || math.IsNaN(p.y):
		r.fault("The numbers of a position must be finite.")
	case r.planar:
	// The text is the service's (published example); in the plane any finite number is a coordinate.
	case math.Abs(p.y) > 90:
		r.fault("Latitude values must be between -90 and 90 degrees.")
	case math.Abs(p.x) > 180:
		r.fault("Longitude values must be between -180 and 180 degrees.")
	}
	return p
}

func (r *geoReader) positions(v value.Value, least int, reason string) []position {
	r.array(v, least, reason)
	all := make([]position, 0, v.Len())
	for e := range v.Elems() {
		all = append(all, r.position(e))
	}
	return all
}

// rings reads the rings of a polygon, each without the last point, which repeats the first. Both geometry libraries
// close rings themselves.
func (r *geoReader) rings(v value.Value) [][]position {
	r.array(v, 1, "A Polygon must have at least one ring.")
	all := make([][]position, 0, v.Len())
	total := 0
	for e := range v.Elems() {
		// Three corners and the first again.
		ring := r.positions(e, 4, "A ring of a Polygon must have at least four points.")
		if n := len(ring); n > 0 {
			if ring[0] != ring[n-1] {
				r.fault("The first and the last point of a ring must be the same.")
			}
			all = append(all, ring[:n-1])
			total += n
		}
	}
	if total > maxVertices {
		r.fault("A Polygon must not have more than 4096 points.")
	}
	return all
}
