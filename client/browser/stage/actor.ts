import type { Page } from "playwright-core";
import { expect } from "vitest";

const patienceMs = 30_000; // for a machine that has much else to do

interface Told {
  about: string;
  state: string;
  /** By the clock that all pages and this process share, in ms. */
  at: number;
}

/** Actor is somebody at a page of the tests, and what this page was told, in order. */
export class Actor {
  private told: Told[] = [];
  private complaints: string[] = [];
  private wake = (): void => {};

  constructor(readonly page: Page) {
    page.on("pageerror", (error) => this.complaints.push(String(error)));
    page.on("console", (message) => this.complaints.push(message.text()));
  }

  hear(about: string, state: string, at: number): void {
    this.told.push({ about, state, at });
    this.wake();
  }

  /** states are those that were told about a participant, "self" or "status"; of "heartbeat" what the page itself told. */
  states(about: string): string[] { return this.all(about).map((t) => t.state); }

  /** saw waits until as many states were told as it is given, and compares: nothing may be missing, nothing too much. It returns when the last was told. */
  async saw(about: string, ...states: string[]): Promise<number> {
    await this.until(`${states.length} states of ${about}`, () => this.all(about).length >= states.length);
    expect(this.states(about)).toEqual(states);
    return this.all(about).at(-1)?.at ?? 0;
  }

  /** opened waits until the page's connection is open for the n-th time. */
  opened(n: number): Promise<void> {
    return this.until(`${n} connections`, () => this.states("status").filter((status) => status === "open").length >= n);
  }

  /** until waits for what the page is told, not for time. */
  async until(what: string, reached: () => boolean): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`not within ${patienceMs / 1000} s: ${what}\n${this.log()}`)), patienceMs);
    });
    try {
      while (!reached()) await Promise.race([late, new Promise<void>((resolve) => { this.wake = resolve; })]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** log is for a test that fails. */
  log(): string {
    const told = this.told.map((t) => `${new Date(t.at).toISOString()} ${t.about}: ${t.state}`);
    return [`--- ${this.page.url()}`, ...told, ...this.complaints].join("\n");
  }

  private all(about: string): Told[] { return this.told.filter((t) => t.about === about); }
}
