# `make demo` and `make test` install what they need into .venv first.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test check torture docs clean

demo: .venv/installed
	$(BIN)/flywheel demo

test: .venv/installed
	$(BIN)/python -m pytest -n 2 --dist loadfile

check: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

torture: .venv/installed
	$(BIN)/python -m pytest -m slow

docs: .venv/installed
	$(BIN)/python -m docs.generate

clean:
	rm -rf .venv var build *.egg-info

.venv/installed: pyproject.toml requirements.lock
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c requirements.lock -e '.[test,train,fast]'
	touch $@
