package store

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A container has throughput of its own, or shares its database's; where there is none it gets the least there is.
func TestWhoseThroughputAContainerHas(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name          string
		database, own Throughput
		want          Throughput
		shares        bool
		partitions    int
	}{
		{"nobody says", Throughput{}, Throughput{}, Throughput{Manual: 400}, false, 1},
		{"its own", Throughput{}, Throughput{Manual: 30_000}, Throughput{Manual: 30_000}, false, 5},
		{"autoscale", Throughput{}, Throughput{Autoscale: 20_000}, Throughput{Autoscale: 20_000}, false, 2},
		{"the database's", Throughput{Manual: 500}, Throughput{}, Throughput{Manual: 500}, true, 1},
		{"much of the database's", Throughput{Autoscale: 30_000}, Throughput{}, Throughput{Autoscale: 30_000}, true, 3},
		{"its own beside", Throughput{Manual: 500}, Throughput{Autoscale: 1000}, Throughput{Autoscale: 1000}, false, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a := NewAccount(Options{})
			d, err := a.CreateDatabase([]byte(`{"id":"d"}`), test.database)
			require.NoError(t, err)
			c, err := d.CreateContainer([]byte(keyedOnly), test.own)
			require.NoError(t, err)
			require.Equal(t, test.want, c.Throughput())
			require.Equal(t, test.shares, c.Shares())
			require.Equal(t, test.database != Throughput{}, d.Shares())
			require.Len(t, c.Ranges(), test.partitions)
			before := len(a.Offers())
			require.NoError(t, d.DeleteContainer(c))
			if test.shares {
				require.Len(t, a.Offers(), before, "the others share it still")
			} else {
				require.Len(t, a.Offers(), before-1)
			}
			require.Equal(t, test.database != Throughput{}, d.Shares())
		})
	}
}

// What is refused leaves nothing behind: no container, no throughput, and the name is free.
func TestRefusedContainers(t *testing.T) {
	t.Parallel()
	a := NewAccount(Options{ContinuousBackup: true})
	d, err := a.CreateDatabase([]byte(`{"id":"d"}`), Throughput{})
	require.NoError(t, err)
	_, err = d.CreateContainer([]byte(`{"id":"taken",`+keyed+`}`), Throughput{})
	require.NoError(t, err)
	for _, test := range []struct {
		body       string
		throughput Throughput
		status     int
		want       string
	}{
		{`{"id":"c"}`, Throughput{}, 400, "partition key definition must be specified"},
		{keyedOnly, Throughput{Manual: 400, Autoscale: 1000}, 400, "cannot both be specified"},
		{`{"id":"taken",` + keyed + `}`, Throughput{}, 409, "already exists"},
		{`{"id":"c",` + keyed + `,` + secondary("SELECT * FROM c") + `}`, Throughput{}, 400,
			"source container 's' of the global secondary index does not exist"},
		{`{"id":"c",` + keyed + `,"changeFeedPolicy":{"retentionDuration":5}}`, Throughput{}, 400,
			"should not be set when continuous backup"},
	} {
		_, err := d.CreateContainer([]byte(test.body), test.throughput)
		refused(t, err, test.status, test.want)
		if test.status == 409 {
			var refusal *Error
			require.ErrorAs(t, err, &refusal)
			require.True(t, refusal.Free)
		}
	}
	require.Len(t, d.Containers(), 1)
	require.Len(t, a.Offers(), 1)
	_, err = d.CreateContainer([]byte(keyedOnly), Throughput{})
	require.NoError(t, err)
}

// A container that is made anew under a name is another one, and comes last in the list.
func TestContainerMadeAnew(t *testing.T) {
	t.Parallel()
	a := NewAccount(Options{})
	d, err := a.CreateDatabase([]byte(`{"id":"d"}`), Throughput{})
	require.NoError(t, err)
	made := map[string]*Container{}
	for _, id := range []string{"a", "b", "c"} {
		made[id], err = d.CreateContainer([]byte(`{"id":"`+id+`",`+keyed+`}`), Throughput{})
		require.NoError(t, err)
	}
	put(t, made["a"], `{"id":"1","pk":"p"}`)
	require.NoError(t, d.DeleteContainer(made["a"]))
	for _, name := range []string{"a", made["a"].RID()} {
		_, err = d.Container(name)
		refused(t, err, 404, "Resource Not Found")
	}
	again, err := d.CreateContainer([]byte(`{"id":"a",`+keyed+`}`), Throughput{})
	require.NoError(t, err)
	require.NotEqual(t, made["a"].RID(), again.RID())
	require.Empty(t, again.Items())
	require.Equal(t, []*Container{made["b"], made["c"], again}, d.Containers())
	refused(t, d.DeleteContainer(made["a"]), 404, "")
	_, err = made["a"].Replace([]byte(`{"id":"a",`+keyed+`}`), "")
	refused(t, err, 404, "Resource Not Found")
	found, err := d.Container("a")
	require.NoError(t, err)
	require.Same(t, again, found, "who deletes or replaces the old one does nothing to the new one")
	for _, c := range d.Containers() {
		byRID, err := a.Container(d.RID(), c.RID())
		require.NoError(t, err)
		require.Same(t, c, byRID)
	}
}

// A container that others are filled from is there as long as they are.
func TestSourceOutlivesItsIndexes(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 1, "")
	d := c.db
	x, y := indexOf(t, c, "x"), indexOf(t, c, "y")
	refused(t, d.DeleteContainer(c), 400, "'c' is the source of 2 global secondary indexes")
	require.NoError(t, d.DeleteContainer(x))
	refused(t, d.DeleteContainer(c), 400, "source of 1 global secondary indexes")
	put(t, c, `{"id":"1","pk":"p"}`)
	require.Len(t, y.Items(), 1, "the other index is filled as before")
	require.Empty(t, x.Items(), "the one that is gone no longer")
	require.NoError(t, d.DeleteContainer(y))
	require.NoError(t, d.DeleteContainer(c))
	refused(t, d.DeleteContainer(c), 404, "")
	require.Empty(t, d.Containers())

	late := newTestContainer(t, 1, "")
	require.NoError(t, late.account.DeleteDatabase(late.db))
	refused(t, late.db.DeleteContainer(late), 404, "")
}
