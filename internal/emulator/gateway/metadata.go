package gateway

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/cosmossql/cosmossql/internal/emulator/eval"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

// Charges of metadata.
const (
	chargeRead  = 1
	chargeWrite = 2
)

type location struct {
	Name     string `json:"name"`
	Endpoint string `json:"databaseAccountEndpoint"`
}

// readAccount replies with the account. Its addresses are those of the regions; where there is only one, it is the
// address that the client itself used, which is the one that is sure to reach the server.
func (c *call) readAccount() (reply, error) {
	var all []location
	for _, r := range c.g.opts.Regions {
		host := r.Endpoint
		if len(c.g.opts.Regions) == 1 && c.r.Host != "" {
			host = c.r.Host
		}
		all = append(all, location{r.Name, c.g.opts.Scheme + "://" + host + "/"})
	}
	writable := all
	if !c.g.opts.MultiWrite {
		writable = all[:1]
	}
	consistency := map[string]any{"defaultConsistencyLevel": c.g.opts.Consistency}
	if c.g.opts.Consistency == "BoundedStaleness" {
		consistency["maxStalenessPrefix"], consistency["maxIntervalInSeconds"] = 100, 5
	}
	body, err := json.Marshal(map[string]any{
		"_self": "", "id": "cosmostest", "_rid": "cosmostest.documents.azure.com", "media": "//media/", "addresses": "//addresses/", "_dbs": "//dbs/",
		"writableLocations": writable, "readableLocations": all, "enableMultipleWriteLocations": c.g.opts.MultiWrite,
		"userReplicationPolicy":    map[string]any{"asyncReplication": false, "minReplicaSetSize": 3, "maxReplicasetSize": 4},
		"userConsistencyPolicy":    consistency,
		"systemReplicationPolicy":  map[string]any{"minReplicaSetSize": 3, "maxReplicasetSize": 4},
		"readPolicy":               map[string]any{"primaryReadCoefficient": 1, "secondaryReadCoefficient": 1},
		"queryEngineConfiguration": queryEngine,
	})
	return reply{http.StatusOK, body, chargeRead}, err
}

// queryEngine is read by the .NET SDK's own planner.
const queryEngine = `{"maxSqlQueryInputLength":524288,"maxJoinsPerSqlQuery":10,"maxLogicalAndPerSqlQuery":2000,"maxLogicalOrPerSqlQuery":2000,` +
	`"maxUdfRefPerSqlQuery":10,"maxInExpressionItemsCount":16000,"queryMaxInMemorySortDocumentCount":500,"maxQueryRequestTimeoutFraction":0.9,` +
	`"sqlAllowNonFiniteNumbers":false,"sqlAllowAggregateFunctions":true,"sqlAllowSubQuery":true,"sqlAllowScalarSubQuery":true,"allowNewKeywords":true,` +
	`"sqlAllowLike":true,"sqlAllowGroupByClause":true,"maxSpatialQueryCells":12,"spatialMaxGeometryPointCount":256,"sqlAllowTop":true,"enableSpatialIndexing":true}`

func (c *call) listDatabases() (reply, error) {
	return listMetadata(c, "", "Databases", c.g.account.Databases())
}

func (c *call) createDatabase() (reply, error) {
	t, err := c.throughput()
	if err != nil {
		return reply{}, err
	}
	d, err := c.g.account.CreateDatabase(c.body, t)
	if err != nil {
		return reply{}, err
	}
	return c.resource(http.StatusCreated, d.Resource, chargeWrite), nil
}

func (c *call) readDatabase(d *store.Database) (reply, error) {
	return c.resource(http.StatusOK, d.Resource, chargeRead), nil
}

func (c *call) deleteDatabase(d *store.Database) (reply, error) {
	if err := store.Match(c.header(headerIfMatch), d.ETag()); err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusNoContent, charge: chargeWrite}, c.g.account.DeleteDatabase(d)
}

// throughput reads what a new database or container shall have.
func (c *call) throughput() (t store.Throughput, err error) {
	if text := c.header(headerThroughput); text != "" {
		if t.Manual, err = strconv.Atoi(text); err != nil {
			return t, store.Errorf(400, 0, "The offer throughput %q is invalid.", text)
		}
	}
	if text := c.header(headerAutopilot); text != "" {
		var s struct {
			MaxThroughput int `json:"maxThroughput"`
		}
		if err := json.Unmarshal([]byte(text), &s); err != nil || s.MaxThroughput == 0 {
			return t, store.Errorf(400, 0, "The autopilot settings %s are invalid.", text)
		}
		t.Autoscale = s.MaxThroughput
	}
	return t, nil
}

func (c *call) listContainers(d *store.Database) (reply, error) {
	var all []*store.Resource
	for _, x := range d.Containers() {
		all = append(all, x.Resource())
	}
	return listMetadata(c, d.RID(), "DocumentCollections", all)
}

func (c *call) createContainer(d *store.Database) (reply, error) {
	t, err := c.throughput()
	if err != nil {
		return reply{}, err
	}
	if err := c.checkComputed(); err != nil {
		return reply{}, err
	}
	x, err := d.CreateContainer(c.body, t)
	if err != nil {
		return reply{}, err
	}
	c.container = x
	return c.resource(http.StatusCreated, x.Resource(), chargeWrite), nil
}

// checkComputed checks the queries of a container's computed properties, which the store does not understand. What is no
// definition at all is left to the store to refuse.
func (c *call) checkComputed() error {
	var def struct {
		ComputedProperties []eval.ComputedProperty `json:"computedProperties"`
	}
	if json.Unmarshal(c.body, &def) != nil {
		return nil
	}
	if err := eval.CheckComputed(def.ComputedProperties); err != nil {
		return store.Errorf(400, 0, "%v", err)
	}
	return nil
}

func (c *call) readContainer(_ *store.Database, x *store.Container) (reply, error) {
	if c.flag("x-ms-documentdb-populatequotainfo") {
		x.Expire()
		count, bytes := x.Usage()
		kb := strconv.FormatInt((bytes+1023)/1024, 10)
		c.set("x-ms-resource-quota", "documentSize=10240;documentsSize=10485760;documentsCount=-1;collectionSize=10485760;")
		c.set("x-ms-resource-usage", "documentSize=0;documentsSize="+kb+";documentsCount="+strconv.FormatInt(count, 10)+";collectionSize="+kb+";")
		c.set("x-ms-documentdb-collection-index-transformation-progress", "100")
	}
	return c.resource(http.StatusOK, x.Resource(), chargeRead), nil
}

func (c *call) replaceContainer(_ *store.Database, x *store.Container) (reply, error) {
	if err := c.checkComputed(); err != nil {
		return reply{}, err
	}
	r, err := x.Replace(c.body, c.header(headerIfMatch))
	if err != nil {
		return reply{}, err
	}
	return c.resource(http.StatusOK, r, chargeWrite), nil
}

func (c *call) deleteContainer(d *store.Database, x *store.Container) (reply, error) {
	if err := store.Match(c.header(headerIfMatch), x.Resource().ETag()); err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusNoContent, charge: chargeWrite}, d.DeleteContainer(x)
}
