#!/usr/bin/env bash
# nginx 1.22: a server that failed once gets one WebSocket each fail_timeout, until one of them ends.
#
# After max_fails failures (1 by default) a server of an upstream gets nothing for fail_timeout, then one request, to see
# whether it is back. What clears the failure is the end of that request, not its answer. A WebSocket
# doesn't end. So a server that was restarted, and gets sockets alone, takes one every fail_timeout (10 s by default); all
# others go elsewhere, and where there is nowhere else they get 502, "no live upstreams", from a server
# that is up and well. One ordinary request clears it, so nobody sees it who tries by hand.
#
# Seen on 2026-11-27 with Debian 12, nginx 1.22.1-9+deb12u11 (one worker), Python 3.11; the server is down for one
# request, then up for longer than fail_timeout, and then come 20 sockets at once:
#
#	as by default: 1 were opened, 19 got 502
#	as by default, after one ordinary request: 20 were opened, 0 got 502
#	max_fails=0: 20 were opened, 0 got 502
#
# What follows for us: docs/proxies.md has max_fails=0 (cmd/presence/e2e/proxies kills a node after another was
# restarted).
set -euo pipefail

command -v nginx >/dev/null || PATH=$PATH:/usr/sbin
command -v nginx >/dev/null || { echo "apt-get install nginx-light" >&2; exit 1; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >sockets.py <<'PY'
import base64, hashlib, os, socket, subprocess, threading, time


def port():
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    n = s.getsockname()[1]
    s.close()
    return n


def serve(n):
    """Answers a handshake as RFC 6455 wants and stays; other requests get 204."""
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("127.0.0.1", n))
    s.listen(64)
    up.set()

    def answer(c):
        head = c.recv(4096).decode()
        key = [l.split(": ")[1] for l in head.split("\r\n") if l.lower().startswith("sec-websocket-key")]
        if not key:
            c.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
            return c.close()
        accept = base64.b64encode(hashlib.sha1((key[0] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
        c.sendall(f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n".encode())
        c.recv(1)

    while True:
        threading.Thread(target=answer, args=(s.accept()[0],), daemon=True).start()


UPGRADE = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
opened = []
up = threading.Event()


def ask(n, more):
    c = socket.create_connection(("127.0.0.1", n))
    c.sendall(f"GET / HTTP/1.1\r\nHost: a\r\n{more}\r\n".encode())
    opened.append(c)
    return int(c.recv(4096).split()[1])


def run(says, setting, ordinary):
    front, back = port(), port()
    home = os.path.join(os.getcwd(), str(front))
    os.mkdir(home)
    temp = "".join(f"{k}_temp_path {home}/{k};" for k in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"])
    open(f"{home}/conf", "w").write(f"""
worker_processes 1; pid {home}/pid; daemon off; error_log {home}/error.log;
events {{}}
http {{
    access_log off; {temp}
    map $http_upgrade $connection_upgrade {{ default upgrade; '' close; }}
    upstream back {{ server 127.0.0.1:{back} {setting}; server 127.0.0.1:{port()} {setting}; }}
    server {{
        listen 127.0.0.1:{front};
        location / {{
            proxy_pass http://back; proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;
        }}
    }}
}}
""")
    proxy = subprocess.Popen(["nginx", "-p", home, "-c", f"{home}/conf", "-e", f"{home}/error.log"])
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", front)).close()
                break
            except OSError:
                time.sleep(0.1)
        assert ask(front, "Connection: close\r\n") == 502  # the server is down
        up.clear()
        threading.Thread(target=serve, args=(back,), daemon=True).start()
        up.wait()
        time.sleep(11)  # longer than fail_timeout
        if ordinary:
            assert ask(front, "Connection: close\r\n") == 204
        got = [ask(front, UPGRADE) for _ in range(20)]
        print(f"{says}: {got.count(101)} were opened, {got.count(502)} got 502", flush=True)
    finally:
        proxy.terminate()
        proxy.wait()


run("as by default", "", False)
run("as by default, after one ordinary request", "", True)
run("max_fails=0", "max_fails=0", False)
PY
nginx -v
got=$(timeout 200 python3 sockets.py)
echo "$got"
want='as by default: 1 were opened, 19 got 502
as by default, after one ordinary request: 20 were opened, 0 got 502
max_fails=0: 20 were opened, 0 got 502'
if [ "$got" != "$want" ]; then
	echo "changed; seen before:" >&2
	echo "$want" >&2
	exit 1
fi
