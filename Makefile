# `make run` and `make test` do everything; `make help` lists the rest.
SHELL := /bin/sh
DATABASE ?= sqlite:var/conglang.db
LISTEN ?= 127.0.0.1:8080
export CARGO_TERM_COLOR ?= auto
NPM_CI = npm ci --no-audit --no-fund --loglevel=error

.PHONY: run build dev test lint units doc e2e pictures kills bench web clean help

run: build ## serve the real places with demo data on http://127.0.0.1:8080 (LISTEN=, DATABASE=)
	@target/release/conglang serve --listen $(LISTEN) --database $(DATABASE) --demo

build: web ## target/release/conglang, which needs no file beside it
	cargo build --release --locked -p server

dev: ## serve, and build and serve again whenever a source changes
	@LISTEN=$(LISTEN) DATABASE=$(DATABASE) scripts/dev

test: lint units doc e2e ## everything: lints, both databases, both languages of code, browsers

lint: web ## formatting, clippy, types of the scripts
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	cd web && npm run check

units: web ## all Rust tests on SQLite and on a PostgreSQL of their own
	scripts/needs postgresql
	if cargo nextest --version >/dev/null 2>&1; \
	then scripts/with-postgres cargo nextest run --locked --workspace; \
	else scripts/with-postgres cargo test --locked --workspace --all-targets; fi

doc: ## the examples in the documentation of the code
	cargo test --locked --workspace --doc

e2e: web ## the pages in a real browser, on both databases
	scripts/needs browser && scripts/needs postgresql
	cargo build --locked -p server && cd e2e && $(NPM_CI)
	cd e2e && CONGLANG_TEST_BINARY="$(CURDIR)/target/debug/conglang" ../scripts/with-postgres npm test

pictures: build ## docs/pictures, from the running platform
	scripts/needs browser && cd e2e && $(NPM_CI) && CONGLANG_TEST_BINARY="$(CURDIR)/target/release/conglang" npm run pictures

kills: build ## kill -9 during a workbook import, CONGLANG_KILLS times (100) on each database
	scripts/needs postgresql && cd e2e && $(NPM_CI)
	cd e2e && CONGLANG_TEST_BINARY="$(CURDIR)/target/release/conglang" ../scripts/with-postgres npm run kills

bench: build var/python ## the table of docs/performance.md, each row beside its baseline of the same run
	scripts/needs postgresql
	CONGLANG_TEST_FSYNC=on CONGLANG_BENCH_PYTHON=var/python/bin/python scripts/with-postgres target/release/conglang bench --write docs/performance.md

var/python: ## DuckDB and Polars for python3, the baselines of verify and rehearsal
	python3 -m venv $@ && $@/bin/pip install --quiet duckdb==1.4.1 polars==1.35.2 || { rm -rf $@; echo "no DuckDB, no Polars: verify and rehearsal are measured without their baselines"; }

web: web/dist/.stamp

web/dist/.stamp: web/package.json web/package-lock.json $(wildcard web/src/* web/*.mjs)
	scripts/needs build
	cd web && $(NPM_CI) && npm run build
	touch $@

clean: ## remove what was built; var/ with the data stays
	cargo clean
	rm -rf web/dist web/node_modules e2e/node_modules e2e/out

help:
	@sed -n 's/^\([a-z0-9]*\):[^#]*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 16
