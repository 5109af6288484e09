// What a person writes with the client that oapi-codegen makes, run against a node: go run . URL
package main

//go:generate mkdir -p api
//go:generate go tool oapi-codegen -config config.yaml openapi.yaml

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"oapiclient/api"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	ada, backend := as("ada"), as("service")
	writes(ctx, ada, backend)
	reads(ctx, ada, backend)
	records(ctx, ada, as("zoe"))
	batches(ctx, backend)
	others(ctx, ada, backend)
	stream(ctx, ada)
	fmt.Println("oapi-codegen: all calls are as the contract says")
}

func as(token string) *api.ClientWithResponses {
	c, err := api.NewClientWithResponses(os.Args[1], api.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+token)
		return nil
	}))
	must(err)
	return c
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// answer is what each call returns.
type answer interface {
	StatusCode() int
	GetBody() []byte
}

// good is the answer, whose status must be the one given.
func good[T answer](status int) func(T, error) T {
	return func(a T, err error) T {
		must(err)
		if a.StatusCode() != status {
			must(fmt.Errorf("%T: status %d, not %d: %s", a, a.StatusCode(), status, a.GetBody()))
		}
		return a
	}
}

func same(what string, got, want any) {
	if fmt.Sprint(got) != fmt.Sprint(want) {
		must(fmt.Errorf("%s: %v, not %v", what, got, want))
	}
}

func writes(ctx context.Context, ada, backend *api.ClientWithResponses) {
	good[*api.PutDeviceResponse](204)(
		ada.PutDeviceWithResponse(ctx, "me", "laptop", api.ActivityReport{Activity: api.ActivityOnline}))
	good[*api.PutOverrideResponse](204)(
		ada.PutOverrideWithResponse(ctx, "me", api.OverrideChoice{Override: api.OverrideBusy}))
	good[*api.PutParticipantResponse](204)(
		backend.PutParticipantWithResponse(ctx, "a/b", api.Registration{Kind: api.RegistrationKindHelper}))
}

func reads(ctx context.Context, ada, backend *api.ClientWithResponses) {
	ids, viewer := []api.ParticipantId{"ada", "a/b", "zoe"}, "ada"
	states := *good[*api.GetPresenceResponse](200)(ada.GetPresenceWithResponse(ctx, &api.GetPresenceParams{Ids: ids})).JSON200
	same("states", states.AdditionalProperties,
		map[string]api.State{"ada": api.StateBusy, "a/b": api.StateOnline, "zoe": api.StateOffline})
	query := good[*api.QueryPresenceResponse](200)(backend.QueryPresenceWithResponse(ctx, api.Query{Ids: ids, Viewer: &viewer}))
	same("query", query.JSON200.AdditionalProperties, states.AdditionalProperties)
	with := &api.GetPresenceParams{Ids: ids[:1], With: &[]api.WithWord{api.WithWordStatus}}
	more := good[*api.GetPresenceResponse](200)(ada.GetPresenceWithResponse(ctx, with)).JSON200
	same("states with more", []any{(*more.States)["ada"], len(*more.Statuses)}, "[busy 0]")
}

func records(ctx context.Context, ada, zoe *api.ClientWithResponses) {
	get := good[*api.GetRecordResponse](200)
	mine := get(ada.GetRecordWithResponse(ctx, "me", &api.GetRecordParams{})).JSON200
	same("one's own record", []any{mine.State, *mine.Override, (*mine.Devices)[0].DeviceId}, "[busy busy laptop]")
	other := get(zoe.GetRecordWithResponse(ctx, "ada", &api.GetRecordParams{})).JSON200
	same("another's record",
		[]any{other.State, other.Override, other.Devices, other.LastSeen == nil}, "[busy <nil> <nil> false]")
}

func batches(ctx context.Context, backend *api.ClientWithResponses) {
	beats := api.Heartbeats{Heartbeats: []api.Heartbeat{
		{ParticipantId: "max", DeviceId: "phone", Activity: api.ActivityIdle},
		{ParticipantId: "max", DeviceId: "", Activity: api.ActivityIdle},
	}}
	heartbeats := good[*api.PostHeartbeatsResponse](200)(backend.PostHeartbeatsWithResponse(ctx, beats)).JSON200
	same("heartbeats", []any{heartbeats.Accepted, heartbeats.Rejected[0].Index, heartbeats.Rejected[0].Code}, "[1 1 invalid_id]")
	now := time.Now()
	messages := good[*api.PostDirectMessagesResponse](200)(backend.PostDirectMessagesWithResponse(ctx, api.DirectMessages{
		DirectMessages: []api.DirectMessage{{Participants: []api.ParticipantId{"ada", "max"}, At: &now}},
	}))
	same("direct messages", messages.JSON200.Accepted, 1)
}

func others(ctx context.Context, ada, backend *api.ClientWithResponses) {
	member := good[*api.GetClusterResponse](200)(backend.GetClusterWithResponse(ctx)).JSON200.Members[0]
	same("cluster", []any{member.Role, member.Self, member.Figures != nil}, "[all true true]")
	zoe := "zoe"
	problem := good[*api.GetPresenceResponse](403)(
		ada.GetPresenceWithResponse(ctx, &api.GetPresenceParams{Ids: []api.ParticipantId{"a"}, Viewer: &zoe}))
	same("a problem", problem.ApplicationproblemJSON403.Code, api.ErrorCodeForbidden)
	contract := good[*api.GetContractResponse](200)(ada.GetContractWithResponse(ctx, &api.GetContractParams{}))
	same("the contract", string(contract.Body[:8]), "openapi:")
}

func stream(ctx context.Context, ada *api.ClientWithResponses) {
	response, err := ada.GetEvents(ctx, &api.GetEventsParams{Ids: []api.ParticipantId{"ada"}})
	must(err)
	defer response.Body.Close()
	var event []string
	for s := bufio.NewScanner(response.Body); s.Scan() && s.Text() != ""; {
		event = append(event, s.Text())
	}
	var data struct{ States api.States }
	i := slices.IndexFunc(event, func(line string) bool { return strings.HasPrefix(line, "data: ") })
	must(json.Unmarshal([]byte(event[i][len("data: "):]), &data))
	same("the stream", data.States, api.States{"ada": api.StateBusy})
}
