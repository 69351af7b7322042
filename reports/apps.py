"""Application configuration."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """What we tell; it cannot write."""

    name = "reports"
