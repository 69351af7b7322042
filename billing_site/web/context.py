"""What every page needs for its frame."""

from typing import TypedDict

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from billing_site.web.addresses import url_or_empty
from billing_site.web.navigation import menu_for

THEMES = ("light", "dark")
THEME_COOKIE = "theme"
# Every language under its own name, so that it can be found by a person who reads no other.
LANGUAGE_NAMES = (("hy", "Հայերեն"), ("ru", "Русский"), ("zh-hans", "简体中文"), ("ar", "العربية"), ("en", "English"))


class Shell(TypedDict):
    """The frame's own variables."""

    operator_name: str
    theme: str
    shell_languages: tuple[tuple[str, str], ...]
    navigation: object
    search_url: str
    home_url: str


def shell(request: HttpRequest) -> Shell:
    """Return the frame's variables; the menu is made only by pages that show it."""
    theme = request.COOKIES.get(THEME_COOKIE, "")
    return Shell(
        operator_name=settings.SALDO_OPERATOR_NAME,
        theme=theme if theme in THEMES else "auto",
        shell_languages=LANGUAGE_NAMES,
        navigation=SimpleLazyObject(lambda: menu_for(holder=request.user, path=request.path)),
        search_url=url_or_empty("console:search"),
        home_url=url_or_empty("console:home") or "/",
    )
