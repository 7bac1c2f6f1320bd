package gateway

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/cosmossql/cosmossql/internal/emulator/eval"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
	"github.com/cosmossql/cosmossql/internal/value"
)

// Request units of metadata and of refusals, as recorded. FACTS.md 24: a refused write, 26/21 or 1.24, is a quarter
// of the 4.95 that a write of metadata costs.
const (
	chargeRead      = 2
	chargeOne       = 1 // a database or container with its offer, ranges, a read of the change feed
	chargeWrite     = 4.95
	chargeReplace   = 9.9
	chargeRefused   = 26. / 21
	chargeThrottled = 0.38
)

// readAccount replies with the account. Its addresses are those that the caller can reach, see address; everything
// else is as exchange 33 has it. The number of reads is counted for topologies that change as they are read
// (PROTOCOL.md 9.6).
func (c *call) readAccount() (reply, error) {
	o, t := c.g.opts, c.g.account.Shown(c.g.accountReads.Add(1))
	a := account{
		ID: c.g.account.Name(), RID: c.g.account.Name() + ".documents.azure.com",
		Media: "//media/", Addresses: "//addresses/", DBs: "//dbs/",
		MultiWrite: t.Multi, ContinuousBackup: o.ContinuousBackup, PartitionFailover: o.PartitionFailover,
		QueryEngine: queryEngine,
	}
	a.Readable, a.Writable = c.locations(t)
	a.UserReplication.Min, a.UserReplication.Max, a.SystemReplication.Min, a.SystemReplication.Max = 3, 4, 3, 4
	a.Read.Primary, a.Read.Secondary = 1, 1
	a.Consistency.Default = o.Consistency
	// Only then does the account name its bounds.
	if o.Consistency == "BoundedStaleness" {
		a.Consistency.MaxPrefix, a.Consistency.MaxSeconds = MaxStaleness, 5
	}
	for _, name := range []string{"x-ms-max-media-storage-usage-mb", "x-ms-media-storage-usage-mb",
		"x-ms-databaseaccount-consumed-mb",
		"x-ms-databaseaccount-reserved-mb", "x-ms-databaseaccount-provisioned-mb"} {
		c.set(name, "0")
	}
	body, err := encode(a)
	return reply{status: http.StatusOK, body: body}, err
}

// account is the account's JSON, its members in the service's order and spelling. SDKs go by names, but a recording
// is compared member by member. The two spellings of "Set" are the service's.
type account struct {
	Self              string     `json:"_self"`
	ID                string     `json:"id"`
	RID               string     `json:"_rid"`
	Media             string     `json:"media"`
	Addresses         string     `json:"addresses"`
	DBs               string     `json:"_dbs"`
	Writable          []location `json:"writableLocations"`
	Readable          []location `json:"readableLocations"`
	MultiWrite        bool       `json:"enableMultipleWriteLocations"`
	ContinuousBackup  bool       `json:"continuousBackupEnabled"`
	NRegionCommit     bool       `json:"enableNRegionSynchronousCommit"`
	PartitionFailover bool       `json:"enablePerPartitionFailoverBehavior"`
	NoHedging         bool       `json:"disableCrossRegionalHedging"`
	UserReplication   struct {
		Async bool `json:"asyncReplication"`
		Min   int  `json:"minReplicaSetSize"`
		Max   int  `json:"maxReplicasetSize"`
	} `json:"userReplicationPolicy"`
	Consistency struct {
		Default    string `json:"defaultConsistencyLevel"`
		MaxPrefix  int    `json:"maxStalenessPrefix,omitempty"`
		MaxSeconds int    `json:"maxIntervalInSeconds,omitempty"`
	} `json:"userConsistencyPolicy"`
	SystemReplication struct {
		Min int `json:"minReplicaSetSize"`
		Max int `json:"maxReplicasetSize"`
	} `json:"systemReplicationPolicy"`
	Read struct {
		Primary   int `json:"primaryReadCoefficient"`
		Secondary int `json:"secondaryReadCoefficient"`
	} `json:"readPolicy"`
	QueryEngine string `json:"queryEngineConfiguration"`
}

