// Package shop holds the list endpoint of the documentation.
package shop

import (
	"database/sql"
	"log"
	"net/http"

	"github.com/cosmossql/cosmossql/dsl"
)

var db *sql.DB

var filter = dsl.Filter{
	Fields: map[string]dsl.Field{
		"city":  {Path: "o.address.city"},
		"total": {Path: "o.total", Type: dsl.NumberField},
		"name":  {Path: "o.name", Operators: []dsl.Operator{dsl.Equals, dsl.HasPrefix}},
	},
	Ignore: []string{"page", "sort"}, // parameters of the URL that are something else
}

func list(w http.ResponseWriter, r *http.Request) {
	cond, err := filter.Query(r.URL.Query())
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	rows, err := dsl.Select("o.id", "o.total").From("orders o").Where(cond).RunWith(db).QueryContext(r.Context())
	if err != nil {
		log.Print(err)
		http.Error(w, "try again later", http.StatusInternalServerError)
		return
	}
	defer rows.Close()
	// … write the rows
}
