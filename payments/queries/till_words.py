"""The words of tills that people read."""

from django.utils.translation import pgettext_lazy

from payments.domain.fiscal import DEVICES, NONE
from payments.models import Method

METHODS = {
    Method.CASH.value: pgettext_lazy("method of payment", "Cash"),
    Method.CHEQUE.value: pgettext_lazy("method of payment", "Cheque"),
    Method.ADVICE.value: pgettext_lazy("method of payment", "Bank advice"),
    Method.CARD.value: pgettext_lazy("method of payment", "Card"),
}
FISCAL_DEVICES = {
    NONE: pgettext_lazy("fiscal device", "None"),
    "JOURNAL": pgettext_lazy("fiscal device", "Electronic journal"),
    "SANDBOX": pgettext_lazy("fiscal device", "Practice device"),
}

assert set(METHODS) == set(Method.values), "every method has its word"
assert set(FISCAL_DEVICES) == {NONE, *DEVICES}, "every device has its word"
