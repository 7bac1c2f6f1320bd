// Command entra signs in with Entra ID instead of an account key, through database/sql and a data source name alone:
// the credential has a name that the DSN refers to.
//
//	go run .                                                       against the in-process server
//	COSMOS_ENDPOINT=https://NAME.documents.azure.com:443/ COSMOS_DATABASE=shop COSMOS_CONTAINER=orders go run .
//
// The second runs against an account, as whoever azidentity finds. The account needs a role assignment for the
// identity, such as Cosmos DB Built-in Data Reader; creating databases and containers is not among the rights that such
// roles give.
package main

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"os"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	_ "github.com/cosmossql/cosmossql/driver"
)

func main() {
	n, err := run(context.Background(), os.Getenv("COSMOS_ENDPOINT"), os.Getenv("COSMOS_DATABASE"),
		os.Getenv("COSMOS_CONTAINER"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("signed in with Entra ID\nthe container has %d documents\n", n)
}

// run opens the account at endpoint, or the in-process server if that is empty, and counts the documents of a
// container.
func run(ctx context.Context, endpoint, database, container string) (n int, err error) {
	var cred cosmos.Credential
	if endpoint == "" {
		srv := cosmostest.NewServer(
			cosmostest.Data(cosmostest.Database{ID: "shop", Containers: []cosmostest.ContainerData{{
				ID: "orders", PartitionKey: []string{"/customer"},
				Documents: []any{map[string]string{"id": "1", "customer": "ann"},
					map[string]string{"id": "2", "customer": "bob"}},
			}}}))
		defer srv.Close()
		endpoint, database, container = srv.Endpoint(), "shop", "orders"
		if cred, err = cosmos.TokenCredential(srv.TokenCredential()); err != nil {
			return 0, err
		}
	} else {
		// The Azure CLI, a managed identity, environment variables: whichever is there. The driver keeps the token and
		// renews it.
		login, err := azidentity.NewDefaultAzureCredential(nil)
		if err != nil {
			return 0, err
		}
		if cred, err = cosmos.TokenCredential(login); err != nil {
			return 0, err
		}
	}
	if err := cosmos.RegisterCredential("entra", cred); err != nil {
		return 0, err
	}
	db, err := sql.Open("cosmos",
		"AccountEndpoint="+endpoint+";Credential=entra;Database="+database+";Container="+container)
	if err != nil {
		return 0, err
	}
	defer db.Close()
	err = db.QueryRowContext(ctx, "SELECT VALUE COUNT(1) FROM c").Scan(&n)
	return n, err
}
