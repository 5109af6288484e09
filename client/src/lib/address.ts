/** Where the WebSocket is. `base` is the page's address, where there is a page. */
export function socketAddress(url: string | URL | undefined, base: string | undefined): string {
  const address = parse(url ?? "/", base);
  const scheme = { "http:": "ws:", "https:": "wss:", "ws:": "ws:", "wss:": "wss:" }[address.protocol];
  if (!scheme) {
    throw new TypeError(`url "${url ?? base}" must begin with http:, https:, ws: or wss:`);
  }
  if (address.pathname === "/") address.pathname = "/v1/ws";
  address.hash = "";
  return scheme + address.href.slice(address.protocol.length);
}

function parse(url: string | URL, base: string | undefined): URL {
  try {
    return new URL(url, base);
  } catch {
    throw new TypeError(`url "${url}" must be an address such as https://example.com`);
  }
}
