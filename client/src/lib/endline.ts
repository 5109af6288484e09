export interface EndLineOptions {
  /** A language such as `de` or `pt-BR`; the reader's own where it is left out. */
  locale?: string | string[];
  /** The line around an end, where the language isn't one of those that are known here, or for other words. */
  words?: (end: string) => string;
  /** In milliseconds since 1970; the time now. */
  now?: number;
}

// Languages in which one word goes with times and days alike. The others get an end in parentheses, which says enough.
const lines: Record<string, string> = {
  ar: "حتى %", da: "til %", de: "bis %", en: "until %", fa: "تا %", he: "עד %", ja: "%まで", ko: "%까지", nb: "til %", nl: "tot %", no: "til %", sv: "till %", zh: "至%",
};

/** Says until when, on the reader's clock and in the reader's language: "until 3:00 PM", "until tomorrow". Empty for what stays. */
export function endLine(until: number, { locale, words, now = Date.now() }: EndLineOptions = {}): string {
  if (until === Infinity) return "";
  const line = lines[languageOf(locale).split("-")[0]!] ?? "(%)";
  const end = endOf(new Date(until), new Date(now), locale);
  return words ? words(end) : line.replace("%", () => end);
}

/** The language in which an end is said. */
export function languageOf(locale: EndLineOptions["locale"]): string {
  return new Intl.DateTimeFormat(locale).resolvedOptions().locale;
}

/** A time today, a day that comes with its time, or a date. What ends as a day begins has no time. */
function endOf(end: Date, now: Date, locale: string | string[] | undefined): string {
  const say = (form: Intl.DateTimeFormatOptions): string => new Intl.DateTimeFormat(locale, form).format(end);
  const days = Math.round((dayOf(end) - dayOf(now)) / 86_400_000); // a day may have 23 or 25 hours
  const time = say({ timeStyle: "short" });
  if (days === 0) return time;
  if (days < 0 || days > 6) return say({ day: "numeric", month: "short", ...(end.getFullYear() !== now.getFullYear() && { year: "numeric" }) });
  const relative = days === 1 && Intl.RelativeTimeFormat; // which Hermes, React Native's engine, doesn't have everywhere
  const day = relative ? new relative(locale, { numeric: "auto" }).format(1, "day") : say({ weekday: "long" });
  return dayOf(end) === end.getTime() ? day : `${day} ${time}`;
}

function dayOf(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

/** How long until the line reads otherwise, because the day is over. */
export function untilTomorrowMs(now = new Date()): number {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1).getTime() - now.getTime();
}
