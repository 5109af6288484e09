package main

import (
	"log/slog"
	"net"
	"os"
	"strings"
	"text/template"
)

// greeting is for whoever has just typed presence serve: where it listens, and lines to copy. Tokens come as $TOKEN where
// they are signed.
var greeting = template.Must(template.New("greeting").Parse(`
presence node {{.Node}}

  clients    {{.URL}}
  operators  {{.Admin}}  (/readyz, /metrics)
{{- if .Demo}}
  a page     {{.URL}}/  to try it in a browser
{{- end}}

Try it{{if .Insecure}}; with --auth=insecure the token is the participant id{{end}}:

  curl -X PUT {{.URL}}/v1/presence/me/devices/laptop -H 'Authorization: Bearer {{.Alice}}' -H 'Content-Type: application/json' -d '{"activity":"online"}'
  curl '{{.URL}}/v1/presence?ids=alice' -H 'Authorization: Bearer {{.Bob}}'
  curl -N '{{.URL}}/v1/events?ids=alice' -H 'Authorization: Bearer {{.Bob}}'

Or in two more terminals:

  {{.Command}} watch alice --token {{.Bob}}{{.Server}}
  {{.Command}} beat --token {{.Alice}}{{.Server}}

`))

// greet tells people in words, and machines in a log line.
func greet(t terminal, c *serveCommand, public, admin net.Addr, log *slog.Logger) {
	scheme := "http://"
	if c.TLSCert != "" {
		scheme = "https://"
	}
	url := scheme + dialable(public.String()) + c.PathPrefix
	if c.LogFormat == "text" {
		words := map[string]any{
			"Node": c.NodeID, "URL": url, "Admin": "http://" + dialable(admin.String()), "Demo": *c.Demo,
			"Insecure": c.insecure(), "Alice": "alice", "Bob": "bob", "Command": commandName(), "Server": "",
		}
		if !c.insecure() {
			words["Alice"], words["Bob"] = `'"$TOKEN"'`, `'"$TOKEN"'`
		}
		if url != "http://127.0.0.1:8080" {
			words["Server"] = " --server " + url
		}
		if err := greeting.Execute(t.err, words); err != nil {
			log.Debug("nobody to greet", "error", err)
		}
	}
	log.Info("listening", "node", c.NodeID, "listen", public.String(), "admin", admin.String(), "auth", c.Auth,
		"max_connections", c.MaxConnections, "version", thisBuild().String())
}

// commandName is how this command was called, unless go run made up a path for it.
func commandName() string {
	if strings.Contains(os.Args[0], "go-build") {
		return "go run ./cmd/presence"
	}
	return os.Args[0]
}
