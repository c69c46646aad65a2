"""Takes values out of JSON that somebody else may have written: each is of the kind and range asked for, or refused."""

from collections.abc import Mapping
from typing import Any


def within(name: str, value: int, least: int, most: int) -> None:
    """Refuse a number out of range.

    Raises:
        ValueError: It is.
    """
    if not least <= value <= most:
        raise ValueError(f"{name} is {value}; expected {least} to {most}.")


def share(name: str, value: float) -> None:
    """Refuse what is no share of values to leave out.

    Raises:
        ValueError: It is not 0 up to but not including 1.
    """
    if not 0 <= value < 1:
        raise ValueError(f"{name} is {value}; expected 0 up to 1.")


def mapping(value: object, name: str) -> dict[str, Any]:
    """A JSON object.

    Raises:
        ValueError: It is none.
    """
    if not isinstance(value, dict):
        raise ValueError(f"The {name} is missing.")
    return value


def whole(values: Mapping[str, Any], name: str) -> int:
    """A whole number by its name.

    Raises:
        ValueError: It is none.
    """
    value = values.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{name} is not a whole number.")
    return value


def number(values: Mapping[str, Any], name: str) -> float:
    """A number by its name.

    Raises:
        ValueError: It is none.
    """
    value = values.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"The network's {name} is not a number.")
    return float(value)


def flag(values: Mapping[str, Any], name: str) -> bool:
    """True or false by its name.

    Raises:
        ValueError: It is neither.
    """
    value = values.get(name)
    if not isinstance(value, bool):
        raise ValueError(f"{name} is neither true nor false.")
    return value


def text(values: Mapping[str, Any], name: str) -> str:
    """A text by its name.

    Raises:
        ValueError: It is none.
    """
    value = values.get(name)
    if not isinstance(value, str):
        raise ValueError(f"{name} is not a text.")
    return value


def lines(values: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """A list of texts by its name.

    Raises:
        ValueError: It is none.
    """
    value = values.get(name)
    if not isinstance(value, list) or not all(isinstance(line, str) for line in value):
        raise ValueError(f"The {name} is not a list of lines.")
    return tuple(value)


def rows(value: object, kinds: tuple[type, ...], refusal: str) -> tuple[tuple[Any, ...], ...]:
    """The rows of a list, each of values of exactly these kinds; true and false are no numbers.

    Raises:
        ValueError: It is something else; ``refusal`` says so.
    """
    if not isinstance(value, list | tuple):
        raise ValueError(refusal)
    for row in value:
        if not isinstance(row, list | tuple) or tuple(type(one) for one in row) != kinds:
            raise ValueError(refusal)
    return tuple(tuple(row) for row in value)
