"""Signs in the library's form of a score, without the library."""

import re

from musicgen_app.notation.mei import Timed, with_velocities

HEAD = (
    '<mei xmlns="http://www.music-encoding.org/ns/mei"><score><scoreDef><staffGrp><grpSym symbol="brace"/>'
    '<staffDef n="1"/><staffDef n="2"/></staffGrp><meterSig count="6" unit="8"/></scoreDef><section>'
)
TIMES = [
    {"qstamp": 0, "measureOn": "m1", "on": ["a", "x"]},
    {"qstamp": 1.5, "off": ["a"], "on": ["b", "c"]},
    {"qstamp": 3, "off": ["b", "c", "x"], "measureOn": "m2", "on": ["d"], "restsOn": ["r"]},
    {"qstamp": 4.5, "off": ["d"], "measureOn": "m1", "on": ["a"]},
    {"qstamp": 6},
]


def velocities(*signs: str) -> dict[str, str]:
    first, second = (*signs, "", "")[:2]
    text = (
        f'{HEAD}<measure xml:id="m1"><staff n="1"><layer><note xml:id="a"/><chord xml:id="k" artic="acc">'
        f'<note xml:id="b"/><note xml:id="c"/></chord></layer></staff><staff n="2"><note xml:id="x"/></staff>{first}'
        f'</measure><measure xml:id="m2"><staff n="1"><note xml:id="d" artic="stacc marc"/><rest xml:id="r"/></staff>'
        f'{second}</measure><measure xml:id="never"><dynam tstamp="1">fff</dynam></measure></section></score></mei>'
    )
    played = with_velocities(text, Timed.of(TIMES))
    found = dict(re.findall(r'xml:id="(\w)"[^>]*? vel="(\d+)"', played.text))
    return {**found, "signs": str(played.dynamics), "ornaments": str(played.ornaments), "tempo": str(played.tempo)}


def test_moments_are_those_where_things_stand_first() -> None:
    timed = Timed.of(TIMES)
    assert timed.notes == {"a": 0, "x": 0, "b": 1.5, "c": 1.5, "d": 3, "r": 3}
    assert timed.bars == {"m1": 0, "m2": 3}
    assert timed.end == 4.5


def test_places_are_counted_in_beats_of_the_metre() -> None:
    found = velocities('<dynam staff="1" tstamp="4"><rend>p</rend></dynam>')
    assert [found[name] for name in "axbcd"] == ["80", "80", "61", "61", "69"]


def test_signs_may_be_tied_to_notes_chords_and_rests() -> None:
    assert velocities('<dynam startid="#k">p</dynam>')["b"] == "61"
    assert velocities('<dynam startid="#r" staff="1">p</dynam>')["d"] == "69"
    assert velocities('<dynam startid="#nobody">p</dynam>')["signs"] == "0"
    ended = velocities('<dynam tstamp="1">p</dynam><hairpin startid="#a" endid="#d" form="cres"/>')
    assert [ended[name] for name in "axbd"] == ["49", "49", "69", "85"]


def test_a_hairpin_reaches_into_the_next_bar_and_no_further_than_the_last() -> None:
    signs = '<dynam tstamp="1">f</dynam><hairpin tstamp="1" tstamp2="1m+1" form="dim"/>'
    assert [velocities(signs)[name] for name in "ad"] == ["96", "100"]
    beyond = velocities(signs.replace("1m+1", "9m+1"), '<dynam tstamp="1">p</dynam>')
    assert [beyond[name] for name in "ad"] == ["96", "69"]


def test_words_beside_the_music_are_taken_only_where_they_are_sure() -> None:
    assert velocities('<dir tstamp="1">p. 3, f</dir>')["signs"] == "0"
    assert velocities('<dir tstamp="1">poco cresc.</dir>')["signs"] == "1"


def test_ornaments_and_tempo_are_seen() -> None:
    found = velocities('<trill/><mordent/><tempo mm="90"/>')
    assert (found["ornaments"], found["tempo"]) == ("2", "True")
    assert velocities()["tempo"] == "False"
    assert velocities('<dynam tstamp="soon" staff="one">p</dynam>')["signs"] == "1"
