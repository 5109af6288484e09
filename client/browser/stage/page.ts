// The tests' page: one connection, as its address says, which tells the test all that it is told.
import { connect, type Presence } from "../../src/index.js";

declare global {
  var presence: Presence;
  /** Is given by the test. About is a participant, "self" or "status". */
  function told(about: string, state: string, at: number): void;
}

const query = new URLSearchParams(location.search);
const watched = query.get("watch")?.split(",") ?? [];

globalThis.presence = connect({
  url: query.get("server") ?? "",
  token: query.get("as") ?? "",
  idleAfterMs: Number(query.get("idle") ?? 300_000),
});
globalThis.told ??= () => {}; // nobody listens in WebKit
const arriving = setInterval(() => presence.noteActivity(), 50); // the time until it is idle begins with the connection
presence.on("status", (status) => {
  if (status === "open") clearInterval(arriving);
  told("status", status, Date.now());
});
presence.on("self", ({ state }) => told("self", state, Date.now()));
presence.subscribe(watched, (id, state) => told(id, state, Date.now()));
