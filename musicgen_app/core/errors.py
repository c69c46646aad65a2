"""One family of errors: each tells what happened and what to do about it."""


class MusicgenError(Exception):
    """Something went wrong that a person can act on.

    Attributes:
        message: What happened, one sentence, naming the file where there is one.
        hint: What to do about it, one sentence; may be empty.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class UsageError(MusicgenError):
    """The request itself is wrong: an option out of range, a path that makes no sense."""


class FileWriteError(MusicgenError):
    """A file could not be written; what stood there before is unchanged."""


class MidiReadError(MusicgenError):
    """Nothing could be read from a MIDI file.

    Attributes:
        kind: What is the matter in a few words, for a table: "empty", "not MIDI (it seems to be a web page)". May be
            empty.
    """

    def __init__(self, message: str, hint: str = "", kind: str = "") -> None:
        super().__init__(message, hint)
        self.kind = kind


class NotationReadError(MidiReadError):
    """Nothing could be read from a file of notation; whoever reads music files treats it like a MIDI file's."""


class NoteFileError(MusicgenError):
    """A list of notes and chords cannot be read from a file."""


class CodecError(MusicgenError):
    """Rows that do not belong to this codec, or a codec description that cannot be used."""


class DatasetError(MusicgenError):
    """A data set cannot be made, opened or used."""


class RecipeError(MusicgenError):
    """What was decided about the files of a collection cannot be read, or cannot be done again."""


class LibraryError(MusicgenError):
    """The library of a collection cannot be opened, read or written."""


class DamagedLibraryError(LibraryError):
    """The index of a library is damaged; the next scan makes it anew."""


class CollectionError(MusicgenError):
    """A collection cannot be fetched or unpacked, or is not what was expected."""


class CheckpointError(MusicgenError):
    """A checkpoint is damaged, incomplete or not ours."""


class TrainingError(MusicgenError):
    """Training could not go on; the last good checkpoint is kept."""


class ClusterError(MusicgenError):
    """A cluster cannot be reached, or does not do what it is asked to."""


class AudioError(MusicgenError):
    """No sound or MIDI output: no device, no port, or one that is gone."""


class ProjectError(MusicgenError):
    """A project cannot be opened or saved."""


class Cancelled(Exception):  # noqa: N818 (nothing is wrong)
    """Work stopped on request. Not an error: nobody is told what to do."""
