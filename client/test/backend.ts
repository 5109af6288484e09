import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** An answer: a status, what it says as JSON or as text, and headers. */
export type Answer = [status: number, said?: object | string, headers?: Record<string, string>];

/** The HTTP side of a server: it keeps blocks, unless it is told to give other answers first. */
export class Backend {
  readonly heard: string[] = [];
  readonly bodies: unknown[] = [];
  /** Given before anything else, one for each request; `hang` gives none. */
  readonly first: (Answer | "hang")[] = [];
  readonly blocks = new Set<string>();
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/below/`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    for await (const part of request) body += part;
    const { method = "", url = "", headers } = request;
    this.heard.push(`${method} ${url} ${headers.authorization}`);
    if (body) this.bodies.push(JSON.parse(body));
    const answer = this.first.shift() ?? this.#answer(method, url);
    if (answer === "hang") return;
    const [status, said, more] = answer;
    response.writeHead(status, { "Content-Type": "application/json", ...more });
    response.end(typeof said === "object" ? JSON.stringify(said) : said);
  }

  #answer(method: string, url: string): Answer {
    const [, what, viewer] = /^\/below\/v1\/participants\/me\/(blocks|visibility)(?:\/(.+))?$/.exec(url) ?? [];
    if (method === "GET" && what === "visibility") return [200, { default: "everyone", last_seen: "coarse" }];
    if (method === "GET" && what) return [200, { blocks: [...this.blocks].sort() }];
    if (method === "PUT" && viewer) this.blocks.add(decodeURIComponent(viewer));
    if (method === "DELETE" && viewer) this.blocks.delete(decodeURIComponent(viewer));
    return what ? [204] : [404, { code: "not_found", detail: "there is no such call" }];
  }
}
