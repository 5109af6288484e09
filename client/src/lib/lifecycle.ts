/** What happens to a page. */
export interface PageEvents {
  /** The network is back: whatever was waited for is worth a try now. */
  wake(): void;
  /** The page can be seen again. */
  shown(): void;
  /** The connection may be dead without our knowing. */
  doubt(): void;
  /** From now on no timer runs, perhaps for hours. */
  freeze(): void;
  /** Timers run again. What the server said meanwhile is lost, even if the connection still looks open. */
  thaw(): void;
  /** The page goes: for good, by reload, or into the back-forward cache. */
  hide(): void;
  /** It came back out of that cache. */
  restore(): void;
}

/** Listens to the page, where there is one, until the function it returns is called. */
export function watchPage(events: PageEvents): () => void {
  if (typeof document === "undefined") return () => {};
  const ear = new AbortController();
  let away = false; // a page in the back-forward cache is frozen there, and thaws before it is restored
  const listen = (target: EventTarget, type: string, act: (event: Event) => void): void =>
    target.addEventListener(type, act, ear); // whose signal is all that the options need
  listen(window, "online", () => events.wake());
  listen(window, "offline", () => events.doubt());
  listen(document, "visibilitychange", () => document.visibilityState === "visible" && events.shown());
  listen(document, "freeze", () => events.freeze());
  listen(document, "resume", () => away || events.thaw());
  listen(window, "pagehide", () => {
    away = true;
    events.hide();
  });
  listen(window, "pageshow", (event) => {
    away = false;
    if ((event as PageTransitionEvent).persisted) events.restore();
  });
  return () => ear.abort();
}
