package store

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// shop is a text to load with one container, which has these members besides its id and key, a line each.
func shop(members ...string) string {
	return "{\"databases\": [{\"id\": \"shop\", \"containers\": [\n{\"id\": \"orders\",\n" +
		strings.Join(append(members, `"partitionKey": {"paths": ["/pk"], "version": 2}}]}]}`), ",\n")
}

// Everything that a text can say arrives.
func TestLoad(t *testing.T) {
	t.Parallel()
	a := NewAccount(Options{Partitions: 3})
	require.NoError(t, a.Load([]byte(` {"databases": [
		{"id": "empty"},
		{"containers": [
			{"id": "own", "throughput": 700, "partitionKey": {"paths": ["/pk"]}},
			{"id": "large", "autoscaleThroughput": 40000, "partitionKey": {"paths": ["/pk"]}},
			{"documents": [{"id": "1", "tenant": "a", "user": "b"}, {"id": "2", "tenant": "a"}], "id": "orders",
			 "udfs": [{"id": "f", "body": "function f() {}"}, {"id": "g", "body": "function g() {}"}],
			 "triggers": [{"id": "t", "body": "x", "triggerType": "Post", "triggerOperation": "Create"}],
			 "sprocs": [{"id": "f", "body": "function f() { return 1 }"}],
			 "ranges": [{"id": "7", "minInclusive": "", "maxExclusive": "1C", "lsn": 40, "parents": ["2"]},
				{"id": "x", "minInclusive": "1C", "maxExclusive": "FF"}],
			 "partitionKey": {"paths": ["/tenant", "/user"], "version": 2}, "defaultTtl": 60, "mine": 1}],
		 "autoscaleThroughput": 2000, "id": "shop"}]}
	`)))
	d, err := a.Database("shop")
	require.NoError(t, err)
	require.Equal(t, "empty", a.Databases()[0].ID(), "in the order of the text")
	var names []string
	rates := map[string]Throughput{}
	for _, c := range d.Containers() {
		names = append(names, c.ID())
		rates[c.ID()] = c.Throughput()
	}
	require.Equal(t, []string{"own", "large", "orders"}, names)
	require.Equal(t, map[string]Throughput{"own": {Manual: 700}, "large": {Autoscale: 40_000},
		"orders": {Autoscale: 2000}}, rates)
	require.Len(t, a.Offers(), 3)
	large, err := d.Container("large")
	require.NoError(t, err)
	require.Len(t, large.Ranges(), 4, "as many partitions as a new container gets")

	c, err := d.Container("orders")
	require.NoError(t, err)
	require.Len(t, c.Items(), 2)
	key, err := c.EffectiveKey("a", "b")
	require.NoError(t, err)
	it, _, err := c.Read(key, "1")
	require.NoError(t, err)
	require.Equal(t, c.DocumentRID(it.Number()), it.RID)
	require.Equal(t, int64(60), *c.Definition().DefaultTTL)
	var kinds []int
	for _, kind := range []ScriptKind{Procedure, Trigger, Function} {
		kinds = append(kinds, len(c.Scripts.List(kind)))
	}
	require.Equal(t, []int{1, 1, 2}, kinds)
	ranges := c.Ranges()
	require.Equal(t, []string{"7", "x"}, []string{ranges[0].ID, ranges[1].ID})
	require.Equal(t, []string{"2"}, ranges[0].Parents)
	require.GreaterOrEqual(t, c.Mark().LSN, int64(40))
	halves, err := c.Split("x")
	require.NoError(t, err)
	require.Equal(t, []string{"8", "9"}, halves, "behind every id that is a number")
	sound(t, c)
}

// What is loaded stands beside what is there, and lives as if it had been written: it expires, and is found by its
// unique keys.
func TestLoadedDocumentsAreDocuments(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_000, 0)
	a := NewAccount(Options{Now: func() time.Time { return now }, Regions: []string{"West US", "East US"}})
	_, err := a.CreateDatabase([]byte(`{"id":"d"}`), Throughput{})
	require.NoError(t, err)
	require.NoError(t, a.Load([]byte(shop(`"uniqueKeyPolicy": {"uniqueKeys": [{"paths": ["/mail"]}]}`,
		`"defaultTtl": -1`, `"documents": [{"id": "old", "pk": "p", "mail": 1, "ttl": 10, "_ts": 1699999985},
		{"id": "brief", "pk": "p", "mail": 2, "ttl": 10, "_ts": 1699999995}, {"id": "long", "pk": "p", "mail": 3}]`))))
	require.Len(t, a.Databases(), 2)
	c, err := a.Container("shop", "orders")
	require.NoError(t, err)
	for region := range 2 {
		require.Equal(t, []string{"brief", "long"}, ids(items(t, c.In(region), Scope{})), "region %d", region)
	}
	now = now.Add(5 * time.Second)
	require.Equal(t, []string{"long"}, ids(items(t, c, Scope{})))
	d := parsed(t, c, `{"id":"new","pk":"p","mail":3}`)
	_, err = c.Update(d.EPK, "", func(tx *Tx) error { _, err := tx.Create(d); return err })
	refused(t, err, 409, "already exists")
	put(t, c, `{"id":"new","pk":"p","mail":2}`) // of one that has expired
	c.Expire()
	count, _ := c.Usage()
	require.Equal(t, int64(2), count)
}

