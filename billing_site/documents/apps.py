"""Application configuration."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """Number series, PDF, workbooks, stored files."""

    name = "billing_site.documents"
    label = "documents"
