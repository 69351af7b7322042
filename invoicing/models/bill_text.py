"""The operator's own words on bills: drafted in five languages by one person, published by another, then fixed."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from billing_site.db.fields import names_field, state_field
from billing_site.identity.models import User
from invoicing.domain.bill_texts import TextPlace
from subscribers.models import Account, BillCycle


class BillText(models.Model):
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

    class State(models.TextChoices):
        """Whether bills carry it."""

        DRAFT = "DRAFT", "Draft"
        PUBLISHED = "PUBLISHED", "Published"

    place = models.CharField(max_length=16, choices=Place.choices)
    texts = names_field()
    cycle = models.ForeignKey(BillCycle, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    category = models.CharField(max_length=16, choices=Account.Category.choices, blank=True)
    # Days of issue, the last one excluded; without an end it holds until a newer one takes its place.
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)
    state = state_field(State, default=State.DRAFT)
    published_n = models.PositiveIntegerField(null=True, blank=True, unique=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    published_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Its writer does not publish it."""

        constraints = [
            models.CheckConstraint(
                condition=Q(state="DRAFT", published_n__isnull=True, published_by__isnull=True)
                | Q(state="PUBLISHED", published_n__isnull=False, published_by__isnull=False),
                name="invoicing_billtext_published_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(published_by__isnull=True) | ~Q(published_by=F("created_by")),
                name="invoicing_billtext_second_person",
            ),
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(until_on__gt=F("from_on")),
                name="invoicing_billtext_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        """Show place and number."""
        return f"{self.place} {self.pk}"

    @property
    def is_draft(self) -> bool:
        """Whether it may still be changed."""
        return self.state == self.State.DRAFT
