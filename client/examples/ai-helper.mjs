// Shows an AI helper as online: it is registered once, by a backend, and needs no heartbeat. A person's connection then sees it.
// Node 20 needs --experimental-websocket, Node 22 nothing.
//
//     node --experimental-websocket examples/ai-helper.mjs http://127.0.0.1:8080 service summarizer

import { connect } from "@scaiwave/presence";

const [, , server = "http://127.0.0.1:8080", token = "service", helper = "summarizer"] = process.argv;

const response = await fetch(new URL(`/v1/participants/${encodeURIComponent(helper)}`, server), {
  method: "PUT",
  headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
  body: JSON.stringify({ kind: "helper" }),
});
if (!response.ok) throw new Error(`registering ${helper}: ${(await response.json()).detail}`);

const presence = connect({ url: server, token, deviceId: null }); // a watcher: it is nobody's device
presence.on("error", (error) => console.error(error.message));
presence.subscribe(helper, (id, state) => {
  console.log(`${id} is ${state}`);
  presence.close();
});
