// Run by packed.test.ts in a folder of its own.
import { connect } from "@scaiwave/presence";
import { endLine, withStatus } from "@scaiwave/presence/status";

const url = process.argv[2];
const seen = [];
const own = [];
const busy = [];
let wake = () => {};

/** Waits until something holds, which is looked at whenever somebody is told something. */
async function until(holds) {
  while (!holds()) await new Promise((resolve) => (wake = resolve));
}

const ben = withStatus(connect({ url, token: "ben", deviceId: null }));
ben.statuses.subscribe("eve", (_, status) => {
  seen.push(status ? `${status.emoji} ${status.text}${endLine(status.until) ? "" : " (stays)"}` : "none");
  wake();
});
const eve = withStatus(connect({ url, token: "eve", deviceId: "laptop" }));
eve.statuses.watchOwn(({ status, overrideUntil }) => {
  if (overrideUntil === Infinity) own.push(status?.text ?? "none");
  wake();
});
for (const one of [ben, eve]) for (const type of ["status", "self"]) one.on(type, () => wake());
await until(() => eve.features.includes("status") && ben.status === "open" && eve.self);
await eve.setStatus("On a train", { emoji: "🚆" });
await until(() => seen.length === 1 && own.length === 1);
await eve.setStatus("On a train", { emoji: "🚆", for: 3600 });
await until(() => seen.length === 2 && own.length === 2);
await eve.clearStatus();
await until(() => seen.length === 3 && own.length === 3);
const note = () => busy.push([eve.self.state, eve.self.override, eve.statuses.own.overrideUntil < Infinity]);
note();
await eve.setBusy({ for: 60 });
await until(() => eve.statuses.own.overrideUntil < Infinity);
note();
eve.close();
ben.close();
console.log(JSON.stringify({ seen, own, busy }));
