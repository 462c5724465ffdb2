# Everything a checkout offers. Needs Python 3.11 or newer, make and git; brings in the rest.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test check lint types mutants bench screenshots client openapi lock setup setup-dev clean

run: setup  ## install, build, load the demo city, serve web and worker (LAN=1: over HTTPS for phones)
	@$(BIN)/ruqi run $(if $(LAN),--lan)

setup:
	@$(PYTHON) bin/setup

setup-dev:
	@$(PYTHON) bin/setup --dev

client: setup

test:  ## all tests: rules, endpoints on SQLite and PostgreSQL, client, browser
	@$(PYTHON) bin/check tests

lint: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo --no-cache
	$(BIN)/openapi-spec-validator --validation-errors all webclient/openapi.json
	bin/npm run --silent lint-api
	bin/npm run --silent lint
	bin/npm run --silent format-check

types: setup-dev
	$(BIN)/mypy
	@bin/npm run --silent check

check:  ## what CI runs: lint, types, test, on both halves of the machine
	@$(PYTHON) bin/check

mutants: setup-dev  ## plant faults into the rules, one at a time, and list those that no test notices (SEED=7: the same again)
	@$(BIN)/python -m tests.mutants $(if $(SEED),--seed $(SEED))

bench: setup-dev  ## figures against their floors, in one run
	@$(BIN)/python -m bench

screenshots: setup-dev  ## take the README's pictures anew, from a demo city of their own
	@$(BIN)/python -m docs.screenshots.take

openapi: setup  ## write the API document, the client's types and the list of problems from the code
	@bin/npm run --silent problems
	@$(BIN)/ruqi openapi > webclient/openapi.json
	@bin/npm run --silent types

lock:  ## pin all packages anew
	uv pip compile -q pyproject.toml --universal --generate-hashes --no-annotate --no-header -o requirements.lock
	uv pip compile -q pyproject.toml --group dev --universal --generate-hashes --no-annotate --no-header -o requirements-dev.lock
	uv pip compile -q --group node --universal --generate-hashes --no-annotate --no-header -o requirements-node.lock
	uv pip compile -q --group postgres --universal --generate-hashes --no-annotate --no-header -o requirements-postgres.lock
	uv pip compile -q --group postgres-spare --universal --generate-hashes --no-annotate --no-header -o requirements-postgres-spare.lock

clean:
	rm -rf .venv .uv webclient/node_modules webclient/dist
