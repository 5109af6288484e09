// Run by packed.test.ts in a folder of its own.
import { connect } from "@scaiwave/presence";
import { query } from "@scaiwave/presence/query";

const url = process.argv[2];
const seen = [];
const own = [];
const ends = [];
let leaving = false;
let wake = () => {};

/** Waits until Ben has seen so many states, and Ada so many of her own. */
async function until(bens, adas) {
  while (seen.length < bens || own.length < adas) await new Promise((resolve) => (wake = resolve));
}

const ben = connect({ url, token: "ben", deviceId: null });
ben.on("closed", ({ reason }) => ends.push(reason));
ben.subscribe("ada", (_, state) => {
  seen.push(state);
  wake();
});
await until(1, 0);
const ada = connect({ url, token: "ada", deviceId: "laptop" });
ada.on("self", ({ state }) => {
  if (leaving) return; // whether she is told that she is offline before the node hangs up is chance
  own.push(state);
  wake();
});
ada.on("closed", ({ reason }) => ends.push(reason));
await until(2, 1);
await ada.setBusy();
await until(3, 2);
await ada.appearOffline();
await until(4, 3);
await ada.autoDetect();
await until(5, 4);
leaving = true;
await ada.signOut();
await until(6, 4);
const asked = await query(ben, ["ada", "model:helpdesk"]);
ben.close();
console.log(JSON.stringify({ seen, own, asked, ends }));
