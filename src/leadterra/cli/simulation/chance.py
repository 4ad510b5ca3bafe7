"""Dice whose every throw has a name: the same seed and name give the same number, whoever asks first."""

from collections.abc import Callable
from hashlib import blake2b


def chance(seed: int, *name: object) -> float:
    """A number from 0 to below 1."""
    return _bits(seed, name, 53) / (1 << 53)


def id_source(seed: int) -> Callable[[int], int]:
    """Numbers of so many bits, one after the other, for ids."""
    count = 0

    def draw(bits: int) -> int:
        nonlocal count
        count += 1
        return _bits(seed, ("id", count), bits)

    return draw


def _bits(seed: int, name: tuple[object, ...], bits: int) -> int:
    words = "\x1f".join(map(str, (seed, *name)))
    return int.from_bytes(blake2b(words.encode(), digest_size=8).digest()) >> (64 - bits)
