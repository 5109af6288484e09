import type { State } from "../../../client/src/index.ts";
import { nameOf } from "./person.ts";

/** Seen is one of the people in this window: what they are, and what they see of the others. */
export interface Seen {
  id: string;
  open: boolean;
  self: State;
  /** When what was picked ends, in words; empty: not by time. */
  ends: string;
  /** Who says that one is busy, where one has not picked it. */
  claims: readonly string[];
  sees: Map<string, State>;
  blocked: string[];
}

/** story says in a sentence or two what the window shows. The first rule that applies wins. */
export function story(people: Seen[], idleSeconds: number): string {
  const cut = people.find((p) => !p.open);
  if (cut) return `${nameOf(cut.id)}’s connection is being made again. Nobody else sees anything of it: devices keep their time.`;
  for (const p of people) {
    const text = barred(p, people);
    if (text) return text;
  }
  for (const p of people) {
    const text = told[p.self]?.(p, people, idleSeconds);
    if (text) return text;
  }
  const [a, b] = people;
  if (a && b) {
    return `${nameOf(a.id)} and ${nameOf(b.id)} are both here, each in a window of their own. Let one of them appear offline, and look at what the other is told.`;
  }
  return a ? `${nameOf(a.id)} is here. Open this page in a second tab, sign in as somebody else, and watch the dots.` : "Sign in as anyone to begin.";
}

/** barred is what a block does. It comes first, as it makes what is true "for everybody" untrue. */
function barred(p: Seen, people: Seen[]): string | undefined {
  const id = p.blocked.find((id) => people.every((v) => v.id !== id || (v.sees.get(p.id) ?? "offline") === "offline"));
  if (id === undefined) return undefined;
  const [name, other] = [nameOf(p.id), nameOf(id)];
  return `${name} has blocked ${other}. ${other} sees ${name} “offline”, as if ${name} had never been here, ` +
    `and isn’t told why. ${name} still sees ${other}, and everyone else sees ${name} as before.`;
}

type Tell = (p: Seen, people: Seen[], idleSeconds: number) => string | undefined;

const told: Partial<Record<State, Tell>> = {
  appear_offline(p, people) {
    const name = nameOf(p.id);
    const viewers = people.filter((v) => v.sees.has(p.id));
    const through = viewers.find((v) => v.sees.get(p.id) !== "offline" && v.sees.get(p.id) !== "unknown");
    const fooled = viewers.find((v) => v.sees.get(p.id) === "offline");
    if (through) {
      const state = through.sees.get(p.id);
      return `${name} appears offline, yet ${nameOf(through.id)} sees ${name} ${state}: they had a direct message in the last 24 hours. ` +
        `${fooled ? `${nameOf(fooled.id)}, like everyone else,` : "Everyone else"} still sees “offline”.`;
    }
    if (!fooled) return undefined;
    return `${name} appears offline. ${nameOf(fooled.id)} sees “offline”, and nothing that could tell it from the real thing. ` +
      `Now send a message between the two.`;
  },
  busy: (p) => {
    const name = nameOf(p.id);
    if (p.claims.length) return `${name} is busy, because ${p.claims.join(" and ")} says so. It ends by itself: who says it may be gone by then.`;
    if (p.ends) return `${name} is busy, for everybody, ${p.ends}. It sticks through reloads, sign-outs and the loss of a node, and then is over by itself.`;
    return `${name} is busy, for everybody. It sticks through reloads, sign-outs and the loss of a node, until ${name} goes back to auto-detect.`;
  },
  idle: (p, _, seconds) => `${nameOf(p.id)} is idle: no key, pointer, scroll or touch for ${span(seconds)}. Any of them brings ${nameOf(p.id)} back, for everybody at once.`,
};

/** span is a duration in words. */
export function span(seconds: number): string {
  if (seconds < 60) return `${seconds} seconds`;
  return seconds === 60 ? "a minute" : `${Math.round(seconds / 60)} minutes`;
}
