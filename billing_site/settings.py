"""
Every setting of the system in one file; values come from the environment.

Development, the demo, the tests and production read the same file. ``SALDO_PRODUCTION=1``
turns on what must never be missing there and refuses to start without its secrets.
"""

import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from billing_site.db.sealing_keys import read_sealing_keys
from billing_site.schedule import SCHEDULE

BASE_DIR = Path(__file__).resolve().parent.parent


def flag(name: str, *, default: bool = False) -> bool:
    """Read an environment variable as yes or no."""
    return os.environ.get(name, "1" if default else "0").lower() in {"1", "true", "yes", "on"}


PRODUCTION = flag("SALDO_PRODUCTION")
DEBUG = flag("DJANGO_DEBUG") and not PRODUCTION

SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY", "")
if not SECRET_KEY:
    if PRODUCTION:
        message = "DJANGO_SECRET_KEY is not set. Put a long random value into the environment."
        raise ImproperlyConfigured(message)
    SECRET_KEY = "development-only-key-that-guards-nothing-of-value"  # noqa: S105 - refused in production above

# Keys that seal values at rest: see billing_site.db.sealing.
SALDO_SEALING_KEYS = read_sealing_keys(
    os.environ.get("SALDO_SEALING_KEYS", ""), instead="" if PRODUCTION else SECRET_KEY
)

