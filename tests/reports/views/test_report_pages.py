"""The one face of all reports: 001-22, 001-29, 004-19, 004-25."""

import csv
import io
from datetime import date

import pytest
from django.core import mail
from django.urls import reverse

from billing_site.core import clock
from billing_site.documents.models import ReportMail, ReportOrder
from billing_site.documents.report_orders import ReportAlreadyOrdered, order_report
from billing_site.identity.roles import Role
from reports.forms.questions import dated
from reports.queries.catalogue import REPORTS, department_of
from reports.tasks import send_reports
from reports.views.dashboard import SHOWN
from tests.factories.dunning import make_debt
from tests.factories.identity import make_centre, make_staff
from tests.factories.payments import make_network, pay
from tests.factories.subscribers import make_account
from tests.reports.recomputing import open_book

pytestmark = pytest.mark.django_db
BACKEND = "billing_site.identity.backends.RoleBackend"


def address(code: str) -> str:
    return reverse("reports:report", args=[code])


def hrefs_of(client, code: str) -> list[str]:
    """Return where the rows of a report lead."""
    table = client.get(address(code)).context["table"]
    return [table.row_href(row) for row in table.rows]


@pytest.fixture
def figures(ani):
    far = make_account(centre=make_centre(code="FAR"))
    make_debt(ani.account, 1000, due_on=clock.today(), tax_minor=100)
    make_debt(far, 500, due_on=clock.today())
    pay(ani.account.number, "850", network=make_network(), txn_id="1", received_at=clock.now())
    return far


def test_every_report_opens_for_who_sees_all(client, accountant, figures, ani):
    """004-19: page, workbook and text file of each."""
    client.force_login(accountant, backend=BACKEND)
    centre = client.get(reverse("reports:reports"))

    for code in REPORTS:
        page = client.get(address(code))
        assert page.status_code == 200
        assert f'href="{address(code)}"' in centre.content.decode()
        if page.context["answer"].rows:
            assert open_book(client.get(address(code), {"export": "xlsx"}).getvalue()).worksheets[0].max_row > 1
    assert client.get(address("nothing")).status_code == 404


def test_workbook_has_numbers_and_formulas_and_text_file_the_same(client, accountant, figures):
    """001-22: numbers as numbers; totals and shares are formulas over them."""
    client.force_login(accountant, backend=BACKEND)
    page = client.get(address("collection")).content.decode()
    sheet = open_book(client.get(address("collection"), {"export": "xlsx"}).getvalue()).worksheets[0]
    text = b"".join(client.get(address("collection"), {"export": "csv"}).streaming_content).decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))

    assert "85.0" in page
    assert "<tfoot>" in page
    assert 'class="plot"' in page
    rows = {row[1]: row[2:] for row in sheet.iter_rows(values_only=True)}
    assert rows["Hall HALL-1"] in {(1000, 850, f'=IF(C{n}=0,"",D{n}/C{n})', 0, 0, 150) for n in (2, 3)}
    assert [cell.value for cell in sheet[4]][2:] == [
        *("=SUM(C2:C3)", "=SUM(D2:D3)", '=IF(C4=0,"",D4/C4)'),
        *(f"=SUM({column}2:{column}3)" for column in "FGH"),
    ]
    assert ["1000", "850", "85"] in [[cell.removesuffix(".0") for cell in line[2:5]] for line in lines]


def test_department_sees_its_own_figures_alone(client, supervisor, figures, centre):
    """001-29, 004-25: another's id in the address leads to nothing, and figures of the whole network to nothing."""
    client.force_login(supervisor, backend=BACKEND)
    page = client.get(address("collection"))

    assert [row[2] for row in page.context["answer"].rows] == [1000]
    for name, key in (("department", figures.centre.department_id), ("centre", figures.centre_id)):
        assert client.get(address("collection"), {name: key}).status_code == 404
        assert client.get(address("collection"), {name: key, "export": "xlsx"}).status_code == 404
    assert client.get(address("revenue-by-month")).status_code == 404
    assert client.get(address("staff-use"), {"department": centre.department_id}).status_code == 200


def test_no_report_shows_or_sends_a_department_what_is_of_another(client, supervisor, figures):
    """001-19: every report, its export and its order, with ids made by hand; what was ordered before one moved too."""
    client.force_login(supervisor, backend=BACKEND)
    far = {"department": figures.centre.department_id, "centre": figures.centre_id}

    for code, report in REPORTS.items():
        order = reverse("reports:order-report", args=[code])
        given = {"rhythm": "DAILY", "mail_to": "boss@example.com"}
        if not report.is_by_department:
            assert {client.get(url).status_code for url in (address(code), order)} == {404}
            assert client.post(order, given).status_code == 404
            continue
        for name, key in far.items():
            asked = [{name: key, **export} for export in ({}, {"export": "xlsx"}, {"export": "csv"})]
            assert {client.get(address(code), one).status_code for one in asked} == {404}
            assert client.post(order, {**given, name: key}).status_code == 422
    assert not ReportOrder.objects.exists()
    report = REPORTS["line-movements"]
    days = (date(2026, 3, 1), date(2026, 3, 5))
    moved = dated({"centre": figures.centre_id}, days=days, department_id=department_of(supervisor))
    assert report.read(moved).rows == []


