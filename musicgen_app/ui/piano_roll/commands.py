"""What a piano roll can do on request, by name.

`PianoRoll.commands()` returns ``dict[str, Callable[[], None]]`` with the identifiers below, so that menus, tool
buttons and shortcuts of the window can reach the roll. The roll itself answers the keys in brackets while it has the
focus; no single letter ever fires while a text field has it.

Edit menu: ``edit.undo`` ``edit.redo`` ``edit.cut`` ``edit.copy`` ``edit.paste`` (at the playhead) ``edit.duplicate``
``edit.delete`` (Del, Backspace) ``edit.select_all`` ``edit.select_none`` (Esc).

Tools: ``roll.tool_select`` (1) ``roll.tool_draw`` (2) ``roll.tool_erase`` (3) ``roll.toggle_draw`` (B).

Notes: ``roll.quantise`` (Q) ``roll.transpose_up`` (Up) ``roll.transpose_down`` (Down) ``roll.octave_up`` (Shift+Up)
``roll.octave_down`` (Shift+Down) ``roll.move_left`` (Left) ``roll.move_right`` (Right) ``roll.fine_left`` (Alt+Left)
``roll.fine_right`` (Alt+Right) ``roll.shorter`` (Shift+Left) ``roll.longer`` (Shift+Right) ``roll.louder`` (Ctrl+Up)
``roll.softer`` (Ctrl+Down) ``roll.set_velocity`` (opens a small dialog).

View: ``roll.fit`` (F: the selection, or everything) ``roll.zoom_in`` (+) ``roll.zoom_out`` (-)
``roll.follow`` (toggles).

Playback: ``roll.loop_selection`` (the loop goes round the selected notes), ``roll.clear_loop``.
"""

COMMAND_IDS: tuple[str, ...] = (
    "edit.undo",
    "edit.redo",
    "edit.cut",
    "edit.copy",
    "edit.paste",
    "edit.duplicate",
    "edit.delete",
    "edit.select_all",
    "edit.select_none",
    "roll.tool_select",
    "roll.tool_draw",
    "roll.tool_erase",
    "roll.toggle_draw",
    "roll.quantise",
    "roll.transpose_up",
    "roll.transpose_down",
    "roll.octave_up",
    "roll.octave_down",
    "roll.move_left",
    "roll.move_right",
    "roll.fine_left",
    "roll.fine_right",
    "roll.shorter",
    "roll.longer",
    "roll.louder",
    "roll.softer",
    "roll.set_velocity",
    "roll.fit",
    "roll.zoom_in",
    "roll.zoom_out",
    "roll.follow",
    "roll.loop_selection",
    "roll.clear_loop",
)
"""Every identifier that `PianoRoll.commands()` answers."""
