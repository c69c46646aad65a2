import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen_app.core.asides import CONTROL_DTYPE, Aside, Marker
from musicgen_app.core.score import (
    PEDAL_DTYPE,
    TEMPO_DTYPE,
    KeySignature,
    Score,
    TimeSignature,
    Track,
    make_notes,
)
from musicgen_app.core.timing import TempoMap
from musicgen_app.generation.opening import MOST_ROWS_HEARD, Opening
from musicgen_app.midi.reader import read_midi_bytes
from musicgen_app.midi.writer import midi_bytes
from musicgen_app.tokens.codec import Rows
from musicgen_app.tokens.notes import (
    END_CLASS,
    PEDAL_DOWN_CLASS,
    PEDAL_UP_CLASS,
    NoteCodec,
    metrical_codec,
    seconds_codec,
)
from tests.tokens.words import WordCodec, rows_of

METRICAL = metrical_codec(tempo=600_000)
SECONDS = seconds_codec()


def rows(*values: tuple[int, int, int, int]) -> Rows:
    return np.array(values, np.int16).reshape(-1, 4)


def pedals(*values: tuple[int, int]) -> np.ndarray:
    return np.array([(onset, 0, value) for onset, value in values], PEDAL_DTYPE)


def tempos(*values: tuple[int, int]) -> np.ndarray:
    return np.array(list(values), TEMPO_DTYPE)


PROMPT = Score(
    notes=make_notes([(0, 96, 60, 80), (101, 90, 64, 81), (576, 200, 67, 82)]),
    tempos=tempos((0, 400_000), (500, 800_000)),
    time_signatures=(TimeSignature(0, 3, 4),),
    key_signatures=(KeySignature(0, 2), KeySignature(500, -3)),
    tracks=(Track("Right hand", 5),),
    ticks_per_beat=96,
    markers=(Marker(500, "B"),),
    controls=np.array([(500, 0, 0xB0, 7, 90)], CONTROL_DTYPE),
    asides=(Aside(500, 5, b"la", 0),),
)
"""Two bars of 3/4; the last note begins the third."""

ONE_NOTE = rows((24, 72, 12, 16))


def test_from_nothing_the_network_hears_the_start_row_alone() -> None:
    opening = Opening(METRICAL)
    assert np.array_equal(opening.heard, METRICAL.start_row[None])
    assert (opening.base, opening.prompt_notes) == (0, 0)


def test_from_nothing_the_score_is_what_the_codec_decodes() -> None:
    assert Opening(METRICAL).score(ONE_NOTE) == METRICAL.decode(ONE_NOTE)
    assert Opening(SECONDS).score(ONE_NOTE) == SECONDS.decode(ONE_NOTE)


def test_a_prompt_without_notes_is_no_prompt() -> None:
    assert Opening(METRICAL, Score()).score(ONE_NOTE) == METRICAL.decode(ONE_NOTE)


def test_drums_alone_are_no_prompt() -> None:
    drums = Score(notes=make_notes([(0, 10, 36, 90)]), tracks=(Track("Drums", channel=9),))
    assert Opening(METRICAL, drums).prompt_notes == 0


def test_the_network_hears_the_prompt_without_its_end() -> None:
    heard = Opening(METRICAL, PROMPT).heard
    assert np.array_equal(heard[1:], METRICAL.encode(PROMPT)[:-1])
    assert heard[1:, 1].tolist() == [60, 64, 67]


def test_of_a_long_prompt_the_network_hears_the_end() -> None:
    long = Score(notes=make_notes([(480 * i, 240, 60 + i % 12, 64) for i in range(MOST_ROWS_HEARD + 50)]))
    heard = Opening(METRICAL, long).heard
    assert len(heard) == MOST_ROWS_HEARD + 1
    assert np.array_equal(heard[1:], METRICAL.encode(long)[50:-1])


def test_the_prompt_keeps_its_own_notes_tempo_metre_and_track() -> None:
    score = Opening(METRICAL, PROMPT).score(ONE_NOTE)
    assert score.ticks_per_beat == 480
    assert score.notes["onset"].tolist() == [0, 505, 2880, 3360]
    assert score.notes["duration"].tolist() == [480, 450, 1000, 240]
    assert score.notes["velocity"].tolist() == [80, 81, 82, 62]
    assert score.tempos["onset"].tolist() == [0, 2500]
    assert score.time_signatures == (TimeSignature(0, 3, 4),)
    assert score.key_signatures == (KeySignature(0, 2), KeySignature(2500, -3))
    assert score.tracks == PROMPT.tracks
    assert score.markers == (Marker(2500, "B"),)
    assert score.controls.tolist() == [(2500, 0, 0xB0, 7, 90)]
    assert score.asides == (Aside(2500, 5, b"la", 0),)


