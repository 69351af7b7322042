"""Kinds of work that only tests do; workers of the tests read this module as well."""

import os
import signal
from typing import Any

from billing_site.identity.models import Department
from billing_site.jobs.work import handles


@handles("tests.write")
def write(payload: dict[str, Any]) -> None:
    """Leave one row: doing it twice would break its unique code."""
    Department.objects.create(code=payload["code"], names={"pid": str(os.getpid())})


@handles("tests.fail")
def fail(payload: dict[str, Any]) -> None:
    """Write and fail: nothing may stay."""
    Department.objects.create(code=payload["code"], names={})
    message = "it never works"
    raise ValueError(message)


@handles("tests.die")
def die(payload: dict[str, Any]) -> None:
    """Write and die."""
    Department.objects.create(code=payload["code"], names={})
    os.kill(os.getpid(), signal.SIGKILL)
