"""The operator's own words on bills."""

from django.db import models
from django.db.models import F, Q

from billing_site.documents.own_texts import OwnText
from invoicing.domain.bill_texts import TextPlace
from subscribers.models import Account, BillCycle


class BillText(OwnText):
    """
    One text for one place, for the bills issued on some days; for one cycle or category, or for all.

    ``published_n`` counts what was published: a bill run freezes how far it had come, so that its bills are printed
    with the same words for ever. A published text never changes (triggers); a newer one takes its place.
    """

    class Place(models.TextChoices):
        """Where it stands."""

        HEADER = TextPlace.HEADER.value, "Under the operator's name"
        NOTICE = TextPlace.NOTICE.value, "Notice"
        HOW_TO_PAY = TextPlace.HOW_TO_PAY.value, "How to pay"
        FOOTER = TextPlace.FOOTER.value, "At the end"
        MAIL = TextPlace.MAIL.value, "Opening of the e-mail"

    place = models.CharField(max_length=16, choices=Place.choices)
    cycle = models.ForeignKey(BillCycle, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    category = models.CharField(max_length=16, choices=Account.Category.choices, blank=True)
    # Days of issue, the last one excluded; without an end it holds until a newer one takes its place.
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)

    class Meta:
        """A text holds for a day at least."""

        constraints = [
            *OwnText.Meta.constraints,
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(until_on__gt=F("from_on")),
                name="invoicing_billtext_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        """Show place and number."""
        return f"{self.place} {self.pk}"
