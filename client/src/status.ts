/** What people say of themselves, and until when: statuses, and ends of what is picked by hand. */
export { endLine, type EndLineOptions } from "./lib/endline.js";
export type { End } from "./lib/ending.js";
export { definePresenceStatus, type PresenceStatus } from "./lib/status-element.js";
export type { Own, ParticipantStatus, Statuses, StatusWatcher } from "./lib/statuses.js";
export { type StatusCalls, withStatus } from "./lib/with-status.js";
