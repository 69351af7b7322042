"""Rows 002-11, 004-02: how an account's bills go out is chosen and kept in the journal; bounces change it."""

from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from billing_site.audit.models import AuditEntry
from subscribers.models import DeliveryChannel
from subscribers.operations.delivery import (
    ChosenWay,
    MailAddressMissing,
    MailAddressUnsound,
    NoWayForBills,
    PostalAddressMissing,
    WayUnknown,
    change_bill_delivery,
    change_postal_address,
    stop_mail,
)
from subscribers.queries.delivery import delivery_of_account
from tests.factories.subscribers import make_account

AT = datetime(2026, 3, 5, 8, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def ways(account) -> list[tuple[str, str, str]]:
    return [(way.kind, way.address, way.language) for way in delivery_of_account(account_id=account.pk).ways]


def bounce(account, address: str) -> bool:
    with transaction.atomic():
        return stop_mail(account_id=account.pk, address=address, at=AT)


def test_account_without_a_choice_gets_mail_if_it_has_an_address_else_paper():
    assert ways(make_account(email="mary@example.org")) == [("E_MAIL", "mary@example.org", "en")]
    assert ways(make_account(language="hy")) == [("PRINT", "", "hy")]


def test_ways_are_chosen_several_at_once_and_kept_in_the_journal(clerk):
    account = make_account(email="mary@example.org", language="ru")
    chosen = [ChosenWay(kind="PRINT"), ChosenWay(kind="E_MAIL", address="books@example.org", language="en")]
    change_bill_delivery(account_id=account.pk, ways=chosen, actor=clerk)
    assert ways(account) == [("E_MAIL", "books@example.org", "en"), ("PRINT", "", "ru")]
    change_bill_delivery(account_id=account.pk, ways=[ChosenWay(kind="PORTAL")], actor=clerk)

    assert ways(account) == [("PORTAL", "", "ru")]
    act = AuditEntry.objects.filter(action="subscribers.change_bill_delivery").latest("pk")
    assert act.actor == clerk
    assert [way["kind"] for way in act.changes["before"]] == ["E_MAIL", "PRINT"]
    assert act.changes["after"] == [{"kind": "PORTAL", "address": "", "language": ""}]


@pytest.mark.parametrize(
    ("chosen", "refusal"),
    [
        ([], NoWayForBills),
        ([ChosenWay(kind="PIGEON")], WayUnknown),
        ([ChosenWay(kind="PRINT"), ChosenWay(kind="PRINT")], WayUnknown),
        ([ChosenWay(kind="E_MAIL")], MailAddressMissing),
        ([ChosenWay(kind="E_MAIL", address="not an address")], MailAddressUnsound),
    ],
)
def test_unsound_choices_are_refused_and_nothing_is_written(clerk, chosen, refusal):
    account = make_account()
    with pytest.raises(refusal):
        change_bill_delivery(account_id=account.pk, ways=chosen, actor=clerk)

    assert not DeliveryChannel.objects.exists()
    assert not AuditEntry.objects.filter(action="subscribers.change_bill_delivery").exists()


def test_mail_that_bounces_turns_the_next_bill_to_paper_until_somebody_changes_it(clerk):
    usual, chosen = make_account(email="gone@example.org"), make_account(email="gone@example.org")
    both = [ChosenWay(kind="E_MAIL"), ChosenWay(kind="PORTAL")]
    change_bill_delivery(account_id=chosen.pk, ways=both, actor=clerk)
    assert bounce(usual, "gone@example.org")
    assert bounce(chosen, "gone@example.org")
    assert not bounce(usual, "gone@example.org")

    assert ways(usual) == [("PRINT", "", "en")]
    assert ways(chosen) == [("PORTAL", "", "en"), ("PRINT", "", "en")]
    assert delivery_of_account(account_id=usual.pk).bounced_address == "gone@example.org"
    change_bill_delivery(account_id=usual.pk, ways=[ChosenWay(kind="E_MAIL", address="new@example.org")], actor=clerk)
    assert ways(usual) == [("E_MAIL", "new@example.org", "en")]


def test_bounce_of_an_address_that_the_account_no_longer_has_changes_nothing():
    account = make_account(email="new@example.org")

    assert not bounce(account, "old@example.org")
    assert ways(account) == [("E_MAIL", "new@example.org", "en")]


def test_postal_address_is_changed_with_code_and_round(clerk):
    account = make_account()
    change_postal_address(account_id=account.pk, address="14 Mill Lane", post_code="0010", route="R7", actor=clerk)
    with pytest.raises(PostalAddressMissing):
        change_postal_address(account_id=account.pk, address=" ", post_code="", route="", actor=clerk)

    account.refresh_from_db()
    assert (account.address, account.post_code, account.route) == ("14 Mill Lane", "0010", "R7")
    assert AuditEntry.objects.filter(action="subscribers.change_postal_address").count() == 1


def test_every_account_has_a_way_unless_it_chose_otherwise():
    """The view that decides gives every account at least one way, whatever was chosen and came back."""
    for email in ("", "a@example.org"):
        for kinds in ((), ("E_MAIL",), ("PORTAL",), ("PRINT",), ("E_MAIL", "PORTAL"), ("E_MAIL", "PRINT")):
            for is_back in (False, True):
                account = make_account(email=email)
                for kind in kinds:
                    back = {"bounced_at": AT, "bounced_address": "x@example.org"}
                    extra = back if is_back and kind == "E_MAIL" else {}
                    DeliveryChannel.objects.create(account=account, kind=kind, **extra)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM subscribers_account a"
            " WHERE NOT EXISTS (SELECT FROM subscribers_billway w WHERE w.account_id = a.id)"
        )
        assert cursor.fetchone() == (0,)
