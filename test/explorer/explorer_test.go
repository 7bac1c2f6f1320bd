package explorer

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest/explorer"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest/script"
)

// browser starts Chromium for a test; what the page complains of is a failure of the test.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	require.NotEmpty(t, path, "there is no Chromium: apt-get install chromium")
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.DisableGPU)
	alloc, cancel := chromedp.NewExecAllocator(t.Context(), opts...)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(cancel)
	var mu sync.Mutex
	var complaints []string
	require.NoError(t, chromedp.Listen(ctx, func(ev any) {
		mu.Lock()
		defer mu.Unlock()
		switch ev := ev.(type) {
		case *runtime.EventExceptionThrown:
			complaints = append(complaints, ev.ExceptionDetails.Text)
		case *log.EventEntryAdded:
			if ev.Entry.Level == "error" && !strings.Contains(ev.Entry.URL, "favicon") &&
				!strings.Contains(ev.Entry.URL, "/api/query") {
				complaints = append(complaints, ev.Entry.Text+" "+ev.Entry.URL)
			}
		}
	}))
	require.NoError(t, chromedp.Do(ctx, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, log.Enable, cdp.Empty{})
		return err
	})))
	t.Cleanup(func() {
		mu.Lock()
		defer mu.Unlock()
		require.Empty(t, complaints, "of the page")
	})
	return ctx
}

// shop is a server with data, and the address of its explorer.
func shop(t *testing.T, many int) (*cosmostest.Server, string) {
	t.Helper()
	var docs []any
	for i := range many {
		docs = append(docs,
			map[string]any{"id": fmt.Sprintf("r%06d", i), "sensor": fmt.Sprint("s", i%97), "value": i % 1000})
	}
	e := explorer.New()
	srv := cosmostest.RunT(t, e.Watch(), script.JavaScript(), cosmostest.LoadFile("../../examples/server/shop.json"),
		cosmostest.Data(cosmostest.Database{ID: "telemetry", Containers: []cosmostest.ContainerData{
			{ID: "readings", PartitionKey: []string{"/sensor"}, Throughput: 20_000, Documents: docs}}}))
	web := httptest.NewServer(e.Handler(srv))
	t.Cleanup(func() {
		web.Close()
		require.NoError(t, e.Close())
	})
	return srv, web.URL + "/_explorer/"
}

// soon waits until an expression of JavaScript is true.
func soon(expression string) step {
	return func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Poll[bool](expression, chromedp.WithPollingTimeout(20*time.Second))(ctx, t)
		if err != nil {
			err = fmt.Errorf("%s: %w", expression, err)
		}
		return chromedp.Void{}, err
	}
}

type step = chromedp.Action[chromedp.Void]

func text(selector string) string {
	return fmt.Sprintf(`(document.querySelector(%q)?.textContent ?? "")`, selector)
}

func press(keys string) step { return chromedp.KeyEvent(keys) }