ALLOWED_HOSTS = os.environ.get("DJANGO_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("DJANGO_TRUSTED_ORIGINS", "").split(",") if origin]

# --- The operator -----------------------------------------------------------------------------

SALDO_OPERATOR_NAME = os.environ.get("SALDO_OPERATOR_NAME", "Meridian")
SALDO_TIME_ZONE = os.environ.get("SALDO_TIME_ZONE", "Asia/Yerevan")
SALDO_CURRENCY = os.environ.get("SALDO_CURRENCY", "AMD")
# Digits of the minor unit on bills and in the books. The dram's hundredth is not in use.
SALDO_CURRENCY_DIGITS = int(os.environ.get("SALDO_CURRENCY_DIGITS", "0"))
# A one-off charge above this, in the major unit and before tax, waits for a second person.
SALDO_CHARGE_LIMIT = Decimal(os.environ.get("SALDO_CHARGE_LIMIT", "50000"))
# Notes and coins of the currency, in its minor units, the largest first: what a clerk counts at the end of his session.
SALDO_DENOMINATIONS = [
    int(n)
    for n in os.environ.get(
        "SALDO_DENOMINATIONS", "100000,50000,20000,10000,5000,2000,1000,500,200,100,50,20,10"
    ).split(",")
]
# The bill item under which the bank's charge for a payment that came back stands on the next bill.
SALDO_RETURN_CHARGE_ITEM = os.environ.get("SALDO_RETURN_CHARGE_ITEM", "RETURN_CHARGE")
SALDO_COUNTRY_CODE = os.environ.get("SALDO_COUNTRY_CODE", "999")
# Where letters and bills lead: never taken from a request, whose host anybody may write.
SALDO_PORTAL_URL = os.environ.get("SALDO_PORTAL_URL", "http://localhost:8000").rstrip("/")
# Who sends the bills, and where they are paid: see invoicing.queries.operators. A run freezes what holds.
SALDO_SELLER: dict[str, str] = {
    "street": os.environ.get("SALDO_SELLER_STREET", "1 Exchange Square"),
    "city": os.environ.get("SALDO_SELLER_CITY", "Riverside"),
    "post_code": os.environ.get("SALDO_SELLER_POST_CODE", "0001"),
    # Two letters of ISO 3166.
    "country": os.environ.get("SALDO_SELLER_COUNTRY", "AM"),
    # With the letters of the country before it where it is a number of value added tax.
    "tax_id": os.environ.get("SALDO_SELLER_TAX_ID", "AM00000019"),
    "registration_id": os.environ.get("SALDO_SELLER_REGISTRATION_ID", "000.000.00019"),
    "phone": os.environ.get("SALDO_SELLER_PHONE", "118"),
    "email": os.environ.get("SALDO_SELLER_EMAIL", "bills@meridian.example"),
    "hours": os.environ.get("SALDO_SELLER_HOURS", "08:00-20:00"),
    "bank_name": os.environ.get("SALDO_SELLER_BANK_NAME", "Riverside Bank"),
    "bank_account": os.environ.get("SALDO_SELLER_BANK_ACCOUNT", "0000100000000019"),
    "bank_code": os.environ.get("SALDO_SELLER_BANK_CODE", ""),
    "bank_clearing_account": os.environ.get("SALDO_SELLER_BANK_CLEARING_ACCOUNT", ""),
    "pay_link": os.environ.get("SALDO_PAY_LINK", f"{SALDO_PORTAL_URL}/my/pay/"),
    # Where subscribers read their bills: the last line of each bill invites them.
    "own_pages": os.environ.get("SALDO_OWN_PAGES", f"{SALDO_PORTAL_URL}/my/"),
    # What the square on a bill says: a name of invoicing.domain.pay_codes, chosen by the country when left out.
    "pay_code": os.environ.get("SALDO_PAY_CODE", ""),
}
# Why nothing is charged, by the code of a tax category: {"EXEMPT": ["E", "Article 64"]}; see domain.ubl_documents.
SALDO_TAX_REASONS: dict[str, list[str]] = json.loads(os.environ.get("SALDO_TAX_REASONS") or "{}")
# How numbers of the operator's country are written: see rating.domain.guiding.NumberingPlan.
SALDO_NUMBERING: dict[str, Any] = {
    "national_lengths": [int(n) for n in os.environ.get("SALDO_NATIONAL_LENGTHS", "8").split(",")],
    "short_codes": os.environ.get("SALDO_SHORT_CODES", "101,102,103,112,118").split(","),
}
# Stay open whatever is barred; the exchange is told them with each order.
SALDO_EMERGENCY_NUMBERS = os.environ.get("SALDO_EMERGENCY_NUMBERS", "101,102,103,112").split(",")
# Where banks leave their statements, in a folder named after the bank account's code; empty: nowhere.
SALDO_STATEMENTS_ROOT = os.environ.get("SALDO_STATEMENTS_ROOT", "")
SALDO_FILES_ROOT = Path(os.environ.get("SALDO_FILES_ROOT", BASE_DIR / ".local" / "files"))
# The clock may be moved (demo, rehearsal, training), never in production.
# Where the networks of terminals leave their registers, each in a folder of its own code.
SALDO_REGISTERS_FOLDER = Path(os.environ.get("SALDO_REGISTERS_FOLDER", SALDO_FILES_ROOT / "registers"))
SALDO_CLOCK_MOVABLE = not PRODUCTION

# Rated records stay in reach of every page for so long; then their days are detached, with their sums kept.
SALDO_USAGE_RETENTION_MONTHS = int(os.environ.get("SALDO_USAGE_RETENTION_MONTHS", "13"))

# A bill that charges usage of a period begun more days before its issue is set aside until somebody decides; 0: never.
SALDO_USAGE_MAX_AGE_DAYS = int(os.environ.get("SALDO_USAGE_MAX_AGE_DAYS", "160"))

# A subscriber can contest a bill for so many days after its issue; every bill names the last of them.
SALDO_DISPUTE_DAYS = int(os.environ.get("SALDO_DISPUTE_DAYS", "90"))
# A dispute of a bill is answered within so many days; the overdue ones are listed at the supervisor's.
SALDO_DISPUTE_ANSWER_DAYS = int(os.environ.get("SALDO_DISPUTE_ANSWER_DAYS", "15"))

# The sandbox plays a provider of online payments: everything but the money. Never where real money is owed.
SALDO_ONLINE_SANDBOX = not PRODUCTION

# What one person may take back of a bill alone, in minor units; more needs a second person.
SALDO_CREDIT_NOTE_LIMIT_MINOR = int(os.environ.get("SALDO_CREDIT_NOTE_LIMIT_MINOR", "10000"))
# What one person may move alone to settle a difference of the terminal check, in minor units.
SALDO_DISCREPANCY_LIMIT_MINOR = int(os.environ.get("SALDO_DISCREPANCY_LIMIT_MINOR", "50000"))

# --- The gateway of payments ------------------------------------------------------------------
# Nets of our own proxies, divided by commas: only they are believed when they say who sent a request.
SALDO_TRUSTED_PROXIES = [net for net in os.environ.get("SALDO_TRUSTED_PROXIES", "").split(",") if net]
# In each web process so many requests of networks are served at once, and so many wait; others are told to come back.
# Twenty together: more than the fifteen connections that a network opens, fewer than the threads of a process.
SALDO_GATEWAY_RUNNING = int(os.environ.get("SALDO_GATEWAY_RUNNING", "3"))
SALDO_GATEWAY_WAITING = int(os.environ.get("SALDO_GATEWAY_WAITING", "17"))

# --- Applications -----------------------------------------------------------------------------

INSTALLED_APPS = [
    "billing_site.identity",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "axes",
    "rest_framework",
    # Its checks bring a client of HTTP along: for who has a provider.
    *(["anymail"] if os.environ.get("SALDO_MAIL_PROVIDER") else []),
    "billing_site.db",
    "billing_site.jobs",
    "billing_site.audit",
    "billing_site.ledger",
    "billing_site.documents",
    "billing_site.web",
    "billing_site.console",
    "billing_site.portal",
    "tariffs",
    "subscribers",
    "rating",
    "invoicing",
    "payments",
    "reconciliation",
    "reports",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "billing_site.web.middleware.ContentPolicyMiddleware",
    "billing_site.web.middleware.PageCompressionMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "billing_site.web.middleware.HtmxRedirectMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "billing_site.identity.middleware.SecondFactorMiddleware",
    "billing_site.audit.middleware.ActorMiddleware",
    "billing_site.portal.middleware.PortalMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "billing_site.urls"
WSGI_APPLICATION = "billing_site.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "billing_site.web.context.shell",
                "billing_site.portal.context.own_frame",
            ],
        },
    },
]

