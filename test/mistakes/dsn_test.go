package mistakes

import (
	"database/sql"
	"strings"
	"testing"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/driver"
)

func TestDataSourceNames(t *testing.T) {
	t.Parallel()
	checkText(t, []mistake{
		{"empty", dsn(""),
			"DSN: missing endpoint: it needs…or has the form cosmos://KEY@host/database", ""},
		{"a name of nothing", dsn("shop"),
			"DSN: part 1 is not of the form Name=value; a DSN is…cosmos://KEY@host/database", ""},
		{"only the key", dsn("AccountKey=KEY"),
			"DSN: missing endpoint: it needs…or has the form cosmos://KEY@host/database", ""},
		{"no key", dsn("AccountEndpoint=SERVER;Database=shop"),
			"missing key: the DSN needs…the URL form the key stands before the @", ""},
		{"no database", dsn("AccountEndpoint=SERVER;AccountKey=KEY"),
			"no database: name one in the DSN, as…in the statement, or with cosmos.InDatabase", ""},
		{"an option misspelt", dsn("AccountEndpoint=SERVER;AccountKey=KEY;Database=shop;PageSze=5"),
			`DSN: unknown option "PageSze"; there are account_endpoint,…version`, ""},
		{"an option of another driver", dsn("AccountEndpoint=SERVER;AccountKey=KEY;Database=shop;sslmode=disable"),
			`DSN: unknown option "sslmode"; there are account_endpoint,…version`, ""},
		{"an option twice", dsn("AccountEndpoint=SERVER;AccountKey=KEY;Database=shop;PageSize=5;page_size=6"),
			`DSN: option "page_size" is given twice, or under two of its names`, whatIsWrongSaysIt},
		{"a number that is none", dsn("AccountEndpoint=SERVER;AccountKey=KEY;Database=shop;PageSize=many"),
			`DSN: option "PageSize": "many" is not a whole number from 1 up`, ""},
		{"a number out of range", dsn("AccountEndpoint=SERVER;AccountKey=KEY;Database=shop;ThroughputBucket=9"),
			`DSN: option "ThroughputBucket": 9 is not between 1 and 5`, ""},
		{"a duration without a unit", dsn("AccountEndpoint=SERVER;AccountKey=KEY;Database=shop;Timeout=5"),
			`DSN: option "Timeout": "5" is not a duration above zero, such as 30s`, ""},
		{"a negative duration", dsn("AccountEndpoint=SERVER;AccountKey=KEY;Database=shop;Timeout=-5s"),
			`DSN: option "Timeout": "-5s" is not a duration above zero, such as 30s`, ""},
		{"a flag that is neither", dsn("AccountEndpoint=SERVER;AccountKey=KEY;Database=shop;ParseTime=perhaps"),
			`DSN: option "ParseTime": "perhaps" is neither true nor false`, ""},
		{"an unknown consistency",
			dsn("AccountEndpoint=SERVER;AccountKey=KEY;Database=shop;Consistency=Eventually"),
			`DSN: option "Consistency": "Eventually" is none of Strong,…Session, ConsistentPrefix, Eventual`, ""},
		{"a stronger consistency than the account's",
			dsn("AccountEndpoint=SERVER;AccountKey=KEY;Database=shop;Consistency=Strong"),
			"POST dbs/shop/colls/products/docs: 400 BadRequest:…than the service consistency level.", ofTheService},
		{"an unknown region",
			dsn("AccountEndpoint=SERVER;AccountKey=KEY;Database=shop;PreferredRegions=Norht Europe"),
			`reading the definition of container "products":…the preferred ones; the account has`, ""},
		{"no = in a part", dsn("AccountEndpoint=SERVER;AccountKey=KEY;Database"),
			"DSN: part 3 is not of the form Name=value; a DSN is…cosmos://KEY@host/database", ""},
		{"a key that is not base64", dsn("AccountEndpoint=SERVER;AccountKey=secret!;Database=shop"),
			`DSN: option "AccountKey": the account key is not valid…from the portal, with the trailing '='`, ""},
		{"the key of another account",
			dsn("AccountEndpoint=SERVER;AccountKey=c2VjcmV0LWtleS1vZi1hbi1hY2NvdW50;Database=shop"),
			"401 Unauthorized:……; the key is most likely not this account's: copy it from the portal anew", ""},
		{"key and resource token",
			dsn("AccountEndpoint=SERVER;AccountKey=KEY;ResourceToken=type=resource&ver=1&sig=x;Database=shop"),
			"more than one of key, resource token and credential is set; keep one", ""},
		{"a credential that nobody registered", dsn("AccountEndpoint=SERVER;Credential=entra;Database=shop"),
			`no credential is registered as "entra": call cosmos.RegisterCredential before the DSN is opened`, ""},
		{"endpoint without a scheme", dsn("AccountEndpoint=localhost:8081;AccountKey=KEY;Database=shop"),
			`DSN: option "AccountEndpoint": the…not start with https:// (or http://)`, whatIsWrongSaysIt},
		{"endpoint with a path", dsn("AccountEndpoint=SERVERdbs/shop;AccountKey=KEY;Database=shop"),
			`DSN: option "AccountEndpoint": the endpoint's host is not of the form host:port`, ""},
		{"a URL of another database", dsn("postgres://user:KEY@localhost/shop"),
			"DSN: it begins with postgres://; a DSN is…cosmos://KEY@host/database", ""},
		{"the endpoint itself", dsn("https://shop.documents.azure.com:443/"),
			"DSN: it begins with https://; a DSN is…cosmos://KEY@host/database", ""},
		{"a URL without a host", dsn("cosmos:///shop"),
			"DSN: missing endpoint: it needs…or has the form cosmos://KEY@host/database", ""},
		{"a URL with more than database and container", dsn("cosmos://KEY@localhost:1/shop/products/1"),
			"DSN: the path has more than two segments; it is /database/container", whatIsWrongSaysIt},
		{"an option misspelt in a URL", dsn("cosmos://KEY@localhost:1/shop?pagesize=5&timeoutt=1s"),
			`DSN: unknown option "timeoutt"; there are tls…version`, ""},
		{"https to a server of http", func(w *world) error {
			return dsn(strings.Replace("AccountEndpoint="+w.Endpoint()+";AccountKey=KEY;Database=shop", "http:",
				"https:", 1))(w)
		},
			"tls: first record does not look like a TLS handshake (the…with http://, or tls=false in a URL)", ""},
		{"nobody listens", dsn("AccountEndpoint=http://127.0.0.1:1/;AccountKey=KEY;Database=shop"),
			"dial tcp 127.0.0.1:1: connect: connection refused", ofTheNetwork},
		{"no such host", dsn("AccountEndpoint=https://nosuchaccount.invalid/;AccountKey=KEY;Database=shop"),
			"dial tcp: lookup nosuchaccount.invalid…no such host", ofTheNetwork},
		{"database that is not there", dsn("AccountEndpoint=SERVER;AccountKey=KEY;Database=shp"),
			"404 NotFound: Resource Not…database, SHOW DATABASES the databases", ""},
		{"container that is not there",
			dsn("AccountEndpoint=SERVER;AccountKey=KEY;Database=shop;Container=prodcts"),
			"404 NotFound: Resource Not…database, SHOW DATABASES the databases", ""},
		{"a name with a slash", dsn("AccountEndpoint=SERVER;AccountKey=KEY;Database=shop/products"),
			`DSN: database id "shop/products" has one…/ \ ? #, which ids cannot have`, whatIsWrongSaysIt},
		{"two budgets",
			dsn("AccountEndpoint=SERVER;AccountKey=KEY;Database=shop;TargetThroughput=100;" +
				"TargetThroughputThreshold=0.5"),
			`throughput control group "of the DSN":…exclude each other`, whatIsWrongSaysIt},
		{"a partition key that is no JSON",
			dsn(`AccountEndpoint=SERVER;AccountKey=KEY;Database=shop;PartitionKey=["a"`),
			`DSN: option "PartitionKey": "[\"a\"" begins like a JSON array but is not one`, whatIsWrongSaysIt},
		{"the driver under another name", func(*world) error {
			_, err := sql.Open("cosmosdb", "AccountEndpoint=https://localhost/")
			return err
		},
			`sql: unknown driver "cosmosdb" (forgotten import?)`, ofTheStandardLibrary},
		{"a Config without an endpoint", func(*world) error {
			_, err := driver.OpenConnector(driver.Config{Key: "c2VjcmV0"})
			return err
		},
			"missing endpoint: the DSN needs AccountEndpoint=https://…, or a host after cosmos://", ""},
		{"a client without a credential", func(w *world) error {
			_, err := cosmos.NewClient(w.Endpoint(), cosmos.Credential{}, nil)
			return err
		},
			"the credential is empty: make one with KeyCredential, ResourceToken or TokenCredential", ""},
		{"a client by a key that is none", func(w *world) error {
			_, err := cosmos.KeyCredential("not a key")
			return err
		},
			"the account key is not valid base64; copy it whole from the portal, with the trailing '='", ""},
		{"a connector without a client", func(w *world) error {
			db := sql.OpenDB(driver.NewConnector(nil, driver.Config{}))
			defer db.Close()
			return db.PingContext(w.ctx())
		},
			"NewConnector was given a nil client; make one with cosmos.NewClient", ""},
		{"a client that is closed", func(w *world) error {
			w.client.Close()
			_, err := w.client.Database("shop").Read(w.ctx())
			return err
		},
			"the client is closed", whatIsWrongSaysIt},
		{"a database that is closed", func(w *world) error {
			w.db.Close()
			return query("SELECT 1")(w)
		},
			"sql: database is closed", ofTheStandardLibrary},
		{"another driver's database", func(w *world) error {
			_, err := cosmos.FromDB(w.ctx(), sql.OpenDB(otherDriver{}))
			return err
		},
			"a connection of type mistakes.otherDriver does not belong to this module's driver", whatIsWrongSaysIt},
		{"a nil client", func(w *world) error {
			_, err := (*cosmos.Client)(nil).Database("shop").Read(w.ctx())
			return err
		},
			"the *Client is nil: make one with NewClient, or take that of a *sql.DB with FromDB", ""},
		{"a nil container", func(w *world) error {
			return all(cosmos.Query[any](w.ctx(), nil, "SELECT * FROM c"))
		},
			"the *Container is nil: get one from Database.Container", ""},
	})
}
