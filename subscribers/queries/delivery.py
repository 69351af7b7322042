"""Which ways the bills of an account take today."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from subscribers.models import DeliveryChannel


@dataclass(frozen=True, slots=True, kw_only=True)
class BillWay:
    """One way that an account's bills take; ``address`` is the mail address."""

    kind: str
    address: str
    language: str

    @property
    def label(self) -> str:
        """The way in the reader's words."""
        return str(DeliveryChannel.Kind(self.kind).label)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountDelivery:
    """The ways of an account, where the postman finds it, and the address that gave its mail back."""

    ways: tuple[BillWay, ...]
    post_code: str
    route: str
    bounced_address: str


def delivery_of_account(*, account_id: int) -> AccountDelivery:
    """Return how the next bill of an account will go out: at least one way, unless there is no such account."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT w.kind, w.address, w.language, a.post_code, a.route FROM subscribers_billway w"
            " JOIN subscribers_account a ON a.id = w.account_id WHERE w.account_id = %s ORDER BY w.kind",
            [account_id],
        )
        rows = cursor.fetchall()
    back = DeliveryChannel.objects.filter(account_id=account_id, bounced_at__isnull=False)
    return AccountDelivery(
        ways=tuple(BillWay(kind=kind, address=address, language=language) for kind, address, language, _, _ in rows),
        post_code=rows[0][3] if rows else "",
        route=rows[0][4] if rows else "",
        bounced_address=back.values_list("bounced_address", flat=True).first() or "",
    )


def letter_ways(*, account_ids: Iterable[int]) -> dict[int, BillWay]:
    """
    Return the way that letters to each account take, by its id: that of its bills; of several the mail, else paper.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT ON (account_id) account_id, kind, address, language FROM subscribers_billway"
            " WHERE account_id = ANY (%s)"
            " ORDER BY account_id, array_position(ARRAY['E_MAIL', 'PRINT', 'PORTAL'], kind)",
            [sorted(account_ids)],
        )
        return {row[0]: BillWay(kind=row[1], address=row[2], language=row[3]) for row in cursor.fetchall()}
