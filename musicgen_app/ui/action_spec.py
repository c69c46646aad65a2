"""What is known of an action or a gesture before there is a window."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One thing that can be done.

    Attributes:
        id: Its name in the program.
        text: Its words in the menu, without keys; an ellipsis where a dialog follows.
        keys: Its keys, the one to be shown first.
        menu: Menu it stands in; a submenu behind a slash ("Edit/Transpose").
        tooltip: What it does, in a sentence without a full stop.
        icon: Name of its icon; empty for none.
        scope: "window": its keys work everywhere; "roll": the piano roll answers them while it has the focus.
        checkable: Whether it is on or off.
        selected: Whether it can only be done where notes are selected.
        group: Actions of one group in a menu stand together; a line parts the groups.
    """

    id: str
    text: str
    keys: tuple[str, ...]
    menu: str
    tooltip: str
    icon: str = ""
    scope: str = "window"
    checkable: bool = False
    selected: bool = False
    group: int = 0


@dataclass(frozen=True, slots=True)
class Gesture:
    """Something the mouse does, or keys of one place, which no menu shows but the sheet of keys does."""

    keys: str
    text: str
    place: str