def test_rows_lead_to_what_they_are_made_of(client, accountant, figures, centre):
    """The list behind a row has its sum: of a centre and of an hour, of an agent; a month leads to its days."""
    client.force_login(accountant, backend=BACKEND)
    hour = clock.now().astimezone(clock.operator_zone()).hour
    wanted = {"collection": (0, "received_minor"), "settlements": (hour, "amount_minor")}
    wanted["collection-by-agent"] = (0, "signed_minor")

    for code, (row, name) in wanted.items():
        behind = client.get(hrefs_of(client, code)[row]).context["page"].rows
        assert sum(getattr(one, name) for one in behind) == 850, code
    another = client.get(hrefs_of(client, "settlements")[(hour + 1) % 24])
    assert list(another.context["page"].rows) == []
    for code in ("debts-by-month", "lines-by-month", "traffic-by-month"):
        assert client.get(hrefs_of(client, code)[-1]).status_code == 200


def test_dashboard_draws_what_a_person_may_see(client, supervisor, figures, centre):
    """Screen 51: each picture loads by itself and leads to its report; a department's people see their own."""
    home = reverse("reports:dashboard")
    client.force_login(make_staff(Role.MANAGER), backend=BACKEND)
    assert f'href="{home}"' in client.get(reverse("reports:reports")).content.decode()
    panels = client.get(home).context["panels"]
    assert [panel["id"] for panel in panels] == list(SHOWN)
    for panel in panels:
        shown = client.get(panel["url"])
        assert client.get(shown.context["href"]).status_code == 200
        assert (shown.context["picture"] is not None) == ('class="plot"' in shown.content.decode())
    assert 'class="plot"' in client.get(panels[0]["url"]).content.decode()

    client.force_login(supervisor, backend=BACKEND)
    own = client.get(reverse("reports:dashboard-panel", args=["collection"])).context["answer"].rows
    assert [row[2] for row in own] == [1000]
    assert [panel["id"] for panel in client.get(home).context["panels"]] == [
        "collection",
        "line-reasons",
        "debts-by-month",
        "debt-ages",
    ]
    for code in ("revenue-by-month", "bad-debts"):
        assert client.get(reverse("reports:dashboard-panel", args=[code])).status_code == 404
    client.force_login(make_staff(Role.CLERK), backend=BACKEND)
    assert client.get(home).status_code == 403


def test_reports_that_name_people_are_not_for_managers(client, figures):
    """Aggregates, no personal data: scenario 14 shows a manager what business numbers were over by department."""
    client.force_login(make_staff(Role.MANAGER), backend=BACKEND)

    assert client.get(address("staff-use")).status_code == 403
    assert client.get(address("staff-use-by-centre")).status_code == 200
    assert address("staff-use-by-centre") in client.get(reverse("reports:reports")).content.decode()
    assert client.get(address("collection")).status_code == 200


def test_department_confirms_on_the_page(client, supervisor, figures, centre):
    """001-29: the month before, by its own people."""
    client.force_login(supervisor, backend=BACKEND)
    month = date(2026, 1, 1)
    url = reverse("payments:confirm-collection", args=[centre.department_id, month])
    make_debt(make_account(centre=centre), 70, due_on=date(2026, 1, 5))

    assert url in client.get(address("collection"), {"month": "2026-01"}).content.decode()
    assert client.post(url).url == f"{address('collection')}?month=2026-01"
    page = client.get(address("collection"), {"month": "2026-01"})
    assert page.context["figures"][0].is_confirmed
    assert url not in page.content.decode()


def test_report_is_sent_once_a_day_with_its_workbook(client, supervisor, figures, centre):
    """A run twice sends once; the department of who ordered it stands over what he asked for."""
    client.force_login(supervisor, backend=BACKEND)
    url = reverse("reports:order-report", args=["line-movements"])
    assert client.post(url, {"rhythm": "DAILY", "mail_to": "boss@example.com"}).status_code == 302
    with pytest.raises(ReportAlreadyOrdered):
        order_report(
            report="line-movements", rhythm="DAILY", question={}, mail_to="boss@example.com",
            from_on=clock.today(), at=clock.now(), actor=supervisor,
        )  # fmt: skip
    send_reports()
    send_reports()

    (letter,) = mail.outbox
    assert letter.to == ["boss@example.com"]
    ((name, content, _type),) = letter.attachments
    assert name.startswith("line-movements-")
    book = open_book(content)
    assert book.worksheets[0]["C2"].value == 1
    assert centre.department.names["en"] in {row[1] for row in book.worksheets[1].iter_rows(values_only=True)}
    assert ReportMail.objects.get().state == ReportMail.State.SENT
    order = ReportOrder.objects.get()
    client.post(reverse("reports:cancel-report", args=[order.pk]))
    order.refresh_from_db()
    assert order.ended_at is not None


def test_mail_server_that_is_down_is_tried_again(supervisor, figures, monkeypatch, settings):
    """What could not be sent is sent later; what was taken up and never finished is not sent again."""
    order = order_report(
        report="collection", rhythm="MONTHLY", question={}, mail_to="a@example.com",
        from_on=date(2026, 1, 1), at=clock.now(), actor=supervisor,
    )  # fmt: skip
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    send_reports()
    failed = ReportMail.objects.get()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    send_reports()

    assert (failed.order_id, failed.state, failed.attempts) == (order.pk, "FAILED", 1)
    assert len(mail.outbox) == 1
