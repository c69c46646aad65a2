# Two commands matter: `make run` and `make test`. Each sets up what it needs first.
PYTHON ?= $(firstword $(foreach name,python3.12 python3.11 python3 python,$(shell command -v $(name) >/dev/null 2>&1 && $(name) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null && echo $(name))))

.PHONY: run test test-all bench bench-quality gates setup lock clean

run test test-all bench bench-quality gates setup:
	@if [ -z "$(PYTHON)" ]; then echo "musicgen: Python 3.11 or 3.12 is needed. On Debian or Ubuntu: sudo apt-get install -y python3 python3-venv" >&2; exit 2; fi
	@$(PYTHON) packaging/bootstrap.py $@

# Writes the lock files anew from pyproject.toml; needs uv. Hashes for every platform, no addresses.
lock:
	uv pip compile pyproject.toml --group build --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header -q -o packaging/requirements.lock
	uv pip compile pyproject.toml --group build --group dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header -q -o packaging/requirements-dev.lock

clean:
	rm -rf build dist .venv
