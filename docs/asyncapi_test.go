package docs_test

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
)

// asyncAPI is the part of the file that the test looks at.
type asyncAPI struct {
	AsyncAPI string `yaml:"asyncapi"`
	Channels map[string]struct {
		Address    string         `yaml:"address"`
		Messages   map[string]ref `yaml:"messages"`
		CloseCodes []closeCode    `yaml:"x-close-codes"`
	} `yaml:"channels"`
	Operations map[string]struct {
		Action   string `yaml:"action"`
		Channel  ref    `yaml:"channel"`
		Messages []ref  `yaml:"messages"`
		Reply    struct {
			Channel  ref   `yaml:"channel"`
			Messages []ref `yaml:"messages"`
		} `yaml:"reply"`
	} `yaml:"operations"`
	Components struct {
		Messages map[string]struct {
			Name     string `yaml:"name"`
			Payload  ref    `yaml:"payload"`
			Examples []struct {
				Name    string         `yaml:"name"`
				Payload map[string]any `yaml:"payload"`
			} `yaml:"examples"`
		} `yaml:"messages"`
		Schemas map[string]any `yaml:"schemas"`
	} `yaml:"components"`
}

type ref struct {
	Ref string `yaml:"$ref"`
}

type closeCode struct {
	Code        int    `yaml:"code"`
	Name        string `yaml:"name"`
	Reconnect   bool   `yaml:"reconnect"`
	Description string `yaml:"description"`
}

