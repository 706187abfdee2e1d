# make run: the local smart speaker. make test: everything quick. make help: the rest.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
BIN := .venv/bin
LOCK_OPTIONS := --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate

.DEFAULT_GOAL := help
# A half-made .venv would pass for a whole one.
.DELETE_ON_ERROR:
.PHONY: help setup run test test-long lint model lambda lock bench clean

help:           ## list the targets
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/:[^#]*## /\t/' | expand -t 16

setup: .venv/ready              ## set up .venv: pinned dependencies and the package

run: setup              ## start the local smart speaker on http://127.0.0.1:8000 (HOST, PORT)
	@$(BIN)/sciatica-coach run --host $(HOST) --port $(PORT)

test: .venv/dev-ready lint              ## run lint, types and tests, on all cores
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile

test-long: .venv/dev-ready              ## run what takes minutes: kills, load, fuzzing
	$(BIN)/python -m pytest -m long -s

lint: .venv/dev-ready           ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: .venv/dev-ready          ## print the benchmarks: some minutes, 6 GB of disk
	$(BIN)/python -m tests.bench

model: setup            ## rewrite interaction_model/ from skill/content
	$(BIN)/sciatica-coach setup --url https://coach.example.com/alexa --write . > /dev/null

lambda: setup           ## build the package for AWS Lambda: docs/hosting-aws.md
	@$(BIN)/python deploy/aws/build.py

lock: .venv/dev-ready           ## pin the newest dependencies again
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile $(LOCK_OPTIONS) --all-extras --group build pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile $(LOCK_OPTIONS) --extra dynamodb -c requirements.lock pyproject.toml -o deploy/aws/requirements.lock
	$(BIN)/uv pip compile $(LOCK_OPTIONS) --all-extras --group build --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean:          ## remove what was built
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis dist

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv

.venv/ready: requirements.lock pyproject.toml .venv/bin/python
	@echo "Installing the pinned dependencies into .venv"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev-ready: requirements-dev.lock .venv/ready
	@echo "Installing the pinned test tools into .venv"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@
