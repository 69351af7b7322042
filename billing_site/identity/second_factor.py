"""The second step: a code that changes every half minute, spare codes for a lost telephone."""

import secrets
from base64 import b32encode
from dataclasses import dataclass

import segno
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django_otp import match_token
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from billing_site.db.transactions import durable
from billing_site.identity.models import User

SPARE_CODES = 8
DEVICE_NAME = "authenticator"
SPARE_NAME = "spare codes"
GROUP_LETTERS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """What a person needs to set an authenticator up: the picture, and the key for typing."""

    picture: SafeString
    key: str


def is_enrolled(user: User) -> bool:
    """Return whether the person has an authenticator."""
    return bool(TOTPDevice.objects.filter(user_id=user.pk, confirmed=True).exists())


def enrolment_of(user: User) -> Enrolment:
    """Return the set-up of a person's first authenticator; asking again shows the same."""
    device, _ = TOTPDevice.objects.get_or_create(user_id=user.pk, confirmed=False, defaults={"name": DEVICE_NAME})
    picture = segno.make(device.config_url).svg_inline(scale=4, border=2)
    return Enrolment(
        picture=format_html("{}", mark_safe(picture)),  # noqa: S308 - drawn by us from our own address
        key=_for_typing(device.bin_key),
    )


def _for_typing(key: bytes) -> str:
    """Write a key as authenticators take it, in groups that people can read off."""
    letters = b32encode(key).decode("ascii").rstrip("=")
    return " ".join(letters[start : start + GROUP_LETTERS] for start in range(0, len(letters), GROUP_LETTERS))


def verify_code(*, user: User, token: str) -> Device | None:
    """Return the device that a code belongs to, or ``None``; each code counts once, wrong ones slow the next."""
    return match_token(user, token.strip().replace(" ", ""))


@durable
def confirm_enrolment(*, user: User, token: str) -> tuple[Device, list[str]] | None:
    """Finish the set-up with the first right code and return the device and spare codes, or ``None``."""
    device = TOTPDevice.objects.select_for_update().filter(user_id=user.pk, confirmed=False).first()
    if device is None or not device.verify_token(token.strip().replace(" ", "")):
        return None
    device.confirmed = True
    device.save()
    spare, _ = StaticDevice.objects.get_or_create(user_id=user.pk, name=SPARE_NAME)
    spare.token_set.all().delete()
    codes = [secrets.token_hex(4) for _ in range(SPARE_CODES)]
    for code in codes:
        spare.token_set.create(token=code)
    return device, codes
