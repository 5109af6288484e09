import type { State } from "../../../client/src/index.ts";

export interface Device { device_id: string; activity: "online" | "idle"; last_seen: string | null }
export interface Detail { state: State; last_seen: string | null; devices?: Device[] }
export interface Figures { participants: number; devices: number; heartbeats: number; changes: number }
export interface Member { id: string; role: string; state: string; partitions: number; self: boolean; figures?: Figures }
export interface Cluster { partitions: number; fingerprint: string; moving: number; members: Member[]; owners: number[] }

/** Refused is an answer that says no, with the server's reason. */
export class Refused extends Error {
  constructor(readonly code: string, detail: string) { super(detail); }
}

// Paths are relative: the page may be below one (--path-prefix), with the API beside it.
async function call<T>(token: string, path: string, body?: unknown): Promise<T> {
  const headers: Record<string, string> = { Authorization: `Bearer ${token}` };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const answer = await fetch(path, { method: body === undefined ? "GET" : "POST", headers, body: body === undefined ? null : JSON.stringify(body) });
  const read = await answer.json();
  if (!answer.ok) throw new Refused(read.code, read.detail);
  return read as T;
}

interface Batch { accepted: number; rejected: { code: string; message: string }[] }

async function batch(token: string, path: string, body: unknown): Promise<void> {
  const [first] = (await call<Batch>(token, path, body)).rejected;
  if (first) throw new Refused(first.code, first.message);
}

/** detail is all that the token's participant may know of another, or of itself. */
export const detail = (token: string, id: string): Promise<Detail> => call(token, `v1/presence/${encodeURIComponent(id)}`);

/** cluster needs the scope presence:admin. */
export const cluster = (token: string): Promise<Cluster> => call(token, "v1/cluster");

/** directMessage records that two people wrote to each other. It needs the scope presence:service, like a backend. */
export const directMessage = (token: string, a: string, b: string): Promise<void> =>
  batch(token, "v1/direct-messages", { direct_messages: [{ participants: [a, b] }] });

export interface Beat { participant_id: string; device_id: string; activity: "online" | "idle" }

/** heartbeats are those of others. They need the scope presence:service. */
export const heartbeats = (token: string, beats: Beat[]): Promise<void> => batch(token, "v1/heartbeats", { heartbeats: beats });
