# Two commands do everything: `make run` and `make test`.
SHELL := /bin/sh
DATABASE ?= sqlite:var/conglang.db
LISTEN ?= 127.0.0.1:8080
export CARGO_TERM_COLOR ?= auto

.PHONY: run test dev bench build web tools clean

run: build ## the platform with real places and demo data
	mkdir -p var
	target/release/conglang serve --listen $(LISTEN) --database $(DATABASE) --demo

build: web ## one file that needs nothing beside it
	cargo build --release --locked -p server

web: web/dist/.stamp

web/dist/.stamp: web/package.json web/package-lock.json $(wildcard web/src/* web/*.mjs)
	cd web && npm ci --no-audit --no-fund --loglevel=error && npm run build
	touch $@
