package presence_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"
	"sync"

	"github.com/scaiwave/presence/client/presence"
)

func ExampleClient_Watch() {
	ctx, enough := context.WithCancel(context.Background())
	defer enough()
	ada := presence.New(presence.Config{Server: server, Token: "ada"})
	if err := ada.Watch("ben", "carl"); err != nil {
		log.Fatal(err)
	}
	err := ada.Run(ctx, func(event presence.Event) {
		switch e := event.(type) {
		case presence.States: // those that have changed; at first all
			fmt.Println("ben:", e["ben"])
			enough()
		case presence.Lost:
			log.Printf("%v; trying again in %v", e.Err, e.RetryIn)
		}
	})
	fmt.Println("ended:", err)
	// Output:
	// ben: offline
	// ended: <nil>
}

func ExampleClient_SetOverride() {
	ctx, leave := context.WithCancel(context.Background())
	dora := presence.New(presence.Config{Server: server, Token: "dora", Device: "laptop"})
	var running sync.WaitGroup
	running.Go(func() {
		if err := dora.Run(ctx, func(presence.Event) {}); err != nil {
			log.Fatal(err)
		}
	})
	if err := dora.SetOverride(ctx, presence.Busy); err != nil {
		log.Fatal(err)
	}
	dora.SetActivity(presence.Idle) // nobody sees it as long as she is busy
	leave()                         // says goodbye
	running.Wait()
	// Output:
}

func ExampleConfig() {
	gus := presence.New(presence.Config{
		Server: server,
		NewToken: func(context.Context) (string, error) { // asked at each connect, and after a refusal
			text, err := os.ReadFile("testdata/token")
			return strings.TrimSpace(string(text)), err
		},
	})
	ctx, enough := context.WithCancel(context.Background())
	defer enough()
	_ = gus.Run(ctx, func(event presence.Event) {
		if e, ok := event.(presence.Welcome); ok {
			fmt.Println("connected as", e.Participant)
			enough()
		}
	})
	// Output:
	// connected as gus
}

func ExampleAPI_Beat() {
	backend := presence.API{Server: server, Token: "service"}
	heartbeats := []presence.Heartbeat{
		{Participant: "ella", Device: "phone", Activity: presence.Online},
		{Participant: "not an id", Device: "phone", Activity: presence.Online},
		{Participant: "finn", Device: "phone", Activity: presence.Idle},
	}
	for _, r := range backend.Beat(context.Background(), heartbeats) {
		if refused, ok := errors.AsType[*presence.Error](r.Err); ok && !refused.Repeatable() {
			fmt.Println(heartbeats[r.Index].Participant, "was rejected:", refused.Code)
		} // else send it again
	}
	states, err := backend.States(context.Background(), "ella", "finn")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(states)
	// Output:
	// not an id was rejected: invalid_id
	// map[ella:online finn:idle]
}

func ExampleAPI_DirectMessages() {
	backend := presence.API{Server: server, Token: "service"}
	rejected := backend.DirectMessages(context.Background(), []presence.DirectMessage{
		{Participants: [2]string{"ada", "ben"}},
	})
	fmt.Println(len(rejected), "rejected")
	// Output:
	// 0 rejected
}
