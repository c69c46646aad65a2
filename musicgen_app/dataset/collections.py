"""Public collections of piano music that the program can fetch: a table of what is known for certain about each."""

from dataclasses import dataclass

from musicgen_app.core.errors import UsageError
from musicgen_app.dataset.licences import forbids_selling


@dataclass(frozen=True, slots=True)
class Collection:
    """One collection.

    Attributes:
        name: What it is called on the command line.
        title: What it is called elsewhere.
        about: What it is, in a sentence or two.
        licence: As its makers give it; empty where the program does not know.
        attribution: Whom to name in what is made of it.
        home: Its page.
        address: The archive; empty where its makers offer none that a program may fetch.
        size: Bytes of the archive; None where its makers give no number.
        sha256: Its checksum in hexadecimal; empty where none is known.
        note: What else a person should know before fetching it; may be empty.
        notation: Whether it is notation, all or in part.
    """

    name: str
    title: str
    about: str = ""
    licence: str = ""
    attribution: str = ""
    home: str = ""
    address: str = ""
    size: int | None = None
    sha256: str = ""
    note: str = ""
    notation: bool = False

    @property
    def asks_for_consent(self) -> bool:
        """Whether its licence has to be accepted before it is fetched: music made with it may not be sold."""
        return forbids_selling(self.licence)


_MADE_ON_DEMAND = (
    "The archive is made anew for each download: its length and checksum are not known beforehand, and a broken "
    "transfer may have to begin again."
)

COLLECTIONS: tuple[Collection, ...] = (
    Collection(
        name="chopin-first-editions",
        title="Chopin first editions (Humdrum)",
        about="The first editions of Chopin's works as scores, several editions of most works, encoded by the "
        "Fryderyk Chopin Institute. They are notation: reading them needs the extra [notation].",
        licence="CC BY 4.0",
        attribution="First Editions of Fryderyk Chopin's Music, copyright 2017-2021 The Fryderyk Chopin Institute "
        "(https://nifc.pl), https://chopinscores.org, "
        "https://github.com/pl-wnifc/humdrum-chopin-first-editions, CC BY 4.0.",
        home="https://github.com/pl-wnifc/humdrum-chopin-first-editions",
        address="https://github.com/pl-wnifc/humdrum-chopin-first-editions/archive/HEAD.zip",
        note=_MADE_ON_DEMAND,
        notation=True,
    ),
    Collection(
        name="maestro",
        title="MAESTRO v3.0.0 (MIDI)",
        about="1,276 performances of a piano competition, about 200 hours, recorded by the piano itself with "
        "velocities and pedals.",
        licence="CC BY-NC-SA 4.0",
        attribution="MAESTRO dataset v3.0.0, Google LLC, CC BY-NC-SA 4.0; Hawthorne et al., Enabling Factorized Piano "
        "Music Modeling and Generation with the MAESTRO Dataset, ICLR 2019.",
        home="https://magenta.tensorflow.org/datasets/maestro",
        address="https://storage.googleapis.com/magentadata/datasets/maestro/v3.0.0/maestro-v3.0.0-midi.zip",
        size=58_416_533,
        sha256="70470ee253295c8d2c71e6d9d4a815189e35c89624b76d22fce5a019d5dde12c",
    ),
    Collection(
        name="giantmidi",
        title="GiantMIDI-Piano",
        about="10,854 piano pieces of 2,786 composers, transcribed from recordings by a program.",
        licence="CC BY 4.0",
        attribution="GiantMIDI-Piano, ByteDance, CC BY 4.0; Kong et al., GiantMIDI-Piano: A large-scale MIDI dataset "
        "for classical piano music, 2020.",
        home="https://github.com/bytedance/GiantMIDI-Piano/blob/master/disclaimer.md",
        note="Its makers ask you to read a disclaimer, and keep the archive (about 193 MB) where only a browser can "
        "fetch it. Fetch it from its page first.",
    ),
    Collection(
        name="asap",
        title="ASAP (aligned scores and performances)",
        about="236 scores of 15 composers as MIDI and MusicXML, with 1,068 performances of them.",
        licence="CC BY-NC-SA 4.0",
        attribution="ASAP dataset, Foscarin et al., ASAP: a dataset of aligned scores and performances for piano "
        "transcription, ISMIR 2020; many of its performances are from MAESTRO, CC BY-NC-SA 4.0.",
        home="https://github.com/fosfrancesco/asap-dataset",
        address="https://github.com/fosfrancesco/asap-dataset/archive/refs/heads/master.zip",
        note=_MADE_ON_DEMAND,
        notation=True,
    ),
)


def collection_named(name: str) -> Collection:
    """A collection of the table.

    Raises:
        UsageError: There is none of that name.
    """
    for one in COLLECTIONS:
        if one.name == name.lower():
            return one
    names = ", ".join(one.name for one in COLLECTIONS)
    raise UsageError(f'There is no collection "{name}".', f"Choose {names}, or give the address of an archive.")
