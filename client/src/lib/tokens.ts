import { PresenceError } from "../types.js";

export type TokenOption = string | (() => string | Promise<string>);

const askTimeoutMs = 30_000;

/** Gets tokens, and knows which one was sent last. */
export class Tokens {
  readonly renewable: boolean;
  readonly #source: TokenOption;
  #last: string | undefined;
  #expired: string | undefined;

  constructor(source: TokenOption) {
    this.#source = source;
    this.renewable = typeof source === "function";
  }

  /** Rejects when the function fails, gives no token or takes too long. */
  async get(): Promise<string> {
    const token = typeof this.#source === "function" ? await inTime(this.#source) : this.#source;
    if (typeof token !== "string" || token === "") throw new Error("it gave no string");
    return (this.#last = token);
  }

  /** The server says that the last one has expired. Says whether asking again may help: not for the same one twice. */
  expired(): boolean {
    const again = this.#last === this.#expired;
    this.#expired = this.#last;
    return this.renewable && !again;
  }
}

async function inTime(ask: () => string | Promise<string>): Promise<string> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("no answer in time")), askTimeoutMs);
  });
  try {
    return await Promise.race([ask(), late]);
  } finally {
    clearTimeout(timer);
  }
}

export function tokenError(error: unknown): PresenceError {
  return new PresenceError("token", `the token function failed: ${error instanceof Error ? error.message : String(error)}`);
}

/** When a JWT expires, in milliseconds since 1970; undefined: it isn't one, or doesn't say. It is read, not checked. */
export function expiryOf(token: string): number | undefined {
  try {
    const payload = token.split(".")[1]!.replace(/-/g, "+").replace(/_/g, "/");
    const { exp } = JSON.parse(atob(payload));
    return typeof exp === "number" ? exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}
