#!/usr/bin/env bash
# Chromium 156 under Playwright 1.65.1: a page that the test itself fulfils can't open a WebSocket to loopback, not even to its
# own origin, while fetch to the same address works.
#
# route.fulfill gives the page a body without a connection, so Chromium does not know from which network it comes. Its check of local
# network access lets fetch to the page's own origin through, and no WebSocket: that ends with 1006, and the console alone says why
# (ERR_BLOCKED_BY_LOCAL_NETWORK_ACCESS_CHECKS). Who tests a client so, against a server on loopback, sees it try again for ever, with
# a server that answers every request. The same page, served, is let through, and so is one with the permission.
#
# Seen on 2026-11-27 with Debian's chromium 156.0.8078.108, playwright-core 1.65.1, ws 8.23.0, Node 20.20.2, linux/amd64:
#
#	served: socket open, fetch 200
#	fulfilled: socket 1006, fetch 200
#	fulfilled, with the permission local-network-access: socket open, fetch 200
#
# What follows for us: the browser tests serve their pages (client/browser/stage/pages.ts), and fulfil none.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
timeout 300 npm install --no-audit --no-fund --ignore-scripts playwright-core@1.65.1 ws@8.23.0 >/dev/null 2>&1
cat >try.mjs <<'JS'
import { createServer } from "node:http";
import { chromium } from "playwright-core";
import { WebSocketServer } from "ws";

const body = "<!doctype html><title>page</title>";
const server = createServer((_, answer) => answer.end(body));
new WebSocketServer({ server });
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${server.address().port}`;
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });

for (const [name, fulfilled, permissions] of [
  ["served", false, []], ["fulfilled", true, []], ["fulfilled, with the permission local-network-access", true, ["local-network-access"]],
]) {
  const context = await browser.newContext({ permissions });
  const page = await context.newPage();
  if (fulfilled) await page.route(`${url}/`, (route) => route.fulfill({ body, contentType: "text/html" }));
  await page.goto(`${url}/`);
  const socket = await page.evaluate(() => new Promise((resolve) => {
    const ws = new WebSocket(location.href.replace("http", "ws"));
    ws.onopen = () => resolve("open");
    ws.onclose = (e) => resolve(String(e.code));
  }));
  const fetched = await page.evaluate(() => fetch("/other").then((r) => String(r.status), () => "failed"));
  console.log(`${name}: socket ${socket}, fetch ${fetched}`);
  await context.close();
}
await browser.close();
process.exit(0);
JS
got=$(timeout 120 node try.mjs)
echo "$got"
want='served: socket open, fetch 200
fulfilled: socket 1006, fetch 200
fulfilled, with the permission local-network-access: socket open, fetch 200'
if [ "$got" != "$want" ]; then
	echo "changed; seen before:" >&2
	echo "$want" >&2
	exit 1
fi
