"""The account of what an instrument was told: which keys are down, and each channel's program and pedal."""

from collections.abc import Iterable
from typing import Any

from musicgen_app.audio.messages import ALL_NOTES_OFF, SUSTAIN, control, note_off, note_on


class Keys:
    """Turns what shall sound into messages, so that every key goes down once and comes up once.

    Attributes:
        down: The keys (channel, pitch) that the score holds, in the order in which they were struck.
    """

    def __init__(self) -> None:
        self.down: dict[tuple[int, int], None] = {}
        self._struck: dict[tuple[int, int], None] = {}
        self._told: dict[bytes, bytes] = {}
        self._feet: dict[int, int] = {}

    def play(self, message: bytes) -> list[bytes]:
        """What to send for a message of the score."""
        kind, key = message[0] >> 4, (message[0] & 15, message[1])
        before: list[bytes] = []
        if kind == 0x9:
            before = self.release(*key)
            self.down[key] = None
        elif kind == 0x8:
            if key not in self.down:
                return []
            del self.down[key]
        else:
            self._told[_subject(message)] = message
        return [*before, *self.deepened([message])]

    def let_go(self, channel: int, pitch: int) -> list[bytes]:
        """What to send where the score does not hold a key any more."""
        return self.play(note_off(channel, pitch))

    def strike(self, channel: int, pitch: int, velocity: int) -> list[bytes]:
        """What to send to strike a key beside the score."""
        before = self.release(channel, pitch) + self.let_go(channel, pitch)
        self._struck[channel, pitch] = None
        return [*before, note_on(channel, pitch, velocity)]

    def release(self, channel: int, pitch: int) -> list[bytes]:
        """What to send to let go of a key struck beside the score; nothing where the score has struck it since."""
        return [note_off(channel, pitch)] if self._struck.pop((channel, pitch), self) is None else []

    def press(self, channel: int, value: int) -> list[bytes]:
        """What to send where a foot moves a pedal beside the score; of the two the deeper one counts."""
        self._feet[channel] = value
        told = self._told.get(bytes((0xB0 | channel, SUSTAIN)))
        return self.deepened([told or control(channel, SUSTAIN, 0)])

    def deepened(self, messages: Iterable[bytes]) -> list[bytes]:
        """Messages of the score as they are sent: no pedal is lifted that a foot holds."""
        return [
            control(message[0] & 15, SUSTAIN, max(message[2], self._feet.get(message[0] & 15, 0)))
            if message[0] >> 4 == 0xB and message[1] == SUSTAIN
            else message
            for message in messages
        ]

    def tell(self, messages: Iterable[bytes]) -> None:
        """Note programs and pedals that are sent."""
        self._told.update((_subject(message), message) for message in messages)

    def news(self, wanted: Iterable[bytes]) -> list[bytes]:
        """Those of some programs and pedals that the instrument does not know yet."""
        return self.deepened(message for message in wanted if self._told.get(_subject(message)) != message)

    def lifted(self, wanted: Iterable[bytes]) -> list[bytes]:
        """What lifts the pedals that were spoken of and are not any more."""
        gone = self._told.keys() - {_subject(message) for message in wanted}
        return [control(subject[0] & 15, SUSTAIN, 0) for subject in sorted(gone) if subject[0] >> 4 == 0xB]

    def account(self) -> list[list[Any]]:
        """All that is known, in plain values, for `take_over`."""
        told = [message.hex() for message in self._told.values()]
        return [[*self.down], [*self._struck], told, [*self._feet.items()]]

    def take_over(self, account: list[list[Any]]) -> None:
        """Go on from another's account."""
        down, struck, told, feet = account
        self.down = {(channel, pitch): None for channel, pitch in down}  # noqa: C420 (pairs may come as lists)
        self._struck = {(channel, pitch): None for channel, pitch in struck}  # noqa: C420
        self._told = {}
        self._feet = {channel: value for channel, value in feet}  # noqa: C416
        self.tell(map(bytes.fromhex, told))

    def silence(self, channels: Iterable[int]) -> list[bytes]:
        """What the transport's law asks for, for some channels and all that were spoken to."""
        keys = [*self.down, *self._struck]
        messages = [note_off(channel, pitch) for channel, pitch in keys]
        told = {subject[0] & 15 for subject in self._told}
        spoken_to = sorted({*channels, *told, *self._feet, *(channel for channel, _ in keys)})
        self.down.clear()
        self._struck.clear()
        self._told.clear()
        self._feet.clear()
        for channel in spoken_to:
            messages += [control(channel, SUSTAIN, 0), control(channel, ALL_NOTES_OFF, 0)]
        return messages


def _subject(message: bytes) -> bytes:
    """What a program or controller message speaks about; a later one on the same subject replaces it."""
    return message[:1] if message[0] >> 4 == 0xC else message[:2]
