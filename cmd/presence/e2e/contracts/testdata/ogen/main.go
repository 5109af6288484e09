// What a person writes with the client that ogen makes, run against a node: go run . URL
package main

//go:generate go tool ogen --target api --package api --clean openapi.yaml

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"ogenclient/api"
)

// token is who asks.
type token string

func (t token) Bearer(context.Context, api.OperationName) (api.Bearer, error) {
	return api.Bearer{Token: string(t)}, nil
}

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
	fmt.Println("ogen: all calls are as the contract says")
}

func as(t token) *api.Client {
	c, err := api.NewClient(os.Args[1], t)
	must(err)
	return c
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// good is the answer as T; any other, a problem among them, ends the program.
func good[T any](answer any, err error) T {
	must(err)
	v, is := answer.(T)
	if !is {
		must(fmt.Errorf("%T, not %T: %+v", answer, v, answer))
	}
	return v
}

func same(what string, got, want any) {
	if fmt.Sprint(got) != fmt.Sprint(want) {
		must(fmt.Errorf("%s: %v, not %v", what, got, want))
	}
}

func writes(ctx context.Context, ada, backend *api.Client) {
	a, err := ada.PutDevice(ctx, &api.ActivityReport{Activity: api.ActivityOnline},
		api.PutDeviceParams{Participant: "me", Device: "laptop"})
	good[*api.Done](a, err)
	b, err := ada.PutOverride(ctx, &api.OverrideChoice{Override: api.OverrideBusy}, api.PutOverrideParams{Participant: "me"})
	good[*api.Done](b, err)
	c, err := backend.PutParticipant(ctx, &api.Registration{Kind: api.RegistrationKindHelper},
		api.PutParticipantParams{Participant: "a/b"})
	good[*api.Done](c, err)
}

func reads(ctx context.Context, ada, backend *api.Client) {
	ids := []api.ParticipantId{"ada", "a/b", "zoe"}
	a, err := ada.GetPresence(ctx, api.GetPresenceParams{Ids: ids})
	states := good[*api.StatesAnswerHeaders](a, err).Response.AdditionalProps
	same("states", states, api.SeenAdditional{"ada": api.StateBusy, "a/b": api.StateOnline, "zoe": api.StateOffline})
	b, err := backend.QueryPresence(ctx, &api.Query{Ids: ids, Viewer: api.NewOptParticipantId("ada")})
	same("query", good[*api.StatesAnswerHeaders](b, err).Response.AdditionalProps, states)
	c, err := ada.GetPresence(ctx, api.GetPresenceParams{Ids: ids[:1], With: []api.WithWord{api.WithWordStatus}})
	more := good[*api.StatesAnswerHeaders](c, err).Response
	same("states with more", []any{more.States.Value["ada"], len(more.Statuses.Value)}, "[busy 0]")
}

func records(ctx context.Context, ada, zoe *api.Client) {
	a, err := ada.GetRecord(ctx, api.GetRecordParams{Participant: "me"})
	mine := good[*api.RecordHeaders](a, err).Response
	same("one's own record", []any{mine.State, mine.Override.Value, mine.Devices[0].DeviceID}, "[busy busy laptop]")
	b, err := zoe.GetRecord(ctx, api.GetRecordParams{Participant: "ada"})
	other := good[*api.RecordHeaders](b, err).Response
	same("another's record",
		[]any{other.State, other.Override.Set, len(other.Devices), other.LastSeen.IsNull()}, "[busy false 0 false]")
}

func batches(ctx context.Context, backend *api.Client) {
	a, err := backend.PostHeartbeats(ctx, &api.Heartbeats{Heartbeats: []api.Heartbeat{
		{ParticipantID: "max", DeviceID: "phone", Activity: api.ActivityIdle},
	}})
	same("heartbeats", *good[*api.BatchResult](a, err), api.BatchResult{Accepted: 1, Rejected: []api.RejectedItem{}})
	b, err := backend.PostDirectMessages(ctx, &api.DirectMessages{DirectMessages: []api.DirectMessage{
		{Participants: []api.ParticipantId{"ada", "max"}, At: api.NewOptDateTime(time.Now())},
	}})
	same("direct messages", good[*api.BatchResult](b, err).Accepted, 1)
}

func others(ctx context.Context, ada, backend *api.Client) {
	a, err := backend.GetCluster(ctx)
	member := good[*api.Cluster](a, err).Members[0]
	same("cluster", []any{member.Role, member.Self, member.Figures.Set}, "[all true true]")
	b, err := ada.GetPresence(ctx, api.GetPresenceParams{Ids: []api.ParticipantId{"a"}, Viewer: api.NewOptParticipantId("zoe")})
	same("a problem", good[*api.GetPresenceForbidden](b, err).Code, api.ErrorCodeForbidden)
	c, err := ada.GetContract(ctx, api.GetContractParams{})
	first, err := bufio.NewReader(good[*api.GetContractOKHeaders](c, err).Response).ReadString(':')
	must(err)
	same("the contract", first, "openapi:")
}

func stream(ctx context.Context, ada *api.Client) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	a, err := ada.GetEvents(ctx, api.GetEventsParams{Ids: []api.ParticipantId{"ada"}})
	var event []string
	for s := bufio.NewScanner(good[*api.GetEventsOKRawTextEventStream](a, err).Response.Body); s.Scan() && s.Text() != ""; {
		event = append(event, s.Text())
	}
	var data struct{ States api.States }
	i := slices.IndexFunc(event, func(line string) bool { return strings.HasPrefix(line, "data: ") })
	must(json.Unmarshal([]byte(event[i][len("data: "):]), &data))
	same("the stream", data.States, api.States{"ada": api.StateBusy})
}
