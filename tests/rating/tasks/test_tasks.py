import subprocess
import sys

from billing_site.jobs.work import registered_kinds
from rating.engine.stages import KINDS

PROGRAM = """
import sys, django
django.setup()
import rating.tasks, rating.operations.usage_files
sys.exit("polars" in sys.modules)
"""


def test_tasks_import_no_polars_before_a_fork():
    """A worker is forked after its tasks are imported; Polars' threads would not survive it."""
    assert subprocess.run([sys.executable, "-c", PROGRAM], check=False).returncode == 0


def test_handlers_of_every_stage_are_registered():
    assert set(KINDS) <= set(registered_kinds())
