"""Application configuration."""

from django.apps import AppConfig


class TariffsConfig(AppConfig):
    """What we sell."""

    name = "tariffs"
