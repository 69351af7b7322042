"""Application configuration."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Work items, jobs and the sweeper."""

    name = "billing_site.jobs"
    label = "jobs"
