#!/usr/bin/env bash
# HAProxy 2.6: with `compression algo gzip`, the end of each event of a stream comes only with the next one.
#
# The guide's line alone compresses every type, Server-Sent Events too. What the server sends is passed on at once, but
# for the last one to three bytes, which the compressor keeps until more follows. An event ends with an empty
# line, and that is what is kept: a browser has all of the event and doesn't tell the page, until the next event
# pushes it out. A page that waits for news is always one event behind. `Cache-Control: no-transform` in the answer
# turns compression off for it.
#
# Seen on 2026-11-27 with Debian 12, HAProxy 2.6.12-1+deb12u4, Python 3.11:
#
#	no-store: sent b'data: {"ada":"online"}\n\n', after 3 s the client has b'data: {"ada":"online"}\n'
#	no-store, no-transform: sent b'data: {"ada":"online"}\n\n', after 3 s the client has b'data: {"ada":"online"}\n\n'
#
# What follows for us: event streams say no-transform (gateway/events.go, and cmd/presence/e2e/proxies).
set -euo pipefail

command -v haproxy >/dev/null || PATH=$PATH:/usr/sbin
command -v haproxy >/dev/null || { echo "apt-get install haproxy" >&2; exit 1; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >stream.py <<'PY'
import socket, subprocess, sys, threading, time, zlib

EVENT = b'data: {"ada":"online"}\n\n'


def listen():
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    s.listen()
    return s


def serve(s):
    """Answers each request with one event, and keeps the stream open; the path is its Cache-Control."""
    while True:
        c, _ = s.accept()
        path = c.recv(4096).split()[1].decode().strip("/").replace("+", ", ")
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: {path}\r\nTransfer-Encoding: chunked\r\n\r\n"
        c.sendall(head.encode() + b"%x\r\n%s\r\n" % (len(EVENT), EVENT))
        threading.Thread(target=lambda c=c: (time.sleep(20), c.close()), daemon=True).start()


def ask(port, control):
    c = socket.create_connection(("127.0.0.1", port))
    c.sendall(f"GET /{control.replace(', ', '+')} HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n".encode())
    c.settimeout(0.2)
    got, end = b"", time.time() + 3
    while time.time() < end:
        try:
            got += c.recv(4096)
        except TimeoutError:
            pass
    head, _, rest = got.partition(b"\r\n\r\n")
    body = b""
    while b"\r\n" in rest:
        size, _, rest = rest.partition(b"\r\n")
        body, rest = body + rest[: int(size, 16)], rest[int(size, 16) + 2 :]
    return zlib.decompressobj(31).decompress(body) if b"encoding: gzip" in head.lower() else body


back, front = listen(), listen()
port = front.getsockname()[1]
front.close()
threading.Thread(target=serve, args=(back,), daemon=True).start()
open("haproxy.cfg", "w").write(f"""
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
frontend front
    bind 127.0.0.1:{port}
    compression algo gzip
    default_backend back
backend back
    server s 127.0.0.1:{back.getsockname()[1]}
""")
proxy = subprocess.Popen(["haproxy", "-f", "haproxy.cfg"], stderr=subprocess.DEVNULL)
while True:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
        break
    except OSError:
        time.sleep(0.1)
for control in ["no-store", "no-store, no-transform"]:
    print(f"{control}: sent {EVENT}, after 3 s the client has {ask(port, control)}", flush=True)
proxy.kill()
PY
haproxy -v | sed -n 1p
got=$(timeout 60 python3 stream.py)
echo "$got"
want='no-store: sent b'\''data: {"ada":"online"}\n\n'\'', after 3 s the client has b'\''data: {"ada":"online"}\n'\''
no-store, no-transform: sent b'\''data: {"ada":"online"}\n\n'\'', after 3 s the client has b'\''data: {"ada":"online"}\n\n'\'''
if [ "$got" != "$want" ]; then
	echo "changed; seen before:" >&2
	echo "$want" >&2
	exit 1
fi
