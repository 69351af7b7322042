"""Application configuration."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Base pages, tables, filters, tags."""

    name = "billing_site.web"
    label = "web"