func TestExplorer(t *testing.T) {
	srv, page := shop(t, 1000)
	ctx := browser(t)
	require.NoError(t,
		chromedp.Do(ctx, chromedp.Navigate(page), soon(`document.querySelectorAll("nav button").length === 3`),
			soon(text("#docs-info")+`.startsWith("1 to 5 of 5")`)), "it loads and shows the first container")

	t.Run("a document opens", func(t *testing.T) {
		require.NoError(t, chromedp.Do(ctx, chromedp.Click(chromedp.CSS("#docs summary")),
			soon(`document.querySelector("#docs pre .k") !== null`),
			soon(text("#docs pre")+`.includes("_etag")`)))
	})
	t.Run("containers and pages by keys", func(t *testing.T) {
		require.NoError(t, chromedp.Do(ctx, press("j"), press("j"),
			soon(`document.querySelector("[aria-current=true]").textContent.startsWith("readings")`),
			soon(text("#docs-info")+`.startsWith("1 to 50 of 1,000")`), press("n"),
			soon(text("#docs-info")+`.startsWith("51 to 100 of 1,000")`),
			press("p"), soon(text("#docs-info")+`.startsWith("1 to 50 of 1,000")`), press("k"), press("k"),
			soon(`document.querySelector("[aria-current=true]").textContent.startsWith("products")`)))
	})
	t.Run("a query with plan and charge", func(t *testing.T) {
		require.NoError(t, chromedp.Do(ctx, press("/"), soon(`document.activeElement.id === "text"`),
			chromedp.SetValue(chromedp.CSS("#text"),
				"SELECT c.id, udf.withTax(c.price) AS price FROM c ORDER BY c.price"),
			chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(chromedp.ModifierCtrl)),
			soon(text("#query-info")+`.startsWith("5 rows · ")`),
			soon(text("#query-info")+`.includes(" RU · ")`), soon(text("#plan")+`.includes("merge by [c.price]")`),
			soon(text("#result summary")+`.includes("lantern")`)))
	})
	t.Run("a wrong query", func(t *testing.T) {
		require.NoError(t, chromedp.Do(ctx, chromedp.SetValue(chromedp.CSS("#text"), "SELECT <b>"),
			chromedp.Click(chromedp.CSS("#run")),
			soon(text("#error")+`.includes("yntax error")`), soon(`document.querySelector("#error b") === null`)))
	})
	t.Run("what documents hold is text", func(t *testing.T) {
		client, err := cosmos.NewClientFromConnectionString(srv.ConnectionString(), nil)
		require.NoError(t, err)
		defer client.Close()
		_, err = client.Database("shop").Container("products").CreateItem(t.Context(),
			json.RawMessage(
				`{"id":"<img src=x onerror=alert(1)>","category":"light","name":"</pre><script>alert(1)</script>"}`))
		require.NoError(t, err)
		require.NoError(t, chromedp.Do(ctx, press(kb.Escape), press("1"), press("p"),
			soon(text("#docs-info")+`.startsWith("1 to 6 of 6")`),
			soon(`document.querySelector("#docs img") === null`), soon(text("#docs")+`.includes("onerror")`)))
	})
	t.Run("partitions", func(t *testing.T) {
		require.NoError(t,
			chromedp.Do(ctx, press("3"), soon(`document.querySelectorAll("#ranges tbody tr").length === 4`),
				soon(text("#ranges")+`.includes(" RU")`)))
	})
	t.Run("requests as they come", func(t *testing.T) {
		client, err := cosmos.NewClientFromConnectionString(srv.ConnectionString(), nil)
		require.NoError(t, err)
		defer client.Close()
		require.NoError(t, chromedp.Do(ctx, press("4")))
		_, err = client.Database("shop").Container("orders").ReadItem(t.Context(), "none", cosmos.PartitionKey("ann"))
		require.ErrorIs(t, err, cosmos.ErrNotFound)
		require.NoError(t, chromedp.Do(ctx, soon(text("#log tbody tr")+`.includes("404")`),
			soon(text("#log tbody tr")+`.includes("docs/none")`)))
	})
	t.Run("help", func(t *testing.T) {
		require.NoError(t, chromedp.Do(ctx, press("?"), soon(`!document.getElementById("help").hidden`), press("?"),
			soon(`document.getElementById("help").hidden`)))
	})
	t.Run("a phone", func(t *testing.T) {
		require.NoError(t, chromedp.Do(ctx, chromedp.EmulateViewport(360, 740), press("1"),
			soon(`document.documentElement.scrollWidth <= 360`), press("3"),
			soon(`document.documentElement.scrollWidth <= 360`), press("2"),
			soon(`document.documentElement.scrollWidth <= 360`)), "nothing has to be moved sideways")
	})
}