// A text that cannot be loaded is told of by the line, and by what was to be loaded there.
func TestTextsThatCannotBeLoaded(t *testing.T) {
	t.Parallel()
	ranges := func(text string) string { return shop(`"ranges": [{"id": "0", "minInclusive": "", ` + text + `]`) }
	for _, test := range []struct{ name, text, want string }{
		{"nothing", " \n", "line 2: unexpected end of JSON input"},
		{"cut off", "{\"databases\":\n[", "line 2: unexpected end of JSON input"},
		{"cut off behind a name", "{\"databases\":", "line 1: unexpected end of JSON input"},
		{"cut off in a rate",
			"{\"databases\": [{\"id\": \"a\",\n\"throughput\": 40", "line 2: unexpected end of JSON input"},
		{"cut off in a script", shop(`"udfs": [{"id": "f"}, tru`), "line 3: invalid character ',' in literal true"},
		{"what is not a part of an account", "{\"databases\": [],\n\"users\": []}",
			`line 2: unknown member "users": expected databases`},
		{"the second database",
			"{\"databases\": [{\"id\": \"a\"}, \n\t {\"id\": \"a\"}]}", `line 2: database "a": 409`},
		{"a comma behind the end", "{\"databases\": []}\n,", "line 2: invalid character ',' after top-level value"},
		{"a colon behind the end", "{\"databases\": []}\n\n:", "line 3: invalid character ':' after top-level value"},
		{"a comma before the end", "{\"databases\": [\n],\n}", "line 3: invalid character '}'"},
		{"a list without commas",
			"{\"databases\": [{\"id\": \"a\"}\n{\"id\": \"b\"}]}", "line 2: invalid character '{'"},
		{"no name", "{\n7: []}", "line 2: invalid character '7'"},
		{"no JSON, and behind it what else is wrong",
			"{\"databases\": [{\"id\": \"a\"},\n{\"id\": \"a\"},\n{\"id\": tru}]}",
			"line 3: invalid character '}' in literal true"},
		{"cut off in a document", shop(`"documents": [{"id": "1"`), "line 4: unexpected end of JSON input"},
		{"a database that is none", "{\"databases\": [\n{\"id\": \"a\"},\n5]}", "line 3: expected an object"},
		{"containers that are none",
			"{\"databases\": [{\"id\": \"a\", \"containers\":\n{}}]}", "line 2: expected an array"},
		{"a container that is none", "{\"databases\": [{\"id\": \"a\", \"containers\": [\n\"c\"]}]}",
			"line 2: expected an object"},
		{"documents that are none", shop(`"documents": null`), "line 3: expected an array"},
		{"a document that is none", shop(`"documents": [{"id": "1"},` + "\n\"x\"]"),
			`line 4: database "shop", container "orders": document "": 400`},
		{"a document nested too deeply",
			shop(`"documents": [` + "\n" + strings.Repeat("[", 200) + strings.Repeat("]", 200) +
				`]`), "line 4: invalid JSON at offset 128: nested too deeply"},
		{"a rate of a half", shop(`"throughput": 400.5`), "line 3: throughput is not a whole number of RU/s"},
		{"a rate in a list", shop(`"autoscaleThroughput": [1000]`),
			"line 3: autoscaleThroughput is not a whole number of RU/s"},
		{"a policy of nothing", shop(`"throughput": 400, "autoUpgradePolicy": {}`),
			"An autoUpgradePolicy is of an offer with autoscale throughput."},
		{"two rates", shop(`"throughput": 400`, `"autoscaleThroughput": 1000`),
			`line 2: database "shop", container "orders": 400: Offer throughput and autopilot settings cannot both`},
		{"two rates of a database",
			"{\"databases\": [\n{\"id\": \"a\", \"throughput\": 400, \"autoscaleThroughput\": 1000}]}",
			`line 2: database "a": 400: Offer throughput and autopilot settings cannot both`},
		{"another container of the name", strings.Replace(shop(), "[\n", "[\n"+
			`{"id": "orders", "partitionKey": {"paths": ["/pk"]}},`+"\n", 1),
			`line 3: database "shop", container "orders": 409`},
		{"a policy that is refused", shop(`"defaultTtl": 0`), `line 2: database "shop", container "orders": 400: `},
		{"two scripts of a name", shop(`"sprocs": [{"id": "s", "body": "x"},` + "\n" + `{"id": "s", "body": "y"}]`),
			`line 4: database "shop", container "orders": sprocs "s": 409`},
		{"a trigger of no type", shop(`"triggers": [{"id": "t", "body": "x"}]`),
			`line 3: database "shop", container "orders": triggers "t": 400`},
		{"two documents of a unique key", shop(`"uniqueKeyPolicy": {"uniqueKeys": [{"paths": ["/u"]}]}`,
			`"documents": [{"id": "1", "u": 1},`+"\n"+`{"id": "2", "u": 1}]`),
			`line 5: database "shop", container "orders": document "2": 409`},
		{"an index of what is not there", shop(
			`"globalSecondaryIndexDefinition": {"sourceCollectionId": "s", "definition": "SELECT c.a FROM c"}`),
			`line 2: database "shop", container "orders": 400: The source container 's'`},
		{"ranges that are an object", shop(`"ranges": {"0": {}}`), `line 3: ranges is not a list of {"id": "…", `},
		{"a range whose id is a number", shop(`"ranges": [{"id": 0}]`), `line 3: ranges is not a list of {"id": "…", `},
		{"a range without an id", shop(`"ranges": [{"maxExclusive": "FF"}]`), `need an id each, and "" is missing`},
		{"ranges of one id", ranges(`"maxExclusive": "1A"}, {"id": "0", "minInclusive": "1A", "maxExclusive": "FF"}`),
			`need an id each, and "0" is missing or given twice`},
		{"a range without an end", ranges(`"maxExclusive": ""}`), `range "0" ends at "", which is not an effective`},
		{"a range that ends in no key",
			ranges(`"maxExclusive": "1G"}, {"id": "1", "minInclusive": "1G", "maxExclusive": "FF"}`),
			`range "0" ends at "1G", which is not an effective partition key behind ""`},
		{"a range that ends in small letters",
			ranges(`"maxExclusive": "0a"}, {"id": "1", "minInclusive": "0a", "maxExclusive": "FF"}`),
			`range "0" ends at "0a", which is not an effective partition key`},
		{"a range that goes back",
			ranges(`"maxExclusive": "1A"}, {"id": "1", "minInclusive": "1A", "maxExclusive": "10"}`),
			`range "1" ends at "10", which is not an effective partition key behind "1A"`},
		{"ranges that overlap",
			ranges(`"maxExclusive": "1A"}, {"id": "1", "minInclusive": "10", "maxExclusive": "FF"}`),
			`range "1" begins at "10", not at "1A"`},
		{"ranges that end early", ranges(`"maxExclusive": "1A"}`), `the ranges end at "1A", not at FF`},
		{"ranges that begin late", shop(`"ranges": [{"id": "0", "minInclusive": "05", "maxExclusive": "FF"}]`),
			`range "0" begins at "05", not at ""`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			require.ErrorContains(t, NewAccount(Options{}).Load([]byte(test.text)), test.want)
		})
	}
}

