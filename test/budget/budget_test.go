package budget

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/driver"
	"github.com/stretchr/testify/require"
)

// A bulk with a budget of 2,000 RU/s costs that over a minute, and a user beside it is not slowed down.
func TestBudgetHoldsOverAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.container(t, cosmos.Throughput(20000))
		job, jobs := w.client(t)
		user, users := w.client(t)
		c := user.Database("shop").Container("orders")
		_, err := c.CreateItem(t.Context(), order(-1))
		require.NoError(t, err)
		start := time.Since(w.start)
		ctx, cancel := context.WithTimeout(t.Context(), 61*time.Second)
		defer cancel()
		served := make(chan int)
		for range 2 {
			go func() {
				n := 0
				for ; ctx.Err() == nil; n++ {
					if _, err := c.ReadItem(ctx, "-1", cosmos.PartitionKey("city -1")); err != nil {
						break
					}
				}
				served <- n
			}()
		}
		for range job.Database("shop").Container("orders").CreateMany(ctx, func(yield func(any) bool) {
			for i := 0; yield(order(i)); i++ {
			}
		}, cosmos.MaxRUPerSecond(2000)) {
		}
		require.InDelta(t, 24400, <-served+<-served, 300, "61 s of 5 ms, by two")
		require.Zero(t, users.throttled)
		require.InEpsilon(t, 2000*60, jobs.spent(start, start+time.Minute), 0.1)
		for s := 10 * time.Second; s < time.Minute; s += 10 * time.Second {
			require.InEpsilon(t, 2000*10, jobs.spent(start+s, start+s+10*time.Second), 0.1,
				"in the ten seconds from %v", s)
		}
	})
}

// Every operation that reads or writes many documents keeps to its budget, whatever its requests cost.
func TestEveryOperationKeepsToItsBudget(t *testing.T) {
	drain := func(t *testing.T, next func(context.Context) (*cosmos.Page, error)) {
		t.Helper()
		for page, err := next(t.Context()); err == nil; page, err = next(t.Context()) {
			page.Release()
		}
	}
	for name, run := range map[string]func(t *testing.T, c *cosmos.Container, db *sql.DB, budget cosmos.Option){
		"items": func(t *testing.T, c *cosmos.Container, _ *sql.DB, budget cosmos.Option) {
			for _, err := range c.Items(t.Context(), budget, cosmos.PageSize(50)) {
				require.NoError(t, err)
			}
		},
		"sorted query": func(t *testing.T, c *cosmos.Container, _ *sql.DB, budget cosmos.Option) {
			for _, err := range cosmos.Query[map[string]any](t.Context(), c, "SELECT * FROM c ORDER BY c.n", budget) {
				require.NoError(t, err)
			}
		},
		"documents of many partition keys": func(t *testing.T, c *cosmos.Container, _ *sql.DB, budget cosmos.Option) {
			var keys [][]any
			for i := range 2000 {
				keys = append(keys, []any{fmt.Sprint("city ", i)})
			}
			for _, err := range cosmos.ReadManyByPartitionKeys[map[string]any](t.Context(), c, keys, budget) {
				require.NoError(t, err)
			}
		},
		"change feed": func(t *testing.T, c *cosmos.Container, _ *sql.DB, budget cosmos.Option) {
			drain(t, c.ChangeFeed(budget, cosmos.PageSize(50)).Next)
		},
		"bulk": func(t *testing.T, c *cosmos.Container, _ *sql.DB, budget cosmos.Option) {
			for r := range c.UpsertMany(t.Context(), func(yield func(any) bool) {
				for i := range 200 {
					if !yield(order(i)) {
						return
					}
				}
			}, budget) {
				require.NoError(t, r.Err)
			}
		},
		"SELECT": func(t *testing.T, _ *cosmos.Container, db *sql.DB, budget cosmos.Option) {
			rows, err := db.QueryContext(t.Context(), "SELECT id FROM orders", budget, cosmos.PageSize(10))
			require.NoError(t, err)
			for rows.Next() {
			}
			require.NoError(t, rows.Err())
		},
		"UPDATE with its search": func(t *testing.T, _ *cosmos.Container, db *sql.DB, budget cosmos.Option) {
			_, err := db.ExecContext(t.Context(), "UPDATE orders SET m = 1 WHERE n < 100", budget)
			require.NoError(t, err)
		},
		"DELETE in a context": func(t *testing.T, _ *cosmos.Container, db *sql.DB, budget cosmos.Option) {
			_, err := db.ExecContext(cosmos.WithOptions(t.Context(), budget), "DELETE FROM orders WHERE n < 100")
			require.NoError(t, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rate := 5
				if name == "bulk" || strings.Contains(name, "DATE") || strings.Contains(name, "DELETE") {
					rate = 50
				}
				w := newWorld(t)
				w.container(t, cosmos.Throughput(20000))
				client, line := w.client(t)
				c := client.Database("shop").Container("orders")
				fill(t, c, 500)
				db := sql.OpenDB(driver.NewConnector(client, driver.Config{Database: "shop"}))
				defer db.Close()
				time.Sleep(2 * time.Second)
				start := time.Since(w.start)
				run(t, c, db, cosmos.MaxRUPerSecond(rate))
				end := time.Since(w.start)
				spent := line.spent(start, end)
				require.Greater(t, spent, 3*float64(rate), "enough to be held back")
				last := line.charges[len(line.charges)-1].ru
				require.LessOrEqual(t, spent-last, float64(rate)*((end-start).Seconds()+1)+1,
					"%v RU in %v, the last request %v RU", spent, end-start, last)
				require.GreaterOrEqual(t, spent, float64(rate)*((end-start).Seconds()*0.9-1), "it does not dawdle")
			})
		})
	}
}

