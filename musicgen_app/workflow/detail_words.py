"""What the inspector tells, in words: for the window and the command line alike."""

from collections.abc import Sequence

from musicgen_app.core.analysis import Spread
from musicgen_app.workflow.details import Looked, MidiDetails, SeedDetails, TempoDetails, TrackDetails

MOST_TRACKS = 40
_MOST_CHANGES = 4
_MOST_TEXTS = 12
_NOTES = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")

Fact = tuple[str, str]
"""What it is called, and what it is."""


def file_facts(found: MidiDetails) -> tuple[Fact, ...]:
    """Format, tempo, metre, key, pedal."""
    tracks = _count(len(found.names), "track")
    return (
        ("Format", f"{found.format}, {tracks} in the file"),
        ("Resolution", f"{found.ticks_per_beat:,} ticks in a quarter note"),
        ("Tempo", tempo_words(found.tempo)),
        ("Metre", _changes(found.time_signatures) or "None given (counts as 4/4)"),
        ("Key", _changes(found.key_signatures) or "None given"),
        ("At once", f"{found.mean_together:.1f} notes, at most {found.most_together}"),
        ("Pedal", _count(found.pedal, "event") if found.pedal else "None"),
    )


def tempo_words(tempo: TempoDetails) -> str:
    """The tempo map."""
    first = f"{tempo.first:.4g} quarter notes a minute"
    if not tempo.changes:
        return first
    between = f"from {tempo.slowest:.4g} to {tempo.fastest:.4g}"
    return f"{first} at first, {_count(tempo.changes, 'change')}, {between}"


def track_words(track: TrackDetails) -> str:
    """One track, in a sentence or two."""
    sound = f"{track.instrument}, channel {track.channel}"
    if not track.drums:
        sound = f"{track.instrument} (program {track.program + 1}), channel {track.channel}"
    if track.lowest is None or track.highest is None:
        return f"{sound}. No notes"
    return f"{sound}. {_count(track.notes, 'note')}, {_pitch(track.lowest)} to {_pitch(track.highest)}"


def track_facts(tracks: Sequence[TrackDetails]) -> tuple[Fact, ...]:
    """All tracks, the first of very many."""
    shown = tuple((track.name or f"Track {number}", track_words(track)) for number, track in enumerate(tracks, 1))
    if len(shown) > MOST_TRACKS:
        return (*shown[:MOST_TRACKS], ("", f"and {len(shown) - MOST_TRACKS:,} more"))
    return shown


def length_words(lengths: Spread) -> str:
    """How long notes are."""
    if lengths.distinct == 1:
        return f"All {_quarters(lengths.median)}"
    return (
        f"{lengths.least:.3g} to {_quarters(lengths.most)}; half of them {lengths.lower:.3g} to {lengths.upper:.3g}, "
        f"the middle one {lengths.median:.3g}; {lengths.distinct:,} different"
    )


def velocity_words(velocities: Spread) -> str:
    """How loud notes are."""
    if velocities.distinct == 1:
        return f"All {velocities.median:.0f}"
    return (
        f"{velocities.least:.0f} to {velocities.most:.0f}; half of them {velocities.lower:.0f} to "
        f"{velocities.upper:.0f}, the middle one {velocities.median:.0f}; {velocities.distinct:,} different"
    )


def text_facts(found: MidiDetails) -> tuple[Fact, ...]:
    """Names of tracks without notes, copyright, lyrics and other words; a kind stands once."""
    used = {track.name for track in found.tracks}
    kinds: dict[str, list[str]] = {}
    for name in found.names:
        if name and name not in used:
            kinds.setdefault("Title", []).append(name)
    for kind, words in found.texts:
        kinds.setdefault(kind.capitalize(), []).append(words)
    facts = []
    for kind, lines in kinds.items():
        more = [f"and {len(lines) - _MOST_TEXTS:,} more"] if len(lines) > _MOST_TEXTS else []
        facts.append((kind, "\n".join([*lines[:_MOST_TEXTS], *more])))
    return tuple(facts)


def seed_facts(seed: SeedDetails) -> tuple[Fact, ...]:
    """What the seed codec makes of a file."""
    return (
        ("Words", f"{seed.words:,}, {seed.distinct:,} different"),
        ("First", " ".join(seed.first) + (" ..." if seed.words > len(seed.first) else "")),
        ("First part", first_part_words(seed)),
    )


def first_part_words(seed: SeedDetails) -> str:
    """What the seeds' rule to read the first part only leaves of a file."""
    if not seed.lost:
        return "Read alone, it has all the notes"
    lost = f"{_count(seed.lost, 'note')} would be lost"
    if not seed.first_part_words:
        return f"Empty: read alone, all {lost}"
    return f"Read alone, {seed.first_part_words:,} words are left; {lost}"


def detail_lines(looked: Looked) -> tuple[str, ...]:
    """All that is told of a file, a line a fact."""
    facts: list[Fact] = []
    found = looked.details
    if found is not None:
        facts += file_facts(found)
        facts += [(f"Track {name}" if name else "", words) for name, words in _numbered(found)]
        if found.lengths is not None and found.velocities is not None:
            facts += [("Lengths", length_words(found.lengths)), ("Velocities", velocity_words(found.velocities))]
        facts += text_facts(found)
    if looked.seed is not None:
        facts += [(f"Seed codec, {name.lower()}", words) for name, words in seed_facts(looked.seed)]
    return tuple(f"{name}: {' / '.join(words.splitlines())}" if name else words for name, words in facts)


def _numbered(found: MidiDetails) -> list[Fact]:
    named = track_facts(found.tracks)
    return [
        (f"{number} ({name})" if name != f"Track {number}" else f"{number}", words) if name else (name, words)
        for number, (name, words) in enumerate(named, 1)
    ]


def _changes(signatures: Sequence[tuple[float, str]]) -> str:
    """Signatures in their order, a few of many."""
    words = [words if not quarter else f"{words} from quarter {quarter + 1:g}" for quarter, words in signatures]
    more = [f"{len(words) - _MOST_CHANGES:,} more changes"] if len(words) > _MOST_CHANGES else []
    return ", ".join([*words[:_MOST_CHANGES], *more])


def _pitch(pitch: int) -> str:
    return f"{_NOTES[pitch % 12]}{pitch // 12 - 1}"


def _quarters(beats: float) -> str:
    return f"{beats:.3g} quarter {'note' if beats == 1 else 'notes'}"


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"
