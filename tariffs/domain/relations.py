"""How caller and called may stand to each other, where that has a price of its own."""

from enum import StrEnum


class Relation(StrEnum):
    """FAVOURITE: the called is one of the caller's favourite numbers. GROUP: both are in one closed user group."""

    NONE = ""
    FAVOURITE = "FAVOURITE"
    GROUP = "GROUP"


# Where both hold the first counts.
RELATIONS_IN_ORDER = (Relation.GROUP, Relation.FAVOURITE)
