// What a person writes with the types: it has to compile.
import type { Connection } from "./ts/Connection";
import type { Error as Refusal } from "./ts/Error";
import type { Hello } from "./ts/Hello";
import type { Subscribe } from "./ts/Subscribe";
import type { Welcome } from "./ts/Welcome";

export const hello: Hello = { type: "hello", token: "ada", device_id: "laptop", activity: "online" };
export const subscribe: Subscribe = { type: "subscribe", ids: ["grace"], req: "1" };

export function interval(answer: Welcome | Refusal): number {
  return answer.type === "welcome" ? answer.heartbeat_interval_ms : Number.NaN;
}

// @ts-expect-error there is no such activity
export const wrong: Hello = { type: "hello", activity: "busy" };

export function told(message: Connection): string[] {
  switch (message.type) {
    case "presence":
      return Object.entries(message.states).map(([id, state]) => `${id} is ${state}`);
    case "self":
      return [`you are ${message.state}, by ${message.override}`];
    case "reconnect":
      return [`come back in ${message.after_ms} ms`];
  }
}
