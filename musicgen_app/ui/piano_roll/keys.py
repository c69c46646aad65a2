"""Which command a key press asks for."""

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeySequence

Press = tuple[Qt.Key, Qt.KeyboardModifier]

# A plain plus and minus zoom wherever nothing else has them; a plus needs Shift on many keyboards.
_ALSO = (("+", "zoom_in"), ("Shift++", "zoom_in"), ("-", "zoom_out"))


class RollKeys:
    """The keys of a roll's commands.

    Args:
        keys: Keys in Qt's portable writing, by the ids of the commands.
    """

    def __init__(self, keys: Mapping[str, Iterable[str]]) -> None:
        self._commands: dict[Press, str] = {}
        for key, command in _ALSO:
            self._put(key, command)
        for command, own in keys.items():
            for key in own:
                self._put(key, command)

    def command(self, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> str | None:
        """The command of a key press; None where it has none."""
        return self._commands.get((key, modifiers & ~Qt.KeyboardModifier.KeypadModifier))

    def _put(self, key: str, command: str) -> None:
        sequence = QKeySequence(key)
        if not sequence.isEmpty():
            press = cast(Sequence[QKeyCombination], sequence)[0]
            self._commands[press.key(), press.keyboardModifiers()] = command
