import { Presence } from "./presence.js";
import type { ConnectOptions } from "./types.js";

/** The part of React Native's `AppState` that is used. */
export interface AppStateLike {
  readonly currentState: string | null;
  addEventListener(type: "change", listener: (state: any) => void): { remove(): void };
}

export interface AppOptions extends ConnectOptions {
  /** `import { AppState } from "react-native"` */
  appState: AppStateLike;
}

const goodbyeMs = 20_000; // a look at another app is shorter; iOS may suspend the app any time after

/**
 * `connect` for an app on a phone. In the background it is idle at once and signed out after 20 s, or as soon as the connection
 * breaks; in front it is online. An app that is started or woken in the background, as by a silent push, doesn't connect.
 */
export function connectApp({ appState, ...options }: AppOptions): Presence {
  const presence = new Presence({ activityTarget: null, ...options, paused: appState.currentState !== "active" });
  let background = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const follow = (state: string): void => {
    if (state === "inactive") return; // a call that rings, the app switcher: it may come back at once
    clearTimeout(timer);
    background = state !== "active";
    if (background) {
      presence.noteAway();
      timer = setTimeout(() => presence.pause(), goodbyeMs);
    } else {
      presence.noteActivity();
      presence.resume();
    }
  };
  const ear = appState.addEventListener("change", follow);
  presence.on("status", (status) => background && status === "waiting" && presence.pause());
  presence.on("closed", () => {
    clearTimeout(timer);
    ear.remove();
  });
  return presence;
}