def test_a_continuation_without_its_prompt_takes_over_none_of_its_words() -> None:
    score = Opening(METRICAL, PROMPT, included=False).score(ONE_NOTE)
    assert (score.markers, score.controls.tolist(), score.asides) == ((), [], ())


def test_ticks_that_no_resolution_can_join_are_rounded_to_the_grid() -> None:
    odd = Score(notes=make_notes([(0, 10, 60, 80), (997, 5, 62, 80)]), ticks_per_beat=997)
    score = Opening(METRICAL, odd).score(ONE_NOTE)
    assert score.ticks_per_beat == 480
    assert score.notes["onset"].tolist() == [0, 480, 960]
    assert score.notes["duration"].tolist() == [5, 2, 240]


def test_without_a_beat_the_continuation_is_placed_by_seconds() -> None:
    opening = Opening(SECONDS, PROMPT)
    score = opening.score(rows((50, 72, 12, 16)))
    tempo = TempoMap(score)
    assert score.ticks_per_beat == 480
    assert score.notes["onset"][:3].tolist() == [0, 505, 2880]
    gap = tempo.seconds(score.notes["onset"][3]) - tempo.seconds(score.notes["onset"][2])
    assert gap == pytest.approx(0.5, abs=0.001)
    assert int(score.notes["duration"][3]) == round(0.12 / 0.8 * 480)


def test_fine_ticks_stay_as_they_are_where_there_is_no_beat() -> None:
    fine = Score(notes=make_notes([(0, 10, 60, 80)]), ticks_per_beat=960)
    assert Opening(SECONDS, fine).score(ONE_NOTE).ticks_per_beat == 960


def test_left_out_the_prompt_still_gives_tempo_metre_key_and_place_in_the_bar() -> None:
    moved = Score(
        notes=make_notes([(0, 96, 60, 80), (672, 90, 64, 81)]),
        tempos=PROMPT.tempos,
        time_signatures=PROMPT.time_signatures,
        key_signatures=PROMPT.key_signatures,
        ticks_per_beat=96,
    )
    opening = Opening(METRICAL, moved, included=False)
    assert opening.prompt_notes == 0
    assert opening.base == 480
    score = opening.score(ONE_NOTE)
    assert score.notes["onset"].tolist() == [960]
    assert score.tempos["microseconds_per_beat"].tolist() == [800_000]
    assert score.time_signatures == (TimeSignature(0, 3, 4),)
    assert score.key_signatures == (KeySignature(0, -3),)
    assert [track.name for track in score.tracks] == ["Piano"]


def test_a_prompt_of_several_tracks_gets_a_track_for_what_follows() -> None:
    two = Score(notes=make_notes([(0, 96, 60, 80, 0), (0, 96, 40, 80, 1)]), tracks=(Track("Right"), Track("Left")))
    score = Opening(METRICAL, two).score(ONE_NOTE)
    assert [track.name for track in score.tracks] == ["Right", "Left", "Continuation"]
    assert score.notes["track"].tolist() == [1, 0, 2]


def test_a_key_struck_at_the_prompts_last_moment_is_not_struck_twice() -> None:
    score = Opening(METRICAL, PROMPT).score(rows((0, 67, 12, 16), (0, 71, 12, 16)))
    assert score.notes["pitch"].tolist() == [60, 64, 67, 71]


def test_a_key_struck_anew_is_let_go_before() -> None:
    score = Opening(METRICAL).score(rows((0, 60, 96, 16), (0, 64, 96, 16), (24, 60, 12, 16), (24, 60, 12, 16)))
    assert score.notes["duration"].tolist() == [480, 1920, 240, 240]


def test_the_prompts_last_note_is_let_go_where_its_key_is_struck_anew() -> None:
    prompt = Score(notes=make_notes([(0, 4000, 60, 80), (240, 4000, 60, 80), (480, 4000, 64, 80)]))
    score = Opening(METRICAL, prompt).score(rows((24, 60, 12, 16)))
    assert score.notes["duration"].tolist() == [4000, 720, 4000, 240], "what overlaps in the prompt is its own affair"


