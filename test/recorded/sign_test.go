package recorded

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strings"
)

// signature signs a request with the master key.
func signature(key, method, path, date string) string {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	kind, link := "", ""
	switch n := len(parts); {
	case parts[0] == "":
	case n%2 == 1:
		kind, link = parts[n-1], strings.Join(parts[:n-1], "/")
	default:
		kind, link = parts[n-2], strings.Join(parts, "/")
	}
	k, _ := base64.StdEncoding.DecodeString(key)
	mac := hmac.New(sha256.New, k)
	mac.Write([]byte(strings.ToLower(method) + "\n" + kind + "\n" + link + "\n" + date + "\n\n"))
	return url.QueryEscape("type=master&ver=1.0&sig=" + base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}
