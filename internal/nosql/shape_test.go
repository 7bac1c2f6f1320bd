package nosql

import (
	"fmt"
	"reflect"
	"strings"
)

// shape is the tree of n as text, without its spans and without what does not change its meaning.
func shape(n any) string {
	var b strings.Builder
	writeShape(&b, reflect.ValueOf(n))
	return b.String()
}

var spanType = reflect.TypeFor[Span]()

func writeShape(b *strings.Builder, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			b.WriteString("-")
			return
		}
		writeShape(b, v.Elem())
	case reflect.Slice:
		b.WriteString("[")
		for i := range v.Len() {
			writeShape(b, v.Index(i))
			b.WriteString(" ")
		}
		b.WriteString("]")
	case reflect.Struct:
		b.WriteString(v.Type().Name() + "{")
		for i := range v.NumField() {
			name := v.Type().Field(i).Name
			if v.Type().Field(i).Type == spanType || name == "Single" {
				continue
			}
			b.WriteString(name + ":")
			writeShape(b, v.Field(i))
			b.WriteString(" ")
		}
		b.WriteString("}")
	default:
		fmt.Fprintf(b, "%#v", v.Interface())
	}
}
