package shop

import (
	"database/sql"
	"testing"

	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	_ "github.com/cosmossql/cosmossql/driver"
)

func TestTotal(t *testing.T) {
	container := cosmostest.RunT(t).Container("/customer") // called "items"; the server ends with the test
	db, err := sql.Open("cosmos", container.DSN())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()

	if _, err := db.Exec("INSERT INTO items (customer, total) VALUES ('ada', 3), ('ada', 4)"); err != nil {
		t.Fatal(err)
	}
	var total int
	err = db.QueryRow("SELECT VALUE SUM(o.total) FROM items o WHERE o.customer = @p1", "ada").Scan(&total)
	if err != nil || total != 7 {
		t.Fatalf("total %d, %v", total, err)
	}
}
