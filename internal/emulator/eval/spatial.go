package eval

import (
	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

// geometry is a valid GeoJSON object, on the earth or in the plane. Both sides of a predicate are of the same kind.
// Two models behind one interface: the container's setting decides, not the data.
type geometry interface {
	distance(o geometry) float64
	intersects(o geometry) bool
	within(o geometry) bool
	area() float64
}

// Uncertain in the service: the area of points and lines, whether a boundary is within its polygon, and what the
// validity of undefined is; here 0, true and undefined. Arguments of another type give undefined, and so do objects
// that are not valid: ST_DISTANCE(42, 1337) compiles (published baseline).
func spatialFunctions() []function {
	const square = `{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1],[0,0]]]}`
	const point = `{"type":"Point","coordinates":[0.5,0.5]}`
	one, two := signature{isObject}, signature{isObject}
	return []function{
		{name: "ST_AREA", arity: exactly(1), args: one, example: "ST_AREA(" + square + ")",
			doc:  "Area of a Polygon or MultiPolygon in square metres, 0 for anything else.",
			bind: bindGeometry(func(g []geometry) value.Value { return value.Float(g[0].area()) })},
		{name: "ST_DISTANCE", arity: exactly(2), args: two, doc: "Shortest distance between two geometries in metres.",
			example: `ST_DISTANCE({"type":"Point","coordinates":[2,0]}, {"type":"Point","coordinates":[3,0]})`,
			bind:    bindGeometry(func(g []geometry) value.Value { return value.Float(g[0].distance(g[1])) })},
		{name: "ST_INTERSECTS", arity: exactly(2), args: two, example: "ST_INTERSECTS(" + point + ", " + square + ")",
			doc:  "Whether two geometries share a point.",
			bind: bindGeometry(func(g []geometry) value.Value { return value.Bool(g[0].intersects(g[1])) })},
		{
			name:    "ST_ISVALID",
			arity:   exactly(1),
			args:    anything,
			example: `ST_ISVALID({"type":"Point","coordinates":[31.9,-132.8]})`,
			doc:     "Whether the value is a valid GeoJSON Point, LineString, Polygon or MultiPolygon.",
			eval:    geometryValid,
		},
		{name: "ST_ISVALIDDETAILED", arity: exactly(1), args: anything, eval: geometryFaults,
			example: `ST_ISVALIDDETAILED({"type":"Point","coordinates":[31.9,-132.8]})`,
			doc:     "The same, as an object with the reason if it is not valid."},
		{name: "ST_WITHIN", arity: exactly(2), args: two, example: "ST_WITHIN(" + point + ", " + square + ")",
			doc:  "Whether the first geometry lies inside the second, its boundary included.",
			bind: bindGeometry(func(g []geometry) value.Value { return value.Bool(g[0].within(g[1])) })},
	}
}

// readGeometry returns the geometry that v is, or the reason why it is none.
func readGeometry(o *Options, v value.Value) (geometry, string) {
	g, reason := readGeoJSON(v, o.Planar)
	if reason != "" {
		return nil, reason
	}
	if o.Planar {
		return newPlane(v, g)
	}
	return newGlobe(g)
}

func geometryValid(e *env, a []value.Value) value.Value {
	_, reason := readGeometry(e.opts, a[0])
	return value.Bool(reason == "")
}

// The member reason is there only beside false, as in the published example.
func geometryFaults(e *env, a []value.Value) value.Value {
	_, reason := readGeometry(e.opts, a[0])
	members := []value.Member{{Name: "valid", Value: value.Bool(reason == "")}}
	if reason != "" {
		members = append(members, value.Member{Name: "reason", Value: value.String(reason)})
	}
	return value.Object(members)
}

// geometryKey names an argument that is the same for every document, so that a run reads it once.
type geometryKey struct {
	call *nosql.Call
	arg  int
}

// bindGeometry makes code of a function of geometries; it is undefined when an argument is not a valid one. The call
// is bound, not only its values, since the compiler knows which argument is a constant.
func bindGeometry(f func(g []geometry) value.Value) func(*compiler, *nosql.Call, []node) body {
	return func(_ *compiler, x *nosql.Call, args []node) body {
		return func(e *env, a []value.Value) value.Value {
			var both [2]geometry
			for i, v := range a {
				g := e.geometry(geometryKey{x, i}, args[i].known, v)
				if g == nil {
					return value.Undefined
				}
				both[i] = g
			}
			return f(both[:len(a)])
		}
	}
}

// An invalid constant is remembered as nil, so that its fault is not looked for again with every document.
func (e *env) geometry(key geometryKey, constant bool, v value.Value) geometry {
	if !constant {
		g, _ := readGeometry(e.opts, v)
		return g
	}
	g, read := e.geometries[key]
	if !read {
		if e.geometries == nil {
			e.geometries = make(map[geometryKey]geometry)
		}
		g, _ = readGeometry(e.opts, v)
		e.geometries[key] = g
	}
	return g
}
