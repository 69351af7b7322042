"""How few accounts among many are cut into pieces of work."""

from collections.abc import Sequence


def cut_into_ranges(ids: Sequence[int], *, size: int, gap: int) -> list[Sequence[int]]:
    """
    Cut ids, which are in order, where there are ``size`` of them or where more than ``gap`` lie between two.

    A piece reads everything from its first id to its last: few accounts of a large network must not read all of it.
    """
    found: list[Sequence[int]] = []
    begin = 0
    for at in range(1, len(ids) + 1):
        if at == len(ids) or at - begin == size or ids[at] - ids[at - 1] > gap:
            found.append(ids[begin:at])
            begin = at
    return found