# --- Databases --------------------------------------------------------------------------------
# "default" is the application's role: web, workers and tests. "owner" exists for `migrate` alone.

DATABASES: dict[str, Any] = {
    "default": dj_database_url.parse(os.environ.get("DATABASE_URL", "postgresql://saldo_app@localhost/saldo")),
}
DATABASES["default"]["CONN_MAX_AGE"] = 60
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
if os.environ.get("DATABASE_OWNER_URL"):
    DATABASES["owner"] = dj_database_url.parse(os.environ["DATABASE_OWNER_URL"])
    DATABASES["owner"]["TEST"] = {"MIRROR": "default"}

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- People -----------------------------------------------------------------------------------

AUTH_USER_MODEL = "identity.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "billing_site.identity.backends.RoleBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "identity:sign-in"
LOGIN_REDIRECT_URL = "console:home"
LOGOUT_REDIRECT_URL = "identity:sign-in"
# A second factor is required in production and optional elsewhere.
SALDO_SECOND_FACTOR_REQUIRED = PRODUCTION
OTP_TOTP_ISSUER = "Saldo"

# Ten wrong passwords for one name from one address lock that pair for a quarter of an hour;
# a stranger therefore cannot lock a clerk out of her own till.
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "registration/locked.html"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# Subscribers sign in by a cookie of their own, on pages of their own.
SALDO_PORTAL_COOKIE = "__Host-own" if PRODUCTION else "own"
SALDO_HELP_PHONE = os.environ.get("SALDO_HELP_PHONE", "118")

SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if PRODUCTION:
    SESSION_COOKIE_NAME = "__Host-sessionid"
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "COERCE_DECIMAL_TO_STRING": True,
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# --- Languages --------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [
    ("hy", _("Armenian")),
    ("ru", _("Russian")),
    ("zh-hans", _("Chinese")),
    ("ar", _("Arabic")),
    ("en", _("English")),
]
LOCALE_PATHS = [BASE_DIR / "billing_site" / "locale"]
FORMAT_MODULE_PATH = ["billing_site.web.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- Files ------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = Path(os.environ.get("SALDO_STATIC_ROOT", BASE_DIR / ".local" / "static"))
STATICFILES_DIRS = [BASE_DIR / "billing_site" / "static"]
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(SALDO_FILES_ROOT)},
    },
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if PRODUCTION
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        ),
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION

# --- Mail -------------------------------------------------------------------------------------
# Through a provider (django-anymail; "mailgun", "postmark", ...: its keys are ANYMAIL_... in the environment), else
# through a mail server. With neither what would be sent is written into files: nothing is lost, nothing is sent by
# mistake.

SALDO_MAIL_PROVIDER = os.environ.get("SALDO_MAIL_PROVIDER", "")
ANYMAIL: dict[str, Any] = {
    name.removeprefix("ANYMAIL_"): value for name, value in os.environ.items() if name.startswith("ANYMAIL_")
}
ANYMAIL.setdefault("REQUESTS_TIMEOUT", 20)
if PRODUCTION and SALDO_MAIL_PROVIDER and not ANYMAIL.get("WEBHOOK_SECRET"):
    message = "ANYMAIL_WEBHOOK_SECRET is not set (user:password): anybody could report bills as returned."
    raise ImproperlyConfigured(message)
DEFAULT_FROM_EMAIL = os.environ.get("SALDO_MAIL_FROM", "billing@meridian.example")
EMAIL_HOST = os.environ.get("SALDO_MAIL_HOST", "")
EMAIL_PORT = int(os.environ.get("SALDO_MAIL_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("SALDO_MAIL_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("SALDO_MAIL_PASSWORD", "")
EMAIL_USE_TLS = flag("SALDO_MAIL_TLS")
EMAIL_TIMEOUT = 20
EMAIL_FILE_PATH = os.environ.get("SALDO_MAIL_FOLDER", str(BASE_DIR / ".local" / "mail"))
EMAIL_BACKEND = (
    f"anymail.backends.{SALDO_MAIL_PROVIDER}.EmailBackend"
    if SALDO_MAIL_PROVIDER
    else f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'filebased'}.EmailBackend"
)
# So many bills are one print file: what a printing centre takes as one batch.
SALDO_PRINT_BATCH_BILLS = int(os.environ.get("SALDO_PRINT_BATCH_BILLS", "1000"))

# --- Background work --------------------------------------------------------------------------
# The queue is a doorbell: a lost message costs a minute (the sweeper rings again), never work.

CELERY_BROKER_URL = os.environ.get("CELERY_BROKER_URL", "redis://localhost:6379/0")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 30
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_SOFT_TIME_LIMIT = 600
CELERY_TASK_TIME_LIMIT = 660
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {"visibility_timeout": 1800, "unacked_restore_throttle": 1}
if CELERY_BROKER_URL.startswith("filesystem:"):  # the launcher's last resort, where no Valkey or Redis can be had
    _queue = Path(os.environ.get("SALDO_BROKER_FOLDER", BASE_DIR / ".local" / "valkey"))
    _folders = {name: str(_queue / name) for name in ("data_folder_in", "control_folder", "processed_folder")}
    CELERY_BROKER_TRANSPORT_OPTIONS = {**_folders, "data_folder_out": _folders["data_folder_in"]}
CELERY_VISIBILITY_TIMEOUT = 1800
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TIMEZONE = SALDO_TIME_ZONE
CELERY_BEAT_SCHEDULE = SCHEDULE

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    # The gateway turns away what comes above its places: a line for each would cost more than the answer.
    "filters": {
        "no_busy": {
            "()": "django.utils.log.CallbackFilter",
            "callback": lambda record: getattr(record, "status_code", 0) != 503,
        }
    },
    "loggers": {"django.request": {"filters": ["no_busy"]}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": os.environ.get("SALDO_LOG_LEVEL", "WARNING")},
}
