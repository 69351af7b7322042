"""What a use costs, asked at the counter: amount and rule, on any day."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from billing_site.core import clock
from billing_site.core.money import currency_digits, micro_per_minor, micro_to_minor, minor_to_decimal, minor_to_micro
from billing_site.core.quantities import Unit
from billing_site.identity.http import StaffRequest
from billing_site.web.views import UNPROCESSABLE, StaffPage
from rating.domain.guiding import SHORT_CODE_MARK
from rating.domain.services import NAMED_SERVICES, SERVICES_BY_CODE
from rating.domain.typed_lengths import write_length
from rating.forms.prices import PriceForm
from rating.models import RatedUsage
from rating.queries.price_answers import PriceQuestion, answer_price

LOOK_UP = "rating.look_up_price"


class PriceLookUp(StaffPage):
    """The price of one use, with the rule in words; a question is an address, so it can be sent on."""

    permission: ClassVar[str] = LOOK_UP
    title = _("Price look-up")
    template_name = "rating/look_up_price.html"

    def get(self, request: StaffRequest) -> HttpResponse:
        """Show the question, and the answer once it was asked."""
        now = clock.now().astimezone(clock.operator_zone())
        if not any(name in request.GET for name in PriceForm.base_fields):
            return self.show(
                {"form": PriceForm(initial={"day": now.date(), "time": now.time().replace(microsecond=0)})}
            )
        form = PriceForm(request.GET)
        if not form.is_valid():
            return self.show({"form": form}, status=UNPROCESSABLE)
        question = _question(form.cleaned_data)
        is_today = question.at.date() == now.date()
        today_at = None if is_today else datetime.combine(now.date(), question.at.time(), tzinfo=now.tzinfo)
        answers = answer_price(question, today_at=today_at)
        is_named = question.service in NAMED_SERVICES
        return self.show({"form": form, "question": question, "answers": answers, "is_named": is_named})


def _question(asked: Mapping[str, Any]) -> PriceQuestion:
    digits = currency_digits(settings.SALDO_CURRENCY)
    return PriceQuestion(
        calling=asked["calling"],
        called=asked["called"],
        at=datetime.combine(asked["day"], asked["time"], tzinfo=clock.operator_zone()),
        duration_seconds=asked["length"] or 0,
        plan_code=asked["plan"].code if asked["plan"] else None,
        category=asked["category"] or None,
        service=asked["service"],
        quantities={
            Unit.EVENTS: asked["messages"] or 1,
            Unit.BYTES: asked["volume"] or 0,
            Unit.MONEY: minor_to_micro(asked["amount"] or 0, digits=digits),
        },
    )


def address_of_question(record: RatedUsage) -> str:
    """Return the look-up page with the fields filled from a record."""
    start = record.start_at.astimezone(clock.operator_zone())
    service = SERVICES_BY_CODE[record.service]
    called = record.called
    if service not in NAMED_SERVICES:
        called = called[1:] if called.startswith(SHORT_CODE_MARK) else f"+{called}"
    fields = {
        "calling": f"+{record.calling}",
        "service": service.value,
        "called": called,
        "day": start.date().isoformat(),
        "time": start.time().replace(microsecond=0).isoformat(),
        "length": write_length(record.duration_seconds),
    }
    if record.volume_bytes:
        fields["volume"] = str(record.volume_bytes)
    digits = currency_digits(settings.SALDO_CURRENCY)
    if record.third_party_micro and not record.third_party_micro % micro_per_minor(digits=digits):
        fields["amount"] = str(minor_to_decimal(micro_to_minor(record.third_party_micro, digits=digits), digits=digits))
    return f"{reverse('rating:look-up-price')}?{urlencode(fields)}"
