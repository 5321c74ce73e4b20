# `make demo` and `make test` each install everything that a fresh Debian machine needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# For tests alone: a second reader of calendars, one of structured data, and two judges of pages beside axe.
NPM_TOOLS := ical.js@2.2.1 structured-data-testing-tool@4.5.0 pa11y@8.0.0 lighthouse@12.8.2

.PHONY: install demo test check bench container lock messages clean

install: $(STAMP) node/data/places.sqlite

$(STAMP): pyproject.toml
	@deploy/files/system-packages venv
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[gazetteer]'
	@touch $@

$(VENV)/.installed-dev: $(STAMP)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[gazetteer,dev]'
	@touch $@

node/data/places.sqlite: $(STAMP) $(wildcard deploy/gazetteer/*.py deploy/gazetteer/*.csv)
	$(BIN)/python -m deploy.gazetteer

demo: install
	$(BIN)/rtr demo

check: install $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: check
	@deploy/files/system-packages browser
	@deploy/files/system-packages java
	@deploy/files/system-packages node
	@deploy/files/system-packages deploy
	@cat $(VENV)/npm/installed 2>/dev/null | grep -qxF "$(NPM_TOOLS)" || { \
	    PUPPETEER_SKIP_DOWNLOAD=1 npm install --silent --no-save --no-audit --no-fund --prefix $(VENV)/npm $(NPM_TOOLS) \
	    && echo "$(NPM_TOOLS)" > $(VENV)/npm/installed; }
	# Each core runs one file of tests at a time, so that what the tests of a file share is made once.
	$(BIN)/pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder --max-worker-restart 0

bench: install $(VENV)/.installed-dev
	$(BIN)/python -m tests.benchmarks

# Installs a node both ways for real. Without a Docker engine it starts one itself (as root, from Debian's packages).
container: install $(VENV)/.installed-dev
	$(BIN)/pytest -s -m container -o faulthandler_timeout=3600 tests/deploy/test_container.py tests/deploy/test_debian_machine.py

# Writes the exact versions, with their hashes, that the container's image installs. Run it after a change of
# dependencies, and whenever newer versions are wanted.
lock: $(STAMP)
	$(BIN)/pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	    --extra gazetteer --extra build --custom-compile-command "make lock" --output-file requirements.lock pyproject.toml

messages: install
	$(BIN)/pybabel extract --no-location -F web/translations/babel.cfg -o web/translations/messages.pot web node/data

clean:
	rm -rf $(VENV) build dist *.egg-info
