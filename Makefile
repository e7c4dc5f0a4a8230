PYTHON ?= python3
INSTALL = .venv/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable

.PHONY: bench demo lint test types

demo: .venv/ready
	.venv/bin/twinspike demo $(if $(STAY),--stay)

lint: .venv/tested
	@echo "==> linting"
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .

types: .venv/tested
	@echo "==> checking types"
	.venv/bin/basedpyright --level error --pythonpath .venv/bin/python

test: lint types
	@echo "==> running the tests"
	.venv/bin/pytest -q -n 2 --dist worksteal

bench: .venv/tested
	@mkdir -p build
	.venv/bin/python benchmarks/run.py $(if $(AGAINST),--against $(AGAINST)) > build/RESULTS.md
	mv build/RESULTS.md benchmarks/RESULTS.md

.venv/ready: pyproject.toml constraints.txt
	@echo "==> making .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "twinspike needs Python 3.11 or later; name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv .venv
	@echo "==> installing twinspike into .venv (half a minute the first time)"
	$(INSTALL) .
	@touch .venv/ready

.venv/tested: .venv/ready
	@echo "==> installing what the tests need into .venv (a minute the first time)"
	$(INSTALL) '.[test]'
	@touch .venv/tested
