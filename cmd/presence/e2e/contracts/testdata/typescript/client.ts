// What a person writes with openapi-typescript and openapi-fetch, run against a node: node client.js URL
import createClient from "openapi-fetch";
import type { components, paths } from "./presence.js";

declare const process: { argv: string[] };

type Schemas = components["schemas"];

const url = process.argv[2]!;
const as = (token: string) => createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${token}` } });
const ada = as("ada");
const backend = as("service");

/** text is JSON in which the order of members doesn't count. */
const text = (v: unknown) =>
  JSON.stringify(v, (_, value) => (value?.constructor === Object ? Object.fromEntries(Object.entries(value).sort()) : value));

function same(what: string, got: unknown, want: unknown) {
  if (text(got) !== text(want)) throw new Error(`${what}: ${text(got)}, not ${text(want)}`);
}

/** good is the answer's data; a problem ends the program. */
function good<T>(answer: { data?: T; error?: Schemas["Problem"]; response: Response }): T {
  if (answer.error) throw new Error(`${answer.error.code}: ${answer.error.detail}`);
  return answer.data as T;
}

async function writes() {
  const activity: Schemas["Activity"] = "online";
  const laptop = { path: { participant: "me", device: "laptop" } };
  good(await ada.PUT("/v1/presence/{participant}/devices/{device}", { params: laptop, body: { activity } }));
  const me = { path: { participant: "me" } };
  good(await ada.PUT("/v1/presence/{participant}/override", { params: me, body: { override: "busy" } }));
  const summarizer = { path: { participant: "a/b" } };
  good(await backend.PUT("/v1/participants/{participant}", { params: summarizer, body: { kind: "helper" } }));
}

async function reads() {
  const ids = ["ada", "a/b", "zoe"];
  const states: Schemas["States"] = good(await ada.GET("/v1/presence", { params: { query: { ids } } }));
  same("states", states, { ada: "busy", "a/b": "online", zoe: "offline" });
  same("query", good(await backend.POST("/v1/presence/query", { body: { ids, viewer: "ada" } })), states);
}

async function records() {
  const mine = good(await ada.GET("/v1/presence/{participant}", { params: { path: { participant: "me" } } }));
  const override: Schemas["Override"] | undefined = mine.override;
  same("one's own record", [mine.state, override, mine.devices?.map((d) => d.device_id)], ["busy", "busy", ["laptop"]]);
  const other = good(await as("zoe").GET("/v1/presence/{participant}", { params: { path: { participant: "ada" } } }));
  const seen: string | null = other.last_seen;
  same("another's record", [other.state, other.override, other.devices, typeof seen], ["busy", null, null, "string"]);
}

async function batches() {
  const heartbeats: Schemas["Heartbeat"][] = [
    { participant_id: "max", device_id: "phone", activity: "idle" },
    { participant_id: "max", device_id: "", activity: "idle" },
  ];
  const { accepted, rejected } = good(await backend.POST("/v1/heartbeats", { body: { heartbeats } }));
  same("heartbeats", [accepted, rejected.map((r) => [r.index, r.code])], [1, [[1, "invalid_id"]]]);
  const direct_messages = [{ participants: ["ada", "max"], at: new Date().toISOString() }];
  same("direct messages", good(await backend.POST("/v1/direct-messages", { body: { direct_messages } })).accepted, 1);
}

async function others() {
  const cluster = good(await backend.GET("/v1/cluster"));
  same("cluster", cluster.members.map((m) => [m.role, m.self, typeof m.figures?.devices]), [["all", true, "number"]]);
  const refused = await ada.GET("/v1/presence", { params: { query: { ids: [""] } } });
  same("a problem", [refused.error?.type, refused.error?.status, refused.error?.code], ["about:blank", 400, "bad_request"]);
  const contract = good(await ada.GET("/v1/openapi.yaml", { parseAs: "text" }));
  same("the contract", contract.slice(0, 8), "openapi:");
}

async function stream() {
  const events = good(await ada.GET("/v1/events", { params: { query: { ids: ["ada"] } }, parseAs: "stream" }));
  const reader = events!.getReader();
  let first = "";
  for (const decoder = new TextDecoder(); !first.includes("\n\n"); ) {
    first += decoder.decode((await reader.read()).value, { stream: true });
  }
  await reader.cancel();
  const event: Schemas["PresenceEvent"] = JSON.parse(/^data: (.*)$/m.exec(first)![1]!);
  same("the stream", event.states, { ada: "busy" });
}

await writes();
await reads();
await records();
await batches();
await others();
await stream();
console.log("typescript: all calls are as the contract says");
