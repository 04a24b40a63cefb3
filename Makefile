# make run and make test are all that most people need.

ARGS     ?=
FUZZTIME ?= 60s
LINT     := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
GOTEST   := gotest.tools/gotestsum@v1.13.0

.PHONY: run build test test-clients test-builds test-kill test-damage traces bench bench-memory bench-persistence lint fuzz clean

# Builds and runs the server: make run ARGS='--set memory.max=2gb'
run: build
	@exec ./bin/redistill $(ARGS)

build:
	@mkdir -p bin
	go build -trimpath -o bin/ ./cmd/...

# All tests with the race detector, never from the cache: the integration tests
# build the server, which the cache does not see. Each test is a line when it has
# ended. What takes longest begins first, so that the rest runs beside it. Where
# each of thousands of damages and faults is tried, that is without the detector.
# A program that was built with it sleeps for a second at its end, to hear of races
# that goroutines which are still running run into: for servers that tests stop a
# tenth is enough, and tests leave no goroutine.
# The tests use redis-cli, redis-benchmark and redis-server as clients and as
# references; .ci/tools installs them. They also compare with the newest Redis and
# Valkey in the directory PEERS, where .ci/peers has fetched them, or make test
# PEERS=directory.
PEERS_CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/redistill-peers
export PEERS ?= $(patsubst %/run-valkey-server,%,$(wildcard $(PEERS_CACHE)/run-valkey-server))
test: export GORACE ?= atexit_sleep_ms=100
test:
	@.ci/tools redis-cli redis-benchmark redis-server gcc
	@[ -n "$(PEERS)" ] || echo 'make test: without PEERS the newest Redis and Valkey are not compared with, and the tests that need them are skipped: .ci/peers fetches them' >&2
	@echo "compiling the tests, which takes a few minutes the first time"
	go run $(GOTEST) --format testname -- -race -count=1 -timeout 20m ./integration ./core/store ./...
	go run $(GOTEST) --format testname -- -count=1 -timeout 20m ./persistence/...

# The client matrix: real client libraries in five languages, installed below
# the user's cache directory. make test-clients ARGS='-only jedis,lettuce'
test-clients:
	@.ci/tools redis-cli redis-benchmark python3 node npm javac mvn cargo
	go run ./integration/clients $(ARGS)

# Makes every preset, and each module alone, and looks at what it is made of and
# whether it serves. make test-builds ARGS='-only ^eviction'
test-builds:
	go run ./integration/builds $(ARGS)

# Kills servers again and again while they take snapshots, more often than make
# test does, and looks at what they load then. ARGS='-seed 0' for other moments.
test-kill:
	go test -count=1 -timeout 60m -v ./integration -run TestKilledServerLoadsTheLastSnapshot -kills 50 $(ARGS)

# Damages the snapshots of each backend in some thousand ways more than make test
# does, and changes each byte of each file: the last snapshot is loaded, or nothing
# and no file is touched. ARGS='-damages 100000 -damage-seed 7' for others, as the
# test says how to repeat them.
test-damage:
	go test -count=1 -timeout 60m -v ./persistence/file ./persistence/pebble -run 'TestConformance/any_damage' -every-byte -damages 5000 -damage-seed 0 $(ARGS)

# Compares this server with redis-server on this machine.
bench:
	@.ci/tools redis-benchmark redis-server
	go run ./integration/bench $(ARGS)

# Shows what memory.max bounds and costs: make bench-memory ARGS='-only churn -limit 256mb'
bench-memory:
	go run ./integration/membench $(ARGS)

# Shows what snapshots take and cost, beside redis-server: it takes a while, or
# make bench-persistence ARGS='-only save -values text -keys 300000 -rounds 1'
bench-persistence:
	@.ci/tools redis-server
	go run ./integration/persistbench $(ARGS)

# Replays traces of requests with every eviction policy, beside the miss ratios
# of a simulator where the directory has them: make traces TRACES=directory
TRACES ?= $(firstword $(wildcard traces ../*/traces) traces)
traces:
	go run ./cmd/redistill replay $(TRACES) $(ARGS)

lint:
	go vet ./...
	go run $(LINT) run ./...

# Runs each fuzz target for FUZZTIME.
fuzz:
	@.ci/fuzz $(FUZZTIME)

clean:
	rm -rf bin dist
