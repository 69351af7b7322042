"""Django's ``migrate``, run as the owner role, with the application's rights granted around it."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import connections

from billing_site.db.first_migration import migrate_empty
from billing_site.db.sql import read_sql

# With any of these the migrations, or some of them, are not simply run.
PARTIAL = ("app_label", "plan", "check_unapplied", "fake", "fake_initial", "prune", "run_syncdb")


class Command(migrate.Command):
    """Migrate as the owner of the tables; the application's role could not and must not."""

    help = (
        "Examples: manage.py migrate    manage.py migrate rating 0003    manage.py migrate --plan\n"
        "Migrates as the owner role (DATABASE_OWNER_URL)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what Django takes, and a word to leave."""
        super().add_arguments(parser)
        parser.add_argument("--mark", default=None, help="what the table of migrations says once all of them are run")

    def handle(self, *args: Any, **options: Any) -> None:
        """Grant what new tables need, migrate, grant what existing tables need."""
        if "owner" not in settings.DATABASES and options.get("check_unapplied"):
            super().handle(*args, **options)  # it only reads, which the application's role may
            return
        if "owner" not in settings.DATABASES:
            message = "DATABASE_OWNER_URL is not set: migrations run as the owner of the tables. See README, set-up."
            raise CommandError(message)
        options["database"] = "owner"
        if not options.get("plan") and not options.get("check_unapplied"):
            _mark(None)
            with connections["owner"].cursor() as cursor:
                cursor.execute(read_sql("billing_site.db", "grant_application"))
        if not any(options.get(one) for one in PARTIAL):
            self.verbosity = options["verbosity"]
            migrate_empty(connections["owner"], self.migration_progress_callback)
        super().handle(*args, **options)
        if options.get("mark") and not any(options.get(one) for one in PARTIAL):
            _mark(options["mark"])


def _mark(text: str | None) -> None:
    """Have the table of migrations say what brought it here; from the first change to the last nothing is said."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT to_regclass('django_migrations') IS NOT NULL")
        if cursor.fetchone() == (True,):
            cursor.execute("COMMENT ON TABLE django_migrations IS %s", [text])
