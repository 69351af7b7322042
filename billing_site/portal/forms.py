"""What subscribers type on their own pages."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from billing_site.core import clock
from billing_site.core.checkdigits import is_valid
from billing_site.core.digits import clean_number_input, to_ascii_digits
from billing_site.core.periods import bill_period_of
from billing_site.web.formatting import format_phone
from billing_site.web.forms import AmountField, ClockField, DayField, PhoneField
from invoicing.models import Dispute
from rating.forms.call_lists import NamedChoice, PeriodForm
from rating.forms.prices import LengthField
from rating.models import CallListOrder
from rating.queries.call_lists import Criteria
from subscribers.domain.dialling import whole_number
from subscribers.forms.bill_settings import BillSettingForm
from subscribers.models import Account, DeliveryChannel
from subscribers.operations.delivery import ChosenWay
from tariffs.models import Plan
from tariffs.queries.plans import plans_for_sale

PASSWORD_LENGTH = 128
NAME_ATTRS = {"autocomplete": "username", "dir": "ltr", "autocapitalize": "none", "spellcheck": "false"}
CODE_ATTRS = {"autocomplete": "one-time-code", "dir": "ltr", "autocapitalize": "characters", "spellcheck": "false"}


def password_field(label: Any, *, autocomplete: str) -> forms.CharField:
    """Return a field for a password: pasted and filled in by a password manager as one likes."""
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete, "dir": "ltr"})
    return forms.CharField(label=label, max_length=PASSWORD_LENGTH, strip=False, widget=widget)


class NameField(forms.CharField):
    """An e-mail address, or an account's number in any script's digits."""

    def __init__(self) -> None:
        """Take what fits an address."""
        super().__init__(
            label=_("E-mail address or account number"), max_length=254, widget=forms.TextInput(attrs={**NAME_ATTRS})
        )

    def to_python(self, value: Any) -> str:
        """Take digits of any script."""
        return to_ascii_digits(str(super().to_python(value) or ""))


class CodeField(forms.CharField):
    """A code from a letter, with or without its dashes."""

    def __init__(self, label: Any) -> None:
        """Take digits of any script."""
        super().__init__(label=label, max_length=32, widget=forms.TextInput(attrs={**CODE_ATTRS}))

    def to_python(self, value: Any) -> str:
        """Take digits of any script, and spaces."""
        return to_ascii_digits(str(super().to_python(value) or "")).replace(" ", "")


class AccountNumberField(forms.CharField):
    """The number of an account as it stands on a bill; a mistyped digit is noticed at once."""

    def __init__(self) -> None:
        """Let the keyboard of digits open."""
        widget = forms.TextInput(attrs={"inputmode": "numeric", "dir": "ltr", "autocomplete": "off"})
        super().__init__(
            label=_("Account number"), max_length=24, widget=widget, help_text=_("It stands on every bill.")
        )

    def clean(self, value: Any) -> str:
        """Return the digits; the last of them checks the others."""
        number = clean_number_input(str(super().clean(value)))
        if not is_valid(number):
            raise ValidationError(_("This is no account number: compare it with your bill, digit by digit."))
        return number


class SignInForm(forms.Form):
    """Name and password."""

    name = NameField()
    password = password_field(_("Password"), autocomplete="current-password")


class AskForCodeForm(forms.Form):
    """Whose code is asked for."""

    name = NameField()


class SignInByCodeForm(forms.Form):
    """The code that was mailed."""

    name = NameField()
    code = CodeField(_("Code from the letter"))


class NewPasswordForm(forms.Form):
    """A new password."""

    password = password_field(_("New password"), autocomplete="new-password")

    def __init__(self, *args: Any, **options: Any) -> None:
        """Say beforehand what the rules are."""
        super().__init__(*args, **options)
        self.fields["password"].help_text = _("At least twelve characters; several words are easy to keep in mind.")


class ActivateForm(NewPasswordForm):
    """The first sign-in: number and code of the letter, a password, an address for codes and bills."""

    account_number = AccountNumberField()
    code = CodeField(_("Code from the letter or the bill"))
    email = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        help_text=_("For a new password, should you forget yours. You can do without."),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "dir": "ltr"}),
    )
    field_order = ("account_number", "code", "email", "password")


class ChangePasswordForm(NewPasswordForm):
    """The old password and the new one."""

    old = password_field(_("Old password"), autocomplete="current-password")
    field_order = ("old", "password")


class LanguageForm(forms.Form):
    """The language of bills, messages and pages."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)


