package dsl

import "encoding/json"

// Point is a place on Earth. As a value it is GeoJSON, longitude first.
type Point struct{ Longitude, Latitude float64 }

// MarshalJSON writes the point as GeoJSON.
func (p Point) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Type        string     `json:"type"`
		Coordinates [2]float64 `json:"coordinates"`
	}{"Point", [2]float64{p.Longitude, p.Latitude}})
}

// In the functions below x is the text of an expression, or a [Sqlizer]; shape is GeoJSON as a value, be it a [Point]
// or anything that encodes so, or a Sqlizer.

// Distance is the shortest distance between x and shape in metres.
func Distance(x, shape any) Sqlizer { return callValues("ST_DISTANCE", x, shape) }

// Within is true where x lies inside shape.
func Within(x, shape any) Sqlizer { return callValues("ST_WITHIN", x, shape) }

// Intersects is true where x and shape share a point.
func Intersects(x, shape any) Sqlizer { return callValues("ST_INTERSECTS", x, shape) }
