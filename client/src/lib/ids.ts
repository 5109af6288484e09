import { PresenceError } from "../types.js";

// White space, the comma and controls. Not by \p{…}, which older engines of phones don't know.
const forbidden = /[\s,\0-\x1f\x7f-\x9f]/;
const maxBytes = 128;

/** Says what is wrong with a participant id, as the server would; undefined: nothing. One bad id would make it refuse a whole list. */
export function faultOf(id: string): PresenceError | undefined {
  if (typeof id === "string" && id && id !== "me" && !forbidden.test(id) && bytesOf(id) <= maxBytes) return undefined;
  const shown = JSON.stringify(String(id).slice(0, 40));
  return new PresenceError("invalid_id", `id ${shown} must be 1-${maxBytes} bytes without whitespace, commas or controls, and not "me"`);
}

/** In UTF-8, without a TextEncoder, which older phones don't have. Half a character has none. */
function bytesOf(text: string): number {
  try {
    return encodeURIComponent(text).replace(/%../g, "x").length;
  } catch {
    return Infinity;
  }
}

/** A single id is a list of one. Repetitions go. */
export function idSet(ids: Iterable<string> | string): Set<string> {
  return new Set(typeof ids === "string" ? [ids] : ids);
}