// queryEngine is read by the .NET SDK's own planner. It is a text that holds JSON. The evaluator keeps the same
// bounds of 10 joins and 10 functions.
const queryEngine = `{"allowNewKeywords":true,"maxJoinsPerSqlQuery":10,"maxQueryRequestTimeoutFraction":0.9,` +
	`"maxSqlQueryInputLength":524288,` +
	`"maxUdfRefPerSqlQuery":10,"queryMaxInMemorySortDocumentCount":-1000,"spatialMaxGeometryPointCount":256,` +
	`"sqlAllowNonFiniteNumbers":false,` +
	`"sqlDisableOptimizationFlags":0,"sqlQueryILDisableOptimizationFlags":0,` +
	`"clientDisableOptimisticDirectExecution":false,"queryEnableFullText":true,` +
	`"queryEnableFullTextPreviewFeatures":false,"queryMaxFullTextScoreSearchTerms":30,"queryMaxRrfArgumentCount":100,` +
	`"enableSpatialIndexing":true,` +
	`"maxInExpressionItemsCount":2147483647,"maxLogicalAndPerSqlQuery":2147483647,` +
	`"maxLogicalOrPerSqlQuery":2147483647,` +
	`"maxSpatialQueryCells":2147483647,"sqlAllowAggregateFunctions":true,"sqlAllowGroupByClause":true,` +
	`"sqlAllowLike":true,"sqlAllowSubQuery":true,` +
	`"sqlAllowScalarSubQuery":true,"sqlAllowTop":true}`

// The service's list counts all of these (recorded exchange 34), those too that this server does not have.
func (c *call) listDatabases() (reply, error) {
	all := c.g.account.Databases()
	containers, users := 0, 0
	for _, d := range all {
		containers += len(d.Containers())
		users += len(d.Users())
	}
	c.quota("databases", 1000, len(all), "collections", 5000, containers, "users", 500000, users,
		"permissions", 2000000, 0,
		"clientEncryptionKeys", 20, 0, "interopUsers", 2000, 0, "authPolicyElements", 1000, 0,
		"roleDefinitions", 100, 0,
		"roleAssignments", 2000, 0, "azureRbac", 200000, 0)
	return listMetadata(c, "", "Databases", all)
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
	charge := chargeWrite
	// Recorded exchange 2, with an offer; the charge without one is inferred.
	if t != (store.Throughput{}) {
		charge = chargeOne
	}
	c.quota("databases", 1000, len(c.g.account.Databases()))
	return c.resource(http.StatusCreated, d.Resource, charge), nil
}

func (c *call) readDatabase(d *store.Database) (reply, error) {
	c.quota("databases", 1000, len(c.g.account.Databases()))
	return c.resource(http.StatusOK, d.Resource, chargeRead), nil
}

// If-Match holds for metadata as it does for documents.
func (c *call) deleteDatabase(d *store.Database) (reply, error) {
	if err := store.Match(c.header(headerIfMatch), d.ETag()); err != nil {
		return reply{}, err
	}
	err := c.g.account.DeleteDatabase(d)
	c.quota("databases", 1000, len(c.g.account.Databases()))
	return reply{status: http.StatusNoContent, charge: chargeWrite}, err
}

// throughput reads what a new database or container shall have. Whether the numbers will do, and both at once, is for
// the store to say.
func (c *call) throughput() (t store.Throughput, err error) {
	if text := c.header(headerThroughput); text != "" {
		if t.Manual, err = strconv.Atoi(text); err != nil {
			return t, store.Errorf(400, 0, "The offer throughput %q is invalid.", text)
		}
	}
	if text := c.header(headerAutopilot); text != "" {
		var s struct {
			MaxThroughput int `json:"maxThroughput"`
			// Kept as it came and given back (PROTOCOL.md 3.5).
			Upgrade json.RawMessage `json:"autoUpgradePolicy"`
		}
		if err := json.Unmarshal([]byte(text), &s); err != nil || s.MaxThroughput == 0 {
			return t, store.Errorf(400, 0, "The autopilot settings %s are invalid.", text)
		}
		t.Autoscale, t.Upgrade = s.MaxThroughput, string(s.Upgrade)
	}
	return t, nil
}

func (c *call) listContainers(d *store.Database) (reply, error) {
	var all []*store.Resource
	for _, x := range d.Containers() {
		all = append(all, x.Resource())
	}
	c.quota("collections", 5000, len(all))
	return listMetadata(c, d.RID(), "DocumentCollections", all)
}