class EmailForm(forms.Form):
    """A new address."""

    email = forms.EmailField(
        label=_("New e-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "email", "dir": "ltr"})
    )


class ConfirmForm(forms.Form):
    """The code that went to the new address."""

    code = CodeField(_("Code from the letter"))


class OwnLimitForm(forms.Form):
    """What may be used in a bill period; nothing: no limit of one's own."""

    amount = AmountField(
        label=_("My limit for a bill period"),
        required=False,
        help_text=_("Leave it empty to have no limit of your own."),
    )


class CallFilter(PeriodForm):
    """Which calls of a line: days, both included, and how a called number begins."""

    number = PhoneField(label=_("Called number"), required=False)

    def __init__(self, *args: Any, account: Account, **options: Any) -> None:
        """Begin with the running bill period."""
        today = clock.today()
        period = bill_period_of(today, account.cycle.bill_day)
        options["initial"] = {"first": period.start, "last": today, **options.get("initial", {})}
        super().__init__(*args, **options)

    def clean_number(self) -> str:
        """Return digits as records keep them."""
        return str(self.cleaned_data["number"]).lstrip("+")

    def criteria(self) -> Criteria:
        """Return what is asked for, or what the form begins with."""
        values = self.cleaned_data if self.is_bound else {**self.initial, "number": ""}
        return Criteria(first=values["first"], last=values["last"], number=values.get("number", ""))


class OrderCallsForm(CallFilter):
    """Calls of a line as a file."""

    file_kind = forms.ChoiceField(label=_("Form"), choices=CallListOrder.Form.choices)


class PlanForm(forms.Form):
    """Another plan, from the next bill period on; the choices are those that the line can take."""

    plan = forms.ChoiceField(label=_("Plan"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, choices: Sequence[tuple[int, str]], **options: Any) -> None:
        """Offer the plans."""
        super().__init__(*args, **options)
        field: Any = self.fields["plan"]
        field.choices = list(choices)


class FavouriteForm(forms.Form):
    """A number that is called at the price of favourites."""

    number = PhoneField(label=_("Favourite number"), help_text=_("As it is dialled, or with the country code."))

    def clean_number(self) -> str:
        """Return it whole, as calls are kept."""
        return whole_number(self.cleaned_data["number"], country_code=settings.SALDO_COUNTRY_CODE)


class PriceForm(forms.Form):
    """What a call costs: from a number of one's own or on a plan that is for sale, to whom, when, how long."""

    calling = forms.ChoiceField(label=_("From my number"), required=False)
    plan = NamedChoice(
        label=_("Plan"), required=False, to_field_name="code", empty_label="–", queryset=Plan.objects.none()
    )
    called = PhoneField(label=_("Called number"), help_text=_("As you would dial it."))
    day = DayField(label=_("Day"))
    time = ClockField(label=_("Time"))
    length = LengthField(label=_("Length"), help_text=_("Like 3:10, or seconds."))

    def __init__(self, *args: Any, numbers: Sequence[str], **options: Any) -> None:
        """Offer one's own numbers, if there are any, and the plans for sale: nobody else's number tells his plan."""
        super().__init__(*args, **options)
        fields: Any = self.fields
        fields["plan"].queryset = plans_for_sale(on=clock.today()).order_by("code")
        fields["calling"].choices = [("", "–"), *((number, format_phone(number)) for number in numbers)]
        if not numbers:
            del fields["calling"]

    def clean(self) -> dict[str, Any]:
        """Ask for a number or a plan."""
        found: dict[str, Any] = super().clean() or {}
        if not found.get("calling") and not found.get("plan") and not self.errors:
            self.add_error("plan", _("Choose what to call by."))
        return found


class DisputeForm(forms.Form):
    """What is wrong with a line of a bill."""

    reason = forms.ChoiceField(label=_("What is wrong?"), choices=Dispute.Reason.choices, widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("In your own words"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )


class WithdrawOwnDisputeForm(forms.Form):
    """Why a dispute is taken back, for who wants to say it."""

    text = forms.CharField(
        label=_("In your own words"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )


class OwnBillForm(BillSettingForm):
    """How much a bill lists, numbers masked or whole, the size of letters."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Ask the subscriber himself for the declaration."""
        super().__init__(*args, **options)
        self.fields["are_users_told"].label = _("I declare that everybody who uses my lines was told")
        self.fields["are_users_told"].help_text = _("Needed for called numbers in full.")


class OwnDeliveryForm(forms.Form):
    """The ways that the bills take; at least one. The address of mail is changed elsewhere, by a code sent there."""

    ways = forms.MultipleChoiceField(
        label=_("How your bills reach you"),
        choices=DeliveryChannel.Kind.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    language = forms.ChoiceField(
        label=_("Language of the bills"),
        required=False,
        choices=[("", _("that of my messages")), *settings.LANGUAGES],
    )

    def chosen(self, *, mail_address: str) -> list[ChosenWay]:
        """
        Return what was chosen.

        :param mail_address: the address for mail, empty for the subscriber's own
        """
        return [
            ChosenWay(
                kind=kind,
                address=mail_address if kind == DeliveryChannel.Kind.E_MAIL else "",
                language=self.cleaned_data["language"],
            )
            for kind in self.cleaned_data["ways"]
        ]


class OnlineAmountForm(forms.Form):
    """How much is paid now; the key makes one payment of a form that is sent twice."""

    amount = AmountField(label=_("Amount"))
    key = forms.UUIDField(widget=forms.HiddenInput)


class OwnPromiseForm(forms.Form):
    """How much will be paid, and by when."""

    amount = AmountField(label=_("Amount"))
    pay_until_on = DayField(label=_("I will pay by"))


class HelpfulForm(forms.Form):
    """Yes or no."""

    is_helpful = forms.ChoiceField(
        label=_("Was this helpful?"),
        choices=[("YES", _("Yes, it was")), ("NO", _("No, it was not"))],
        widget=forms.RadioSelect,
    )

    @property
    def is_yes(self) -> bool:
        """Return the answer."""
        return bool(self.cleaned_data["is_helpful"] == "YES")
