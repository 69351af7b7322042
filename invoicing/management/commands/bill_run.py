"""``manage.py bill_run``: check, preview, run, review, post, cancel and resume bill runs."""

import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import CommandError, CommandParser

from billing_site.core import clock
from billing_site.core.errors import BillingError
from billing_site.identity.models import User
from billing_site.jobs.commands import FAILED, INTERRUPTED, REFUSED, SET_ASIDE, WRONG_USE, HouseCommand
from billing_site.jobs.models import Job, WorkItem
from billing_site.jobs.work import drain
from invoicing.domain.due_dates import due_on
from invoicing.domain.run_rules import AccountRule, Segment, read_account_list
from invoicing.management.run_lines import preview_lines, review_lines
from invoicing.models import BillRun
from invoicing.operations.bill_run_control import cancel_bill_run, resume_bill_run
from invoicing.operations.bill_run_delivery import RENDER
from invoicing.operations.bill_run_planning import CALCULATE, ChecksNotPassed, plan_bill_run
from invoicing.operations.bill_run_posting import POST, post_bill_run
from invoicing.operations.bill_run_preview import PREVIEW, preview_bill_run
from invoicing.queries.previews import PreviewFigures, get_preview_figures
from invoicing.queries.readiness import Finding, find_obstacles, period_to_bill
from invoicing.queries.reviews import LISTED, Review, parked_accounts, review_bill_run
from subscribers.models import Account, BillCycle

TERMS_DAYS = 20
POLL_SECONDS = 1
LINE_SECONDS = 10
BAR_CELLS = 26
# What is left to do in a state; in every other one the run is still being calculated.
KIND_OF = {BillRun.State.POSTING: POST, BillRun.State.DELIVERING: RENDER}


