"""Application configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TariffsConfig(AppConfig):
    """What we sell."""

    name = "tariffs"
    verbose_name = _("Tariffs")
