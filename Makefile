# Needs Python 3.11 or newer and nothing else; everything is installed into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export KAUNTER_DATA_DIR ?= data
TEST_MODEL := qwen2.5-coder-0.5b

.PHONY: run test check format lock fuzz eval bench install browser model widget

install: $(VENV)/.installed

$(VENV)/.installed: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Kaunter needs Python 3.11 or newer.")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -e .
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@

## The demo shop with the embedded trial model on http://127.0.0.1:8000
run: install
	$(BIN)/kaunter model pull
	KAUNTER_DEMO=true $(BIN)/kaunter serve

## Every test, with a real model and a real browser
test: $(VENV)/.installed-dev browser
	$(BIN)/kaunter model pull $(TEST_MODEL)
	$(BIN)/python -m pytest tests -m "not fuzz"

browser: $(VENV)/.installed-dev
	$(BIN)/python tests/browser.py

## Format, lint, types, policies, tests: the same as in CI
check: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/kaunter policy check
	$(MAKE) widget
	$(MAKE) test

## Where Node is: whether the widget's committed bundle is what its sources build
widget: $(VENV)/.installed-dev
	if command -v npm >/dev/null; then npm ci --prefix app/widget --no-audit --no-fund && npm run --prefix app/widget types; fi
	$(BIN)/python app/widget/build.py --check

format: $(VENV)/.installed-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

## The property tests on examples that nobody has seen, and the long ones
fuzz: $(VENV)/.installed-dev
	$(BIN)/python -m pytest tests -m "fuzz or hypothesis" --hypothesis-profile=searching

bench: $(VENV)/.installed-dev
	$(BIN)/python bench/language.py
	$(BIN)/python bench/retrieval.py
	$(BIN)/python bench/guardrails.py

## Scripted customers against the assistant, a sample within 90 minutes; EVAL="--full" for all
eval: install
	$(BIN)/kaunter model pull
	mkdir -p $(KAUNTER_DATA_DIR)/evaluation
	$(BIN)/kaunter eval $(EVAL) --html $(KAUNTER_DATA_DIR)/evaluation/report.html --json $(KAUNTER_DATA_DIR)/evaluation/report.json

## Lock files: versions and hashes, no addresses
lock:
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -q -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --group dev -c requirements.lock --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -q -o requirements-dev.lock