// What stands before the mistake has been loaded, and what is behind it has not.
func TestLoadedUpToTheMistake(t *testing.T) {
	t.Parallel()
	a := NewAccount(Options{})
	text := shop(`"documents": [{"id": "1"}, {"id": "2"}, {"id": "2"}, {"id": "3"}]`)
	text = strings.Replace(text, "]}]}", `]}, {"id": "later"}]}`, 1)
	require.ErrorContains(t, a.Load([]byte(text)), `document "2": 409`)
	c, err := a.Container("shop", "orders")
	require.NoError(t, err)
	require.Equal(t, []string{"1", "2"}, ids(c.Items()))
	require.Len(t, a.Databases(), 1)
	put(t, c, `{"id":"3"}`) // it is a container as any other
	sound(t, c)
	require.ErrorContains(t, a.Load([]byte(text)), `database "shop": 409`, "it is there now")
}

// A saved account may be loaded where its database is already, by another name: rids are given once.
func TestLoadedBesideItself(t *testing.T) {
	t.Parallel()
	a := NewAccount(Options{})
	require.NoError(t, a.Load([]byte(shop(`"documents": [{"id": "1", "pk": "p"}]`))))
	var text bytes.Buffer
	require.NoError(t, a.Dump(&text))
	again := strings.Replace(text.String(), `"shop"`, `"copy"`, 1)
	require.NoError(t, a.Load([]byte(again)))
	rids := map[string]bool{}
	for _, name := range []string{"shop", "copy"} {
		d, err := a.Database(name)
		require.NoError(t, err)
		c, err := d.Container("orders")
		require.NoError(t, err)
		it := c.Items()[0]
		for _, rid := range []string{d.RID(), c.RID(), it.RID} {
			require.False(t, rids[rid], "%s of %s", rid, name)
			rids[rid] = true
			found, err := a.Database(rid)
			require.Equal(t, rid == d.RID(), err == nil && found == d)
		}
		require.True(t, strings.HasPrefix(it.Value().Get("_self").AsString(), fmt.Sprintf("dbs/%s/colls/", d.RID())))
	}
}
