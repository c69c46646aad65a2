import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen_app.core.errors import CodecError
from musicgen_app.core.score import NOTE_DTYPE, PEDAL_DTYPE, Score, Track, make_notes
from musicgen_app.tokens.catalogue import codec_from
from musicgen_app.tokens.notes import (
    DURATION,
    END_CLASS,
    PEDAL_DOWN_CLASS,
    PEDAL_UP_CLASS,
    PITCH,
    TIME,
    VELOCITY,
    NoteCodec,
    metrical_codec,
    seconds_codec,
)
from tests.strategies import scores
from tests.tokens.music import piano_scores
from tests.tokens.plain_quantise import plain_quantise

CODECS = [
    metrical_codec(),
    metrical_codec(600_000, pedal=False),
    seconds_codec(),
    seconds_codec(pedal=False),
]
codecs = st.sampled_from(CODECS)
any_scores = st.one_of(piano_scores(), scores())
END = [0, END_CLASS, 0, 0]


def score_of(*rows: tuple[int, ...], pedals: tuple[tuple[int, int, int], ...] = (), beat: int = 24) -> Score:
    return Score(make_notes(rows), np.array(list(pedals), dtype=PEDAL_DTYPE), ticks_per_beat=beat)


def onsets(codec: NoteCodec, *steps: int) -> list[int]:
    """Where notes at these grid steps stand after a round trip, in grid steps."""
    score = score_of(*((step, 1, 60, 64) for step in steps))
    return [int(onset) // 20 for onset in codec.quantise(score).notes["onset"]]


@given(codecs, any_scores)
def test_decoding_undoes_encoding_up_to_the_grid(codec: NoteCodec, score: Score) -> None:
    assert codec.decode(codec.encode(score)) == codec.quantise(score)


@given(codecs, any_scores)
def test_quantising_agrees_with_the_plain_oracle(codec: NoteCodec, score: Score) -> None:
    assert codec.quantise(score) == plain_quantise(codec, score)


@given(codecs, piano_scores())
def test_quantising_twice_changes_nothing(codec: NoteCodec, score: Score) -> None:
    once = codec.quantise(score)
    assert codec.quantise(once) == once


@given(codecs, any_scores)
def test_encoding_undoes_decoding_for_rows_of_scores(codec: NoteCodec, score: Score) -> None:
    rows = codec.encode(score)
    assert np.array_equal(codec.encode(codec.decode(rows)), rows)


@given(codecs, piano_scores(), st.integers(-55, 60))
def test_transposing_rows_transposes_the_score(codec: NoteCodec, score: Score, semitones: int) -> None:
    rows = codec.transpose(codec.encode(score), semitones)
    moved = codec.quantise(score).notes.copy()
    moved["pitch"] += np.array(semitones).astype(np.uint8)
    assert np.array_equal(codec.decode(rows).notes, moved)


@given(codecs, piano_scores())
def test_every_row_of_a_score_is_allowed(codec: NoteCodec, score: Score) -> None:
    rows = codec.encode(score)
    for field in range(4):
        allowed = codec.allowed(field, rows[:, :field])
        assert allowed.shape == (len(rows), codec.fields[field].size)
        assert allowed[np.arange(len(rows)), rows[:, field]].all()


@given(codecs, st.integers(0, 2**32))
def test_what_is_allowed_depends_on_the_deciding_field_alone(codec: NoteCodec, seed: int) -> None:
    rng = np.random.default_rng(seed)
    sizes = [field.size for field in codec.fields]
    one, other = rng.integers(0, sizes, (20, 4)), rng.integers(0, sizes, (20, 4))
    for field in range(4):
        deciding = codec.deciding_field(field)
        mixed = other.copy()
        if deciding is not None:
            assert deciding < field
            mixed[:, deciding] = one[:, deciding]
        assert np.array_equal(codec.allowed(field, mixed[:, :field]), codec.allowed(field, one[:, :field]))


@given(codecs, st.data())
def test_whatever_is_allowed_can_be_decoded(codec: NoteCodec, data: st.DataObject) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    rows = np.zeros((50, 4), dtype=np.int16)
    for field in range(4):
        allowed = codec.allowed(field, rows[:, :field])
        assert allowed.any(axis=1).all()
        for row, line in zip(rows, allowed, strict=True):
            row[field] = rng.choice(np.flatnonzero(line))
    notes = codec.is_note(rows)
    assert ((rows[:, DURATION] > 0) == notes).all()
    assert ((rows[:, VELOCITY] > 0) == notes).all()
    before_end = notes[: np.append(np.flatnonzero(codec.is_end(rows)), len(rows))[0]]
    assert len(codec.decode(rows).notes) <= before_end.sum()


@given(codecs, st.data())
def test_the_notes_of_any_rows_stay_when_they_are_encoded_again(codec: NoteCodec, data: st.DataObject) -> None:
    sizes = [field.size for field in codec.fields]
    drawn = data.draw(st.lists(st.tuples(*(st.integers(0, size - 1) for size in sizes)), max_size=40))
    rows = np.array(drawn, dtype=np.int16).reshape(-1, 4)
    rows = rows[codec.is_note(rows)]
    score = codec.decode(rows)
    assert codec.quantise(score) == score


def test_an_empty_score_is_the_end_row_alone() -> None:
    for codec in CODECS:
        assert codec.encode(Score()).tolist() == [END]
        assert codec.encode(Score(tracks=())).tolist() == [END]
        assert codec.quantise(Score()) == codec.decode(codec.encode(Score()))


def test_pedals_without_notes_are_not_music() -> None:
    assert metrical_codec().encode(score_of(pedals=((0, 0, 127),))).tolist() == [END]


def test_the_start_row_is_the_end_row_so_that_pieces_may_be_joined() -> None:
    assert metrical_codec().start_row.tolist() == END


def test_a_row_says_gap_pitch_duration_and_loudness() -> None:
    rows = metrical_codec().encode(score_of((24, 12, 60, 64), (24, 12, 64, 127), (36, 96, 67, 1)))
    assert rows.tolist() == [[24, 60, 12, 17], [0, 64, 12, 32], [12, 67, 96, 1], END]


def test_triplets_thirty_seconds_and_everything_up_to_four_beats_are_exact() -> None:
    codec = metrical_codec()
    for step in range(97):
        assert onsets(codec, 0, step or 1) == [0, step or 1]
    lengths = range(1, 97)
    score = score_of(*((96 * index, length, 60, 66) for index, length in enumerate(lengths)))
    assert [duration // 20 for duration in codec.quantise(score).notes["duration"].tolist()] == list(lengths)


def test_whole_sixteenths_are_exact_up_to_eight_beats_and_halves_up_to_sixty_four() -> None:
    codec = metrical_codec()
    for gap in [*range(96, 193, 6), *range(192, 385, 12), *range(384, 769, 24), *range(768, 1537, 48)]:
        assert onsets(codec, 0, gap) == [0, gap]


def test_the_error_of_a_coarse_gap_is_made_good_by_the_next_note() -> None:
    assert onsets(metrical_codec(), 0, 100, 124, 148) == [0, 102, 124, 148]


def test_errors_do_not_add_up_over_a_piece() -> None:
    steps = list(range(0, 200 * 101, 101))
    worst = max(abs(at - wanted) for at, wanted in zip(onsets(metrical_codec(), *steps), steps, strict=True))
    assert worst <= 3


def test_a_coarse_gap_never_reaches_the_note_behind_it() -> None:
    assert onsets(metrical_codec(), 0, 100, 101, 102, 103) == [0, 96, 101, 102, 103]


def test_a_very_long_gap_is_shortened_and_what_follows_moves_with_it() -> None:
    assert onsets(metrical_codec(), 0, 5000, 5007) == [0, 1536, 1543]


def test_a_chord_stays_together_behind_a_coarse_gap() -> None:
    rows = metrical_codec().encode(score_of((0, 1, 60, 64), (100, 1, 60, 64), (100, 1, 64, 64), (100, 1, 67, 64)))
    assert rows[1:4, TIME].tolist() == [97, 0, 0]


def test_legato_stays_legato_on_a_coarser_grid() -> None:
    """Ends are rounded where they stand, so a note that touched the next one still does."""
    notes = (
        metrical_codec().quantise(score_of((70, 130, 60, 64), (200, 137, 62, 64), (337, 100, 64, 64), beat=480)).notes
    )
    assert (notes["onset"][:-1] + notes["duration"][:-1]).tolist() == notes["onset"][1:].tolist()


def test_of_two_notes_of_one_pitch_at_one_moment_the_longest_stays_and_of_equals_the_loudest() -> None:
    rows = metrical_codec().encode(score_of((0, 24, 60, 100), (0, 48, 60, 40), (0, 48, 60, 44)))
    assert rows.tolist() == [[0, 60, 48, 12], END]


def test_all_tracks_but_percussion_become_one_piano() -> None:
    tracks = (Track("Right"), Track("Drums", channel=9), Track("Left", program=40))
    notes = make_notes([(0, 24, 72, 64, 0), (0, 24, 36, 64, 1), (0, 24, 48, 64, 2)])
    score = metrical_codec().quantise(Score(notes, tracks=tracks, ticks_per_beat=24))
    assert score.notes["pitch"].tolist() == [48, 72]
    assert [(track.program, track.channel) for track in score.tracks] == [(0, 0)]


def test_the_decoded_tempo_is_the_codecs() -> None:
    assert metrical_codec(412_345).decode(np.array([END], np.int16)).tempos["microseconds_per_beat"].tolist() == [
        412_345
    ]


def test_on_the_grid_of_10_ms_a_second_stays_a_second_whatever_the_tempo() -> None:
    notes = make_notes([(0, 120, 60, 64), (240, 120, 62, 64)])
    tempos = np.array([(0, 1_000_000), (120, 250_000)], dtype=Score().tempos.dtype)
    rows = seconds_codec().encode(Score(notes, tempos=tempos, ticks_per_beat=120))
    assert rows[:2, TIME].tolist() == [0, 106]
    assert seconds_codec().time.values[106] == 124
    assert rows[:2, DURATION].tolist() == [100, 25]


class TestPedal:
    def pedal_rows(self, *changes: tuple[int, int]) -> list[tuple[int, int]]:
        score = score_of((0, 48, 60, 64), pedals=tuple((at, 0, value) for at, value in changes))
        rows = metrical_codec().encode(score)
        at = metrical_codec().time.values[rows[:, TIME]].cumsum()
        wanted = rows[:, PITCH] > END_CLASS
        return list(zip(at[wanted].tolist(), rows[wanted, PITCH].tolist(), strict=True))

    def test_half_way_counts_as_down(self) -> None:
        assert self.pedal_rows((6, 63), (12, 64), (24, 63)) == [(12, PEDAL_DOWN_CLASS), (24, PEDAL_UP_CLASS)]

    def test_what_changes_nothing_is_dropped(self) -> None:
        found = self.pedal_rows((0, 0), (12, 127), (13, 100), (24, 10), (25, 0))
        assert found == [(12, PEDAL_DOWN_CLASS), (24, PEDAL_UP_CLASS)]

    def test_lifting_and_pressing_inside_one_step_stays(self) -> None:
        assert self.pedal_rows((6, 127), (12, 0), (12, 127)) == [
            (6, PEDAL_DOWN_CLASS),
            (12, PEDAL_UP_CLASS),
            (12, PEDAL_DOWN_CLASS),
        ]

    def test_pressing_and_lifting_inside_one_step_leaves_nothing(self) -> None:
        assert self.pedal_rows((12, 127), (12, 0)) == []

    def test_rows_of_one_moment_stand_in_order(self) -> None:
        score = score_of((24, 24, 64, 64), (24, 24, 60, 64), pedals=((0, 0, 127), (24, 0, 0), (24, 0, 127)))
        rows = metrical_codec().encode(score)
        assert rows[:, PITCH].tolist() == [PEDAL_DOWN_CLASS, PEDAL_UP_CLASS, PEDAL_DOWN_CLASS, 60, 64, END_CLASS]

    def test_without_pedal_rows_there_are_none(self) -> None:
        codec = metrical_codec(pedal=False)
        assert codec.encode(score_of((0, 24, 60, 64), pedals=((0, 0, 127),))).tolist() == [[0, 60, 24, 17], END]
        assert codec.fields[PITCH].size == 129

    def test_a_pedal_of_percussion_or_of_no_track_is_left_out(self) -> None:
        pedals = np.array([(0, 1, 127), (6, 7, 127)], dtype=PEDAL_DTYPE)
        tracks = (Track(), Track("Drums", channel=9))
        score = Score(make_notes([(0, 24, 60, 64)]), pedals, tracks=tracks, ticks_per_beat=24)
        assert len(metrical_codec().encode(score)) == 2


class TestDecoding:
    def test_nothing_is_heard_behind_the_end(self) -> None:
        rows = np.array([[0, 60, 24, 17], END, [0, 62, 24, 17]], dtype=np.int16)
        assert metrical_codec().decode(rows).notes["pitch"].tolist() == [60]

    def test_a_missing_end_is_no_fault(self) -> None:
        rows = np.array([[0, 60, 24, 17]], dtype=np.int16)
        assert len(metrical_codec().decode(rows).notes) == 1

    def test_no_rows_are_an_empty_score(self) -> None:
        assert len(metrical_codec().decode(np.zeros((0, 4), np.int16)).notes) == 0

    def test_a_note_without_duration_or_velocity_is_as_short_and_soft_as_can_be(self) -> None:
        score = metrical_codec().decode(np.array([[0, 60, 0, 0]], dtype=np.int16))
        assert score.notes.tolist() == [(0, 20, 60, 2, 0)]

    def test_a_note_struck_twice_at_one_moment_sounds_once(self) -> None:
        score = metrical_codec().decode(np.array([[0, 60, 24, 17], [0, 60, 48, 1]], dtype=np.int16))
        assert score.notes.tolist() == [(0, 960, 60, 2, 0)]

    @pytest.mark.parametrize(
        "rows",
        [
            np.zeros((3, 3), np.int16),
            np.zeros(4, np.int16),
            np.array([[-1, 60, 1, 1]], np.int16),
            np.array([[0, 131, 0, 0]], np.int16),
            np.array([[0, 60, 1, 33]], np.int16),
        ],
    )
    def test_rows_of_another_codec_are_refused(self, rows: np.ndarray) -> None:
        with pytest.raises(CodecError):
            metrical_codec().decode(rows)


class TestEvaluation:
    rows = metrical_codec().encode(score_of((0, 100, 60, 64), (300, 24, 62, 64), pedals=((12, 0, 127),)))

    def test_every_field_of_a_pedal_row_counts_as_pedal(self) -> None:
        codec = metrical_codec()
        names = np.array(codec.part_names)[codec.parts(self.rows)]
        assert names.tolist() == [
            ["time", "pitch", "duration", "velocity"],
            ["pedal"] * 4,
            ["time", "pitch", "duration", "velocity"],
            ["time", "pitch", "duration", "velocity"],
        ]

    def test_a_class_costs_the_logarithm_of_the_steps_it_covers(self) -> None:
        widths = np.exp(metrical_codec().log_widths(self.rows))
        assert self.rows[0, DURATION] == 97
        assert widths.round(9).tolist() == [[1, 1, 6, 1], [1, 1, 1, 1], [12, 1, 1, 1], [1, 1, 1, 1]]

    def test_the_grid_is_said_in_words(self) -> None:
        assert metrical_codec().grid == "1/24 quarter, 32 velocities"
        assert seconds_codec().grid == "10 ms, 32 velocities"


class TestTransposition:
    def test_bounds_keep_every_note_inside_the_pitches(self) -> None:
        rows = metrical_codec().encode(score_of((0, 1, 3, 64), (0, 1, 120, 64)))
        assert metrical_codec().transposable(rows) == (-3, 7)
        with pytest.raises(CodecError, match="-3 to 7"):
            metrical_codec().transpose(rows, 8)

    def test_rows_without_notes_can_be_shifted_by_anything_and_stay(self) -> None:
        rows = metrical_codec().encode(Score())
        assert metrical_codec().transposable(rows) == (-127, 127)
        assert metrical_codec().transpose(rows, 5).tolist() == [END]

    def test_pedal_and_end_do_not_move(self) -> None:
        rows = metrical_codec().encode(score_of((0, 1, 60, 64), pedals=((0, 0, 127),)))
        assert metrical_codec().transpose(rows, 2)[:, PITCH].tolist() == [PEDAL_DOWN_CLASS, 62, END_CLASS]


class TestDescription:
    @pytest.mark.parametrize("codec", CODECS)
    def test_a_codec_is_built_again_from_its_description(self, codec: NoteCodec) -> None:
        assert codec_from(json.loads(json.dumps(codec.description()))) == codec

    @pytest.mark.parametrize(
        "change",
        [
            {"codec": "seed"},
            {"codec": None},
            {"version": 2},
            {"velocities": 128},
            {"timing": "swing"},
            {"timing": ["metrical"]},
            {"tempo": 0},
            {"tempo": 500_000.0},
            {"tempo": 2**24},
            {"pedal": 1},
            {"time": None},
            {"time": []},
            {"time": [[24]]},
            {"time": [["24", 1]]},
            {"time": [24, 1]},
            {"duration": [[24, 2]]},
            {"duration": [[24, 1], [24, 2]]},
            {"duration": [[24, 1], [25, 2]]},
            {"duration": [[24, 1], [48, 0]]},
            {"duration": [[10_000_000, 1]]},
            {"timing": "seconds", "tempo": 600_000},
        ],
    )
    def test_a_description_that_makes_no_sense_is_refused(self, change: dict) -> None:
        with pytest.raises(CodecError):
            codec_from({**metrical_codec().description(), **change})


def test_many_notes_with_coarse_gaps_all_over_agree_with_their_own_round_trip() -> None:
    rng = np.random.default_rng(3)
    notes = np.zeros(100_000, dtype=NOTE_DTYPE)
    notes["onset"] = np.cumsum(rng.integers(0, 400, len(notes)))
    notes["duration"] = rng.integers(1, 4000, len(notes))
    notes["pitch"] = rng.integers(0, 128, len(notes))
    notes["velocity"] = rng.integers(1, 128, len(notes))
    score = Score(notes, ticks_per_beat=24)
    for codec in CODECS:
        assert codec.decode(codec.encode(score)) == codec.quantise(score)


def test_what_is_longer_than_any_class_is_counted() -> None:
    score = score_of((0, 24, 60, 64), (24, 2000, 60, 64), (5000, 24, 60, 64), (9000, 1537, 60, 64))
    assert metrical_codec().too_long(score) == (2, 2)
    assert metrical_codec().too_long(Score()) == (0, 0)
    assert metrical_codec().longest == "64 beats"
    assert seconds_codec().longest == "20 s"
