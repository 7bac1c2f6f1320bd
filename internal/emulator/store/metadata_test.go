package store

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestThroughput(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name       string
		in         Throughput
		partitions int // that it needs
		initial    int
		refusal    string
	}{
		{"none", Throughput{}, 0, 0, ""},
		{"least", Throughput{Manual: 400}, 1, 1, ""},
		{"one partition", Throughput{Manual: 10_000}, 1, 1, ""},
		{"two partitions", Throughput{Manual: 10_100}, 2, 2, ""},
		{"three partitions", Throughput{Manual: 18_000}, 2, 3, ""},
		{"five partitions", Throughput{Manual: 30_000}, 3, 5, ""},
		{"most", Throughput{Manual: 1_000_000}, 100, 167, ""},
		{"too little", Throughput{Manual: 300}, 0, 0, "between 400"},
		{"too much", Throughput{Manual: 1_000_100}, 0, 0, "between 400"},
		{"odd", Throughput{Manual: 450}, 0, 0, "increments of 100"},
		{"negative", Throughput{Manual: -400}, 0, 0, "between 400"},
		{"autoscale", Throughput{Autoscale: 20_000}, 2, 2, ""},
		{"too little autoscale", Throughput{Autoscale: 900}, 0, 0,
			"throughput 900 is less than required minimum throughput 1000"},
		{"negative autoscale", Throughput{Autoscale: -200}, 0, 0,
			"throughput -200 is less than required minimum throughput 1000"},
		{"odd autoscale", Throughput{Autoscale: 1500}, 0, 0, "increments of 1000"},
		{"most autoscale", Throughput{Autoscale: 1_000_000}, 100, 100, ""},
		{"too much autoscale", Throughput{Autoscale: 1_001_000}, 0, 0, "between 1000 and 1000000"},
		{"both", Throughput{Manual: 400, Autoscale: 1000}, 0, 0, "cannot both be specified"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if err := test.in.check(); test.refusal != "" {
				refused(t, err, 400, test.refusal)
				return
			} else {
				require.NoError(t, err)
			}
			require.Equal(t, test.partitions, test.in.partitions())
			require.Equal(t, test.initial, test.in.initial())
		})
	}
}

func TestOfferChanges(t *testing.T) {
	t.Parallel()
	auto := func(n int) offerContent {
		return offerContent{OfferAutopilotSettings: &autoscaleSettings{MaxThroughput: n}}
	}
	for _, test := range []struct {
		name    string
		old     Throughput
		content offerContent
		migrate bool
		want    Throughput
		refusal string
	}{
		{"manual", Throughput{Manual: 400}, offerContent{OfferThroughput: 500}, false, Throughput{Manual: 500}, ""},
		{"autoscale", Throughput{Autoscale: 1000}, auto(4000), false, Throughput{Autoscale: 4000}, ""},
		{"to autoscale", Throughput{Manual: 400}, auto(4000), false, Throughput{}, "migration API"},
		{"to manual", Throughput{Autoscale: 1000}, offerContent{OfferThroughput: 400}, false, Throughput{},
			"migration API"},
		{"migrated to autoscale", Throughput{Manual: 400}, auto(4000), true, Throughput{Autoscale: 4000}, ""},
		{"migrated, maximum unsaid", Throughput{Manual: 1100}, offerContent{OfferThroughput: 1100}, true,
			Throughput{Autoscale: 2000}, ""},
		{"to autoscale, rate unsaid", Throughput{Manual: 400}, offerContent{OfferThroughput: -1}, true,
			Throughput{Autoscale: 1000}, ""},
		{"migrated to manual", Throughput{Autoscale: 1000}, offerContent{OfferThroughput: 400}, true,
			Throughput{Manual: 400}, ""},
		{"nothing", Throughput{Manual: 400}, offerContent{}, true, Throughput{Autoscale: 1000}, ""},
		{"nothing of autoscale", Throughput{Autoscale: 1000}, offerContent{}, true, Throughput{Manual: 400}, ""},
		{"to manual, rate unsaid", Throughput{Autoscale: 20_000}, auto(-1), true, Throughput{Manual: 2000}, ""},
		{"odd", Throughput{Manual: 400}, offerContent{OfferThroughput: 450}, false, Throughput{}, "increments"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := changed(test.old, test.content, test.migrate)
			if test.refusal != "" {
				refused(t, err, 400, test.refusal)
				return
			}
			require.NoError(t, err)
			require.Equal(t, test.want, got)
		})
	}
}

