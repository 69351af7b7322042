"""Application configuration."""

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    """Who works here, where, and what they may do."""

    name = "billing_site.identity"
    label = "identity"
