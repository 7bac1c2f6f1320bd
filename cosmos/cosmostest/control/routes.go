package control

// route is one thing that the control port does.
type route struct {
	method, path string
	body         string // an example of it; "" where there is none
	does         string
	serve        func(*call) (any, error)
}

// routes are all there are. docs/testing-failover.md has a line for each, which a test holds to these.
func routes() []route {
	const container = "/databases/{database}/containers/{container}"
	return []route{
		{"GET", "/{$}", "", "lists these routes", listRoutes},
		{"GET", "/account", "", "name, endpoint, regions, replication, write mode, throttling, time", account},
		with("POST", "/regions", `{"name": "UK South"}`, "adds a region with all that the write region has", addRegion),
		{"POST", "/regions/{region}/drain", "",
			"begins to remove a region: 403/1008 while the account still lists it", drain},
		{"POST", "/regions/{region}/cancel", "", "takes that back", cancelDrain},
		{"DELETE", "/regions/{region}", "", "removes a region; what it has written arrives first", removeRegion},
		with("POST", "/failover", `{"region": "East US", "force": true}`,
			"moves the write region; with `force` at once, and the answer is what is lost", failOver),
		with("PUT", "/multi-write", `{"on": true}`, "lets every region write, or one", multiWrite),
		with("PUT", "/replication",
			`{"from": "West US", "to": "East US", "least": "20ms", "most": "50ms", "paused": false}`,
			"changes how writes travel; a name left out is every region, a member left out stays as it is",
			replication),
		{"GET", "/databases", "", "databases and containers, with their documents counted by range", contents},
		{"GET", container + "/documents", "", "all documents, without a request of a client", documents},
		{"GET", container + "/ranges", "", "the physical partitions", ranges},
		with("POST", container+"/split", `{"range": "0", "key": ["ann"], "phases": true}`,
			"splits a range in the middle, at a partition key, or with `at` at an effective one; with `phases` by hand",
			split),
		with("POST", container+"/merge", `{"ranges": ["1", "2"], "phases": false}`, "merges two neighbours", merge),
		{"GET", container + "/changes", "", "splits and merges that are under way", listChanges},
		{"POST", container + "/changes/{range}/advance", "", "moves that of an old range to its next phase",
			advanceChange},
		{"POST", container + "/changes/{range}/cancel", "", "takes it back", cancelChange},
		with("POST", container+"/failover", `{"range": "0", "region": "East US", "force": false}`,
			"has another region write one range", failOverRange),
		with("POST", "/faults", `{"match": {"operations": ["Read"], "region": "West US"}, "times": 2, "status": 503}`,
			"has something happen to requests from now on: see below", addFault),
		{"GET", "/faults", "", "what was asked for, and how often it has happened", listFaults},
		{"DELETE", "/faults", "", "ends all of it", endFaults},
		{"DELETE", "/faults/{id}", "", "ends one", endFault},
		with("POST", "/clock", `{"advance": "1h", "skew": "0s"}`,
			"moves the clock that documents live by; `skew` is how wrong the one is that signatures are held against",
			clock),
		with("PUT", "/throttle", `{"on": true}`, "holds requests to the throughput of their container: 429", throttle),
		{"GET", "/data", "", "everything, as a file for `-load`", save},
		{"POST", "/data", `{"databases": []}`, "adds what such a file has", load},
		{"GET", "/requests", "", "the last 1,000 requests; `?after=7` those after number 7", seen},
		{"DELETE", "/requests", "", "forgets them", forget},
		{"GET", "/counts", "", "how many requests there have been for each operation", counts},
	}
}

// with is a route whose body is decoded.
func with[T any](method, path, example, does string, serve func(*call, T) (any, error)) route {
	return route{method, path, example, does, func(c *call) (any, error) {
		var in T
		if err := read(c.body, example, &in); err != nil {
			return nil, err
		}
		return serve(c, in)
	}}
}

func listRoutes(*call) (any, error) {
	var out []map[string]string
	for _, rt := range routes() {
		m := map[string]string{"route": rt.method + " " + rt.path, "does": rt.does}
		if rt.body != "" {
			m["body"] = rt.body
		}
		out = append(out, m)
	}
	return map[string]any{"routes": out}, nil
}
