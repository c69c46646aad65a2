"""Says in a sentence what one file of a library is to another."""

from musicgen_app.dataset.kinship import Relation


def kin_words(kind: Relation, similarity: float, shift: int, folder: str, name: str) -> str:
    """The sentence.

    Args:
        kind: As in ``kinship.Kin``.
        similarity: The part of the turns of the poorer one that they share, 0 to 1.
        shift: How many semitones the file lies above the other.
        folder: Where the other lies inside its source.
        name: The name of the other.
    """
    path = f"{folder}/{name}" if folder else name
    if kind == "same":
        return f"The same notes as {path}."
    if kind == "edition":
        return f"Another edition of {path}: {100 * similarity:.0f} % of its melodic turns are the same."
    if shift == 0:
        return f"The same music as {path}, in the same key."
    steps = "1 semitone" if abs(shift) == 1 else f"{abs(shift)} semitones"
    return f"The same music as {path}, {steps} {'higher' if shift > 0 else 'lower'}."
