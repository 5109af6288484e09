/**
 * Who is online, idle, busy or offline: the client of the Presence server, for browsers and Node.
 *
 * `connect` gives a {@link Presence}, which keeps a connection, reports whether this person is there, and tells of the others.
 */
export { connect, Presence } from "./presence.js";
export {
  type Activity,
  type ClientCode,
  type Closed,
  type ConnectOptions,
  type Events,
  type Override,
  PresenceError,
  type Self,
  type SocketLike,
  type State,
  type Status,
  type TokenFunction,
  type TokenOption,
  type Waiting,
  type Watcher,
} from "./types.js";
