package main

import (
	"bytes"
	"log/slog"
	"net"
	"os"
	"regexp"
	"text/template"
)

// greeting is for a person who has just typed presence serve: where it listens, and lines to copy.
// Where tokens are signed they come from the environment, and each person speaks of themselves:
// nothing is known of whom else there is.
var greeting = template.Must(template.New("greeting").Parse(`
presence node {{.Node}}

  clients    {{.URL}}
  operators  {{.Admin}}  (/readyz, /metrics)
{{- if .Demo}}
  a page     {{.URL}}/  to try it in a browser
{{- end}}
{{if .Insecure}}
Try it; with --auth=insecure the token is the participant id:

  curl -X PUT {{.URL}}/v1/presence/me/devices/laptop -H 'Authorization: Bearer alice' ` +
	`-H 'Content-Type: application/json' -d '{"activity":"online"}'
  curl '{{.URL}}/v1/presence?ids=alice' -H 'Authorization: Bearer bob'
  curl -N '{{.URL}}/v1/events?ids=alice' -H 'Authorization: Bearer bob'

Or in two more terminals:

  {{.Command}} watch alice --token bob{{.Server}}
  {{.Command}} beat --token alice{{.Server}}
{{else}}
Try it, with a token of your issuer in the environment variable PRESENCE_TOKEN:

  curl -X PUT {{.URL}}/v1/presence/me/devices/laptop -H "Authorization: Bearer $PRESENCE_TOKEN" ` +
	`-H 'Content-Type: application/json' -d '{"activity":"online"}'
  curl {{.URL}}/v1/presence/me -H "Authorization: Bearer $PRESENCE_TOKEN"

Or in two more terminals, with PRESENCE_TOKEN in both:

  {{.Command}} beat{{.Server}}
  {{.Command}} get me{{.Server}}
{{end}}
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
			"Insecure": c.insecure(), "Command": commandName(os.Args[0]), "Server": "",
		}
		if url != "http://127.0.0.1:8080" {
			words["Server"] = " --server " + url
		}
		var text bytes.Buffer // written in one piece: several nodes may greet in one terminal
		err := greeting.Execute(&text, words)
		if err == nil {
			_, err = t.err.Write(text.Bytes())
		}
		if err != nil {
			log.Debug("greeting not printed", "error", err)
		}
	}
	log.Info("listening", "node", c.NodeID, "listen", public.String(), "admin", admin.String(), "auth", c.Auth,
		"max_connections", c.MaxConnections, "version", thisBuild().String())
}

// madeUp finds the paths that go run makes up: in a temporary folder, or, since it keeps programs,
// in its cache, wherever GOCACHE says that is.
var madeUp = regexp.MustCompile(`go-build|[/\\][0-9a-f]{64}-d[/\\]`)

// commandName is how this command was called as path, unless go run made that up.
func commandName(path string) string {
	if madeUp.MatchString(path) {
		return "go run ./cmd/presence"
	}
	return path
}
