// Prints how attempts and connections end. Run with what the server does, and its address.
import process from "node:process";
import { connect } from "@scaiwave/presence";

const [way, url] = process.argv.slice(2);
const presence = connect({ url, token: "ada", deviceId: null, reconnectMinMs: 50, reconnectMaxMs: 50 });
const errors = [];
let waits = 0;

presence.on("error", (error) => errors.push(error.message));
presence.on("status", (status) => {
  if (status === "open") presence.close(); // the server is deaf
  if (status !== "waiting" || ++waits < 3) return;
  console.log(`waiting ${waits} times: ${errors}`);
  presence.close();
});
presence.on("closed", () => way !== "refused" && console.log("closed"));
if (way === "mute") setTimeout(() => presence.close(), 200);
