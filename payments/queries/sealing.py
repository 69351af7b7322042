"""Which sealing keys are still needed, of values that the application cannot read too."""

from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyUse:
    """How many values of a table a key has sealed."""

    place: str
    key_id: str
    value_count: int


def count_sealing_keys() -> tuple[KeyUse, ...]:
    """Return which keys have sealed how much, by table: a key that is not named here can be thrown away."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT place, key_id, value_count FROM payments_sealing_keys()")
        return tuple(KeyUse(place=row[0], key_id=row[1], value_count=row[2]) for row in cursor.fetchall())
