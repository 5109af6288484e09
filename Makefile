# make help lists the targets. Everything runs on a fresh Debian machine with Go: what else is needed is installed.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run build notice vulncheck test lint format e2e-needs redis-needs client-needs client-test browser-needs browser-test client-package demo demo-check screenshots bench bench-smoke bench-full bench-pictures fuzz soak abuse compat timing mutants prometheus-needs tools contract-needs issuers-needs proxies-needs webkit-needs

GO ?= go
FUZZTIME ?= 30s
BENCHTIME ?= 1s
BENCH ?= .
SOAKTIME ?= 10m
PACKAGES := ./...
# Most of its time would be the race detector's, so there only the first test has it; make soak runs all with it.
SIMULATION := ./gateway/sim
# These start processes, and mostly wait for them: three packages at a time. The others compute for half of their
# time on two processors: four at a time.
PROCESSES := -e /cmd/presence/e2e/ -e /cmd/presence-bench$$ -e /bench/redis$$ -e /bench/centrifugo$$
# These measure times, too: they come last, one at a time, so that no other package starves them.
MEASURING := -e /cmd/presence/e2e$$ -e /cmd/presence/e2e/abuse$$ -e /cmd/presence/e2e/many$$ -e /gateway/timing$$
# Here up to five nodes have their links cut or are stopped. With the race detector they would take each other's
# processors, and what is measured is how long they wait for these: make soak has them with it.
CLUSTERS := ./cmd/presence/e2e/many

help: ## show this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

run: ## run a node on loopback: http://127.0.0.1:8080
	$(GO) run ./cmd/presence serve

# What presence version says; without them, what the Go tool takes from git.
VERSION ?=
REVISION ?=

build: ## build the static binary bin/presence (VERSION=v1.2.3 REVISION=commit where git does not say)
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags='-X main.givenVersion=$(VERSION) -X main.givenRevision=$(REVISION)' -o bin/presence ./cmd/presence

test: lint e2e-needs redis-needs proxies-needs issuers-needs contract-needs prometheus-needs client-test browser-test demo-check ## what CI runs: format, vet, staticcheck, all tests with the race detector, the client's tests
	GO=$(GO) .ci/race -count=1 -timeout 15m -p 4 $$($(GO) list $(PACKAGES) | grep -v $(PROCESSES) $(MEASURING) -e /gateway/sim$$)
	$(GO) test -count=1 -timeout 15m $(SIMULATION)
	GO=$(GO) .ci/race -count=1 -timeout 15m -run TestWorld $(SIMULATION)
	GO=$(GO) .ci/race -count=1 -timeout 15m -p 3 $$($(GO) list $(PACKAGES) | grep $(PROCESSES) | grep -v $(MEASURING))
	GO=$(GO) .ci/race -count=1 -timeout 15m -p 1 $$($(GO) list $(PACKAGES) | grep $(MEASURING) | grep -v /e2e/many$$)
	PRESENCE_RACE=0 GO=$(GO) .ci/race -count=1 -timeout 15m -parallel 3 $(CLUSTERS)

lint: format ## format check, vet, staticcheck
	$(GO) vet $(PACKAGES)
	$(GO) tool staticcheck $(PACKAGES)

format: ## say which files gofumpt would change
	@unformatted=$$($(GO) tool gofumpt -l .); \
	if [ -n "$$unformatted" ]; then echo "not formatted; run: $(GO) tool gofumpt -w ."; echo "$$unformatted"; exit 1; fi

