import { PresenceError } from "../types.js";

const utf8 = new TextEncoder();
const forbidden = /[\p{Cc}\p{White_Space},]|\p{Cs}/u;

/** Says what is wrong with a participant id, as the server would; undefined: nothing. One bad id would make it refuse a whole list. */
export function faultOf(id: string): PresenceError | undefined {
  return id === "me" ? new PresenceError("invalid_id", `"me" is reserved`) : ruleOf(id, 128);
}

/** The same for a device id. */
export function deviceFaultOf(id: string): PresenceError | undefined {
  return ruleOf(id, 64);
}

function ruleOf(id: string, maxBytes: number): PresenceError | undefined {
  const length = typeof id === "string" ? utf8.encode(id).length : 0;
  if (length > 0 && length <= maxBytes && !forbidden.test(id)) return undefined;
  const shown = JSON.stringify(String(id).slice(0, 40));
  return new PresenceError("invalid_id", `id ${shown} must be 1-${maxBytes} bytes without whitespace, commas and control characters`);
}

/** A single id is a list of one. Repetitions go. */
export function idSet(ids: Iterable<string> | string): Set<string> {
  return new Set(typeof ids === "string" ? [ids] : ids);
}
