package eval

import (
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/value"
)

func geoPoint(x, y float64) string {
	return fmt.Sprintf(`{"type":"Point","coordinates":[%g,%g]}`, x, y)
}

// rectangle is counter-clockwise; holes are given the other way round, as GeoJSON has them.
func rectangle(x0, y0, x1, y1 float64, holes ...[4]float64) string {
	rings := []string{fmt.Sprintf("[[%g,%g],[%g,%g],[%g,%g],[%g,%g],[%g,%g]]", x0, y0, x1, y0, x1, y1, x0, y1, x0, y0)}
	for _, h := range holes {
		rings = append(rings, fmt.Sprintf("[[%g,%g],[%g,%g],[%g,%g],[%g,%g],[%g,%g]]",
			h[0], h[1], h[0], h[3], h[2], h[3], h[2], h[1], h[0], h[1]))
	}
	return `{"type":"Polygon","coordinates":[` + strings.Join(rings, ",") + `]}`
}

func geoLine(points ...float64) string {
	var list []string
	for i := 0; i < len(points); i += 2 {
		list = append(list, fmt.Sprintf("[%g,%g]", points[i], points[i+1]))
	}
	return `{"type":"LineString","coordinates":[` + strings.Join(list, ",") + `]}`
}

func geo(t *testing.T, planar bool, name string, args ...string) value.Value {
	t.Helper()
	o := Options{Planar: planar, Params: map[string]value.Value{}}
	var list []string
	for i, a := range args {
		p := fmt.Sprintf("@g%d", i)
		o.Params[p] = parse(t, a)
		list = append(list, p)
	}
	p, err := compile("SELECT VALUE "+name+"("+strings.Join(list, ",")+")", o)
	require.NoError(t, err)
	for row, err := range p.Rows(t.Context(), seq(nil)) {
		require.NoError(t, err)
		return row.Value
	}
	return value.Undefined
}

// TestPointsOfAGrid asks for every point of a grid whether it lies in a square with a hole, on its boundary or outside,
// in the plane and on a piece of the earth so small that it is flat: both must say what the coordinates say.
func TestPointsOfAGrid(t *testing.T) {
	t.Parallel()
	for _, planar := range []bool{true, false} {
		scale := 1.0
		if !planar {
			scale = 1e-3 // about a hundred metres
		}
		at := func(n int) float64 { return float64(n) * scale }
		shape := rectangle(at(0), at(0), at(8), at(8), [4]float64{at(2), at(2), at(6), at(6)})
		for x := -1; x <= 9; x++ {
			for y := -1; y <= 9; y++ {
				inside := x >= 0 && x <= 8 && y >= 0 && y <= 8 && !(x > 2 && x < 6 && y > 2 && y < 6)
				p := geoPoint(at(x), at(y))
				require.Equal(t, inside, geo(t, planar, "ST_WITHIN", p, shape).IsTrue(),
					"%d,%d planar %v", x, y, planar)
				require.Equal(t, inside, geo(t, planar, "ST_INTERSECTS", shape, p).IsTrue(),
					"%d,%d planar %v", x, y, planar)
				d := geo(t, planar, "ST_DISTANCE", p, shape).AsFloat()
				require.Equal(t, inside, d < 1e-4*scale, "%d,%d is %g away, planar %v", x, y, d, planar)
				if planar && !inside {
					dx, dy := max(0, -x, x-8), max(0, -y, y-8)
					want := math.Hypot(float64(dx), float64(dy))
					if x > 2 && x < 6 && y > 2 && y < 6 {
						want = float64(min(x-2, 6-x, y-2, 6-y))
					}
					require.InDelta(t, want, d, 1e-9, "%d,%d", x, y)
				}
			}
		}
	}
}

var numbersOf = regexp.MustCompile(`-?[0-9.]+`)

// shrunk is a geometry of about eleven metres where the other has a degree.
func shrunk(g string) string {
	head, coordinates, _ := strings.Cut(g, `"coordinates":`)
	return head + `"coordinates":` + numbersOf.ReplaceAllStringFunc(coordinates, func(s string) string {
		f, err := strconv.ParseFloat(s, 64)
		if err != nil {
			panic(err)
		}
		return strconv.FormatFloat(f*1e-4, 'f', -1, 64)
	})
}