# The end-to-end tests drive the server with curl, and cut networks with ip, ss and nft; the race detector needs a C compiler, and
# presence-bench compares with Redis.
e2e-needs:
	@missing=(); \
	path=$$PATH:/usr/sbin:/sbin; \
	PATH=$$path command -v ip >/dev/null || missing+=(iproute2); \
	PATH=$$path command -v nft >/dev/null || missing+=(nftables); \
	PATH=$$path command -v mkfs.ext4 >/dev/null || missing+=(e2fsprogs); \
	command -v curl >/dev/null || missing+=(curl ca-certificates); \
	command -v cc >/dev/null || missing+=(gcc libc6-dev); \
	command -v redis-server >/dev/null || missing+=(redis-server); \
	if [ $${#missing[@]} -gt 0 ]; then \
		sudo=$$([ "$$(id -u)" = 0 ] || echo sudo); \
		$$sudo apt-get update -q && $$sudo apt-get install -qy --no-install-recommends "$${missing[@]}"; \
	fi

# A Redis whose hash fields can expire, which Debian 12's hasn't. It is unpacked and not installed.
redis-needs:
	@if ! [ -x bin/redis/redis-server ] && command -v apt-get >/dev/null; then \
		.ci/redis bin/redis || echo "no Redis 8 could be had: bench/redis leaves out its shape, and says so"; fi

# promtool, and the server that scrapes, for cmd/presence/e2e/prometheus.
prometheus-needs:
	@if ! command -v promtool >/dev/null || ! command -v prometheus >/dev/null; then \
		sudo=$$([ "$$(id -u)" = 0 ] || echo sudo); \
		$$sudo apt-get update -q && $$sudo apt-get install -qy --no-install-recommends prometheus; \
	fi

# The configurations of docs/proxies.md run in Debian's own proxies. None of them is to start as a service: the tests start theirs.
proxies-needs:
	@missing=(); \
	path=$$PATH:/usr/sbin:/sbin; \
	PATH=$$path command -v nginx >/dev/null || missing+=(nginx-light); \
	PATH=$$path command -v haproxy >/dev/null || missing+=(haproxy); \
	command -v caddy >/dev/null || missing+=(caddy); \
	if [ $${#missing[@]} -gt 0 ]; then \
		sudo=$$([ "$$(id -u)" = 0 ] || echo sudo); \
		$$sudo apt-get update -q && $$sudo env RUNLEVEL=1 apt-get install -qy --no-install-recommends "$${missing[@]}"; \
	fi

# The TypeScript client needs Node 20 and npm.
client-needs:
	@missing=(); \
	command -v node >/dev/null || missing+=(nodejs); \
	command -v npm >/dev/null || missing+=(npm); \
	if [ $${#missing[@]} -gt 0 ]; then \
		sudo=$$([ "$$(id -u)" = 0 ] || echo sudo); \
		$$sudo apt-get update -q && $$sudo apt-get install -qy --no-install-recommends "$${missing[@]}"; \
	fi
	cd client && npm ci

# The tools that the contract files are held against; installed anew when their lock file changes.
CONTRACTS := cmd/presence/e2e/contracts/testdata

contract-needs: client-needs $(CONTRACTS)/node_modules/.package-lock.json

$(CONTRACTS)/node_modules/.package-lock.json: $(CONTRACTS)/package-lock.json
	cd $(CONTRACTS) && npm ci --ignore-scripts --no-audit --no-fund
	touch $@

# Identity providers whose tokens a node must take: one on Node, one in Go, each in a module of its own.
ISSUERS := cmd/presence/e2e/issuers
issuers-needs: client-needs
	cd $(ISSUERS)/oidc-provider && npm ci --ignore-scripts --no-audit --no-fund
	cd $(ISSUERS)/zitadel && $(GO) build -o ../bin/issuer .

client-test: client-needs ## the TypeScript client: types, tests, size
	cd client && npm run check && npm test && npm run size

# Debian's own browsers: Playwright's would be a download of its own.
browser-needs:
	@missing=(); \
	[ -x /usr/bin/chromium ] || missing+=(chromium); \
	[ -x /usr/bin/firefox-esr ] || missing+=(firefox-esr); \
	if [ $${#missing[@]} -gt 0 ]; then \
		sudo=$$([ "$$(id -u)" = 0 ] || echo sudo); \
		$$sudo apt-get update -q && $$sudo apt-get install -qy --no-install-recommends "$${missing[@]}"; \
	fi

browser-test: client-needs browser-needs ## the client and the page at / in Chromium and Firefox, against three nodes
	cd client && GO=$(GO) npm run browser

demo: client-needs ## build the page that a node shows at /, after a change of gateway/demo/page or client/src
	node gateway/demo/build.mjs

demo-check: client-needs
	node gateway/demo/build.mjs --check

screenshots: client-needs browser-needs ## take the pictures of the page anew, with Debian's chromium
	cd client && npm run screenshots

client-package: client-needs ## check the client as npm would publish it: publint, attw
	cd client && npm run build && npm run lint:package

notice: ## write NOTICE, the licences of what is linked into the server, anew; make test says if you forgot
	$(GO) test ./cmd/presence -run TestNotice -count=1 -update

# Pinned here and not in go.mod: it would raise what the other tools are built from.
GOVULNCHECK ?= bin/govulncheck
VULNDB ?= https://vuln.go.dev

bin/govulncheck:
	GOBIN=$(abspath bin) $(GO) install golang.org/x/vuln/cmd/govulncheck@v1.9.0

vulncheck: $(GOVULNCHECK) ## look for known vulnerabilities in what the programs call; says so when their database (VULNDB) can't be reached
	.ci/vulncheck $(GOVULNCHECK) -db=$(VULNDB) ./cmd/...

bench: ## run the benchmarks, each beside its baseline from the same run (BENCH=regexp BENCHTIME=1s)
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchtime $(BENCHTIME) -benchmem -p 1 -timeout 60m $$($(GO) list $(PACKAGES) | grep -v /e2e$$)

bench-smoke: e2e-needs redis-needs ## run each scenario of presence-bench in its smallest size, and check that the results are complete; part of make test
	$(GO) test -count=1 -v ./cmd/presence-bench ./bench/redis ./bench/centrifugo

# What docs/benchmarks.md is filled from: about half an hour on a machine that does nothing else.
BENCH_RESULTS ?= bench-results
BENCH_PEOPLE := --participants=50000 --sockets=5000
# A crowd that only beats, by a backend, until its memory has settled: what a plan is held against.
BENCH_PLANNED := --sockets=0 --flips=0 --watchers=0 --queries=0.1 --interval=30s --warmup=60s --duration=60s

bench-full: e2e-needs redis-needs ## run every scenario of presence-bench, one after the other (30 minutes); results and figures into bench-results/
	mkdir -p $(BENCH_RESULTS)
	$(GO) build -buildvcs=auto -o bin/presence-bench ./cmd/presence-bench
	@run() { \
		echo "== $$*"; \
		echo "== presence-bench $$*" >>$(BENCH_RESULTS)/figures.txt; \
		bin/presence-bench "$$@" --out="$(BENCH_RESULTS)/$$name.json" | tee -a $(BENCH_RESULTS)/figures.txt; \
	}; \
	rm -f $(BENCH_RESULTS)/figures.txt; \
	name=steady run steady $(BENCH_PEOPLE); \
	name=steady-3 run steady --local=3 $(BENCH_PEOPLE); \
	name=herd run herd --herd=5000; \
	name=rush run rush; \
	name=rush-signed run rush --signed; \
	name=fanout run fanout --viewers=5000; \
	name=query run query; \
	name=churn run churn --duration=10s; \
	name=expiry run expiry --leaving=50000; \
	name=failover run failover; \
	name=rolling run rolling; \
	name=capacity-heartbeats run capacity; \
	name=capacity-queries run capacity --work=queries; \
	name=capacity-edges run capacity --work=edges; \
	name=engine run engine; \
	name=link run link; \
	name=scale run scale; \
	name=sockets run sockets; \
	$(GO) test ./cluster -run TestScale -v -timeout 60m -nodes 100 | tee -a $(BENCH_RESULTS)/figures.txt; \
	name=planned-200k run steady $(BENCH_PLANNED) --participants=200000; \
	name=planned-2m run steady $(BENCH_PLANNED) --participants=2000000; \
	name=compare-redis run compare redis --rounds=5; \
	(PATH=$(abspath bin/redis):$$PATH; name=compare-redis-8 run compare redis --rounds=5); \
	name=compare-centrifugo run compare centrifugo; \
	name=compare-redis-10m run compare redis --participants=10000000 --rounds=3 --expiring=0 --subscribers=10 --no-inside

bench-pictures: client-needs browser-needs ## the page of the results in bench-results/, and the pictures of it that docs/benchmarks.md shows
	$(GO) build -o bin/presence-bench ./cmd/presence-bench
	bin/presence-bench report $(BENCH_RESULTS)/compare-redis.json $$(ls $(BENCH_RESULTS)/*.json | grep -v /compare-redis.json) --out=$(BENCH_RESULTS)/report.html
	cd client && npm run -s pictures -- "$(abspath $(BENCH_RESULTS))/report.html"

fuzz: ## run every fuzz target for FUZZTIME (30s)
	@grep -rlE '^func Fuzz' --include='*_test.go' . | xargs -rn1 dirname | sort -u | while read -r dir; do \
		for target in $$(grep -hoE '^func Fuzz[A-Za-z0-9_]+' "$$dir"/*_test.go | sed 's/^func //' | sort -u); do \
			echo "== $$dir $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) "$$dir"; \
		done; \
	done

# The full size of the tests of several nodes: needs 20,000 open files, and root for networks that are cut.
MANY := PRESENCE_CROWD=50000 PRESENCE_INTERVAL=20s PRESENCE_HANDOFF=2000000 PRESENCE_CUT=2m PRESENCE_STORM=10m PRESENCE_RACE=0 \
	PRESENCE_UNLINK=10m

soak: ## run the tests of several nodes in full, the simulation for SOAKTIME (10m), then all with the race detector for SOAKTIME
	$(MANY) $(GO) test -count=1 -parallel 1 -timeout 3h -v ./cmd/presence/e2e/many
	$(GO) test -count=1 -timeout 0 -run TestWorld ./gateway/sim -lasting $(SOAKTIME)
	$(GO) test -count=1 -timeout 0 -run TestHalfBroken ./gateway/sim -lasting $(SOAKTIME)
	@end=$$(( $$(date +%s) + $$(sed -E 's/^([0-9]+)h$$/\1*3600/; s/^([0-9]+)m$$/\1*60/; s/^([0-9]+)s$$/\1/' <<<'$(SOAKTIME)') )); \
	round=0; \
	while [ "$$(date +%s)" -lt "$$end" ]; do \
		round=$$((round + 1)); echo "== round $$round"; \
		$(GO) test -race -count=1 -shuffle=on -timeout 15m -p 1 $(PACKAGES); \
	done

compat: ## take three nodes of the release before to this version and back, under load; part of make test
	PRESENCE_RACE=0 $(GO) test -count=1 -timeout 10m -run TestUpgrade -v ./cmd/presence/e2e/many

timing: ## measure in full whether time tells who hides, on a machine that does nothing else (a minute)
	$(GO) test -count=1 -timeout 2h -v ./gateway/timing -rounds 400 -windows 0,100,1000,10000

abuse: ## attack a node on loopback as strangers and users may, and print what it took (10 minutes)
	PRESENCE_ABUSE=full $(GO) test -count=1 -timeout 30m -v ./cmd/presence/e2e/abuse

# Packages that put a tool of others beside a node. make test runs a small size of them.
TOOLS := ./cmd/presence/e2e/prometheus ./cmd/presence/e2e/runtimes ./cmd/presence/e2e/contracts ./cmd/presence/e2e/proxies ./cmd/presence/e2e/pasted ./bench/centrifugo

# WebKitGTK, its driver, and a screen for it.
webkit-needs:
	@missing=(); \
	[ -x /usr/bin/WebKitWebDriver ] || missing+=(webkit2gtk-driver); \
	[ -x /usr/bin/Xvfb ] || missing+=(xvfb); \
	if [ $${#missing[@]} -gt 0 ]; then \
		sudo=$$([ "$$(id -u)" = 0 ] || echo sudo); \
		$$sudo apt-get update -q && $$sudo apt-get install -qy --no-install-recommends "$${missing[@]}"; \
	fi

tools: prometheus-needs client-needs e2e-needs contract-needs proxies-needs browser-needs webkit-needs ## run the checks beside other people's tools in full, WebKitGTK among them
	PRESENCE_TOOLS=full $(GO) test -count=1 -timeout 60m -v $(TOOLS)
	cd client && PRESENCE_TOOLS=full GO=$(GO) npm run browser

mutants: ## give plausible bugs to a copy of the code, and count those that the simulation doesn't notice
	$(GO) test -count=1 -timeout 0 -tags mutants -run TestMutants -v ./gateway/sim
