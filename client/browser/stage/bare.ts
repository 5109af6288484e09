// A page as somebody writes it who has no client: a WebSocket, a heartbeat now and then, and a new socket when one ends.
const query = new URLSearchParams(location.search);
const as = query.get("as") ?? "";
const address = `${query.get("server")}/v1/ws`.replace(/^http/, "ws");

const say = (what: string): void => void navigator.sendBeacon("/", `${as} ${what}`);

function open(): void {
  const socket = new WebSocket(address, "presence.v1");
  const send = (message: object): void => socket.send(JSON.stringify(message));
  let beats: ReturnType<typeof setInterval>;
  socket.onopen = () => send({ type: "hello", token: as, device_id: "tab" });
  socket.onmessage = ({ data }) => {
    const { type, heartbeat_interval_ms: interval } = JSON.parse(data);
    if (type !== "welcome") return;
    say("welcome");
    beats = setInterval(() => send({ type: "heartbeat", activity: "online" }), interval);
  };
  socket.onclose = ({ code }) => {
    clearInterval(beats);
    say(`closed ${code}`);
    setTimeout(open, 100);
  };
}

for (const type of ["pagehide", "pageshow"] as const) {
  addEventListener(type, (event) => say(`${type} ${event.persisted ? "cached" : "new"}`));
}
open();
