# One entry for all work; `make help` explains each target. CI runs the same ones.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.setup-done
# Tests that start processes share two cores well with two workers.
WORKERS ?= 2
PYTEST_ARGS ?=
# What runs services runs them as they are delivered, with the data plane compiled; `make test COMPILED=` runs the sources.
COMPILED ?= PYTHONPATH=$(CURDIR)/build/compiled
PARALLEL := -n $(WORKERS) --dist worksteal -m "not quiet"
# 5 is "no test selected", when PYTEST_ARGS asks for others
SOME := || [ $$? -eq 5 ]
KUBE := PYTHONPATH=tests:tools $(BIN)/python -m cluster.kube

.DEFAULT_GOAL := help
.PHONY: help setup demo test soak chaos lint format bench bench-short protos lock clean \
    cluster cluster-possible cluster-down cluster-api test-api test-cluster bench-cluster crds images compiled wheel

help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## Make .venv with everything runnable in .venv/bin (first run downloads packages)

$(STAMP): pyproject.toml requirements.lock tools/setup.sh
	@PYTHON="$(PYTHON)" tools/setup.sh "$(VENV)"
	@touch $@

demo: setup ## Run two applications beside two sidecars on this machine and watch them talk
	@$(BIN)/python examples/demo.py

test: setup ## Run all tests but the ones that need a cluster
	@tools/test_engines.sh
	@$(BIN)/python tools/compiled.py
	$(BIN)/python -m pytest $(PARALLEL) $(PYTEST_ARGS) tests/unit tests/fuzz tests/golden $(SOME)
	$(COMPILED) $(BIN)/python -m pytest $(PARALLEL) $(PYTEST_ARGS) --ignore=tests/cluster --ignore=tests/unit --ignore=tests/fuzz $(SOME)
	$(COMPILED) $(BIN)/python -m pytest --ignore=tests/cluster -m quiet $(PYTEST_ARGS) $(SOME)

compiled: setup ## Compile the data plane into build/compiled, beside the sources
	@$(BIN)/python tools/compiled.py

wheel: setup ## Write the wheel to install elsewhere, with the data plane compiled, to dist
	@$(BIN)/python tools/compiled.py --wheel dist

test-api: setup ## Run the tests that need a Kubernetes API server (KUBECONFIG's, or one built here)
	@[ -n "$$KUBECONFIG" ] || $(KUBE) build api chart
	@# workers have an API server each, unless one is given
	$(BIN)/python -m pytest --ignore=tests/cluster/node -n $(if $(KUBECONFIG),0,$(WORKERS)) --dist worksteal \
	    $(PYTEST_ARGS) tests/cluster $(SOME)

test-cluster: test-api ## Those, and the tests that run pods on a node of their own (as root)
	@# without root they are skipped
	@[ -n "$$KUBECONFIG" ] || [ "$$(id -u)" != 0 ] || $(MAKE) --no-print-directory images
	@# a machine has one node, and a cluster one control plane
	@$(KUBE) around $(BIN)/python -m pytest $(PYTEST_ARGS) tests/cluster/node $(SOME)

cluster-possible: setup ## Say whether a node can run on this machine (as root); fails if not, with what is missing
	@$(KUBE) possible

cluster: setup ## Bring up a one-node Kubernetes on this machine (as root); prints its KUBECONFIG
	@$(KUBE) up

cluster-down: setup ## End that node and remove every trace of it
	@$(KUBE) down

images: setup ## Write the container images of all services to dist/images, without a builder
	@PYTHONPATH=tools $(BIN)/python -m images

cluster-api: setup ## Keep an API server on this machine until interrupted; prints its KUBECONFIG
	@$(KUBE) api

soak: compiled ## A minute of calls between two sidecars while certificates, issuer and root are rotated under them
	DAPR_SOAK_LIFE=10 $(COMPILED) $(BIN)/python -m pytest -s tests/integration/test_mtls_under_load.py $(PYTEST_ARGS)

chaos: compiled ## Ten minutes of calls to 2,000 actors on five hosts that are killed, frozen and cut off
	@tools/test_engines.sh
	DAPR_CHAOS_SECONDS=600 DAPR_CHAOS_HOSTS=5 DAPR_CHAOS_PLACEMENTS=3 DAPR_CHAOS_ACTORS=2000 DAPR_CHAOS_RATE=200 \
	    $(COMPILED) $(BIN)/python -m pytest -s tests/integration/test_actor_chaos.py $(PYTEST_ARGS)

lint: setup ## Check style, types, import layers and generated code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/generate_protos.py --check
	$(BIN)/python tools/generate_crds.py --check

format: setup ## Rewrite the code in the house's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: compiled ## Measure every figure of the data plane; prints tables, writes JSON to bench/results
	$(COMPILED) $(BIN)/python -m bench

bench-short: compiled ## The short form: fail when a figure worsened by half against the checked-in ratios
	$(COMPILED) $(BIN)/python -m bench --short --check

bench-cluster: images ## Measure the control plane on this machine's node (as root): installing, admitting, idling
	@$(KUBE) build api chart node
	@PYTHONPATH=tests:tools $(BIN)/python -m cluster.kube around $(BIN)/python -m bench.cluster

protos: setup ## Generate the protobuf modules from their .proto sources
	$(BIN)/python tools/generate_protos.py

crds: setup ## Write deploy/crds and the chart's own from the resource models
	$(BIN)/python tools/generate_crds.py

lock: setup ## Resolve the dependencies anew into requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header --python-version 3.11 \
	    --all-extras pyproject.toml --output-file requirements.lock

clean: ## Remove what setup and the tools made
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build bench/results
