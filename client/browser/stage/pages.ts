import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { freePorts } from "./ports.ts";

/** Pages is an application's own web server, of another origin than the presence server's. */
export class Pages {
  private constructor(private server: Server, readonly url: string) {}

  /** serve serves pages by their path; others can be added to them later. */
  static async serve(pages: Map<string, string>, heard: (said: string) => void): Promise<Pages> {
    const [port] = await freePorts(1);
    const server = createServer((request, response) => {
      if (request.method === "POST") { // what a page says that may be gone before it is answered
        request.on("data", (b: Buffer) => heard(String(b)));
        response.writeHead(204).end();
        return;
      }
      const page = pages.get(request.url?.replace(/\?.*/, "") ?? "");
      response.writeHead(page === undefined ? 404 : 200, { "Content-Type": "text/html; charset=utf-8" }).end(page);
    });
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return new Pages(server, `http://127.0.0.1:${port}`);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }
}

/** html is a page of a body and a script. */
export const html = (body: string, script: string): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>Test</title><body>${body}<script type="module">${script.replaceAll("</script", "<\\/script")}</script></body></html>`;