func TestOffersFollowTheirOwners(t *testing.T) {
	t.Parallel()
	a := NewAccount(Options{})
	shared, err := a.CreateDatabase([]byte(`{"id":"shared"}`), Throughput{Manual: 20_000})
	require.NoError(t, err)
	plain, err := a.CreateDatabase([]byte(`{"id":"plain"}`), Throughput{})
	require.NoError(t, err)
	body := []byte(`{"id":"c","partitionKey":{"paths":["/pk"],"version":2}}`)
	within, err := shared.CreateContainer(body, Throughput{})
	require.NoError(t, err)
	own, err := plain.CreateContainer(body, Throughput{})
	require.NoError(t, err)
	require.Equal(t, Throughput{Manual: 20_000}, within.Throughput())
	require.Len(t, within.Ranges(), 2)
	require.Equal(t, Throughput{Manual: 400}, own.Throughput())
	require.Len(t, a.Offers(), 2)

	o, err := a.Offer(own.offer)
	require.NoError(t, err)
	require.Equal(t, own.RID(), o.Value().Get("offerResourceId").AsString())
	require.Equal(t, own.Resource().Self(), o.Value().Get("resource").AsString())
	o, err = a.ReplaceOffer(o.RID(), []byte(`{"content":{"offerThroughput":600}}`), false, "")
	require.NoError(t, err)
	require.Equal(t, "400", o.MinThroughput())
	require.Equal(t, Throughput{Manual: 600}, own.Throughput())
	o, err = a.ReplaceOffer(o.RID(), []byte(`{"content":{"offerAutopilotSettings":{"maxThroughput":3000}}}`), true, "")
	require.NoError(t, err)
	require.Equal(t, "1000", o.MinThroughput())
	ru, _ := o.Value().Get("content").Get("offerThroughput").AsInt()
	require.Equal(t, int64(300), ru, "it idles at a tenth")
	_, err = a.ReplaceOffer(o.RID(), []byte(`{`), false, "")
	refused(t, err, 400, "specified inputs is invalid")
	_, err = a.ReplaceOffer("none", []byte(`{}`), false, "")
	refused(t, err, 404, "")
	_, err = a.ReplaceOffer(o.RID(), []byte(`{"content":{}}`), false, `"another"`)
	refused(t, err, 412, "")

	require.NoError(t, plain.DeleteContainer(own))
	refused(t, plain.DeleteContainer(own), 404, "")
	_, err = own.Replace(body, "")
	refused(t, err, 404, "")
	require.NoError(t, a.DeleteDatabase(shared))
	refused(t, a.DeleteDatabase(shared), 404, "")
	_, err = shared.CreateContainer(body, Throughput{Manual: 400})
	refused(t, err, 404, "Resource Not Found")
	require.Empty(t, a.Offers())
}

