package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestServesUntilInterrupted(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, scheme string
		args         []string
	}{
		{"plain", "http://", nil},
		{"TLS", "https://", []string{"-tls"}},
		{"all flags", "http://", []string{"-partitions", "2", "-key", "a2V5", "-serve-all"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ctx, interrupt := context.WithCancel(t.Context())
			defer interrupt()
			out, w := io.Pipe()
			end := make(chan error, 1)
			go func() {
				end <- run(ctx, append([]string{"-addr", "127.0.0.1:0"}, test.args...), w, io.Discard)
				w.Close()
			}()
			lines := bufio.NewScanner(out)
			require.True(t, lines.Scan())
			_, endpoint, _ := strings.Cut(lines.Text(), ": ")
			endpoint = strings.TrimSpace(endpoint)
			require.True(t, strings.HasPrefix(endpoint, test.scheme), endpoint)
			require.True(t, lines.Scan())
			require.Contains(t, lines.Text(), "AccountEndpoint="+endpoint+";AccountKey=")

			transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
			defer transport.CloseIdleConnections()
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, endpoint, nil)
			require.NoError(t, err)
			res, err := transport.RoundTrip(req)
			require.NoError(t, err)
			res.Body.Close()
			require.Equal(t, http.StatusUnauthorized, res.StatusCode, "it answers, and wants a signature")

			go io.Copy(io.Discard, out)
			interrupt()
			require.NoError(t, <-end)
			_, err = transport.RoundTrip(req)
			require.Error(t, err)
		})
	}
}

func TestWrongArguments(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, want string
		args       []string
	}{
		{"unknown flag", "not defined", []string{"-nope"}},
		{"argument", `unexpected argument "x"`, []string{"x"}},
		{"key", "not base64", []string{"-addr", "127.0.0.1:0", "-key", "!"}},
		{"address", "missing port", []string{"-addr", "localhost"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			require.ErrorContains(t, run(t.Context(), test.args, io.Discard, io.Discard), test.want)
		})
	}
}
