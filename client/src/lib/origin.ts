/** A page can't tell a server that refuses its origin from one that isn't there. Names the origin, if it is another than the server's. */
export function originHint(address: string): string {
  const origin = globalThis.location?.origin;
  if (!origin || address.startsWith(origin.replace("http", "ws") + "/")) return "";
  return `: nothing is there, or its allowed-origins lacks ${origin}`;
}