// More throughput than the partitions can carry splits them, evenly, and the documents stay.
func TestThroughputSplitsPartitions(t *testing.T) {
	t.Parallel()
	a := NewAccount(Options{Partitions: 2})
	shared, err := a.CreateDatabase([]byte(`{"id":"d"}`), Throughput{Manual: 400})
	require.NoError(t, err)
	create := func(id string, tp Throughput) *Container {
		c, err := shared.CreateContainer([]byte(`{"id":"`+id+`","partitionKey":{"paths":["/pk"],"version":2}}`), tp)
		require.NoError(t, err)
		return c
	}
	x, y, own := create("x", Throughput{}), create("y", Throughput{}), create("own", Throughput{Autoscale: 1000})
	for i := range 50 {
		put(t, x, fmt.Sprintf(`{"id":"%d","pk":"%d"}`, i, i))
	}
	raise := func(offer, content string) {
		_, err := a.ReplaceOffer(offer, []byte(`{"content":`+content+`}`), false, "")
		require.NoError(t, err)
	}
	raise(shared.offer, `{"offerThroughput":20000}`)
	require.Len(t, x.Ranges(), 2, "two carry that")
	raise(shared.offer, `{"offerThroughput":50000}`)
	require.Len(t, x.Ranges(), 5)
	require.Len(t, y.Ranges(), 5, "all that share the throughput")
	require.Len(t, own.Ranges(), 2, "not those that have their own")
	sound(t, x)
	require.Len(t, items(t, x, Scope{}), 50)
	for _, p := range x.partitions {
		require.LessOrEqual(t, len(p.Parents), 2, "no partition is split again before the others")
	}
	raise(shared.offer, `{"offerThroughput":400}`)
	require.Len(t, x.Ranges(), 5, "less throughput merges nothing")
	raise(own.offer, `{"offerAutopilotSettings":{"maxThroughput":31000}}`)
	require.Len(t, own.Ranges(), 4)
}

func TestNames(t *testing.T) {
	t.Parallel()
	a := NewAccount(Options{})
	d, err := a.CreateDatabase([]byte(`{"id":"d"}`), Throughput{})
	require.NoError(t, err)
	_, err = a.CreateDatabase([]byte(`{"id":"d"}`), Throughput{})
	refused(t, err, 409, "already exists")
	_, err = a.CreateDatabase([]byte(`{"id":"x"}`), Throughput{Manual: 1})
	refused(t, err, 400, "")
	for _, name := range []string{"d", d.RID()} {
		found, err := a.Database(name)
		require.NoError(t, err)
		require.Same(t, d, found)
	}
	// An id that looks like a rid is still an id.
	odd, err := a.CreateDatabase([]byte(`{"id":"AAAAAA=="}`), Throughput{})
	require.NoError(t, err)
	found, err := a.Database("AAAAAA==")
	require.NoError(t, err)
	require.Same(t, odd, found)
	require.Equal(t, []*Database{d, odd}, a.Databases())
	_, err = a.Database("none")
	refused(t, err, 404, "")

	c, err := d.CreateContainer([]byte(`{"id":"c","partitionKey":{"paths":["/pk"]}}`), Throughput{})
	require.NoError(t, err)
	_, err = d.CreateContainer([]byte(`{"id":"c","partitionKey":{"paths":["/pk"]}}`), Throughput{})
	refused(t, err, 409, "already exists")
	_, err = d.CreateContainer([]byte(`{"id":"x","partitionKey":{"paths":["/pk"]}}`), Throughput{Manual: 1})
	refused(t, err, 400, "")
	for _, names := range [][2]string{{"d", "c"}, {d.RID(), c.RID()}, {"d", c.RID()}} {
		found, err := a.Container(names[0], names[1])
		require.NoError(t, err)
		require.Same(t, c, found)
	}
	for _, names := range [][2]string{{"none", "c"}, {"d", "none"}} {
		_, err := a.Container(names[0], names[1])
		refused(t, err, 404, "Resource Not Found")
	}
	_, err = d.Container("none")
	refused(t, err, 404, "")
}

