"""What the commands of the house have in common: help that begins with examples, exit codes that scripts can read."""

import json
import sys
from argparse import ArgumentTypeError, RawDescriptionHelpFormatter
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand

DONE, FAILED, WRONG_USE, SET_ASIDE, REFUSED = 0, 1, 2, 3, 4
INTERRUPTED = 130
# Days have neighbours and months: those at the ends of the calendar are slips of the hand.
FIRST_YEAR, LAST_YEAR = 1900, 2999


class HouseCommand(BaseCommand):
    """
    A command with manners.

    ``help`` begins with a line ``examples:`` and one example on each line after it. ``resume_hint`` is what to type
    after Ctrl-C; commands that do not work in pieces leave it empty.
    """

    resume_hint = ""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        """Keep the line breaks of the examples."""
        return super().create_parser(prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **kwargs)

    def run_from_argv(self, argv: list[str]) -> None:
        """Run; after wrong words say what to type instead, after Ctrl-C how to go on; name a file that is no use."""
        try:
            super().run_from_argv(argv)
        except KeyboardInterrupt:
            self.stderr.write(f"\nStopped. {self.resume_hint}".rstrip())
            sys.exit(INTERRUPTED)
        except OSError as error:
            if error.filename is None:
                raise
            self.stderr.write(f"{error.filename} cannot be read or written ({error.strerror}).")
            sys.exit(FAILED)
        except SystemExit as ended:
            if ended.code == WRONG_USE:
                self.stderr.write(f"Type for example: {self.example}\nAll of it: manage.py {argv[1]} --help")
            raise

    @property
    def example(self) -> str:
        """The first example of the help."""
        return self.help.splitlines()[1].strip()

    def print_json(self, values: Mapping[str, Any]) -> None:
        """Print one object on one line."""
        self.stdout.write(json.dumps(values))


def written_day(text: str) -> date:
    """
    Read a day that a person types.

    :raises ArgumentTypeError: for anything but a day written as 2026-03-05
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        msg = f"“{text}” is no day; write it as 2026-03-05"
        raise ArgumentTypeError(msg)
    return day
