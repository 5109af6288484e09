import { faultOf } from "../../../client/src/lib/ids.ts";

/** What the address says: `?as=ada,ben&watch=zoe&idle=300`. */
export interface Settings {
  as: string[];
  watch: string[];
  idleSeconds: number;
}

/** idsIn are the ids of a list as people write it. */
export const idsIn = (list: string | null): string[] => (list ?? "").split(",").map((s) => s.trim()).filter(Boolean);

export function readSettings(): Settings {
  const query = new URLSearchParams(location.search);
  return {
    as: query.has("as") ? idsIn(query.get("as")) : ["ada", "ben"],
    watch: idsIn(query.get("watch")).filter((id) => faultOf(id) === undefined), // the server would refuse them for as long as the page is open
    idleSeconds: Number(query.get("idle")) || 300,
  };
}

/** writeSettings keeps what was chosen over a reload. */
export function writeSettings(s: Settings): void {
  const query = new URLSearchParams({ as: s.as.join(",") });
  if (s.watch.length) query.set("watch", s.watch.join(","));
  if (s.idleSeconds !== 300) query.set("idle", String(s.idleSeconds));
  history.replaceState(null, "", `?${query.toString().replaceAll("%2C", ",").replaceAll("%3A", ":")}${location.hash}`);
}

/** The people whom everybody on this page looks at. */
export const cast = ["ada", "ben", "grace", "linus", "model:helpdesk"];
