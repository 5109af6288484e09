import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import type { Running } from "./nodes.ts";
import { freePorts } from "./ports.ts";

/** Balancer is one address before several nodes, as a load balancer is: it passes bytes on, and passes over who doesn't listen. */
export class Balancer {
  private server: Server;
  private open = new Set<Socket>();

  private constructor(private nodes: Running[], readonly port: number) {
    this.server = createServer((from) => this.serve(from, 0));
  }

  static async before(nodes: Running[]): Promise<Balancer> {
    const [port] = (await freePorts(1)) as [number];
    const balancer = new Balancer(nodes, port);
    balancer.server.listen(port, "127.0.0.1");
    await once(balancer.server, "listening");
    return balancer;
  }

  get url(): string { return `http://127.0.0.1:${this.port}`; }

  async close(): Promise<void> {
    for (const socket of this.open) socket.destroy();
    this.server.close();
    await once(this.server, "close");
  }

  /** serve connects to the first node from place on that listens. */
  private serve(from: Socket, place: number): void {
    const node = this.nodes[place];
    if (!node) return void from.destroy();
    const to = connect(node.port, "127.0.0.1");
    const next = () => this.serve(from, place + 1);
    to.once("error", next);
    to.once("connect", () => {
      to.off("error", next);
      for (const [a, b] of [[from, to], [to, from]] as const) {
        this.open.add(a);
        a.once("error", () => b.destroy());
        a.once("close", () => { this.open.delete(a); b.destroy(); });
        a.pipe(b);
      }
    });
  }
}
