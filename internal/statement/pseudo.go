package statement

import (
	"strings"

	"github.com/cosmossql/cosmossql/internal/nosql"
)

// pseudoColumns is the bare words that other databases compute, and what to write here. As the property of that name,
// which hardly any document has, such a word would make a condition that silently meets no document.
var pseudoColumns = map[string]string{
	"ROWNUM":            pageInstead,
	"CURRENT_TIMESTAMP": nowInstead,
	"CURRENT_DATE":      nowInstead,
	"CURRENT_TIME":      nowInstead,
	"LOCALTIMESTAMP":    nowInstead,
	"LOCALTIME":         nowInstead,
	"SYSDATE":           nowInstead,
	"SYSTIMESTAMP":      nowInstead,
	"UTC_TIMESTAMP":     nowInstead,
	"UTC_DATE":          nowInstead,
	"UTC_TIME":          nowInstead,
	"CURRENT_USER":      userInstead,
	"CURRENT_ROLE":      userInstead,
	"SESSION_USER":      userInstead,
	"SYSTEM_USER":       userInstead,
}

const (
	nowInstead  = "Pass a time.Time, or write GetCurrentDateTime()."
	userInstead = "Cosmos DB does not know who asks: pass the name as a parameter."
)

// isPseudoColumn reports whether the bare name x is one of another database's.
func isPseudoColumn(x *nosql.Ident) bool {
	return !x.Quoted && pseudoColumns[strings.ToUpper(x.Name)] != ""
}

// pseudoColumn refuses the bare name x, of the documents called table, if it is one of another database's. In quotes or
// behind the alias it is a property.
func pseudoColumn(x *nosql.Ident, table string) error {
	if !isPseudoColumn(x) {
		return nil
	}
	way := pseudoColumns[strings.ToUpper(x.Name)]
	if table != "" {
		way += " For a property of that name write " + table + "." + x.Name + "."
	}
	return columnError(x, way)
}
