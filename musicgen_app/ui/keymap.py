"""Which keys do what: the keys of the table, and what a person has put in their place."""

import json
from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QKeySequence

from musicgen_app.ui.action_spec import ActionSpec
from musicgen_app.ui.action_table import ACTIONS

Keys = tuple[str, ...]
MOST_KEYS = 4


class Keymap(QObject):
    """The keys in force, by the ids of the actions. No key does two things.

    Args:
        own: The keys that differ from the table, as `text` gave them; what cannot be read is passed over.
        actions: The table.

    Signals:
        changed: Some keys are others.
    """

    changed = Signal()

    def __init__(self, own: str = "", actions: tuple[ActionSpec, ...] = ACTIONS, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._default: dict[str, Keys] = {spec.id: tuple(portable(key) for key in spec.keys) for spec in actions}
        self._own: dict[str, Keys] = {}
        for name, keys in _read(own).items():
            if name in self._default:
                self._own[name] = tuple(key for key in keys if self._free_for(key, name))

    def keys(self, name: str) -> Keys:
        """The keys of an action, the one to be shown first; in Qt's portable writing ("Ctrl+S")."""
        return self._own.get(name, self._default[name])

    def all_keys(self) -> dict[str, Keys]:
        """The keys of all actions."""
        return {name: self.keys(name) for name in self._default}

    def shown(self, name: str) -> str:
        """The keys of an action as this system writes them."""
        return ", ".join(native(key) for key in self.keys(name))

    def is_own(self, name: str) -> bool:
        """Whether an action has other keys than the table gives it."""
        return name in self._own

    def holder(self, key: str) -> str:
        """The action that has a key; empty where none has."""
        wanted = portable(key)
        return next((name for name in self._default if wanted in self.keys(name)), "")

    def add(self, name: str, key: str) -> None:
        """Give an action a key, to be shown first. Whatever had the key loses it."""
        key = portable(key)
        if not key:
            return
        holder = self.holder(key)
        if holder and holder != name:
            self._own[holder] = tuple(other for other in self.keys(holder) if other != key)
        kept = [other for other in self.keys(name) if other != key]
        self._own[name] = (key, *kept)[:MOST_KEYS]
        self._tidy()

    def clear(self, name: str) -> None:
        """Take all keys from an action."""
        self._own[name] = ()
        self._tidy()

    def reset(self, name: str = "") -> None:
        """Give an action, or all, the keys of the table back; what took them loses them."""
        for each in (name,) if name else tuple(self._own):
            self._own.pop(each, None)
            for key in self._default[each]:
                for other, keys in tuple(self._own.items()):
                    self._own[other] = tuple(own for own in keys if own != key)
        self._tidy()

    def text(self) -> str:
        """The keys that differ from the table, to be kept."""
        return json.dumps({name: list(keys) for name, keys in sorted(self._own.items())}) if self._own else ""

    def _free_for(self, key: str, name: str) -> bool:
        """Whether a key that was read can be taken over: real, and nobody else's."""
        return bool(key) and self.holder(key) in ("", name)

    def _tidy(self) -> None:
        self._own = {name: keys for name, keys in self._own.items() if keys != self._default[name]}
        self.changed.emit()


def portable(key: str) -> str:
    """A key in Qt's portable writing; empty where it is none."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.PortableText)


def native(key: str) -> str:
    """A key as this system writes it."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


def _read(own: str) -> Mapping[str, Keys]:
    try:
        found = json.loads(own) if own else {}
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {
        str(name): tuple(portable(key) for key in keys if isinstance(key, str))[:MOST_KEYS]
        for name, keys in found.items()
        if isinstance(keys, list)
    }
