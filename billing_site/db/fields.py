"""Column types of the house, made in one place."""

from typing import Any, cast

from django.conf import settings
from django.db import models
from djmoney.models.fields import MoneyField


def money_field(**options: Any) -> "models.Field[Any, Any]":
    """Return a free-standing amount with its currency (payments, tills)."""
    return cast(
        "models.Field[Any, Any]",
        MoneyField(max_digits=18, decimal_places=3, default_currency=settings.SALDO_CURRENCY, **options),
    )


def minor_field(**options: Any) -> "models.BigIntegerField[int, int]":
    """Return an amount in minor units of the document's currency."""
    return models.BigIntegerField(**options)


def micro_field(**options: Any) -> "models.BigIntegerField[int, int]":
    """Return an amount in millionths of the major unit: the precision of rated usage."""
    return models.BigIntegerField(**options)


def state_field(states: type[models.TextChoices], **options: Any) -> "models.CharField[str, str]":
    """Return a state column: stored upper-case, limited to the choices."""
    return models.CharField(max_length=16, choices=states.choices, **options)


def names_field() -> "models.JSONField[dict[str, str], dict[str, str]]":
    """Return names in the five languages: ``{"en": ..., "hy": ..., "ru": ..., "zh-hans": ..., "ar": ...}``."""
    return models.JSONField(default=dict)
