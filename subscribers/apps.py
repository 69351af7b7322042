"""Application configuration."""

from django.apps import AppConfig


class SubscribersConfig(AppConfig):
    """Who has what."""

    name = "subscribers"
