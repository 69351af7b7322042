"""Application configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SubscribersConfig(AppConfig):
    """Who has what."""

    name = "subscribers"
    verbose_name = _("Subscribers")
