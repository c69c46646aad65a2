"""Small scores and what is heard of them, for the tests of audio."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from musicgen_app.audio.timeline import Timeline
from musicgen_app.audio.transport import Event, Transport
from musicgen_app.core.score import PEDAL_DTYPE, TEMPO_DTYPE, Score, Track, make_notes

RATE = 48_000


def piece(
    *notes: tuple[int, int, int, int],
    pedals: Iterable[tuple[int, int]] = (),
    beats_per_minute: int = 125,
    program: int = 0,
) -> Score:
    """A score of (onset, duration, pitch, velocity) with pedals (onset, value).

    480 ticks a beat and 125 beats a minute make one tick one millisecond, which is 48 frames.
    """
    return Score(
        notes=make_notes(notes),
        pedals=np.array([(onset, 0, value) for onset, value in pedals], dtype=PEDAL_DTYPE),
        tempos=np.array([(0, 60_000_000 // beats_per_minute)], dtype=TEMPO_DTYPE),
        tracks=(Track(program=program),),
    )


def playing(score: Score, complete: bool = True) -> Transport:
    """A transport at the beginning of a score, just told to play."""
    transport = Transport(RATE)
    transport.load(Timeline(score), complete)
    transport.play()
    return transport


def run(transport: Transport, frames: int, block: int = 1024) -> list[Event]:
    """Let frames go by in blocks; the events' frames count from the first of them."""
    events, done = [], 0
    while done < frames:
        size = min(block, frames - done)
        events += [Event(done + event.frame, event.message) for event in transport.advance(size)]
        done += size
    return events


def messages(events: Iterable[Event]) -> list[bytes]:
    """What is said, without its time."""
    return [event.message for event in events]


def of_kind(events: Iterable[Event], kind: int) -> list[tuple[int, int, int]]:
    """(frame, first data byte, second data byte) of the messages of one kind: 8 off, 9 on, 11 controller."""
    return [(event.frame, event.message[1], event.message[-1]) for event in events if event.message[0] >> 4 == kind]


def ons(events: Iterable[Event]) -> list[tuple[int, int]]:
    """(frame, pitch) of every note-on."""
    return [(frame, pitch) for frame, pitch, _ in of_kind(events, 9)]


def offs(events: Iterable[Event]) -> list[tuple[int, int]]:
    """(frame, pitch) of every note-off."""
    return [(frame, pitch) for frame, pitch, _ in of_kind(events, 8)]


@st.composite
def small_scores(draw: st.DrawFn) -> Score:
    """Up to a dozen notes within two seconds on two tracks, with pedals, tempo changes and re-struck keys."""
    note = st.tuples(
        st.integers(0, 2000), st.integers(1, 900), st.integers(59, 63), st.integers(1, 127), st.integers(0, 1)
    )
    notes = draw(st.lists(note, max_size=12))
    pedals = draw(st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 1), st.integers(0, 127)), max_size=5))
    tempos = draw(st.lists(st.tuples(st.integers(0, 2000), st.integers(100_000, 2_000_000)), max_size=3))
    channels = draw(st.sampled_from([(0, 0), (0, 1), (3, 9)]))
    programs = draw(st.tuples(st.integers(0, 2), st.integers(0, 2)))
    return replace(
        piece(*()),
        notes=make_notes(notes),
        pedals=np.array(pedals, dtype=PEDAL_DTYPE) if pedals else np.empty(0, PEDAL_DTYPE),
        tempos=np.array(tempos, dtype=TEMPO_DTYPE) if tempos else np.empty(0, TEMPO_DTYPE),
        tracks=tuple(Track(program=p, channel=c) for p, c in zip(programs, channels, strict=True)),
    )


def k_weighted_db(wave: np.ndarray) -> float:
    """Loudness of a mono wave as ITU-R BS.1770 weights it, in dB below full scale."""
    size = 2 * len(wave)
    z = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)
    shelf = (1.53512485958697 - 2.69169618940638 * z + 1.19839281085285 * z**2) / (
        1 - 1.69065929318241 * z + 0.73248077421585 * z**2
    )
    high_pass = (1 - 2 * z + z**2) / (1 - 1.99004745483398 * z + 0.99007225036621 * z**2)
    heard = np.fft.irfft(np.fft.rfft(wave, size) * shelf * high_pass, size)[: len(wave)]
    return float(10 * np.log10(np.mean(heard**2)))


def click_db(wave: np.ndarray, at: int) -> float:
    """How much louder a wave is above 8 kHz in the 10 ms from ``at`` on than in the 100 ms before it, in dB.

    The loudest millisecond counts on both sides. A string some time after its blow has little up there; a cut has much.
    """
    spectrum = np.fft.rfft(wave)
    spectrum[: 8000 * len(wave) // RATE] = 0
    high = np.fft.irfft(spectrum, len(wave))
    step = RATE // 1000
    level = [float(np.mean(high[begin : begin + step] ** 2)) for begin in range(at - 100 * step, at + 10 * step, step)]
    # Encoded recordings have a floor of about -120 dB of full scale; nothing below it is heard.
    return float(10 * np.log10((max(level[98:]) + 1e-12) / (max(level[:98]) + 1e-12)))
