declare global {
  /** Hides the page as its tab would be, or shows it. The time is that of the event. */
  function hide(hidden: boolean): number;
  /** Holds all timers that fire from now on for a minute: longer than a test lasts. So does a browser with tabs that have been hidden for long. */
  function holdTimers(): void;
  /** How many messages the page has sent since. */
  function sentSince(): number;
}

/** hideable runs in a page before anything else. A headless browser never hides a page. */
export function hideable(): void {
  let held = false;
  let hidden = false;
  let sent = 0;
  const minute = 60_000;
  const { setTimeout, setInterval } = window;
  const { send } = WebSocket.prototype;
  WebSocket.prototype.send = function (data) {
    if (held) sent++;
    send.call(this, data);
  };
  Object.assign(window, {
    holdTimers: () => { held = true; },
    sentSince: () => sent,
    hide: (now: boolean) => {
      hidden = now;
      const at = Date.now();
      document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
      return at;
    },
    setTimeout: (act: () => void, ms?: number) => setTimeout(() => { if (held) setTimeout(act, minute); else act(); }, ms),
    setInterval: (act: () => void, ms?: number) => setInterval(() => { if (!held) act(); }, ms),
  });
  Object.defineProperties(document, {
    visibilityState: { get: () => (hidden ? "hidden" : "visible") },
    hidden: { get: () => hidden },
  });
}
