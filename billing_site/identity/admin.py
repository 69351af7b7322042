"""People and places in Django's admin."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from billing_site.identity.models import Department, ServiceCentre, User
from billing_site.identity.reference import ReferenceAdmin

if TYPE_CHECKING:
    UserModelForm = forms.ModelForm[User]
else:
    UserModelForm = forms.ModelForm


class UserForm(UserModelForm):
    """A person; the password is set here and never shown."""

    new_password = forms.CharField(
        label=_("New password"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        validators=[validate_password],
    )

    class Meta:
        """What the administrator decides about a person."""

        model = User
        fields = ("username", "full_name", "role", "centre", "language", "is_active")


@admin.register(User)
class UserAdmin(ReferenceAdmin):
    """Who works here."""

    words = (pgettext_lazy("one", "person"), _("Staff"))
    form = UserForm
    list_display = ("username", "full_name", "role", "centre", "language", "is_active")
    list_filter = ("role", "is_active")
    list_select_related = ("centre",)
    search_fields = ("username", "full_name")
    ordering = ("username",)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        """Keep the person, with a new password if one was typed."""
        password = form.cleaned_data.get("new_password")
        if password:
            obj.set_password(password)
        elif not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)


@admin.register(Department)
class DepartmentAdmin(ReferenceAdmin):
    """Business departments."""

    words = (pgettext_lazy("one", "department"), _("Departments"))
    list_display = ("code", "names")
    search_fields = ("code", "names")
    ordering = ("code",)


@admin.register(ServiceCentre)
class ServiceCentreAdmin(ReferenceAdmin):
    """Service centres."""

    words = (pgettext_lazy("one", "service centre"), _("Service centres"))
    list_display = ("code", "names", "department", "address")
    list_filter = ("department",)
    list_select_related = ("department",)
    search_fields = ("code", "names", "address")
    ordering = ("code",)