func TestUsersAndPermissions(t *testing.T) {
	t.Parallel()
	a := NewAccount(Options{})
	d, err := a.CreateDatabase([]byte(`{"id":"d"}`), Throughput{})
	require.NoError(t, err)
	u, err := d.PutUser(nil, []byte(`{"id":"u"}`), "")
	require.NoError(t, err)
	require.Equal(t, "permissions/", u.Value().Get("_permissions").AsString())
	_, err = d.PutUser(nil, []byte(`{"id":"u"}`), "")
	refused(t, err, 409, "")
	_, err = d.PutUser(nil, []byte(`{}`), "")
	refused(t, err, 400, "'id; '")

	p, err := u.PutPermission(nil,
		[]byte(`{"id":"p","permissionMode":"all","resource":"/dbs/d/colls/c/","resourcePartitionKey":["k",1]}`), "")
	require.NoError(t, err)
	require.True(t, p.All)
	require.Equal(t, "dbs/d/colls/c", p.Target)
	require.Equal(t, `["k",1]`, p.Key.Header())
	for _, test := range []struct {
		body   string
		status int
		want   string
	}{
		{`{"id":"p","permissionMode":"Read","resource":"dbs/d/colls/other"}`, 409, ""},
		{`{"id":"q","permissionMode":"Read","resource":"dbs/d/colls/c","resourcePartitionKey":["k",1.0]}`, 409, ""},
		{`{"id":"q","permissionMode":"Write","resource":"dbs/d/colls/c"}`, 400, `mode "Write"`},
		{`{"id":"q","permissionMode":"Read"}`, 400, "'resource; '"},
		{`{"id":"q","permissionMode":"Read","resource":"dbs/d","resourcePartitionKey":"k"}`, 400, "is invalid"},
		{`{"permissionMode":"Read","resource":"dbs/d"}`, 400, "'id; '"},
	} {
		_, err := u.PutPermission(nil, []byte(test.body), "")
		refused(t, err, test.status, test.want)
	}
	q, err := u.PutPermission(nil, []byte(`{"id":"q","permissionMode":"Read","resource":"dbs/d/colls/c"}`), "")
	require.NoError(t, err, "the same container without a key is another permission")
	require.Nil(t, q.Key)
	again, err := u.PutPermission(p,
		[]byte(`{"id":"p","permissionMode":"Read","resource":"dbs/d/colls/c","resourcePartitionKey":["k",1]}`), "")
	require.NoError(t, err)
	require.False(t, again.All)
	require.Equal(t, p.RID(), again.RID())
	_, err = u.PutPermission(p, []byte(`{"id":"p","permissionMode":"Read","resource":"dbs/d/colls/d"}`), p.ETag())
	refused(t, err, 412, "")

	renamed, err := d.PutUser(u, []byte(`{"id":"v"}`), "")
	require.NoError(t, err)
	require.Equal(t, u.RID(), renamed.RID())
	require.Len(t, renamed.Permissions(), 2)
	_, err = d.User("u")
	refused(t, err, 404, "")
	require.NoError(t, renamed.DeletePermission(again, ""))
	refused(t, renamed.DeletePermission(again, ""), 404, "")
	require.Equal(t, []*User{renamed}, d.Users())
	require.NoError(t, d.DeleteUser(renamed, ""))
	refused(t, d.DeleteUser(renamed, ""), 404, "")
}

func TestScriptsAreKept(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 1, "")
	s := &c.Scripts
	const body = `{"id":"f","body":"function f() {}","triggerType":"Pre","triggerOperation":"All"}`
	for kind, nibble := range map[ScriptKind]byte{Procedure: 8, Trigger: 7, Function: 6} {
		r, err := s.Create(kind, []byte(body))
		require.NoError(t, err)
		require.Equal(t, nibble, ridBytes(r.RID())[15]>>4)
		_, err = s.Create(kind, []byte(body))
		refused(t, err, 409, "")
		_, err = s.Create(kind, []byte(`{"id":"g"}`))
		refused(t, err, 400, "'body; '")
		found, err := s.Find(kind, r.RID())
		require.NoError(t, err)
		require.Same(t, r, found)
		next, err := s.Replace(kind, "f", []byte(body), r.ETag())
		require.NoError(t, err)
		require.Equal(t, r.RID(), next.RID())
		_, err = s.Replace(kind, "f", []byte(body), r.ETag())
		refused(t, err, 412, "")
		_, err = s.Replace(kind, "f", []byte(`{"id":"g","body":"","triggerType":"Pre","triggerOperation":"All"}`), "")
		refused(t, err, 400, "cannot be changed")
		_, err = s.Replace(kind, "none", []byte(body), "")
		refused(t, err, 404, "")
		require.Equal(t, []*Resource{next}, s.List(kind))
		require.NoError(t, s.Delete(kind, "f", ""))
		refused(t, s.Delete(kind, "f", ""), 404, "")
	}
	_, err := s.Create(Trigger, []byte(`{"id":"t","body":""}`))
	refused(t, err, 400, "triggerType")
}
