package e2e

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// contract lists what the wire contract promises, in its order, with the tests
// that show each promise.
var contract = []struct{ promise, tests string }{
	// Words
	{
		"a participant's id is 1-128 bytes of UTF-8 without control characters, comma or whitespace; me is reserved",
		"TestParticipantIDs TestMe",
	},
	{"a device's id is 1-64 bytes, same rule", "TestDeviceIDs"},

	// How a state is made
	{"the rules, in order; the first that applies wins", "TestStateRules"},
	{
		"an AI participant is online, always; by prefix or registration, and a registration beats the prefix",
		"TestStateRules TestAIPrefixAndRegistration TestAIPrefixIsASetting TestRegistrationReachesViewers",
	},
	{"the most awake live device: online before idle", "TestDeviceUnion TestOneDeviceOfTwoGoes"},
	{
		"an override is sticky: it survives reconnects, the last device leaving and the record",
		"TestOverrideIsSticky TestOverrideOutlivesTheRecord",
	},
	{
		"appear_offline cannot be told from offline: value, last_seen, events, errors, sizes",
		"TestInvisibleIsOffline TestInvisibleReconnects TestInvisibleDeviceExpires",
	},
	{"an id that has never been seen looks the same, but for last_seen", "TestNeverSeenLooksTheSame"},
	{"the frozen last_seen is forgotten after the record TTL", "TestInvisibleLastSeenIsForgotten"},
	{
		"a direct message flips exactly one viewer; the window is symmetrical; inside it the viewer sees the truth",
		"TestOneViewerFlips TestWindowIsSymmetrical TestWindowShowsTheTruth TestWindowBeforeInvisible " +
			"TestWindowWithAbsentParticipants",
	},
	{
		"the window starts at the latest message; opening and closing are ordinary events",
		"TestWindowStartsAtTheLatestMessage TestWindowClosesOnTime",
	},

	// Timings and limits
	{"the heartbeat interval is told in welcome", "TestWelcomeTellsTheInterval TestHello"},
	{
		"a device is gone after missed x interval + grace, at most one tick late",
		"TestMissedHeartbeats TestMissedHeartbeatsIsASetting TestOneDeviceOfTwoGoes",
	},
	{"a pong is a sign of life; a socket without any is closed", "TestPongIsASignOfLife TestSilentSocketIsClosed"},
	{"a device of which nothing has come but answers to pings is idle until its next heartbeat", "TestUnattended"},
	{"after the record TTL the record is forgotten", "TestRecordTTL"},
	{"a socket that closes without goodbye lingers, never past its deadline", "TestLinger TestBeatDuringLinger " +
		"TestReloadMakesNoEvent TestLingerNeverPassesTheDeadline TestLingerOfTheOldSocket"},
	{"a close by the server starts no linger", "TestTokenExpires TestSlowConsumer"},
	{"goodbye and DELETE act at once; last_seen stays", "TestSignOutActsAtOnce TestSignOutKeepsLastSeen"},
	{
		"64 live devices, 10,000 windows (the oldest goes), 32 sockets a participant",
		"TestTooManyDevices TestOldestWindowGoes TestSocketsPerParticipant",
	},
	{"after a 2xx or an ok, a query reflects the write", "TestReadYourWrites TestSocketOverride"},

	// Who is asking
	{
		"jwt: exp required, issuer and audience checked, leeway 2 s, sub is the participant",
		"TestJWTClaims TestJWTInUpgradeHeader TestJWTSettings",
	},
	{"HS256, RS256, ES256, EdDSA; a PEM key takes its own algorithm alone", "TestJWTAlgorithms TestBadKeyFiles"},
	{
		"a JWKS URL: https or loopback, no symmetric keys; an unknown kid waits for a fetch, of which strangers " +
			"cause few",
		"TestJWKS TestUnknownKidFlood TestRotatedKey TestRotationOfManySockets TestKeyServerDown TestBadKeyFiles",
	},
	{"scopes: presence:service, presence:admin", "TestJWTScopes"},
	{
		"insecure: the token is the participant; refused beyond loopback unless allowed",
		"TestMe TestRefusesToStart TestAllowInsecure",
	},

	// HTTP
	{"bodies up to 4 MiB, request lines up to 512 KiB", "TestErrorCodes TestBodyWithoutLength TestLongRequestLine"},
	{
		"errors are problem+json with a stable code and a detail",
		"TestErrorCodes TestProblemHeaders TestUnsupportedMediaType TestParticipantRate",
	},
	{"unknown fields, nested ones too, are a bad_request", "TestStrictBodies TestWriteValues"},
	{
		"missing or empty ids are a bad_request, an empty id an invalid_id; duplicates count and give one key",
		"TestMissingAndEmptyIDs TestBatchFetch TestBatchFetchLimits",
	},
	{"viewer: service scope only; whoever sends it is answered as that viewer", "TestViewerParameter TestJWTScopes"},
	{"GET and POST batch fetch, 1,000 and 10,000 ids", "TestBatchFetch TestBatchFetchLimits"},
	{"one participant; override and devices for oneself and for admin", "TestOneParticipant TestJWTScopes"},
	{"heartbeat, sign-out, override: self and service", "TestWhoMayWrite TestWriteValues TestDeleteSignsOutOneDevice"},
	{
		"batches of heartbeats: up to 10,000, accepted and rejected by index",
		"TestHeartbeatBatch TestBatchLimits TestRejectedIsAList",
	},
	{
		"batches of direct messages: two different participants, at most 5 s in the future",
		"TestDirectMessageBatch TestBatchLimits TestRejectedIsAList",
	},
	{"an AI with the availability heartbeat is there only while it beats", "TestAgentThatCrashes"},
	{"claims: live, ended, and not renewed", "TestCalendarJobThatDies"},
	{"kinds", "TestStateRules TestWriteValues TestAIPrefixAndRegistration"},
	{
		"Server-Sent Events: a snapshot first, then changes; up to 1,000 ids",
		"TestEvents TestEventsOfManyIDs TestEventsForOneself TestEventsDuplicates TestBatchFetchLimits",
	},
	{"cluster, for admin", "TestClusterCall TestJWTScopes"},
	{"what the cluster knows, for any token, as in welcome", "TestFeatures"},
	{"the contract is at /v1/openapi.yaml", "TestOpenAPI"},
	{"health, metrics and pprof on the admin listener alone", "TestAdminListener TestPprofBeyondLoopback"},
	{"as people try it first", "TestCurl"},

	// WebSocket
	{"frames of 256 KiB, 16 KiB before welcome; larger: 1009", "TestFrameSizes"},
	{"the first message within 5 s: 4003", "TestHelloTimeout"},
	{"req, 1-64 bytes, is echoed by the answer of its kind", "TestReq TestWithoutReq"},
	{"binary frames, no JSON object with a type, another first message: 4004", "TestFirstMessage TestFatalMessages"},
	{
		"an unknown type or field, or a bad value: error, and the connection stays",
		"TestBadMessages TestBadHelloMayBeSentAgain",
	},
	{
		"hello: token here or in the header; a watcher without a device has no presence",
		"TestHello TestTokenPlaces TestWatcherHasNoPresence",
	},
	{"heartbeat, override", "TestSocketOverride TestReq"},
	{
		"subscribe: 1,000 ids a message, 5,000 a connection",
		"TestSubscribe TestSubscriptionLimit TestBadMessages TestSubscribeToOneself",
	},
	{"unsubscribe: nothing about the id after its ok", "TestUnsubscribe"},
	{"query: without watching, req required", "TestQueryMessage TestBadMessages"},
	{"auth: a fresh token for the same participant, another's: 4001", "TestAuthMessage TestTokenExpires"},
	{"goodbye: 1000", "TestSignOutActsAtOnce TestReq"},
	{"the latest state wins; no event when the state did not change", "TestLatestStateWins TestNoEventWithoutAChange"},
	{"self: after welcome and whenever one's own state changes", "TestSelf TestHello"},
	{"reconnect, then 1001, when the node leaves", "TestDrain"},
	{
		"rates: a connection 20/s, burst 100; a participant 50/s, burst 200; service without limit; 10 s on: 4008",
		"TestConnectionRate TestConnectionRateBurst TestFloodIsClosed TestParticipantRate",
	},
	{
		"rates weighed by ids: a participant 5,000/s, ten times that at once, over all its requests and sockets",
		"TestParticipantIDsRate",
	},
	{
		"memory for requests has a limit: unavailable; a participant may have a quarter",
		"TestHeldBackBodies TestHeldBackIsGivenBack",
	},
	{"close codes 4001, 4002, 4005, 4006", "TestTokenPlaces TestTokenExpires TestSlowConsumer TestReplaced"},

	// Tenants
	{"one id in two tenants is two participants; the claim, the scope and the header", "TestTenants TestTenantClaim"},

	// Status, ends, reasons to be busy
	{
		"a status, its end, and with; a claim, and its end; an override's end; what hides is frozen; the commands",
		"TestStatuses TestStatusWhileHidden TestStatusCommands",
	},

	// Command line
	{"the flag beats the environment, that beats the file", "TestPrecedence TestHelp"},
	{"SIGTERM drains and exits with 0; a second signal exits", "TestDrain TestSecondSignal"},
	{"a Host or an origin that is foreign is refused", "TestHostInInsecureMode TestOrigins"},
	{"demo, max-connections, node-id, log-format, tls", "TestDemo TestMaxConnections TestFewOpenFiles " +
		"TestSocketsWithoutHello TestTrustedProxies TestNodeID TestLogFormat TestTLS"},
	{"what cannot work is refused at the start", "TestRefusesToStart TestPortTaken TestBadKeyFiles"},
	{"peer and gossip ports are opened only with --join, --expect-nodes or one of their own flags", "TestNoPeerPorts"},
	{
		"--expect-nodes: not ready before it has seen so many; a node that knows its cluster is ready without",
		"TestExpectNodes TestExpectNodesKnown",
	},
	{
		"--join: none reachable, the node serves alone, keeps trying, and says why",
		"TestWhyNobodyIsFound TestAloneIsSaid",
	},
	{"--advertise-address: on every address, the one private address of the machine", "TestEveryAddress"},
	{"the ports between nodes tell a stranger nothing, and give little", "TestLinkTellsStrangersNothing TestStrays"},
	{
		"--data-dir: a directory that is deleted is noticed, and files that are not the node's stay",
		"TestDeletedDirectory TestStrangersInTheDirectory",
	},
	{"the admin listener, with a token", "TestAdminToken"},
	{"get, watch, set, beat, version", "TestTwoTerminals TestVersionCommand TestCommandErrors"},
}

// TestContractIsCovered: every promise has its tests, every test its promise.
func TestContractIsCovered(t *testing.T) {
	t.Parallel()
	listed := map[string]bool{"TestMain": true, "TestContractIsCovered": true}
	have := testNames(t)
	for _, line := range contract {
		for _, name := range strings.Fields(line.tests) {
			listed[name] = true
			if !have[name] {
				t.Errorf("%s is to show %q and isn't there", name, line.promise)
			}
		}
	}
	for name := range have {
		if !listed[name] {
			t.Errorf("%s shows no promise of the contract", name)
		}
	}
}

func testNames(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && strings.HasPrefix(f.Name.Name, "Test") {
				names[f.Name.Name] = true
			}
		}
	}
	return names
}