// The operations of a group have its rate together, each with the group's priority and bucket.
func TestGroup(t *testing.T) {
	for name, tt := range map[string]struct {
		config     cosmos.ThroughputControlGroupConfig
		throughput cosmos.Option
		want       float64
	}{
		"target": {cosmos.ThroughputControlGroupConfig{TargetThroughput: 100}, cosmos.Throughput(4000), 100},
		"share": {cosmos.ThroughputControlGroupConfig{TargetThroughputThreshold: 0.05},
			cosmos.Throughput(4000), 200},
		"share of an autoscale": {cosmos.ThroughputControlGroupConfig{TargetThroughputThreshold: 0.05},
			cosmos.AutoscaleThroughput(8000), 400},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.container(t, tt.throughput)
				tt.config.Name, tt.config.Priority, tt.config.ThroughputBucket = "nightly", cosmos.PriorityLow, 2
				group, err := cosmos.NewThroughputControlGroup(tt.config)
				require.NoError(t, err)
				client, line := w.client(t, cosmos.InThroughputControlGroup(group))
				c := client.Database("shop").Container("orders")
				_, err = c.CreateItem(t.Context(), order(1))
				require.NoError(t, err)
				start := time.Since(w.start)
				ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
				defer cancel()
				done := make(chan error)
				for range 8 {
					go func() {
						for {
							if _, err := c.ReadItem(ctx, "1", cosmos.PartitionKey("city 1")); err != nil {
								done <- err
								return
							}
						}
					}()
				}
				for range 8 {
					require.ErrorIs(t, <-done, context.DeadlineExceeded)
				}
				require.InEpsilon(t, tt.want*30, line.spent(start, start+30*time.Second), 0.1)
			})
		})
	}
}

// All statements of a sql.DB have the rate of its DSN together.
func TestGroupOfADSN(t *testing.T) {
	for name, tt := range map[string]struct {
		config driver.Config
		want   float64
	}{
		"target": {driver.Config{TargetThroughput: 100}, 100},
		"share":  {driver.Config{TargetThroughputThreshold: 0.05}, 200},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.container(t, cosmos.Throughput(4000))
				line := &wire{world: w}
				tt.config.Endpoint, tt.config.Key, tt.config.Database = "http://west.test/", key, "shop"
				tt.config.HTTPClient = &http.Client{Transport: line}
				connector, err := driver.OpenConnector(tt.config)
				require.NoError(t, err)
				db := sql.OpenDB(connector)
				defer db.Close()
				_, err = db.ExecContext(t.Context(), "INSERT INTO orders (id, city) VALUES ('1', 'city 1')")
				require.NoError(t, err)
				start := time.Since(w.start)
				ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
				defer cancel()
				done := make(chan error)
				for range 8 {
					go func() {
						var err error
						for n := 0; err == nil; n++ {
							_, err = db.ExecContext(ctx,
								"UPDATE orders SET n = ? WHERE id = '1' AND city = 'city 1'", n)
						}
						done <- err
					}()
				}
				for range 8 {
					require.ErrorIs(t, <-done, context.DeadlineExceeded)
				}
				require.InEpsilon(t, tt.want*30, line.spent(start, start+30*time.Second), 0.1)
			})
		})
	}
}
