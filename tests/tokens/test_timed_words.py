"""Words know when they are heard, also where bars that hold too much have pushed the next ones on."""

from pathlib import Path

from musicgen_app.midi.reader import read_midi
from musicgen_app.tokens.seed_reading import seed_words, timed_score_words, timed_words
from musicgen_app.tokens.seed_words import pitches_of
from tests.midi.raw import DIVISION, midi, note


def test_words_stand_where_their_notes_do(tmp_path: Path) -> None:
    notes = note(60, length=DIVISION) + note(64, length=6 * DIVISION) + note(67, length=DIVISION)
    (tmp_path / "a.mid").write_bytes(midi(notes))
    reading = read_midi(tmp_path / "a.mid")
    timed = timed_words(reading)
    assert [word for _, word in timed] == seed_words(reading)
    beat = reading.score.ticks_per_beat
    first, *middle, last = timed
    assert (first, last) == ((0, "C4"), (7 * beat, "G4"))
    assert [(tick // beat, word) for tick, word in middle] == [(1, "E4"), (4, "E4")], "struck again in the next bar"
    assert timed_score_words(reading.score) == timed


def test_every_word_of_the_seeds_files_sounds_where_it_is_said_to(shared: Path) -> None:
    music = shared / "seed" / "music_gen" / "data" / "chopin_midi" / "train"
    for name in ("chet1002.mid", "chno1502.mid", "chpson3b.mid"):
        if not (music / name).is_file():
            continue
        reading = read_midi(music / name)
        notes, near = reading.score.notes, reading.score.ticks_per_beat // 4
        for tick, word in timed_words(reading, first_part=True):
            heard = notes[(notes["onset"] <= tick + near) & (notes["onset"] + notes["duration"] > tick - near)]
            classes = {pitch % 12 for pitch in pitches_of(word, 60)}
            assert classes & {pitch % 12 for pitch in heard["pitch"].tolist()}, (name, tick, word)