func socketContract(t *testing.T) asyncAPI {
	t.Helper()
	data, err := os.ReadFile("asyncapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var a asyncAPI
	if err := yaml.Unmarshal(data, &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// schemas loads the file's schemas with the validator that the OpenAPI file uses: both are JSON
// Schema 2020-12.
func (a asyncAPI) schemas(t *testing.T) openapi3.Schemas {
	t.Helper()
	data, err := json.Marshal(map[string]any{
		"openapi":    "3.1.1",
		"info":       map[string]string{"title": "schemas", "version": "1"},
		"paths":      map[string]any{},
		"components": map[string]any{"schemas": a.Components.Schemas},
	})
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(data)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return doc.Components.Schemas
}

var (
	fromClient = []string{"auth", "goodbye", "heartbeat", "hello", "override", "query", "status", "subscribe", "unsubscribe"}
	fromServer = []string{"error", "ok", "presence", "reconnect", "result", "self", "welcome"}
)

func TestAsyncAPIHasEveryMessage(t *testing.T) {
	a := socketContract(t)
	if a.AsyncAPI != "3.0.0" {
		t.Errorf("asyncapi: %q", a.AsyncAPI)
	}
	all := slices.Sorted(slices.Values(slices.Concat(fromClient, fromServer)))
	channel := a.Channels["connection"]
	if diff := cmp.Diff(all, slices.Sorted(maps.Keys(channel.Messages))); diff != "" {
		t.Errorf("messages of the channel (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(all, slices.Sorted(maps.Keys(a.Components.Messages))); diff != "" {
		t.Errorf("messages of the components (-want +got):\n%s", diff)
	}
	for name, r := range channel.Messages {
		if r.Ref != "#/components/messages/"+name || a.Components.Messages[name].Name != name {
			t.Errorf("message %s: refers to %s, named %q", name, r.Ref, a.Components.Messages[name].Name)
		}
	}
}

func TestAsyncAPIOperationsCoverTheMessages(t *testing.T) {
	received, sent := map[string]bool{}, map[string]bool{}
	for name, op := range socketContract(t).Operations {
		into := sent
		switch op.Action {
		case "receive":
			into = received
		case "send":
		default:
			t.Errorf("operation %s: action %q", name, op.Action)
		}
		if op.Channel.Ref != "#/channels/connection" {
			t.Errorf("operation %s: channel %q", name, op.Channel.Ref)
		}
		collect(t, into, op.Messages)
		collect(t, sent, op.Reply.Messages)
	}
	if diff := cmp.Diff(fromClient, slices.Sorted(maps.Keys(received))); diff != "" {
		t.Errorf("from clients (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(fromServer, slices.Sorted(maps.Keys(sent))); diff != "" {
		t.Errorf("from the server (-want +got):\n%s", diff)
	}
}

func collect(t *testing.T, into map[string]bool, refs []ref) {
	t.Helper()
	for _, r := range refs {
		name, ok := strings.CutPrefix(r.Ref, "#/channels/connection/messages/")
		if !ok {
			t.Errorf("reference %q", r.Ref)
		}
		into[name] = true
	}
}

// Every example fits its own message's schema, and not one of another message's: the types tell
// them apart.
func TestAsyncAPIExamples(t *testing.T) {
	a := socketContract(t)
	schemas := a.schemas(t)
	payloads := map[string]*openapi3.Schema{}
	for name, m := range a.Components.Messages {
		s := schemas[strings.TrimPrefix(m.Payload.Ref, "#/components/schemas/")]
		if s == nil {
			t.Fatalf("message %s: payload %q is not there", name, m.Payload.Ref)
		}
		payloads[name] = s.Value
	}
	for name, m := range a.Components.Messages {
		if len(m.Examples) == 0 {
			t.Errorf("message %s: no example", name)
		}
		for _, e := range m.Examples {
			for other, schema := range payloads {
				err := schema.VisitJSON(plainJSON(t, e.Payload), openapi3.EnableJSONSchema2020())
				if (err == nil) != (other == name) {
					t.Errorf("example %q of %s against %s: %v", e.Name, name, other, err)
				}
			}
		}
	}
}

func TestAsyncAPIRefusesUnknownFields(t *testing.T) {
	a := socketContract(t)
	schemas := a.schemas(t)
	for name, m := range a.Components.Messages {
		schema := schemas[strings.TrimPrefix(m.Payload.Ref, "#/components/schemas/")].Value
		for _, e := range m.Examples {
			e.Payload["surprise"] = true
			if schema.VisitJSON(plainJSON(t, e.Payload), openapi3.EnableJSONSchema2020()) == nil {
				t.Errorf("message %s takes a field that it does not have", name)
			}
		}
	}
}

func plainJSON(t *testing.T, v any) any {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out any
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// The words that both files use mean the same in both.
func TestAsyncAPISharesItsWordsWithOpenAPI(t *testing.T) {
	socket := socketContract(t).schemas(t)
	http := contract(t).Components.Schemas
	for _, name := range []string{
		"ParticipantId", "DeviceId", "Activity", "Override", "State", "States", "ErrorCode", "Statuses", "Status",
		"StatusText", "StatusEmoji", "SeenStatus", "StatusChanges", "ExpiresAt", "ExpiresIn", "ClaimSource",
	} {
		if diff := cmp.Diff(schemaJSON(t, http[name]), schemaJSON(t, socket[name])); diff != "" {
			t.Errorf("%s (-openapi +asyncapi):\n%s", name, diff)
		}
	}
}

func schemaJSON(t *testing.T, s *openapi3.SchemaRef) string {
	t.Helper()
	if s == nil {
		t.Fatal("schema is missing")
	}
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestAsyncAPICloseCodes(t *testing.T) {
	reconnect := map[int]bool{
		1000: false, 1001: true, 1009: true, 4001: false, 4002: false, 4003: true, 4004: false, 4005: true, 4006: false,
		4008: true,
	}
	got := map[int]bool{}
	for _, c := range socketContract(t).Channels["connection"].CloseCodes {
		got[c.Code] = c.Reconnect
		if c.Name == "" || c.Description == "" {
			t.Errorf("close code %d: name %q, description %q", c.Code, c.Name, c.Description)
		}
	}
	if diff := cmp.Diff(reconnect, got); diff != "" {
		t.Errorf("close codes and whether to reconnect (-want +got):\n%s", diff)
	}
}
