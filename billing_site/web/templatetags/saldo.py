"""Tags of every template: ``{% load saldo %}``. A bare number in a page fails the tests; these wrap it."""

from collections.abc import Iterator, Mapping
from datetime import (
    date as Date,  # noqa: N812 - the tag below is called date
    datetime,
)
from decimal import Decimal
from typing import Any

from django import template
from django.forms.boundfield import BoundField
from django.templatetags.static import static
from django.utils.functional import Promise
from django.utils.safestring import SafeString

from billing_site.core.errors import BillingError
from billing_site.core.messages import Message
from billing_site.web import wrapping
from billing_site.web.fields import FieldView, field_view
from billing_site.web.plots import Plot
from billing_site.web.refusals import message_html, refusal_html
from billing_site.web.sentences import plain_sentence
from billing_site.web.tables import Table, TableRow

register = template.Library()
SPRITE = "img/icons.svg"


@register.simple_tag
def num(value: int | Decimal | None, min_decimals: int = 0) -> SafeString:
    """``{% num count %}``: a grouped number."""
    return wrapping.number_html(value, min_decimals=min_decimals)


@register.simple_tag
def money(amount_minor: int | None, currency: str = "", form: str = "") -> SafeString:
    """
    ``{% money invoice.total_minor invoice.currency %}``: minor units; without a currency no code is shown.

    ``{% money line.net_minor invoice.currency "bare" %}`` has the decimals of the currency and no code.
    """
    return wrapping.minor_html(amount_minor, currency=currency, show_currency=form != "bare")


@register.simple_tag
def signed(amount_minor: int | None, currency: str = "", form: str = "") -> SafeString:
    """``{% signed change.amount_minor invoice.currency %}``: minor units of a difference; more has its plus."""
    return wrapping.signed_html(amount_minor, currency=currency, show_currency=form != "bare")


@register.simple_tag
def micro(amount_micro: int | None, currency: str = "", min_decimals: int = 2) -> SafeString:
    """``{% micro usage.amount_micro %}``: micro units, exactly."""
    return wrapping.micro_html(amount_micro, currency=currency, min_decimals=min_decimals)


@register.simple_tag
def amount(value: Decimal | None, currency: str = "", min_decimals: int = 0) -> SafeString:
    """``{% amount rate.price %}``: a decimal of the major unit, exactly."""
    return wrapping.amount_html(value, currency=currency, min_decimals=min_decimals)


@register.simple_tag
def date(day: Date | None, form: str = "short") -> SafeString:
    """``{% date invoice.due_on %}``, ``{% date invoice.due_on "long" %}``."""
    return wrapping.date_html(day, long=form == "long")


@register.simple_tag
def instant(value: datetime | None, form: str = "minutes") -> SafeString:
    """``{% instant job.started_at %}``, ``{% instant call.started_at "seconds" %}``: in the operator's time zone."""
    return wrapping.instant_html(value, seconds=form == "seconds")


@register.simple_tag
def stamp(value: datetime | None) -> SafeString:
    """``{% stamp file.loaded_at %}``: an instant that the database stamped, as the operator's clock showed it."""
    return wrapping.stamp_html(value)


@register.simple_tag
def duration(seconds: int | None) -> SafeString:
    """``{% duration call.duration_seconds %}``: 4:05, 1:04:05."""
    return wrapping.duration_html(seconds)


@register.simple_tag
def phone(number: str | None) -> SafeString:
    """``{% phone subscription.number %}``."""
    return wrapping.phone_html(number)


@register.simple_tag
def code(value: object) -> SafeString:
    """``{% code invoice.number %}``: anything read character by character."""
    return wrapping.code_html(value)


@register.simple_tag
def state(value: str | None, label: object = None) -> SafeString:
    """``{% state invoice.state %}``: a chip."""
    return wrapping.state_html(value, label)


@register.simple_tag
def name_in(names: Mapping[str, str] | None) -> SafeString:
    """``{% name_in plan.names %}``: a name in the page's language."""
    return wrapping.name_html(names)


@register.simple_tag
def text(value: object) -> SafeString:
    """``{% text subscriber.full_name %}``: what a person wrote, in its own direction."""
    return wrapping.text_html(value)


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """``{% icon "search" %}``, ``{% icon "next" "mirror" %}``: a sign beside a word; arrows are mirrored."""
    return wrapping.icon_html(name, static(SPRITE), css=css)


@register.simple_tag
def sentence(value: Message | BillingError | str | Promise) -> SafeString:
    """``{% sentence trace.line %}``: a sentence of the pure core, a refusal, or one that came ready."""
    if isinstance(value, str | Promise):
        return wrapping.ready_sentence_html(str(value))
    return refusal_html(value) if isinstance(value, BillingError) else message_html(value)


@register.simple_tag
def told(msgid: str, params: Mapping[str, object], currency: str = "") -> str:
    """``{% told letter.msgid letter.params letter.currency %}``: what a notice says, in the page's language."""
    return plain_sentence(msgid, params, language=wrapping.current_language(), currency=currency)


@register.inclusion_tag("components/field.html")
def field(bound: BoundField, hint: str = "") -> FieldView:
    """``{% field form.amount %}``: label, help, errors and the input with its directions and descriptions."""
    return field_view(bound, hint=hint)


@register.inclusion_tag("components/plot.html")
def plot(picture: Plot) -> dict[str, Any]:
    """``{% plot revenue %}``: the picture, the sentence that says it, and its numbers as a table."""
    return {"plot": picture}


@register.simple_tag(takes_context=True)
def body_of(context: Mapping[str, Any], table: Table[Any]) -> Iterator[TableRow]:
    """``{% body_of table as body %}``: its rows, with the ways that who looks at them may go."""
    return table.body(getattr(context.get("request"), "user", None))
