import { describe, expect, it } from "vitest";
import { socketAddress } from "../src/lib/address.js";

describe("the address of the socket", () => {
  it.each([
    ["https://chat.example", "wss://chat.example/v1/ws"],
    ["https://chat.example/", "wss://chat.example/v1/ws"],
    ["http://chat.example:8080", "ws://chat.example:8080/v1/ws"],
    ["https://chat.example/presence/", "wss://chat.example/presence/v1/ws"],
    ["https://chat.example/presence/v1/ws", "wss://chat.example/presence/v1/ws"],
    ["https://chat.example/presence/?a=b#c", "wss://chat.example/presence/v1/ws?a=b"],
  ])("of %s is %s", (url, want) => expect(socketAddress(url, undefined)).toBe(want));

  it.each([
    [undefined, "wss://chat.example/v1/ws"],
    ["/presence/", "wss://chat.example/presence/v1/ws"],
    ["v1/ws", "wss://chat.example/presence/v1/ws"],
  ])("of %s is %s for a page below a path", (url, want) => expect(socketAddress(url, "https://chat.example/presence/")).toBe(want));
});