// TestShapesWithinShapes: each pair as the picture shows it; a boundary belongs to its polygon.
func TestShapesWithinShapes(t *testing.T) {
	t.Parallel()
	square := rectangle(0, 0, 4, 4)
	ring := rectangle(0, 0, 4, 4, [4]float64{1, 1, 3, 3})
	two := `{"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[1,1],[0,1],[0,0]]],[[[3,3],[4,3],[4,4],[3,4],[3,3]]]]}`
	for _, tt := range []struct {
		name, a, b         string
		within, intersects bool
	}{
		{"itself", square, square, true, true},
		{"smaller", rectangle(1, 1, 3, 3), square, true, true},
		{"larger", rectangle(-1, -1, 5, 5), square, false, true},
		{"at a corner, inside", rectangle(0, 0, 1, 1), square, true, true},
		{"over the edge", rectangle(3, 3, 5, 5), square, false, true},
		{"side by side", rectangle(4, 0, 6, 4), square, false, true},
		{"corner to corner", rectangle(4, 4, 6, 6), square, false, true},
		{"apart", rectangle(5, 5, 6, 6), square, false, false},
		{"fills the hole", rectangle(1, 1, 3, 3), ring, false, true},
		{"within the hole", rectangle(1.5, 1.5, 2.5, 2.5), ring, false, false},
		{"covers the hole", rectangle(0.5, 0.5, 3.5, 3.5), ring, false, true},
		{"the ring in its square", ring, square, true, true},
		{"the square in the ring", square, ring, false, true},
		{"beside the hole", rectangle(0, 0, 1, 4), ring, true, true},
		{"a line within", geoLine(1, 1, 3, 2), square, true, true},
		{"a line along the boundary", geoLine(0, 0, 4, 0, 4, 4), square, true, true},
		{"a line that leaves and returns", geoLine(1, 1, 5, 2, 1, 3), square, false, true},
		{"a line through the hole", geoLine(0.5, 2, 3.5, 2), ring, false, true},
		{"a line around the hole", geoLine(0.5, 0.5, 3.5, 0.5, 3.5, 3.5), ring, true, true},
		{"a line that ends at the boundary", geoLine(2, 2, 4, 2), square, true, true},
		{"a line outside", geoLine(5, 0, 5, 4), square, false, false},
		{"a point in a line", geoPoint(1, 1), geoLine(0, 0, 2, 2), false, true},
		{"two lines that cross", geoLine(0, 0, 2, 2), geoLine(0, 2, 2, 0), false, true},
		{"two lines that meet at an end", geoLine(0, 0, 2, 2), geoLine(2, 2, 3, 0), false, true},
		{"parallel lines", geoLine(0, 0, 2, 0), geoLine(0, 1, 2, 1), false, false},
		{"one of two polygons", rectangle(3, 3, 4, 4), two, true, true},
		{"between two polygons", rectangle(1.5, 1.5, 2.5, 2.5), two, false, false},
		{"from one polygon to the other", geoLine(0.5, 0.5, 3.5, 3.5), two, false, true},
		{"two polygons in one", two, square, true, true},
		{"the same points", geoPoint(1, 1), geoPoint(1, 1), false, true},
		{"other points", geoPoint(1, 1), geoPoint(1, 2), false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.within, geo(t, true, "ST_WITHIN", tt.a, tt.b).IsTrue(), "within")
			require.Equal(t, tt.intersects, geo(t, true, "ST_INTERSECTS", tt.a, tt.b).IsTrue(), "intersects")
			require.Equal(t, tt.intersects, geo(t, true, "ST_INTERSECTS", tt.b, tt.a).IsTrue(), "the other way round")
			ab, ba := geo(t, true, "ST_DISTANCE", tt.a, tt.b).AsFloat(),
				geo(t, true, "ST_DISTANCE", tt.b, tt.a).AsFloat()
			require.InDelta(t, ab, ba, 1e-12)
			require.Equal(t, tt.intersects, ab == 0, "distance %g", ab)
			// On the earth a straight line of some degrees is another one; one of metres is the same.
			a, b := shrunk(tt.a), shrunk(tt.b)
			require.Equal(t, tt.intersects, geo(t, false, "ST_INTERSECTS", a, b).IsTrue(), "intersects, on the earth")
			require.Equal(t, tt.within, geo(t, false, "ST_WITHIN", a, b).IsTrue(), "within, on the earth")
		})
	}
}

// TestSphereAndPlaneAgree: figures of a hundred metres are flat, so both models give the same answers but for the unit.
func TestSphereAndPlaneAgree(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(25, 26))
	const metre = 1 / 111319.49 // degrees at the equator
	// Coordinates are odd multiples, so that nothing touches by chance.
	coordinate := func() float64 { return (float64(r.IntN(50)) + r.Float64()/2 + 0.1) * metre }
	shape := func() string {
		x, y := coordinate(), coordinate()
		switch r.IntN(3) {
		case 0:
			return geoPoint(x, y)
		case 1:
			return geoLine(x, y, coordinate(), coordinate(), coordinate(), coordinate())
		}
		return rectangle(x, y, x+(5+20*r.Float64())*metre, y+(5+20*r.Float64())*metre)
	}
	met := 0
	for range 400 {
		a, b := shape(), shape()
		both := geo(t, true, "ST_INTERSECTS", a, b).IsTrue()
		if both {
			met++
		}
		require.Equal(t, both, geo(t, false, "ST_INTERSECTS", a, b).IsTrue(), "%s and %s", a, b)
		within := geo(t, true, "ST_WITHIN", a, b).IsTrue()
		require.Equal(t, within, geo(t, false, "ST_WITHIN", a, b).IsTrue(), "%s in %s", a, b)
		flat, round := geo(t, true, "ST_DISTANCE", a, b).AsFloat()/metre, geo(t, false, "ST_DISTANCE", a, b).AsFloat()
		require.InDelta(t, flat, round, 0.01*flat+1e-3, "%s to %s", a, b) // a degree of latitude is 0.7 % shorter
		area, onEarth := geo(t, true, "ST_AREA", a).AsFloat()/metre/metre, geo(t, false, "ST_AREA", a).AsFloat()
		require.InDelta(t, area, onEarth, 0.01*area+1e-6, a)
	}
	require.Greater(t, met, 50)
}
