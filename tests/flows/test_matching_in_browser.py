"""
Screen 31 and scenario 13 as far as it is the bank's: the accountant loads a statement, and matches by keyboard alone
what the rules left; in Armenian, and in Arabic from the right.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from billing_site.core import clock
from billing_site.db.clock_offset import move_clock
from billing_site.identity.roles import Role
from reconciliation.models import Statement, StatementLine
from reconciliation.queries.statements import statement_sums
from subscribers.models import Account
from tests.factories.banks import LOADED_AT, Move, bill, make_bank, mt940
from tests.factories.identity import make_centre, make_staff
from tests.factories.subscribers import make_account
from tests.fixtures.browsers import LiveServer
from tests.flows.demo_site import english, faults_of, sign_in
from tests.web.barriers import barriers_on
from tests.web.test_browser import shoot

__all__ = ["english"]
NAMES = {"hy": "Գրիգորյան Անի Հայկի", "ar": "نجلاء الحلبي"}


@pytest.fixture(scope="module")
def accounts(fresh_database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, list[Account]]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.SALDO_FILES_ROOT", tmp_path_factory.mktemp("files"))
        move_clock(to=LOADED_AT)
        make_staff(Role.ACCOUNTANT, username="accountant")
        centre, found = make_centre(code="HALL-1"), {}
        for n, (language, name) in enumerate(NAMES.items()):
            make_bank(code=f"BANK{n}", name=f"Bank {n}", number=f"193000000000000{n}")
            found[language] = [make_account(name=name, language=language, centre=centre) for _ in range(3)]
            for account in found[language]:
                bill(account, 18_340)
        yield found
        move_clock(to=clock.machine_now())


def write_statement(path: Path, accounts: list[Account], *, number: str) -> Path:
    first, second, third = accounts
    moves = [
        Move(18_340, f"account {first.number}", "R1", first.subscriber.name),
        Move(18_340, f"{second.number} {third.number}", "R2", second.subscriber.name),
        Move(9_000, "", "R3", "Anna"),
        Move(500, "", "R4", "Anna"),
        Move(-20, code="NCHG"),
    ]
    path.write_text(mt940(moves, account=number), encoding="utf-8")
    return path


def seen(page: Page, language: str, name: str) -> None:
    shoot(page, f"matching-{language}-{name}")
    assert faults_of(page, language=language, english=frozenset()) == []


@pytest.mark.parametrize("language", list(NAMES))
def test_accountant_matches_a_statement_by_keyboard(
    accounts: dict[str, list[Account]], page: Page, live_server: LiveServer, tmp_path: Path, language: str
) -> None:
    n, own = list(NAMES).index(language), accounts[language]
    sign_in(page.context, live_server, "accountant", language)
    page.goto(f"{live_server.url}/reconciliation/statements/load/?bank=BANK{n}")
    page.locator("[name=bank]").select_option(f"BANK{n}")
    file = write_statement(tmp_path / "0304.sta", own, number=f"193000000000000{n}")
    page.locator("[name=statement]").set_input_files(str(file))
    page.keyboard.press("F8")
    page.wait_for_url("**/statements/*/")
    seen(page, language, "statement")
    page.keyboard.press("F4")
    page.locator("tr[data-href]").first.focus()
    page.keyboard.press("Enter")

    expect(page.locator("[data-proposal]").first).to_be_focused()
    seen(page, language, "line")
    assert barriers_on(page) == []
    page.keyboard.press("ArrowDown")
    expect(page.locator("[data-proposal]").nth(1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.locator(".undo")).to_be_visible()
    page.keyboard.press("F4")
    page.keyboard.type(own[2].number)
    page.keyboard.press("Enter")
    expect(page.locator("[data-proposal]")).to_have_count(1)
    page.keyboard.press("F6")
    page.locator("details [name=account_1]").fill(own[1].number)
    page.locator("details [name=amount_1]").fill("4000")
    page.locator("details [name=account_2]").fill(own[2].number)
    page.locator("details [name=amount_2]").fill("5000")
    seen(page, language, "split")
    page.keyboard.press("Enter")
    expect(page.locator(".empty")).to_be_visible()
    seen(page, language, "nobody")

    statement = Statement.objects.filter(bank_account__code=f"BANK{n}").get()
    sums = statement_sums(statement.pk)
    assert (sums.accepted_minor, sums.left_minor, sums.difference_minor) == (18_340 * 2 + 9_000, 500, 0)
    assert StatementLine.objects.filter(statement=statement, state="SUSPENSE").count() == 1
