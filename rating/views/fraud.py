"""Rules against fraud, and what they found."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import get_language, gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.core.money import micro_to_minor, minor_to_decimal, minor_to_micro
from billing_site.core.names import name_in
from billing_site.web.formatting import format_micro, format_number
from billing_site.web.tables import Column, Kind, Table
from billing_site.web.views import DetailPage, FormPage, ListPage, Outcome
from rating.forms.limits import LINE_KINDS, DismissForm, FraudRuleForm, HitFilter
from rating.models import FraudHit, FraudRule
from rating.operations.fraud import RuleTerms, change_fraud_rule, create_fraud_rule, dismiss_fraud_hit
from rating.queries.call_lists import show_called
from rating.queries.fraud import fraud_hits, fraud_rules, records_of_hit
from rating.views.records import COLUMNS as RECORD_COLUMNS
from rating.views.ways import way_to_account
from subscribers.queries.restrictions import find_restriction
from subscribers.queries.words import CATEGORIES

SHOWN = 200


def shown_figure(kind: str, value: int) -> str:
    """Return a figure of a rule or a hit: money or calls."""
    language = get_language() or settings.LANGUAGE_CODE
    if kind == FraudRule.Kind.SUM_PER_HOUR:
        return f"{format_micro(value, language=language)} {settings.SALDO_CURRENCY}"
    return format_number(value, language=language)


class FraudRules(ListPage[FraudRule]):
    """What is looked for after every run."""

    permission: ClassVar[str] = "rating.view_fraud_rules"
    title = _("Fraud rules")
    template_name = "rating/fraud_rules.html"
    is_wide = True
    columns = (
        Column(label=_("Code"), value="code", kind=Kind.CODE),
        Column(label=_("Name"), value="names", kind=Kind.NAME),
        Column(label=_("What is counted"), value="get_kind_display"),
        Column(label=_("More than"), value=lambda rule: shown_figure(rule.kind, rule.threshold), kind=Kind.SENTENCE),
        Column(label=_("Destination"), value=lambda rule: rule.zone or rule.usage_category, kind=Kind.CODE),
        Column(label=_("Customer category"), value=lambda rule: CATEGORIES.get(rule.account_category, _("all"))),
        Column(label=_("Kind of line"), value=lambda rule: dict(LINE_KINDS).get(rule.line_kind, _("all"))),
        Column(label=_("What follows"), value="get_effect_display"),
        Column(label=_("State"), value=lambda rule: "ACTIVE" if rule.is_active else "PAUSED", kind=Kind.STATE),
    )
    order = ("code",)
    empty = _("No rule yet. Without rules nobody sees fraud before the bill does.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[FraudRule]:
        """Return the rules."""
        return fraud_rules()

    def row_href(self, row: FraudRule) -> str:
        """Open the rule for whoever may change it."""
        may = self.request.user.may("rating.change_fraud_rule")
        return reverse("rating:change-fraud-rule", args=[row.pk]) if may else ""


class RuleForm(FormPage):
    """A form with everything that a rule says."""

    form_class = FraudRuleForm
    submit_label = _("Save")
    intro = _("A rule looks at every run of rating from now on, before the next file is processed.")

    def more(self, *_: Any, **ids: Any) -> Mapping[str, Any]:
        """Lead back to the list."""
        return {"back_url": reverse("rating:fraud-rules")}

    def terms(self, given: Mapping[str, Any], names: Mapping[str, str]) -> RuleTerms:
        """Return what the form says; ``names`` are those there, the reader's language is replaced."""
        is_money = given["kind"] == FraudRule.Kind.SUM_PER_HOUR
        is_place = given["kind"] == FraudRule.Kind.CALLS_TO_ZONE
        digits = settings.SALDO_CURRENCY_DIGITS
        language = get_language() or settings.LANGUAGE_CODE
        return RuleTerms(
            names={**names, language: given["name"]},
            kind=given["kind"],
            threshold=minor_to_micro(given["amount"], digits=digits) if is_money else given["count"],
            effect=given["effect"],
            zone_id=given["zone"].pk if is_place and given["zone"] else None,
            usage_category_id=given["usage_category"].pk if is_place and given["usage_category"] else None,
            account_category=given["account_category"],
            line_kind=given["line_kind"],
            is_active=given["is_active"],
        )


class CreateFraudRule(RuleForm):
    """Make a rule."""

    permission = "rating.create_fraud_rule"
    title = _("New fraud rule")

    def perform(self, form: Any, *_: Any, **ids: Any) -> Outcome:
        """Make it."""
        given = form.cleaned_data
        create_fraud_rule(code=given["code"], terms=self.terms(given, {}), actor=self.request.user)
        return Outcome(url=reverse("rating:fraud-rules"), message=__("The rule is in force from the next run on."))