@given(st.integers(0, 2**32 - 1))
def test_what_is_made_survives_a_midi_file(seed: int) -> None:
    rng = np.random.default_rng(seed)
    made = np.stack([rng.integers(0, size, 60) for size in (8, 131, 60, 33)], axis=1).astype(np.int16)
    made[:, 1] = np.where(made[:, 1] < 128, 60 + made[:, 1] % 4, made[:, 1])
    score = Opening(METRICAL).score(made)
    assert read_midi_bytes(midi_bytes(score)).score == score


@pytest.mark.parametrize("codec", [METRICAL, SECONDS], ids=["metrical", "seconds"])
def test_a_pedal_change_behind_the_last_note_moves_the_beginning(codec: NoteCodec) -> None:
    prompt = Score(notes=make_notes([(0, 240, 60, 80)]), pedals=pedals((0, 127), (480, 0)))
    assert Opening(codec, prompt).base == 480
    held = Score(notes=make_notes([(0, 240, 60, 80)]), pedals=pedals((0, 127)))
    assert Opening(codec, held).base == 0


def test_a_pedal_still_down_at_the_end_is_lifted() -> None:
    score = Opening(METRICAL).score(rows((0, PEDAL_DOWN_CLASS, 0, 0), (0, 60, 24, 16)))
    assert score.pedals["onset"].tolist() == [0, 480]
    assert score.pedals["value"].tolist() == [127, 0]


def test_a_pedal_lifted_by_the_music_is_left_alone() -> None:
    score = Opening(METRICAL).score(rows((0, PEDAL_DOWN_CLASS, 0, 0), (0, 60, 24, 16), (12, PEDAL_UP_CLASS, 0, 0)))
    assert score.pedals["onset"].tolist() == [0, 240]


def test_a_pedal_pressed_behind_the_last_note_is_lifted_where_it_is_pressed() -> None:
    score = Opening(METRICAL).score(rows((0, 60, 1, 16), (48, PEDAL_DOWN_CLASS, 0, 0)))
    assert score.pedals["onset"].tolist() == [960, 960]
    assert score.pedals["value"].tolist() == [127, 0]


def test_the_prompts_own_pedal_is_lifted_at_the_new_end() -> None:
    prompt = Score(notes=make_notes([(0, 240, 60, 80)]), pedals=pedals((0, 127)))
    score = Opening(METRICAL, prompt).score(ONE_NOTE)
    assert score.pedals["onset"].tolist() == [0, 720]


def test_what_begins_at_the_end_or_later_is_cut_off() -> None:
    made = rows((24, 60, 96, 16), (24, 62, 1, 16), (0, PEDAL_DOWN_CLASS, 0, 0))
    score = Opening(METRICAL).score(made, end=960)
    assert score.notes["onset"].tolist() == [480]
    assert len(score.pedals) == 0


def test_rows_behind_an_end_row_do_not_count() -> None:
    made = rows((24, 60, 12, 16), (0, END_CLASS, 0, 0), (24, 62, 12, 16))
    assert len(Opening(METRICAL).score(made).notes) == 1


def test_lengths_in_seconds_follow_the_tempo() -> None:
    assert Opening(METRICAL).after_seconds(6) == 4800
    assert Opening(SECONDS).after_seconds(6) == 6000
    assert Opening(METRICAL, PROMPT).after_seconds(8) == 2880 + 4800


def test_a_length_in_seconds_is_never_nothing() -> None:
    assert Opening(METRICAL).after_seconds(0.0001) == 1


def test_lengths_in_bars_begin_at_a_bar_line() -> None:
    assert Opening(METRICAL).after_bars(4) == 4 * 4 * 480
    assert Opening(METRICAL, PROMPT).after_bars(1) == 4 * 3 * 480


def test_rows_that_are_known_better_are_heard_in_the_place_of_the_prompts() -> None:
    codec, given = WordCodec(), rows_of(1, 2, 3)[:-1]
    alone, prompted = Opening(codec, given=given), Opening(codec, codec.decode(rows_of(5, 6)), given=given)
    for opening in (alone, prompted):
        assert opening.heard[:, 0].tolist() == [9, 1, 2, 3]
    assert alone.score(rows_of(4)).notes["pitch"].tolist() == [64]


def test_words_without_time_go_on_one_step_behind_the_prompt() -> None:
    codec = WordCodec()
    opening = Opening(codec, codec.decode(rows_of(1, 2)))
    assert opening.score(rows_of(2, 3)).notes["onset"].tolist() == [0, 240, 480, 720]
