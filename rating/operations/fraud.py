"""Fraud rules kept as data; hits looked at by a person."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.constraints import constraint_errors
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from rating.models import FraudHit, FraudRule
from subscribers.domain.restrictions import RestrictionCause
from subscribers.operations.restrictions import write_restorations


class FraudRuleCodeTaken(BillingError):
    """Two rules of one name."""

    default_message = gettext_noop("There is a fraud rule with the code %(code)s already.")
    default_code = "FRAUD_RULE_CODE_TAKEN"


class FraudRuleUnsound(BillingError):
    """A rule that could never be right."""

    default_message = gettext_noop("A rule that counts calls to a destination names one, and no other rule does.")
    default_code = "FRAUD_RULE_UNSOUND"


class HitAlreadyDismissed(BillingError):
    """Somebody else was quicker."""

    default_message = gettext_noop("The hit was dismissed already.")
    default_code = "HIT_ALREADY_DISMISSED"


class DismissReasonMissing(BillingError):
    """Somebody will ask why."""

    default_message = gettext_noop("Say why it is no fraud.")
    default_code = "DISMISS_REASON_MISSING"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTerms:
    """
    What a rule says.

    ``threshold`` is in millionths of money for ``SUM_PER_HOUR``, in calls for the others; more than it is a hit. Of the
    destinations one is given for ``CALLS_TO_ZONE``, none otherwise. An empty scope is every account, every line.
    """

    names: Mapping[str, str]
    kind: str
    threshold: int
    effect: str
    zone_id: int | None = None
    usage_category_id: int | None = None
    account_category: str = ""
    line_kind: str = ""
    is_active: bool = True


@durable
def create_fraud_rule(*, code: str, terms: RuleTerms, actor: User | None) -> FraudRule:
    """
    Make a rule; it looks at every run from now on.

    :raises FraudRuleCodeTaken: if a rule has the code
    :raises FraudRuleUnsound: if the destination does not fit the kind
    """
    if FraudRule.objects.filter(code=code).exists():
        raise FraudRuleCodeTaken(context={"code": code})
    with constraint_errors({"rating_fraudrule_destination": FraudRuleUnsound}):
        rule = FraudRule.objects.create(code=code, **_columns(terms))
    record("rating.create_fraud_rule", actor=actor, subject=rule, changes={"code": code, **_columns(terms)})
    return rule


@durable
def change_fraud_rule(*, rule_id: int, terms: RuleTerms, actor: User | None) -> FraudRule:
    """
    Change what a rule says; hits keep the threshold that they exceeded.

    :raises FraudRuleUnsound: if the destination does not fit the kind
    """
    rule = FraudRule.objects.select_for_update(of=("self",)).get(pk=rule_id)
    after = _columns(terms)
    before = {name: getattr(rule, name) for name in after}
    for name, value in after.items():
        setattr(rule, name, value)
    with constraint_errors({"rating_fraudrule_destination": FraudRuleUnsound}):
        rule.save(update_fields=list(after))
    changed = {name: {"before": before[name], "after": after[name]} for name in after if before[name] != after[name]}
    record("rating.change_fraud_rule", actor=actor, subject=rule, changes=changed)
    return rule


@durable
def dismiss_fraud_hit(*, hit_id: int, reason: str, restores: bool, at: datetime, actor: User) -> FraudHit:
    """
    Say that a hit is no fraud.

    :param restores: end the bar for fraud of its line, if no other hit that bars it is open
    :raises DismissReasonMissing: without a reason
    :raises HitAlreadyDismissed: if it was dismissed before
    """
    hit = FraudHit.objects.select_for_update(of=("self",)).get(pk=hit_id)
    if not reason.strip():
        raise DismissReasonMissing
    if hit.state != FraudHit.State.OPEN:
        raise HitAlreadyDismissed
    hit.state, hit.dismissed_by, hit.dismissed_at = FraudHit.State.DISMISSED, actor, at
    hit.dismiss_reason = reason.strip()
    hit.save(update_fields=["state", "dismissed_by", "dismissed_at", "dismiss_reason"])
    others = FraudHit.objects.filter(
        subscription=hit.subscription_id, state=FraudHit.State.OPEN, effect=FraudRule.Effect.RESTRICT
    )
    if restores and not others.exists():
        lines = [hit.subscription_id]
        write_restorations(
            subscription_ids=lines, cause=RestrictionCause.FRAUD, reason=hit.dismiss_reason, at=at, actor=actor
        )
    changes = {"reason": hit.dismiss_reason, "restores": restores}
    record("rating.dismiss_fraud_hit", actor=actor, subject=hit, changes=changes)
    return hit


def _columns(terms: RuleTerms) -> dict[str, object]:
    return {**asdict(terms), "names": dict(terms.names)}
