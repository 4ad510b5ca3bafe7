"""The clocks of the program."""

import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from leadterra.transport.clock import FileClock, SystemClock, set_offset


def _is_about(instant: datetime, expected: datetime) -> bool:
    return instant.tzinfo is UTC and abs(instant - expected) < timedelta(minutes=1)


def test_the_system_clock_says_what_the_system_says() -> None:
    """Aware, and in UTC."""
    assert _is_about(SystemClock().now(), datetime.now(UTC))


def test_a_file_clock_is_moved_by_its_file(tmp_path: Path) -> None:
    """Forth, far forth, and back, without being made anew."""
    path = tmp_path / "clock"
    set_offset(path, 0.0)
    clock = FileClock(path)
    for seconds in (0.0, 86_400.0, 1e9, -3_600.5):
        set_offset(path, seconds)
        assert _is_about(clock.now(), datetime.now(UTC) + timedelta(seconds=seconds))


def test_all_clocks_of_a_file_move_together(tmp_path: Path) -> None:
    """They are as many processes see it."""
    path = tmp_path / "clock"
    set_offset(path, 5.0)
    clocks = [FileClock(path), FileClock(path)]
    set_offset(path, 7_200.0)

    assert abs(clocks[0].now() - clocks[1].now()) < timedelta(minutes=1)
    assert all(_is_about(clock.now(), datetime.now(UTC) + timedelta(hours=2)) for clock in clocks)


def test_the_file_is_one_little_endian_double(tmp_path: Path) -> None:
    """So that any program can move the clock."""
    path = tmp_path / "clock"
    set_offset(path, 1.5)

    assert path.read_bytes() == struct.pack("<d", 1.5)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("octets", [b"", b"1234567", b"123456789"])
def test_another_file_is_not_taken_for_a_clock(octets: bytes, tmp_path: Path) -> None:
    """Its size tells."""
    path = tmp_path / "clock"
    path.write_bytes(octets)

    with pytest.raises(ValueError, match="no clock file"):
        FileClock(path)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    """A clock that nobody set is a mistake, not midnight."""
    with pytest.raises(FileNotFoundError):
        FileClock(tmp_path / "clock")