// 100,000 documents and 10,000 requests behind it: the page stays quick and small.
func TestMuch(t *testing.T) {
	srv, page := shop(t, 100_000)
	ctx := browser(t)
	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(page),
		soon(`document.querySelectorAll("nav button").length === 3`), press("j"), press("j"),
		soon(text("#docs-info")+`.includes("of 100,000")`), press("4")))
	client, err := cosmos.NewClientFromConnectionString(srv.ConnectionString(), nil)
	require.NoError(t, err)
	defer client.Close()
	var wg sync.WaitGroup
	for w := range 10 {
		wg.Go(func() {
			for i := range 1000 {
				n := w*1000 + i
				_, err := client.Database("telemetry").Container("readings").
					ReadItem(t.Context(), fmt.Sprintf("r%06d", n), cosmos.PartitionKey(fmt.Sprint("s", n%97)))
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	var seconds float64
	require.NoError(t, chromedp.Do(ctx, soon(`parseInt(`+text("#total")+`.replace(/,/g, "")) >= 10000`)))
	rows, err := chromedp.Run(ctx, chromedp.Evaluate[int](`document.querySelectorAll("#log tbody tr").length`))
	require.NoError(t, err)
	require.Equal(t, 200, rows)
	began := time.Now()
	require.NoError(t,
		chromedp.Do(ctx, press("1"), press("n"), soon(text("#docs-info")+`.startsWith("51 to 100 of 100,000")`)))
	seconds = time.Since(began).Seconds()
	require.Less(t, seconds, 5.0, "for a page")
}

// The pictures of the documentation.
func TestScreenshots(t *testing.T) {
	dir := os.Getenv("COSMOS_EXPLORER_SHOTS")
	if dir == "" {
		dir = t.TempDir()
	}
	srv, page := shop(t, 20_000)
	client, err := cosmos.NewClientFromConnectionString(srv.ConnectionString(), nil)
	require.NoError(t, err)
	defer client.Close()
	ctx := browser(t)
	for _, shot := range []struct {
		name, scheme  string
		width, height int64
		prepare       []step
	}{
		{"explorer-light.png", "light", 1100, 640, []step{press("/"),
			chromedp.SetValue(chromedp.CSS("#text"), "SELECT c.id, c.name, udf.withTax(c.price) AS price\nFROM c\n"+
				"WHERE ARRAY_CONTAINS(c.tags, 'wood')\nORDER BY c.price"),
			chromedp.Click(chromedp.CSS("#run")), soon(text("#query-info") + `.startsWith("3 rows")`),
			chromedp.Click(chromedp.CSS("#result summary")),
			chromedp.Click(chromedp.CSS("#query > details > summary"))}},
		{"explorer-dark.png", "dark", 1100, 640, []step{press("4"),
			chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
				c := client.Database("telemetry").Container("readings")
				for i := range 12 {
					c.ReadItem(ctx, fmt.Sprintf("r%06d", i*(1+i%3*1000)),
						cosmos.PartitionKey(fmt.Sprint("s", i*(1+i%2*1000)%97)))
					c.UpsertItem(ctx,
						map[string]any{"id": fmt.Sprint("n", i), "sensor": fmt.Sprint("s", i), "value": i})
				}
				for _, err := range cosmos.Query[int](ctx, c, "SELECT VALUE MAX(c['value']) FROM c") {
					if err != nil {
						return err
					}
				}
				return nil
			}), soon(`document.querySelectorAll("#log tbody tr").length > 20`)}},
	} {
		actions := append([]step{chromedp.EmulateViewport(shot.width, shot.height),
			chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
				_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
					Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: shot.scheme}}})
				return err
			}),
			chromedp.Navigate(page), soon(`document.querySelectorAll("nav button").length === 3`),
			soon(text("#docs-info") + ` !== ""`)}, shot.prepare...)
		require.NoError(t, chromedp.Do(ctx, actions...))
		png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
		require.NoError(t, err)
		require.NotEmpty(t, png)
		require.Equal(t, "image/png", http.DetectContentType(png))
		require.NoError(t, os.WriteFile(filepath.Join(dir, shot.name), png, 0o644))
	}
}
