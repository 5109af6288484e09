const key = "presence.devices";

/**
 * The device ids of this tab. They are kept in sessionStorage, which a reload keeps and a duplicated tab copies. So an id is taken
 * out while it is in use, and put back when the page goes: a copy made meanwhile doesn't have it, and two tabs don't fight.
 */
export function takeDevice(): string {
  const [first, ...others] = stored();
  if (first !== undefined) store(others);
  return first ?? newDevice();
}

export function returnDevice(id: string): void {
  store([...stored().filter((other) => other !== id), id]);
}

export function newDevice(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12)); // randomUUID needs https
  return "web-" + Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
}

/** Storage may be forbidden, or hold anything. */
function stored(): string[] {
  try {
    const ids: unknown = JSON.parse(sessionStorage.getItem(key) ?? "[]");
    return Array.isArray(ids) ? ids.filter((id) => typeof id === "string" && /^web-[0-9a-f]{24}$/.test(id)) : [];
  } catch {
    return [];
  }
}

function store(ids: string[]): void {
  try {
    sessionStorage.setItem(key, JSON.stringify(ids.slice(-16)));
  } catch {
    // the next page load will have a new id
  }
}
