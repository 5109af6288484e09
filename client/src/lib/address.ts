/** Where the WebSocket is. `base` is the page's address, where there is a page. */
export function socketAddress(url: string | URL | undefined, base: string | undefined): string {
  try {
    const address = new URL(url ?? "/", base);
    if (address.pathname.endsWith("/")) address.pathname += "v1/ws";
    address.hash = "";
    const href = address.href.replace(/^http/, "ws");
    if (/^wss?:/.test(href)) return href;
  } catch {
    // said below
  }
  const given = url === undefined ? "is missing, and the page has none: it" : `"${url}"`;
  throw new TypeError(`url ${given} must be an address such as https://example.com`);
}
