// The rule for phones, with a stand-in for React Native's AppState: in the background a person is idle at once, and offline 20 s later.
// Node 20 needs --experimental-websocket, Node 22 nothing.
//
//     node --experimental-websocket examples/phone.mjs http://127.0.0.1:8080 ada

import { connect } from "@scaiwave/presence";
import { connectApp } from "@scaiwave/presence/react-native";

const [, , url = "http://127.0.0.1:8080", who = "ada"] = process.argv;

/** In an app this is `import { AppState } from "react-native"`. */
const appState = {
  currentState: "background", // a silent push has started the app
  listeners: new Set(),
  addEventListener(type, listener) {
    this.listeners.add(listener);
    return { remove: () => this.listeners.delete(listener) };
  },
  become(state) {
    this.currentState = state;
    for (const listener of this.listeners) listener(state);
  },
};

const viewer = connect({ url, token: "viewer", deviceId: null });
const phone = connectApp({ appState, url, token: who, deviceId: "phone" });
const next = { offline: "active", online: "background" };
viewer.subscribe(who, (id, state) => {
  console.log(`${id} is ${state}`);
  if (next[state] && phone.status !== "closed") appState.become(next[state]);
  if (state === "offline" && appState.left) [viewer, phone].forEach((presence) => presence.close());
  appState.left ||= state === "idle";
});
