"""The menu in which a scale is chosen."""

from functools import partial

from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu

from musicgen_app.core.scale import ROOTS, SCALES, Scale
from musicgen_app.ui.piano_roll.scale_choice import KEY, OFF, OWN, ScaleChoice
from musicgen_app.ui.piano_roll.state import RollState


def root_name(root: int) -> str:
    """The name of a pitch class as it is written: "E♭"."""
    return ROOTS[root].replace(" sharp", "♯").replace(" flat", "♭")


def scale_words(choice: ScaleChoice) -> str:
    """What is chosen, in a few words."""
    if choice.kind == OFF:
        return "Scale"
    name = "Key" if choice.kind == KEY else f"{root_name(choice.own.root)} {choice.own.name}"
    return f"{name}, held" if choice.holds else name


def fill_scale_menu(menu: QMenu, state: RollState) -> None:
    """Put what can be chosen into a menu, with ticks where it stands."""
    menu.clear()
    for old in menu.findChildren(QMenu):
        old.setParent(None)
        old.deleteLater()
    now = state.scale
    group = QActionGroup(menu)
    entries = [("No scale", ScaleChoice()), ("The key of the piece", ScaleChoice(KEY, now.own, now.holds))]
    for words, choice in entries:
        action = group.addAction(menu.addAction(words))
        action.setCheckable(True)
        action.setChecked(now.kind == choice.kind)
        action.triggered.connect(partial(state.set_scale, choice))
    menu.addSeparator()
    roots, kinds = menu.addMenu("Root"), menu.addMenu("Scale")
    for root in range(12):
        action = roots.addAction(root_name(root))
        action.setCheckable(True)
        action.setChecked(now.kind == OWN and now.own.root == root)
        action.triggered.connect(partial(state.set_scale, ScaleChoice(OWN, Scale(root, now.own.name), now.holds)))
    for name in SCALES:
        action = kinds.addAction(name[:1].upper() + name[1:])
        action.setCheckable(True)
        action.setChecked(now.kind == OWN and now.own.name == name)
        action.triggered.connect(partial(state.set_scale, ScaleChoice(OWN, Scale(now.own.root, name), now.holds)))
    menu.addSeparator()
    hold = menu.addAction("Hold notes to the scale")
    hold.setToolTip("Notes that are drawn or moved go to the nearest pitch of the scale")
    hold.setCheckable(True)
    hold.setChecked(now.holds)
    hold.setEnabled(now.kind != OFF)
    hold.triggered.connect(partial(state.set_scale, ScaleChoice(now.kind, now.own, not now.holds)))
