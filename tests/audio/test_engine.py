import pytest

from musicgen_app.audio.engine import Engine
from musicgen_app.audio.samples import RATE
from musicgen_app.audio.timeline import Timeline
from musicgen_app.audio.transport import PLAYING
from tests.audio.music import piece


class Clock:
    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


def ready_engine() -> tuple[Engine, Clock]:
    clock = Clock()
    engine = Engine(clock)
    engine.transport.load(Timeline(piece((0, 5000, 60, 80))))
    return engine, clock


def test_commands_take_effect_at_once_while_nothing_runs() -> None:
    engine, _ = ready_engine()
    engine.tell(engine.transport.play)
    assert engine.transport.state == PLAYING


def test_commands_wait_for_the_output_that_runs() -> None:
    engine, _ = ready_engine()
    engine.attach(0)
    engine.tell(engine.transport.play)
    assert engine.transport.state != PLAYING
    assert engine.advance(10)
    assert engine.transport.state == PLAYING


def test_commands_left_over_take_effect_when_the_output_goes() -> None:
    engine, _ = ready_engine()
    engine.attach(0)
    engine.tell(engine.transport.play)
    engine.detach()
    assert engine.transport.state == PLAYING


def test_the_place_heard_is_behind_the_place_put_out() -> None:
    engine, clock = ready_engine()
    engine.attach(3600)
    engine.tell(engine.transport.play)
    for _ in range(40):
        engine.advance(1200)
        clock.time += 1200 / RATE
    assert engine.transport.frame == 48_000
    assert engine.heard_frame == pytest.approx(48_000 - 3600, abs=0.01)
    assert engine.heard_tick == 925


def test_the_place_heard_moves_evenly_though_blocks_come_in_bursts() -> None:
    engine, clock = ready_engine()
    engine.attach(0)
    steps = []
    before = 0.0
    for number in range(400):
        for _ in range(2):
            engine.advance(1200)
        for _ in range(5):
            clock.time += 480 / RATE
            if number > 50:
                steps.append(engine.heard_frame - before)
            before = engine.heard_frame
    assert max(steps) < 1200
    assert min(steps) >= 0


def test_a_long_gap_is_taken_for_a_gap() -> None:
    engine, clock = ready_engine()
    engine.attach(0)
    engine.advance(1200)
    clock.time += 5
    engine.advance(1200)
    assert engine.heard_frame == pytest.approx(1200, abs=0.01)
    engine.detach()
    assert engine.heard_frame == 2400
