"""Application configuration."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Who did what: a book that nobody edits."""

    name = "billing_site.audit"
    label = "audit"
