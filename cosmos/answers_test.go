package cosmos

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// Whatever sends one request gives its response, beside the value and beside the error.
func TestResponsesBesideValuesAndErrors(t *testing.T) {
	t.Parallel()
	calls := map[string]func(ctx context.Context, c *Client) (*Response, error){
		"CreateDatabase": func(ctx context.Context, c *Client) (*Response, error) {
			p, err := c.CreateDatabase(ctx, "d")
			return p.Response, err
		},
		"Database.Read": func(ctx context.Context, c *Client) (*Response, error) {
			p, err := c.Database("d").Read(ctx)
			return p.Response, err
		},
		"CreateContainer": func(ctx context.Context, c *Client) (*Response, error) {
			p, err := c.Database("d").
				CreateContainer(ctx, ContainerProperties{ID: "c", PartitionKey: PartitionKeyPaths("/a")})
			return p.Response, err
		},
		"Container.Read": func(ctx context.Context, c *Client) (*Response, error) {
			p, err := c.Database("d").Container("c").Read(ctx)
			return p.Response, err
		},
		"Container.Replace": func(ctx context.Context, c *Client) (*Response, error) {
			p, err := c.Database("d").Container("c").Replace(ctx, ContainerProperties{ID: "c"})
			return p.Response, err
		},
		"Resources.Create": func(ctx context.Context, c *Client) (*Response, error) {
			p, err := c.Database("d").Users().Create(ctx, User{ID: "u"})
			return p.Response, err
		},
		"Resources.Read": func(ctx context.Context, c *Client) (*Response, error) {
			p, err := c.Database("d").Users().Read(ctx, "u")
			return p.Response, err
		},
		"Resources.Delete": func(ctx context.Context, c *Client) (*Response, error) {
			return c.Database("d").Users().Delete(ctx, "u")
		},
		"ReadItem": func(ctx context.Context, c *Client) (*Response, error) {
			_, r, err := ReadItem[order](ctx, c.Database("shop").Container("orders"), "1", PartitionKey("a"))
			return r, err
		},
	}
	for name, call := range calls {
		r, err := call(t.Context(), newFake(t, okay).Client)
		require.NoError(t, err, name)
		require.Equal(t, 2.0, r.RequestCharge, name)
		r, err = call(t.Context(), newFake(t, refuse(http.StatusForbidden, "0")).Client)
		require.ErrorIs(t, err, ErrForbidden, name)
		require.Equal(t, 2.0, r.RequestCharge, name)
	}
}

func TestCreateIfNotExists(t *testing.T) {
	t.Parallel()
	there := false
	f := newFake(t, func(w http.ResponseWriter, c call) {
		switch {
		case c.method == http.MethodPost:
			there = true
			reply(w, http.StatusCreated, c.body)
		case there:
			reply(w, http.StatusOK, `{"id":"x","partitionKey":{"paths":["/a"]}}`)
		default:
			reply(w, http.StatusNotFound, `{"code":"NotFound","message":"m"}`)
		}
	})
	ctx, p := t.Context(), ContainerProperties{ID: "x", PartitionKey: PartitionKeyPaths("/a")}
	for _, status := range []int{http.StatusCreated, http.StatusOK} {
		there = status == http.StatusOK
		d, err := f.CreateDatabaseIfNotExists(ctx, "x", Throughput(400))
		require.NoError(t, err)
		require.Equal(t, status, d.Response.StatusCode)
		there = status == http.StatusOK
		c, err := f.Database("d").CreateContainerIfNotExists(ctx, p)
		require.NoError(t, err)
		require.Equal(t, status, c.Response.StatusCode)
		require.Equal(t, []string{"/a"}, c.PartitionKey.Paths)
	}
	p.PartitionKey = PartitionKeyPaths("/b")
	_, err := f.Database("d").CreateContainerIfNotExists(ctx, p)
	require.EqualError(t, err, `cosmos: container "x" exists and is partitioned by /a, not by /b: `+
		"a container keeps its partition key, so take another id, or delete it and create it anew")
}
