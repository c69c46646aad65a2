"""Small scores in three notations, written by hand for these tests."""

HUMDRUM = """!!!OTL: Test
**kern\t**kern\t**dynam
*staff2\t*staff1\t*staff1/2
*clefF4\t*clefG2\t*
*k[b-]\t*k[b-]\t*
*d:\t*d:\t*
*M3/4\t*M3/4\t*
*MM90\t*MM90\t*
=1\t=1\t=1
4C\t4c\tp
4D\t8d\t<
.\t8e\t(
4E\t4f\t(
=2\t=2\t=2
2.F\t4g\t[
.\t4a\tf
.\t4b-\t.
=3:|!\t=3:|!\t=3:|!
*\t*ped\t*
2.F\t4g\t>
.\t4a\t.
*\t*Xped\t*
.\t4b-T\t]
==\t==\t==
*-\t*-\t*-
"""

ABC = """X:1
T:Test
M:4/4
L:1/4
Q:1/4=100
K:G
!p!G A B c | d e f g | !f! a b c' d' |]
"""

_NOTE = "<note><pitch><step>{0}</step><octave>{1}</octave></pitch><duration>{2}</duration>{3}</note>"


def note(name: str, duration: int, rest: str = "") -> str:
    return _NOTE.format(name[0], name[1], duration, rest)


def direction(content: str, sound: str = "") -> str:
    return f"<direction><direction-type>{content}</direction-type><staff>1</staff>{sound}</direction>"


def music_xml(*measures: str, head: str = "") -> str:
    attributes = (
        "<attributes><divisions>2</divisions><key><fifths>-1</fifths><mode>minor</mode></key>"
        "<time><beats>3</beats><beat-type>4</beat-type></time></attributes>"
    )
    bars = "".join(
        f'<measure number="{number}">{attributes if number == 1 else ""}{measure}</measure>'
        for number, measure in enumerate(measures, start=1)
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{head}<score-partwise version="3.1"><part-list><score-part id="P1">'
        f'<part-name>Piano</part-name></score-part></part-list><part id="P1">{bars}</part></score-partwise>'
    )


QUARTERS = note("D5", 2) + note("E5", 2) + note("F5", 2)
XML = music_xml(
    direction("<dynamics><p/></dynamics>", '<sound tempo="90"/>')
    + note("D5", 2)
    + direction('<wedge type="crescendo"/>')
    + note("E5", 2)
    + note("F5", 2),
    note("G5", 2)
    + direction('<wedge type="stop"/>')
    + direction("<dynamics><f/></dynamics>")
    + note("D5", 2)
    + note("D5", 2, "<notations><articulations><accent/></articulations></notations>"),
)
