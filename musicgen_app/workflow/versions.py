"""What results depend on beside the request: the versions that have to be the same on all machines of a cluster."""

import functools
import platform
from importlib.metadata import PackageNotFoundError, version

from musicgen_app.core.errors import ClusterError

_PACKAGES = ("musicgen-app", "numpy", "verovio", "tensorflow", "keras")


@functools.cache
def versions() -> tuple[str, ...]:
    """The versions on this machine."""
    return (platform.python_version(), *(_version(name) for name in _PACKAGES))


def check_versions(wanted: tuple[str, ...]) -> None:
    """See that this machine has the versions of the one that gives it work.

    Raises:
        ClusterError: It has others.
    """
    names = ("Python", *_PACKAGES)
    others = [
        f"{name} {ours} instead of {theirs}"
        for name, ours, theirs in zip(names, versions(), wanted, strict=True)
        if ours != theirs
    ]
    if others:
        raise ClusterError(
            f"A node of the cluster has {', '.join(others)}.", "Install the same versions on every machine of it."
        )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"
