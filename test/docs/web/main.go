package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"log"
	"net/http"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

type Order struct {
	ID    string  `json:"id"`
	Total float64 `json:"total"`
}

var page = template.Must(template.New("page").Parse(`<ul>
{{range .Orders}}<li>order {{.ID}}: {{.Total}}</li>
{{end}}</ul>
{{with .More}}<a href="?more={{.}}">more</a>
{{end}}`))

// list shows ten orders, the largest first, and a link to the next ten.
func list(orders *cosmos.Container) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		pager := orders.NewPager("SELECT o.id, o.total FROM o ORDER BY o.total DESC",
			cosmos.PageSize(10), cosmos.Continuation(r.FormValue("more"))) // "" is the first page
		defer pager.Close()
		var view struct {
			Orders []Order
			More   string
		}
		p, err := pager.Next(r.Context())
		switch {
		case errors.Is(err, cosmos.ErrBadContinuation): // somebody changed the link
			http.Error(w, "there is no such page", http.StatusBadRequest)
			return
		case err == io.EOF: // there are no orders
		case err != nil:
			log.Print(err)
			http.Error(w, "try again later", http.StatusServiceUnavailable)
			return
		default:
			for _, item := range p.Items {
				var o Order
				if err := json.Unmarshal(item, &o); err != nil {
					http.Error(w, "an order is damaged", http.StatusInternalServerError)
					return
				}
				view.Orders = append(view.Orders, o)
			}
			view.More = p.Continuation // "" on the last page
		}
		if err := page.Execute(w, view); err != nil {
			log.Print(err)
		}
	}
}

func main() {
	var documents []any
	for n := range 25 {
		id, customer := fmt.Sprint(n), fmt.Sprint(n%7)
		documents = append(documents, map[string]any{"id": id, "customer": customer, "total": n})
	}
	shop := cosmostest.Database{ID: "shop", Containers: []cosmostest.ContainerData{
		{ID: "orders", PartitionKey: []string{"/customer"}, Documents: documents},
	}}
	server := cosmostest.NewServer(cosmostest.Data(shop))
	client, err := cosmos.NewClientFromConnectionString(server.ConnectionString(), nil)
	if err != nil {
		log.Fatal(err)
	}
	http.Handle("/", list(client.Database("shop").Container("orders")))
	log.Print("http://localhost:8000")
	log.Fatal(http.ListenAndServe("localhost:8000", nil))
}
