package browse

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"ctcheck/report"
)

// This file keeps away what is not for this server: requests under a name that is not its own (DNS rebinding),
// from pages of others, or that would change something.

// guard lets through what is for the hosts.
func guard(hosts []string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", report.Policy()+"; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		switch {
		case !slices.Contains(hosts, r.Host):
			fail(w, http.StatusMisdirectedRequest, fmt.Errorf("this server is not %.80q", r.Host))
		case !ownOrigin(hosts, r.Header.Values("Origin")):
			fail(w, http.StatusForbidden, fmt.Errorf("pages of %.80q may not ask this server",
				r.Header.Get("Origin")))
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			h.Set("Allow", "GET, HEAD")
			fail(w, http.StatusMethodNotAllowed, fmt.Errorf("this server is only read from"))
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// ownOrigin reports whether a request comes from a page of the server's own, or from none.
func ownOrigin(hosts, origins []string) bool {
	for _, o := range origins {
		u, err := url.Parse(o)
		if err != nil || u.Scheme != "http" || !slices.Contains(hosts, u.Host) {
			return false
		}
	}
	return true
}

// fail answers with an error, in a line.
func fail(w http.ResponseWriter, status int, err error) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_ = report.WriteError(w, http.StatusText(status), err.Error(), "/") // a reader that went away is no concern
}