class Command(HouseCommand):
    """Make the bills of a cycle: phase by phase, as its pages do."""

    help = """examples:
  python3 manage.py bill_run check --cycle FIRST
  python3 manage.py bill_run run --cycle FIRST --by specialist --department D30
  python3 manage.py bill_run run --cycle FIRST --by specialist --checked "Totals and twenty bills of the pilot"
  python3 manage.py bill_run review --run 3
  python3 manage.py bill_run post --run 3 --by approver --yes

Workers do the pieces; --inline does them in this process.
Exit 0: done; 1: failed; 2: wrong use; 3: done, some accounts set aside; 4: refused by a check."""
    resume_hint = "What is calculated or posted stays. To go on: python3 manage.py bill_run resume"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the act and what it needs."""
        parser.add_argument("act", choices=sorted(self._acts()), help="what to do")
        parser.add_argument("--cycle", help="code of the bill cycle (check, preview, run)")
        parser.add_argument("--period", help="the period's first month, YYYY-MM: refused if another one is due")
        parser.add_argument("--run", type=int, dest="run_id", help="number of the run; the latest when left out")
        parser.add_argument("--by", help="who does it: a user name")
        parser.add_argument("--due-days", type=int, default=TERMS_DAYS, help="days to pay")
        parser.add_argument(
            "--override", action="append", default=[], metavar="CODE", help="go past a finding, by code"
        )
        parser.add_argument("--reason", default="", help="why the findings are gone past")
        parser.add_argument("--checked", default="", help="what was checked of the pilots before everybody is billed")
        parser.add_argument("--department", action="append", default=[], metavar="CODE", help="a pilot for it")
        parser.add_argument("--category", action="append", default=[], choices=Account.Category.values)
        parser.add_argument("--segment", action="append", default=[], choices=[str(segment) for segment in Segment])
        parser.add_argument("--accounts", type=Path, help="a file of account numbers")
        parser.add_argument("--inline", action="store_true", help="do the pieces in this process")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done")
        parser.add_argument("--yes", action="store_true", help="do not ask before posting or cancelling")
        parser.add_argument("--quiet", action="store_true", help="no progress")
        parser.add_argument("--json", action="store_true", dest="as_json", help="one object on the last line")

    def handle(self, *args: Any, act: str, **options: Any) -> None:
        """Do the act; a refusal is a sentence and an exit code."""
        self.options = options
        self._read_rule: AccountRule | None = None
        try:
            self._acts()[act]()
        except ChecksNotPassed as error:
            self._show_findings(error.findings)
            raise CommandError(
                "Nothing was done. Mend the findings, or go past them by --override CODE.", returncode=REFUSED
            ) from error
        except BillingError as error:
            raise CommandError(str(error), returncode=REFUSED) from error

    def _acts(self) -> dict[str, Callable[[], None]]:
        return {
            "check": self._check,
            "preview": self._preview,
            "run": self._run,
            "review": self._review,
            "post": self._post,
            "cancel": self._cancel,
            "resume": self._resume,
        }

    def _check(self) -> None:
        cycle = self._cycle()
        findings = find_obstacles(cycle=cycle, on=clock.today(), kind=self._kind())
        period = period_to_bill(cycle=cycle)
        if self.options["as_json"]:
            values = [{"code": f.code, "sentence": str(f.sentence), "final": f.is_final} for f in findings]
            self.print_json({"cycle": cycle.code, "period_from": str(period.start), "findings": values})
        else:
            self._show_findings(findings)
        if findings:
            sys.exit(REFUSED)
        self._say(f"Nothing stands in the way of {period.start:%Y-%m}.", following=f"run --cycle {cycle.code}")

    def _preview(self) -> None:
        preview = preview_bill_run(**self._plan_arguments())
        # Workers may do pieces of it too: the last one may be theirs.
        drain(PREVIEW)
        while not Job.objects.get(pk=preview.job_id or 0).is_finished:
            time.sleep(POLL_SECONDS)
        self._show_figures(get_preview_figures(preview_id=preview.pk))
        self._say("Nothing was billed.", following=f"run --cycle {preview.cycle.code}")

    def _run(self) -> None:
        if self.options["dry_run"]:
            self._preview()
            return
        run = plan_bill_run(
            **self._plan_arguments(),
            overridden=self.options["override"],
            reason=self.options["reason"],
            checked=self.options["checked"],
        )
        self._work(run, CALCULATE)
        self._end(run, following=f"review --run {run.pk}")

    def _review(self) -> None:
        self._show_review(review_bill_run(run_id=self._the_run().pk))

    def _post(self) -> None:
        run, person = self._the_run(), self._person(required=True)
        if person is None:
            raise CommandError("Who posts? Type --by USERNAME.", returncode=WRONG_USE)
        sentence = f"{run.billed_count} invoices of {run.gross_minor} {run.currency} in minor units"
        if self.options["dry_run"]:
            self._tell(run, f"Would post {sentence}.", following=f"post --run {run.pk} --by {person.username}")
            return
        self._ask(f"Post {sentence}? This cannot be undone.")
        run = post_bill_run(run_id=run.pk, posted_by=person)
        self._work(run, POST)
        self._end(run, following=f"review --run {run.pk}")

    def _cancel(self) -> None:
        run = self._the_run()
        if self.options["dry_run"]:
            self._tell(
                run, f"Would throw away {run.billed_count} drafts of run {run.pk}.", following=f"cancel --run {run.pk}"
            )
            return
        self._ask(f"Throw away {run.billed_count} drafts of run {run.pk}?")
        cancel_bill_run(run_id=run.pk, actor=self._person())
        run.refresh_from_db()
        self._tell(run, f"Run {run.pk} is cancelled.", following=f"run --cycle {run.cycle.code}")

    def _resume(self) -> None:
        if self.options["dry_run"]:
            run = self._the_run()
            self._tell(run, f"Would go on with run {run.pk}, {run.state}.", following=f"resume --run {run.pk}")
            return
        run = resume_bill_run(run_id=self._the_run().pk, actor=self._person())
        self._work(run, KIND_OF.get(BillRun.State(run.state), CALCULATE))
        self._end(run, following=f"review --run {run.pk}")

    # --- what acts share ---

    def _cycle(self) -> BillCycle:
        known = list(BillCycle.objects.order_by("code").values_list("code", flat=True))
        wanted = self.options["cycle"] or (known[0] if len(known) == 1 else None)
        cycle = BillCycle.objects.filter(code=wanted).first()
        if cycle is None:
            raise CommandError(
                f"Which cycle? Type --cycle CODE; there are: {', '.join(known) or 'none'}.", returncode=WRONG_USE
            )
        self._expect_period(cycle)
        return cycle

    def _expect_period(self, cycle: BillCycle) -> None:
        wanted = self.options["period"]
        due = period_to_bill(cycle=cycle).start
        if wanted and wanted != f"{due:%Y-%m}":
            raise CommandError(
                f"The period due in cycle {cycle.code} is {due:%Y-%m}, not {wanted}.", returncode=WRONG_USE
            )

    def _plan_arguments(self) -> dict[str, Any]:
        issued: date = clock.today()
        if self.options["due_days"] < 0:
            raise CommandError("--due-days cannot be negative.", returncode=WRONG_USE)
        return {
            "cycle_id": self._cycle().pk,
            "issued_on": issued,
            "due_on": due_on(posted_on=issued, terms_days=self.options["due_days"]),
            "started_by": self._person(),
            "kind": self._kind(),
            "rule": self._rule(),
        }

    def _rule(self) -> AccountRule:
        """Return whom the run is for; the file of accounts is read once."""
        if self._read_rule is None:
            listed = self.options["accounts"]
            self._read_rule = AccountRule(
                departments=tuple(self.options["department"]),
                categories=tuple(self.options["category"]),
                segments=tuple(self.options["segment"]),
                accounts=read_account_list(listed.read_text(encoding="utf-8")) if listed is not None else (),
            )
        return self._read_rule

    def _kind(self) -> str:
        return BillRun.Kind.FULL if self._rule().is_empty else BillRun.Kind.PILOT

    def _the_run(self) -> BillRun:
        runs = BillRun.objects.select_related("cycle")
        run_id = self.options["run_id"]
        run = runs.filter(pk=run_id).first() if run_id else runs.order_by("-pk").first()
        if run is None:
            raise CommandError("There is no such run. Type: manage.py bill_run run --cycle CODE", returncode=WRONG_USE)
        return run

    def _person(self, *, required: bool = False) -> User | None:
        name = self.options["by"]
        person = User.objects.filter(username=name, is_active=True).first() if name else None
        if person is None and (name or required):
            raise CommandError(f"Nobody is called {name!r}. Type --by USERNAME.", returncode=WRONG_USE)
        return person

    def _ask(self, question: str) -> None:
        if self.options["yes"]:
            return
        if not sys.stdin.isatty() or input(f"{question} [yes/no] ") != "yes":
            raise CommandError(f"{question} Type --yes to do it.", returncode=WRONG_USE)

    def _work(self, run: BillRun, kind: str) -> None:
        """Do the pieces here, or watch the workers do them."""
        if self.options["inline"]:
            drain(kind)
        else:
            self._watch(run)
        run.refresh_from_db()

    def _watch(self, run: BillRun) -> None:
        shown_at = 0.0
        try:
            while True:
                job = Job.objects.get(pk=run.job_id or 0)
                shown_at = self._show_progress(job, shown_at)
                if job.is_finished or job.state == Job.State.PAUSED or _is_stuck(job):
                    return
                time.sleep(POLL_SECONDS)
        except KeyboardInterrupt:
            self._stop(run)

    def _stop(self, run: BillRun) -> NoReturn:
        self.stderr.write(
            f"\nWorkers go on. To stop them: manage.py jobs pause {run.job_id};"
            f" later: manage.py bill_run resume --run {run.pk}"
        )
        sys.exit(INTERRUPTED)

    def _show_progress(self, job: Job, shown_at: float) -> float:
        if self.options["quiet"]:
            return shown_at
        total = max(job.total_units, 1)
        share = min(job.done_units * 100 // total, 100)
        text = f"{job} {share} %  {job.done_units} of {job.total_units}, set aside {job.set_aside_units}"
        if self.stderr.isatty():
            filled = share * BAR_CELLS // 100
            self.stderr.write(
                f"\r{'█' * filled}{'░' * (BAR_CELLS - filled)} {text}", ending="\n" if job.is_finished else ""
            )
            return shown_at
        if job.is_finished or time.monotonic() - shown_at >= LINE_SECONDS:
            self.stderr.write(text)
            return time.monotonic()
        return shown_at

    def _end(self, run: BillRun, *, following: str) -> None:
        """Say how the phase ended; the exit code says it to scripts."""
        stuck = list(WorkItem.objects.filter(job_id=run.job_id or 0, state="PARKED").values_list("key", "last_error"))
        if self.options["as_json"]:
            self.print_json(_values_of(run))
        if stuck:
            details = "; ".join(f"{key}: {error}" for key, error in stuck[:3])
            raise CommandError(
                f"Pieces failed three times: {details}. Then: manage.py bill_run resume --run {run.pk}",
                returncode=FAILED,
            )
        if run.state in {BillRun.State.PLANNED, BillRun.State.CALCULATING, BillRun.State.POSTING}:
            raise CommandError(
                f"Run {run.pk} is {run.state}. Then: manage.py bill_run resume --run {run.pk}", returncode=FAILED
            )
        self._say(
            f"Run {run.pk} is {run.state}: {run.billed_count} bills, {run.parked_count} set aside, "
            f"{run.skipped_count} with nothing to bill, gross {run.gross_minor} {run.currency} (minor units).",
            following=following,
        )
        if run.parked_count:
            sys.exit(SET_ASIDE)

    def _show_findings(self, findings: tuple[Finding, ...]) -> None:
        for finding in findings:
            mend = finding.command or finding.url_name
            self.stderr.write(f"{finding.code}: {finding.sentence}" + (f"  -> {mend}" if mend else ""))

    def _show_figures(self, found: PreviewFigures) -> None:
        if self.options["as_json"]:
            items = [{"code": i.code, "net_minor": i.net_minor, "before_minor": i.before_minor} for i in found.items]
            self.print_json({"preview": found.preview.pk, **found.figures.as_json(), "items": items})
            return
        for line in preview_lines(found):
            self.stdout.write(line)

    def _show_review(self, review: Review) -> None:
        run = review.run
        if self.options["as_json"]:
            self.print_json({**_values_of(run), **_review_values(review)})
            return
        for line in review_lines(review, parked=parked_accounts(run_id=run.pk)[:LISTED]):
            self.stdout.write(line)
        if run.state == BillRun.State.CALCULATED:
            self._say("A second person posts it.", following=f"post --run {run.pk} --by USERNAME")

    def _tell(self, run: BillRun, sentence: str, *, following: str) -> None:
        if self.options["as_json"]:
            self.print_json({**_values_of(run), "dry_run": self.options["dry_run"], "sentence": sentence})
        self._say(sentence, following=following)

    def _say(self, sentence: str, *, following: str) -> None:
        if not self.options["as_json"]:
            self.stdout.write(sentence)
            self.stdout.write(f"Next: manage.py bill_run {following}")


def _is_stuck(job: Job) -> bool:
    """Return whether nothing is left to do but pieces that failed three times."""
    items = WorkItem.objects.filter(job_id=job.pk)
    return items.filter(state="PARKED").exists() and not items.filter(state="TODO").exists()


def _values_of(run: BillRun) -> dict[str, Any]:
    names = (
        "state", "account_count", "billed_count", "parked_count", "skipped_count", "net_minor", "tax_minor",
        "gross_minor", "posted_count", "posted_gross_minor", "currency",
    )  # fmt: skip
    return {"run": run.pk, "period_from": str(run.period_from), **{name: getattr(run, name) for name in names}}


def _review_values(review: Review) -> dict[str, Any]:
    return {
        "items": [{"code": i.code, "net_minor": i.net_minor, "before_minor": i.before_minor} for i in review.items],
        "zero": review.zero_count,
        "negative": review.negative_count,
        "huge": review.huge_count,
        "skipped": review.skipped,
    }
