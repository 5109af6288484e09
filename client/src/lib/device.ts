const key = "presence.devices";

/**
 * The device ids of this tab. They are kept in sessionStorage, which a reload keeps and a duplicated tab copies. So an id is taken
 * out while it is in use, and put back when the page goes: a copy made meanwhile doesn't have it, and two tabs don't fight.
 */
export function takeDevice(): string {
  const [first, ...others] = stored();
  if (first) store(others);
  return first ?? newDevice();
}

export function returnDevice(id: string): void {
  store([...stored().filter((other) => other !== id), id]);
}

/** It tells one person's devices apart and is no secret, so it needs no `crypto`, which React Native hasn't. */
export function newDevice(): string {
  const digits = (): string => Math.random().toString(16).slice(2);
  return "web-" + digits() + digits();
}

/** Storage may be absent or forbidden, or hold anything. */
function stored(): string[] {
  try {
    return sessionStorage.getItem(key)?.match(/web-[0-9a-f]+/g) ?? [];
  } catch {
    return [];
  }
}

function store(ids: string[]): void {
  try {
    sessionStorage.setItem(key, ids.slice(-16).join());
  } catch {
    // the next page load will have a new id
  }
}
