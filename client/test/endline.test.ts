import { afterEach, describe, expect, it, vi } from "vitest";
import { untilTomorrowMs } from "../src/lib/endline.js";
import { endLine } from "../src/status.js";

const zone = process.env.TZ;
afterEach(() => {
  process.env.TZ = zone;
  vi.unstubAllGlobals();
});

/** The spaces that Intl takes differ from one version to the next. */
function line(tz: string, locale: string, now: string, until: string): string {
  process.env.TZ = tz;
  return endLine(Date.parse(until), { locale, now: Date.parse(now) }).replace(/\s/g, " ");
}

// A Saturday.
const now = "2026-11-28T12:00:00Z";

describe("an end reads as the reader's own clock and language have it", () => {
  it.each([
    ["Europe/Berlin", "en-US", "2026-11-28T14:00:00Z", "until 3:00 PM"],
    ["America/New_York", "en-US", "2026-11-28T14:00:00Z", "until 9:00 AM"],
    ["Asia/Tokyo", "en-GB", "2026-11-28T15:00:00Z", "until tomorrow"], // its midnight
    ["Asia/Kolkata", "en-GB", "2026-11-28T19:30:00Z", "until tomorrow 01:00"],
    ["Europe/Berlin", "de", "2026-11-29T08:00:00Z", "bis morgen 09:00"],
    ["Europe/Berlin", "de", "2026-12-01T23:00:00Z", "bis Mittwoch"],
    ["Europe/Berlin", "en-US", "2026-12-04T14:00:00Z", "until Friday 3:00 PM"],
    ["Europe/Berlin", "en-US", "2026-12-05T14:00:00Z", "until Dec 5"], // the same day of the week
    ["Europe/Berlin", "en-GB", "2027-01-06T14:00:00Z", "until 6 Jan 2027"],
    ["Pacific/Auckland", "en-GB", "2026-11-28T14:00:00Z", "until 03:00"], // it is the 29th there
    ["Europe/Berlin", "ar-EG", "2026-11-28T14:00:00Z", "حتى ٣:٠٠ م"],
    ["Asia/Jerusalem", "he", "2026-11-29T07:00:00Z", "עד מחר 9:00"],
    ["Asia/Tokyo", "ja", "2026-11-28T14:00:00Z", "23:00まで"],
    ["Europe/Paris", "fr", "2026-11-29T08:00:00Z", "(demain 09:00)"], // no one word goes with all ends
    ["Europe/Berlin", "en-US", "2026-11-28T11:00:00Z", "until 12:00 PM"], // the message that it is over is on its way
    ["Europe/Berlin", "en-US", "2026-11-27T11:00:00Z", "until Nov 27"],
  ])("%s %s %s: %s", (tz, locale, until, want) => expect(line(tz, locale, now, until)).toBe(want));

  it.each([
    ["Europe/Berlin", "2026-10-24T20:00:00Z", "2026-10-25T22:30:00Z", "until tomorrow 11:30 PM"], // a day of 25 hours
    ["Europe/Berlin", "2026-03-28T20:00:00Z", "2026-03-29T22:00:00Z", "until Monday"], // one of 23
    ["America/Santiago", "2026-09-05T12:00:00Z", "2026-09-06T04:00:00Z", "until tomorrow"], // one that begins at one
    ["Europe/Berlin", "2026-12-31T22:00:00Z", "2027-01-01T01:00:00Z", "until tomorrow 2:00 AM"], // of another year
    ["Europe/Berlin", "2026-12-31T22:00:00Z", "2028-01-01T09:00:00Z", "until Jan 1, 2028"],
  ])("%s, on days when the clocks or the years change", (tz, at, until, want) => expect(line(tz, "en-US", at, until)).toBe(want));
});

it("says nothing of what stays, and takes other words", () => {
  process.env.TZ = "UTC";
  expect(endLine(Infinity)).toBe("");
  const options = { locale: "fr", now: Date.parse(now), words: (end: string) => `jusqu'à ${end}` };
  expect(endLine(Date.parse("2026-11-28T14:00:00Z"), options)).toBe("jusqu'à 14:00");
});

it("names the day where Intl can't say that it is tomorrow", () => {
  vi.stubGlobal("Intl", Object.create(Intl, { RelativeTimeFormat: { value: undefined } }));
  expect(line("Europe/Berlin", "en-US", now, "2026-11-29T14:00:00Z")).toBe("until Sunday 3:00 PM");
});

it("knows when the day is over", () => {
  process.env.TZ = "Europe/Berlin";
  expect(untilTomorrowMs(new Date("2026-10-24T22:00:00Z"))).toBe(25 * 3_600_000);
});
