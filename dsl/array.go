package dsl

// In the functions below array is the text of an expression, or a [Sqlizer]; values are values, or Sqlizers.

// ArrayContains is true where array has an element equal to value.
func ArrayContains(array, value any) Sqlizer { return callValues("ARRAY_CONTAINS", array, value) }

// ArrayContainsPart is true where array has an object with at least the members of part.
func ArrayContainsPart(array, part any) Sqlizer {
	return Call("ARRAY_CONTAINS", array, valueOf(part), "true")
}

// ArrayContainsAny is true where array has one of the values.
func ArrayContainsAny(array any, values ...any) Sqlizer {
	return callValues("ARRAY_CONTAINS_ANY", array, values...)
}

// ArrayContainsAll is true where array has all of the values.
func ArrayContainsAll(array any, values ...any) Sqlizer {
	return callValues("ARRAY_CONTAINS_ALL", array, values...)
}

// ArrayLength is the number of elements of array.
func ArrayLength(array any) Sqlizer { return Call("ARRAY_LENGTH", array) }
