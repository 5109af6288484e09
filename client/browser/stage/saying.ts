// A page of an application that shows statuses: the connection is given to the test, and an element for each who is watched.
import { connect } from "../../src/index.js";
import { definePresenceStatus, type StatusCalls, withStatus } from "../../src/status.js";

const query = new URLSearchParams(location.search);

const presence = withStatus(connect({ url: query.get("server") ?? "", token: query.get("as") ?? "" }));
globalThis.presence = presence;
definePresenceStatus(presence, { locale: "en-US" }); // whatever the machine speaks
presence.on("status", (status) => told("status", status, Date.now()));
presence.on("self", ({ state }) => told("self", state, Date.now()));
presence.statuses.watchOwn(({ status }) => told("own", status?.text ?? "none", Date.now()));
for (const id of query.get("watch")?.split(",") ?? []) {
  const element = document.createElement("presence-status");
  element.setAttribute("participant", id);
  const line = document.createElement("p");
  line.append(id, " ", element);
  document.body.append(line);
  presence.subscribe(id, (_, state) => told(id, state, Date.now()));
  presence.statuses.subscribe(id, (_, status) => told(`status of ${id}`, status?.text ?? "none", Date.now()));
}

/** What the test calls in the page. */
export type Speaker = typeof globalThis.presence & StatusCalls;
