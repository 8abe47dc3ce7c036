.DEFAULT_GOAL := help
PYTHON ?= python3
PORT ?= 5050
NOTEBOOKS ?= notebooks
BIN := .venv/bin

.PHONY: help init check format test coverage test-web web test-cluster cluster cluster-down images chart run bench lock clean

help: ## Show the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv/run: requirements.lock pyproject.toml
	@echo "Installing into .venv, which takes a minute or two ..."
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

.venv/dev: .venv/run requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

init: .venv/dev ## Make .venv with everything that development needs.

check: .venv/dev ## Format, lint, types, import contracts, declared dependencies, generated files.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/basedpyright
	$(BIN)/lint-imports
	$(BIN)/deptry api catalog cli crds kube local operator runner sdk
	$(BIN)/python -m podbook_crds.manifest --check
	$(BIN)/python -m podbook_catalog.entries.published --check
	$(BIN)/python -m docs.make --check

format: .venv/dev ## Format the code and mend what ruff can mend.
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

# On two cores: a third of what two workers have of them is idle, while tests wait for what they test.
test: .venv/dev ## Everything that needs neither root nor Go.
	$(BIN)/python -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder

# Twice the time of `make test`, by and large; the browser's and the cluster's tests are not in it.
coverage: .venv/dev ## What of each package the tests reach, in lines and branches.
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder --timeout 600 $(TESTS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage json --quiet -o .coverage/found.json
	$(BIN)/python -m tests.support.coverage_by_package .coverage/found.json

test-web: .venv/dev ## Pages in a real browser (Debian's chromium; installs it as root).
	command -v chromium >/dev/null || { apt-get update --quiet && apt-get install --quiet --yes --no-install-recommends chromium; }
	$(BIN)/python -m pytest tests/web

web: ## Build the pages into the API's package (needs Node).
	cd web && npm ci --no-audit --no-fund && npm run check && npm run build

test-cluster: .venv/dev ## The same on a real Kubernetes, built and run here (needs root and Go).
	$(BIN)/python -m tests.cluster test

cluster: .venv/dev ## Leave that Kubernetes running; prints its KUBECONFIG.
	$(BIN)/python -m tests.cluster up

cluster-down: .venv/dev ## Stop it.
	$(BIN)/python -m tests.cluster down

images: .venv/dev ## Build the images and print what they weigh (needs root).
	$(BIN)/python -m tests.cluster images

chart: ## Copy the generated definitions into the chart.
	cp crds/*.yaml charts/podbook/resources/

run: .venv/run ## Serve notebooks/ on 127.0.0.1:$(PORT), with one example run first.
	$(BIN)/podbook up $(NOTEBOOKS) --port $(PORT) --python $(BIN)/python --example analysis

bench: .venv/dev ## Side-by-side measurements, each a printed table.
	$(BIN)/python -m bench

# An image gets only what its part needs, at the versions of the whole.
LOCK_IMAGE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
  --custom-compile-command "make lock" -c requirements-dev.lock

bench-cluster: .venv/dev ## What a run costs on the real Kubernetes, beside a Job (needs root and Go).
	$(BIN)/python -m tests.cluster run bench.cluster.one_run
	$(BIN)/python -m tests.cluster run bench.cluster.followed
	$(BIN)/python -m tests.cluster run bench.cluster.requests
	PODBOOK_CLUSTER_QPS=1000 $(BIN)/python -m tests.cluster run bench.cluster.burst

lock: ## Renew the locks (needs uv).
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --custom-compile-command "make lock" --extra local --extra examples --group build pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --custom-compile-command "make lock" --extra local --extra examples --group build --group test --group lint \
	  -c requirements.lock pyproject.toml -o requirements-dev.lock
	$(LOCK_IMAGE) --extra api --extra grpc --extra preview pyproject.toml -o images/api.lock
	for image in operator runner; do $(LOCK_IMAGE) --extra $$image pyproject.toml -o images/$$image.lock; done
	$(LOCK_IMAGE) --group build -o images/build.lock
	for image in kernel kernel-scientific; do $(LOCK_IMAGE) images/$$image.in -o images/$$image.lock; done

clean: ## Remove what the targets made here.
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