// What only the gateway can know of a definition is checked before the store sees it: queries of computed properties,
// and what the version of the API allows.
func (c *call) createContainer(d *store.Database) (reply, error) {
	t, err := c.throughput()
	if err != nil {
		return reply{}, err
	}
	if err := c.checkComputed(); err != nil {
		return reply{}, err
	}
	c.body = c.withSystemKey(c.body)
	if err := c.checkVersion(d, t); err != nil {
		return reply{}, err
	}
	x, err := d.CreateContainer(c.body, t)
	if err != nil {
		return reply{}, err
	}
	c.container, c.database = x, d
	return c.resource(http.StatusCreated, x.Resource(), chargeOne), nil
}

// withSystemKey gives a container without a partition key the one that the service gives those that clients of its
// versions before partition keys create: a path that no document has. Documents of such containers are written
// without a key header, by the oldest clients still in use.
func (c *call) withSystemKey(body []byte) []byte {
	// From 2018-12-31 on a container needs a partition key (PROTOCOL.md 1.3).
	const last = "2018-09-17"
	in, err := value.Parse(body)
	version := c.header("x-ms-version")
	if err != nil || in.Kind() != value.KindObject || version == "" || version > last ||
		in.Get("partitionKey").Kind() == value.KindObject {
		return body
	}
	var members []value.Member
	for m := range in.Members() {
		if m.Name != "partitionKey" {
			members = append(members, m)
		}
	}
	key, _ := value.Parse([]byte(`{"paths":["/_partitionKey"],"kind":"Hash","systemKey":true}`))
	return value.AppendJSON(nil, value.Object(append(members, value.Member{Name: "partitionKey", Value: key})))
}

// checkVersion refuses what the version of the API that the request names does not know, and what a database with
// shared throughput does not hold. A program that sends an old version must fail here as it would in Azure, where
// hierarchical keys need a later one.
func (c *call) checkVersion(d *store.Database, t store.Throughput) error {
	in, err := value.Parse(c.body)
	if err != nil {
		return nil // refused where it is read
	}
	key := in.Get("partitionKey")
	// The refusal is recorded for 2018-12-31 (5); where it ends is in the documentation.
	const hierarchical = "2020-07-15"
	if v := c.header("x-ms-version"); v != "" && v < hierarchical &&
		strings.EqualFold(key.Get("kind").AsString(), "MultiHash") {
		e := store.Errorf(400, 0, "The 'kind' value 'MultiHash' specified in the partition key definition is "+
			"invalid. Please choose 'Hash' partition type.")
		e.Free = true
		return e
	}
	// Recorded exchange 174; a container with throughput of its own is refused elsewhere and otherwise.
	if key.Get("paths").Len() == 0 && t == (store.Throughput{}) && d.Shares() && in.Get("id").
		Kind() == value.KindString {
		return refuse(400, 0, "Shared throughput collection should have a partition key")
	}
	return nil
}

// checkComputed checks the queries of a container's computed properties, which the store does not understand. What is
// no definition at all is left to the store to refuse.
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

// Only if asked does it count what the container holds, which takes a look at every partition.
func (c *call) readContainer(_ *store.Database, x *store.Container) (reply, error) {
	if c.flag("x-ms-documentdb-populatequotainfo") {
		// Documents whose time is over would count until something else removes them.
		x.Expire()
		count, bytes := x.Usage()
		kb := strconv.FormatInt((bytes+1023)/1024, 10)
		c.set("x-ms-resource-quota",
			"documentSize=10240;documentsSize=10485760;documentsCount=-1;collectionSize=10485760;")
		c.set("x-ms-resource-usage", "documentSize=0;documentsSize="+kb+";documentsCount="+strconv.FormatInt(count, 10)+
			";collectionSize="+kb+";")
		// Indexes are made when they are first used, so a changed policy is always carried out.
		c.set("x-ms-documentdb-collection-index-transformation-progress", "100")
	}
	res := c.resource(http.StatusOK, x.Resource(), chargeRead)
	if c.flag("x-ms-documentdb-populatepartitionstatistics") {
		res.body = withStatistics(res.body, x.Statistics())
	}
	return res, nil
}

func (c *call) replaceContainer(_ *store.Database, x *store.Container) (reply, error) {
	if err := c.checkComputed(); err != nil {
		return reply{}, err
	}
	r, err := x.Replace(c.body, c.header(headerIfMatch))
	if err != nil {
		return reply{}, err
	}
	return c.resource(http.StatusOK, r, chargeReplace), nil
}

func (c *call) deleteContainer(d *store.Database, x *store.Container) (reply, error) {
	if err := store.Match(c.header(headerIfMatch), x.Resource().ETag()); err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusNoContent, charge: chargeWrite}, d.DeleteContainer(x)
}
