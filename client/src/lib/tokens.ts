import type { TokenOption } from "../types.js";
import { after } from "./timer.js";

const askTimeoutMs = 30_000;

/** Rejects when the function fails, gives no token or takes too long. */
export function askToken(source: TokenOption): Promise<string> {
  return new Promise((resolve, reject) => {
    const stop = after(askTimeoutMs, () => reject("no answer in time"));
    const take = (token: unknown): void => (typeof token === "string" && token ? resolve(token) : reject("it gave no string"));
    void (async () => (typeof source === "function" ? source() : source))().then(take, reject).finally(stop);
  });
}

/** What a token function threw, in words. */
export function tokenFault(error: unknown): string {
  return `the token function failed: ${(error as Error)?.message ?? error}`;
}
