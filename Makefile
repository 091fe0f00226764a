# weir: the whole front. `make help` lists it; each target first installs the Debian packages it lacks.

PYTHON := /usr/bin/python3
PREFIX ?= /usr/local
DESTDIR ?=
FUZZ_SECONDS ?= 600
SOAK_SECONDS ?= 600
export FUZZ_SECONDS SOAK_SECONDS KEEP

RELEASE := build/release

.DEFAULT_GOAL := weir
.PHONY: help weir demo test unit check e2e bench bench-balance bench-crowd bench-forecast bench-scale soak sanitize fuzz format tidy install deb clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

weir:  ## build/release/weir, the program (also plain `make`)
	@tools/packages build
	@tools/build release weir
	@echo "built $(RELEASE)/weir"

demo:  ## OCR servers from zero, scaled under load, in about a minute; KEEP=1 leaves it running
	@tools/packages build demo
	@tools/build release weir ocr-server ocr-pages
	@$(PYTHON) examples/ocr/demo.py

test:  ## unit tests, then the checks of the house, then the whole binary; all of them, though one fails
	@$(MAKE) --no-print-directory --keep-going --jobs=1 unit check e2e

unit:  ## unit tests of every folder
	@tools/packages build test
	@tools/build release --tests all
	@tools/unit release --repeat until-pass:2

check:  ## format, layers, awaits, sizes, headers alone, generated manual
	@tools/packages build test check
	@tools/build release --tests weir
	@tools/check

e2e:  ## the whole binary on loopback
	@tools/packages build test
	@tools/build release --tests weir
	@tools/packages browser || echo "without a browser: its tests are skipped"
	@tools/npm_packages tests/e2e/grpc
	@tools/npm_packages tests/e2e/browser
	@WEIR_BIN=$(CURDIR)/$(RELEASE)/weir $(PYTHON) tests/e2e/run.py

bench:  ## weir beside HAProxy and nginx; results in build/bench, table in docs/benchmarks.md
	@tools/packages build test bench
	@tools/build release --tests all
	@$(PYTHON) bench/run.py

bench-balance:  ## which endpoint they choose: weir, HAProxy, nginx; build/bench/balance.json, docs/benchmarks.md
	@tools/packages build test bench
	@tools/build release --tests all
	@$(PYTHON) bench/balance.py

bench-forecast:  ## forecasts on recorded traffic (../shared/traces, if it is there); build/bench/forecast.json
	@tools/packages build test
	@tools/build release --tests bench_forecast
	@$(PYTHON) bench/forecast.py --build $(RELEASE)

bench-crowd:  ## thousands of idle connections, streams, slow clients; build/bench/crowd.json, docs/benchmarks.md
	@tools/packages build test
	@tools/build release --tests weir bench_load
	@$(PYTHON) bench/crowd.py

bench-scale:  ## scaling policies over recorded traffic, weir's and others'; build/bench/scale.json
	@tools/packages build
	@tools/build release --tests bench_scale
	@$(PYTHON) bench/scale.py

soak:  ## ten minutes of traffic, reloads, scaling and kills (SOAK_SECONDS)
	@tools/packages build test
	@tools/build release --tests all
	@WEIR_BIN=$(CURDIR)/$(RELEASE)/weir $(PYTHON) tests/e2e/run.py --once --soak $(SOAK_SECONDS)

sanitize:  ## unit and e2e tests under ASan+UBSan, then under TSan
	@tools/packages build test
	@tools/sanitize asan
	@tools/sanitize tsan

fuzz:  ## each fuzzer for FUZZ_SECONDS (600)
	@tools/packages build fuzz
	@$(PYTHON) tools/fuzz.py --seconds $(FUZZ_SECONDS)

format:  ## clang-format every C++ file
	@tools/packages check
	@tools/format

tidy:  ## clang-tidy over the sources; slow, not part of `make test`
	@tools/packages build test tidy
	@tools/tidy

install: weir  ## into $(DESTDIR)$(PREFIX)
	@DESTDIR="$(DESTDIR)" PREFIX="$(PREFIX)" packaging/install $(RELEASE)/weir

deb:  ## build/weir_VERSION_ARCH.deb
	@tools/packages build deb
	@tools/build release weir
	@packaging/deb $(RELEASE)/weir

clean:  ## remove everything that was built
	rm -rf build
