from musicgen_app.core.score import Score
from musicgen_app.dataset.families import sketch
from musicgen_app.dataset.selection import Candidate, select
from tests.dataset.music import melody, transposed


def candidates(*scores: Score) -> dict[int, Candidate]:
    return {
        10 * index: Candidate(f"{index}.mid", len(score.notes), str(hash(score)), sketch(score))
        for index, score in enumerate(scores)
    }


def test_of_files_with_the_same_notes_the_first_stays() -> None:
    found = select(candidates(melody(1), melody(2), melody(1), melody(1)), 0.1, 0)
    assert found.twins == {20: "0.mid", 30: "0.mid"}
    assert found.families == {0: 0, 10: 1}


def test_transpositions_stay_and_share_a_family_and_a_side() -> None:
    pieces = [score for seed in range(12) for score in (melody(seed), transposed(melody(seed), 2))]
    found = select(candidates(*pieces), 0.25, 3)
    assert found.twins == {}
    assert len(found.families) == 24
    assert found.family_count == 12
    assert 1 <= len(found.held_back) <= 3


def test_one_work_has_nothing_to_hold_back() -> None:
    assert select(candidates(melody(1), transposed(melody(1), 1)), 0.1, 0).held_back == frozenset()
