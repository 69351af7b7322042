"""The project package: foundations below the apps, and the faces that span them."""

from billing_site.celery import app as celery_app

__all__ = ["celery_app"]
