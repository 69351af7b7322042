"""Django's ``migrate``, run as the owner role, with the application's rights granted around it."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import connections

from billing_site.db.sql import read_sql


class Command(migrate.Command):
    """Migrate as the owner of the tables; the application's role could not and must not."""

    help = (
        "Examples: manage.py migrate    manage.py migrate rating 0003    manage.py migrate --plan\n"
        "Migrates as the owner role (DATABASE_OWNER_URL)."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Grant what new tables need, migrate, grant what existing tables need."""
        if "owner" not in settings.DATABASES:
            message = "DATABASE_OWNER_URL is not set: migrations run as the owner of the tables. See README, set-up."
            raise CommandError(message)
        options["database"] = "owner"
        if not options.get("plan") and not options.get("check_unapplied"):
            with connections["owner"].cursor() as cursor:
                cursor.execute(read_sql("billing_site.db", "grant_application"))
        super().handle(*args, **options)
