import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";

/** The ports that the kernel gives to whoever connects; one of these could be taken between our look and the node's. */
function ephemeral(): [number, number] {
  try {
    const [from, to] = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8").trim().split(/\s+/).map(Number);
    return [from ?? 32768, to ?? 60999];
  } catch {
    return [32768, 65535];
  }
}

const lowest = 10_081; // browsers, and fetch in Node, refuse to ask at 10080: it is one of their "bad ports", the highest
let next: number | undefined;

/**
 * Where a process claims a port for as long as it runs, also while its node is down: the tests of another browser, and
 * those in Go, claim at the same address. A system with one address on loopback has no claims.
 */
const claimsAt = "127.77.77.77";

/** freePorts are ports on loopback that nobody listens at, by TCP or UDP, or has claimed, and that no connection will be given. */
export async function freePorts(n: number): Promise<number[]> {
  const [from] = ephemeral();
  const highest = Math.max(from, lowest + 2000);
  next ??= lowest + Math.floor(Math.random() * (highest - lowest));
  const free: number[] = [];
  for (let tries = 0; free.length < n; tries++) {
    if (tries > 1000) throw new Error(`no ${n} free ports from ${lowest} to ${highest}`);
    next = next + 1 < highest ? next + 1 : lowest;
    if ((await claim(next)) && (await tcpFree(next)) && (await udpFree(next))) free.push(next);
  }
  return free;
}

function claim(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().unref();
    server.once("error", (e: NodeJS.ErrnoException) => resolve(e.code !== "EADDRINUSE"));
    server.listen(port, claimsAt, () => resolve(true));
  });
}

function tcpFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

function udpFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    socket.once("error", () => resolve(false));
    socket.bind(port, "127.0.0.1", () => socket.close(() => resolve(true)));
  });
}
