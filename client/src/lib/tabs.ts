/** The other tabs of this browser, same origin, in which the same participant is signed in. */
export interface Tabs {
  /** Tells when somebody was last active here; now and then, not each time. */
  tell(at: number): void;
  close(): void;
}

/** Undefined where there is no BroadcastChannel. Tabs tell only what happened in themselves and never repeat one another. */
export function openTabs(participant: string, pauseMs: number, heard: (at: number) => void): Tabs | undefined {
  let channel: BroadcastChannel;
  try {
    channel = new BroadcastChannel(`presence:${participant}`);
  } catch {
    return undefined;
  }
  let told = 0;
  channel.onmessage = ({ data }) => Number.isFinite(data) && heard(data);
  return {
    tell(at) {
      if (Math.abs(at - told) < pauseMs) return;
      told = at;
      channel.postMessage(at);
    },
    close() {
      channel.close();
    },
  };
}