class ChangeFraudRule(RuleForm):
    """Change a rule."""

    permission = "rating.change_fraud_rule"
    title = _("Change the fraud rule")

    def rule(self, rule_id: int) -> FraudRule:
        """Return the rule."""
        found = fraud_rules().filter(pk=rule_id).first()
        if found is None:
            raise Http404
        return found

    def initial(self, *_: Any, rule_id: int, **ids: Any) -> Mapping[str, Any]:
        """Fill in what the rule says."""
        rule = self.rule(rule_id)
        is_money = rule.kind == FraudRule.Kind.SUM_PER_HOUR
        digits = settings.SALDO_CURRENCY_DIGITS
        copied = ("code", "kind", "zone", "usage_category", "account_category", "line_kind", "effect", "is_active")
        return {
            **{name: getattr(rule, name) for name in copied},
            "name": name_in(rule.names, get_language() or settings.LANGUAGE_CODE),
            "amount": minor_to_decimal(micro_to_minor(rule.threshold, digits=digits), digits=digits)
            if is_money
            else None,
            "count": None if is_money else rule.threshold,
        }

    def perform(self, form: Any, *_: Any, rule_id: int, **ids: Any) -> Outcome:
        """Change it; the code stays."""
        terms = self.terms(form.cleaned_data, self.rule(rule_id).names)
        change_fraud_rule(rule_id=rule_id, terms=terms, actor=self.request.user)
        return Outcome(url=reverse("rating:fraud-rules"), message=__("The rule is changed."))


class FraudHits(ListPage[FraudHit]):
    """What the rules found, the latest first."""

    permission: ClassVar[str] = "rating.view_fraud_hits"
    title = _("Suspicion of fraud")
    is_wide = True
    columns = (
        Column(label=_("Found on"), value="found_at", kind=Kind.INSTANT),
        Column(label=_("Rule"), value="rule.names", kind=Kind.NAME),
        Column(label=_("Account"), value="subscription.account.number", kind=Kind.CODE),
        Column(label=_("Subscriber"), value="subscription.account.subscriber.name"),
        Column(label=_("Day"), value="day", kind=Kind.DATE),
        Column(label=_("Figure"), value=lambda hit: shown_figure(hit.rule.kind, hit.figure), kind=Kind.SENTENCE),
        Column(label=_("More than"), value=lambda hit: shown_figure(hit.rule.kind, hit.threshold), kind=Kind.SENTENCE),
        Column(label=_("Calls"), value="record_count", kind=Kind.NUM),
        Column(label=_("What followed"), value="get_effect_display"),
        Column(label=_("State"), value="state", kind=Kind.STATE),
    )
    filter_form = HitFilter
    empty = _("Nothing suspicious was found.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[FraudHit]:
        """Return the hits."""
        return fraud_hits(state=filters.get("state") or None, rule=filters.get("rule"))

    def row_href(self, row: FraudHit) -> str:
        """Open the hit."""
        return reverse("rating:fraud-hit", args=[row.pk])


class FraudHitPage(DetailPage[FraudHit]):
    """One hit with the records behind it."""

    permission: ClassVar[str] = "rating.view_fraud_hits"
    title = _("Suspicion of fraud")
    template_name = "rating/fraud_hit.html"

    def subject(self, hit_id: int) -> FraudHit:
        """Return the hit."""
        return get_hit_or_404(hit_id)

    def more(self, subject: FraudHit) -> Mapping[str, Any]:
        """Return the records, what holds of the line now, and what may be done."""
        way = way_to_account(subject.subscription.account).get("crumb", {})
        return {
            "account_url": way.get("url", ""),
            "figure": shown_figure(subject.rule.kind, subject.figure),
            "threshold": shown_figure(subject.rule.kind, subject.threshold),
            "restriction": find_restriction(subscription_id=subject.subscription_id),
            "records": Table(
                columns=RECORD_COLUMNS,
                rows=list(show_called(records_of_hit(hit=subject))[:SHOWN]),
                caption=__("Records behind"),
                empty=__("The records are not kept any more."),
            ),
        }


class DismissFraudHit(FormPage):
    """Say that a hit is no fraud."""

    permission = "rating.dismiss_fraud_hit"
    title = _("No fraud")
    form_class = DismissForm
    submit_label = _("Dismiss")
    intro = _("The reason stays with the hit. The rule does not look at this line again on this day.")

    def perform(self, form: Any, *_: Any, hit_id: int, **ids: Any) -> Outcome:
        """Dismiss it."""
        given = form.cleaned_data
        hit = get_hit_or_404(hit_id)
        dismiss_fraud_hit(
            hit_id=hit.pk,
            reason=given["reason"],
            restores=given["restores"],
            at=clock.now(),
            actor=self.request.user,
        )
        return Outcome(url=reverse("rating:fraud-hit", args=[hit.pk]), message=__("The hit is dismissed."))

    def more(self, *_: Any, hit_id: int, **ids: Any) -> Mapping[str, Any]:
        """Lead back to the hit."""
        return {"back_url": reverse("rating:fraud-hit", args=[get_hit_or_404(hit_id).pk])}


def get_hit_or_404(hit_id: int) -> FraudHit:
    """Return a hit, or raise ``Http404``."""
    hit = fraud_hits().select_related("rule__zone", "rule__usage_category").filter(pk=hit_id).first()
    if hit is None:
        raise Http404
    return hit
