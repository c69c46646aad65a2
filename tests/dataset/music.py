"""Small pieces of music for the tests of data sets, as Scores and as MIDI files."""

from pathlib import Path

import mido
import numpy as np

from musicgen_app.core.score import NOTE_DTYPE, Score, Track


def melody(seed: int, notes: int = 120, ticks_per_beat: int = 24, key: int = 0, chords: bool = True) -> Score:
    """A piece of its own for every seed: an upper voice on a grid of eighths over held notes."""
    rng = np.random.default_rng(seed)
    rows = np.zeros(notes, dtype=NOTE_DTYPE)
    rows["onset"] = np.cumsum(rng.choice([1, 1, 2, 3, 4], notes)) * ticks_per_beat // 2
    rows["duration"] = rng.integers(1, 4, notes) * ticks_per_beat // 2
    rows["pitch"] = np.clip(72 + np.cumsum(rng.integers(-4, 5, notes)), 60, 96) + key
    rows["velocity"] = rng.integers(30, 110, notes)
    if chords:
        below = rows[::3].copy()
        below["pitch"] -= 19
        rows = np.concatenate([rows, below])
    return Score(rows, ticks_per_beat=ticks_per_beat)


def transposed(score: Score, semitones: int) -> Score:
    notes = score.notes.copy()
    notes["pitch"] = notes["pitch"].astype(np.int64) + semitones
    return score.with_notes(notes)


def edition(score: Score, seed: int, changed: float = 0.15) -> Score:
    """Another edition: of the notes that change three fifths are left out, the rest are other ones or ornamented."""
    rng = np.random.default_rng(seed)
    notes = score.notes.copy()
    notes["velocity"] = rng.integers(20, 120, len(notes))
    chance = rng.random(len(notes))
    notes["pitch"][chance < 0.2 * changed] += 1
    ornaments = notes[(chance >= 0.2 * changed) & (chance < 0.4 * changed)].copy()
    ornaments["onset"] += score.ticks_per_beat // 8
    ornaments["pitch"] += 2
    return score.with_notes(np.concatenate([notes[chance < 1 - 0.6 * changed], ornaments]))


def write_midi_file(path: Path, score: Score, channel: int = 0, bpm: float = 120.0) -> Path:
    """Write a score with mido, all notes into one track."""
    events = [(int(n["onset"]), 1, int(n["pitch"]), int(n["velocity"])) for n in score.notes]
    events += [(int(n["onset"] + n["duration"]), 0, int(n["pitch"]), 0) for n in score.notes]
    events.sort()
    track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm))])
    now = 0
    for tick, on, pitch, velocity in events:
        kind = "note_on" if on else "note_off"
        track.append(mido.Message(kind, channel=channel, note=pitch, velocity=velocity, time=tick - now))
        now = tick
    file = mido.MidiFile(ticks_per_beat=score.ticks_per_beat)
    file.tracks.append(track)
    path.parent.mkdir(parents=True, exist_ok=True)
    file.save(path)
    return path


DRUMS = (Track("Drums", channel=9),)
