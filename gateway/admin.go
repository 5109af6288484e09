package gateway

import (
	"io"
	"net/http"
	"net/http/pprof"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/scaiwave/presence/gateway/auth"
)

// AdminHandler is what the admin listener serves. It asks for a token if there is one; see
// Config.AdminToken.
func (s *Server) AdminHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.config.Registry, promhttp.HandlerOpts{EnableOpenMetrics: true}))
	if s.config.Pprof {
		mux.HandleFunc("/debug/pprof/", pprof.Index)
		mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
		mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
		mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
		mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	}
	return s.guardAdmin(s.askOperator(mux))
}

// probes are what a balancer or a supervisor asks, which has no token.
var probes = map[string]bool{"/healthz": true, "/readyz": true}

// askOperator asks for the token of operators, for all but probes.
func (s *Server) askOperator(next http.Handler) http.Handler {
	if s.config.AdminToken == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, ok, err := auth.Bearer(r)
		if !probes[r.URL.Path] && (err != nil || !ok || !s.config.AdminToken(token)) {
			w.Header().Set("WWW-Authenticate", "Bearer")
			plain(w, http.StatusUnauthorized, "send the token of --admin-token-file as `Authorization: Bearer <token>`")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// guardAdmin keeps web pages out whose name was pointed at this machine; see Config.Insecure.
// Probes come with any name (Envoy's is that of its cluster) and are told yes or no, and not why.
func (s *Server) guardAdmin(next http.Handler) http.Handler {
	if !s.config.AdminLoopback {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Host == "" || loopbackHost(r.Host, false): // a browser always sends one
			next.ServeHTTP(w, r)
		case probes[r.URL.Path]:
			next.ServeHTTP(tightLipped{w}, r)
		default:
			plain(w, http.StatusForbidden, "the Host header must name loopback, such as localhost or 127.0.0.1")
		}
	})
}

func (s *Server) readyz(w http.ResponseWriter, _ *http.Request) {
	if err := s.Ready(); err != nil {
		plain(w, http.StatusServiceUnavailable, err.Error())
		return
	}
	plain(w, http.StatusOK, strings.Join(append([]string{"ready"}, s.remarks()...), "; "))
}

// remarks are what an operator should know of a gateway that is ready.
func (s *Server) remarks() (all []string) {
	if s.config.Remark != nil {
		all = append(all, s.config.Remark())
	}
	if s.config.Authorize != nil {
		all = append(all, s.config.Authorize.Remark())
	}
	return slices.DeleteFunc(all, func(remark string) bool { return remark == "" })
}

// Ready returns what keeps this gateway from serving, or nil. It is part of cluster.Gateway.
func (s *Server) Ready() error {
	select {
	case <-s.draining:
		return errDraining
	default:
		if s.leaving.Load() {
			return errDraining
		}
	}
	if err := auth.Ready(s.config.Auth); err != nil {
		return err
	}
	if s.config.Ready != nil {
		return s.config.Ready()
	}
	return nil
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n")
}
