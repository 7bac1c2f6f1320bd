package rawjson

import "slices"

// SystemProperties are the properties that the service adds to every document.
var SystemProperties = []string{"_rid", "_self", "_etag", "_attachments", "_ts"}

// IsSystemProperty reports whether the service adds the property to every document.
func IsSystemProperty(name string) bool { return slices.Contains(SystemProperties, name) }
