"""
Values sealed at rest: keys of networks and providers, numbers of bank accounts.

A sealed value is ``sealed:KEY_ID:TEXT``. It is sealed with AES-256-GCM for one place (a column) alone, so that a value
copied into another column, or changed in a copy of the database, does not open. The keys come from the environment
(``SALDO_SEALING_KEYS``) and are never in the database. The first key seals; every key opens what it has sealed, so a
new key is put before the old one and ``manage.py reseal_secrets`` brings over what may change.
"""

import base64
import binascii
import os
from collections.abc import Mapping
from typing import Any, cast

from django.conf import settings
from django.db import models

PREFIX = "sealed:"
NONCE_BYTES = 12


class SealBroken(Exception):
    """A value cannot be opened: its key is not among ours, or it was changed, or it belongs elsewhere."""


def seal(value: str, *, place: str) -> str:
    """
    Seal a value for a place with the first key; an empty value stays empty.

    :param place: the column it is for, as ``app_table.column``
    """
    if not value:
        return ""
    key_id, key = next(iter(_keys().items()))
    nonce = os.urandom(NONCE_BYTES)
    sealed = nonce + _cipher(key).encrypt(nonce, value.encode(), place.encode())
    return f"{PREFIX}{key_id}:{base64.urlsafe_b64encode(sealed).decode()}"


def open_sealed(value: str, *, place: str) -> str:
    """
    Return what was sealed for a place; an empty value stays empty.

    :raises SealBroken: if it was not sealed for this place by one of our keys; it never says what it held
    """
    if not value:
        return ""
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - see _cipher

    key = _keys().get(key_id_of(value))
    if key is None:
        raise SealBroken(f"The key of a value in {place} is not among SALDO_SEALING_KEYS.")
    try:
        sealed = base64.urlsafe_b64decode(value.rpartition(":")[2])
        opened: bytes = _cipher(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place.encode())
        return opened.decode()
    except (InvalidTag, ValueError, binascii.Error) as error:
        raise SealBroken(f"A value in {place} was changed, or was sealed for another place.") from error


def key_id_of(value: str) -> str:
    """Return by which key a value is sealed; an empty text where it is not sealed."""
    return value.removeprefix(PREFIX).partition(":")[0] if value.startswith(PREFIX) else ""


def sealing_key_id() -> str:
    """Return the key that seals now."""
    return next(iter(_keys()))


class SealedField(models.CharField):  # type: ignore[type-arg]
    """A text that is sealed in the database and open in memory; it cannot be searched for. See ``sealed_field``."""

    @property
    def place(self) -> str:
        """The column that its values are sealed for."""
        return f"{self.model._meta.db_table}.{self.column}"  # noqa: SLF001 - Django's own name for it

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        """Seal; an expression is the database's own matter."""
        if not value or hasattr(value, "as_sql"):
            return super().get_db_prep_save(value, connection)
        return seal(str(value), place=self.place)

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        """Open."""
        return open_sealed(value, place=self.place) if value else value


def sealed_field(**options: Any) -> "models.CharField[str, str]":
    """Return a text column whose values are sealed at rest; ``max_length`` is that of the sealed text."""
    return cast("models.CharField[str, str]", SealedField(**options))


def _cipher(key: bytes) -> Any:
    from cryptography.hazmat.primitives.ciphers.aead import (  # noqa: PLC0415 - 50 ms that few processes need
        AESGCM,
    )

    return AESGCM(key)


def _keys() -> Mapping[str, bytes]:
    return cast("Mapping[str, bytes]", settings.SALDO_SEALING_KEYS)
