"""What the demo operator looks at besides bills: information stations with their shares, and a key account."""

from decimal import Decimal

from billing_site.console.demo.customers import account_of
from billing_site.console.demo.places import staff
from billing_site.console.demo.scale import PRICES_SINCE, TODAY, moment
from billing_site.console.demo.steps import Workforce
from billing_site.console.demo.traffic import PREMIUM_NUMBERS
from billing_site.console.demo.words import five
from rating.domain.premium_shares import Share, ShareKind
from rating.models import PremiumStation
from rating.operations.key_accounts import follow_key_account
from rating.operations.premium_stations import TOTAL_PREMIUM_DAY, create_premium_station, total_premium_calls
from rating.operations.usage_day_checks import CHECK_USAGE_DAY, check_usage_days

STATIONS = (
    (
        "WEATHER",
        five("Weather line", "Եղանակի տեղեկատու", "Погода по телефону", "天气热线", "خط الطقس"),
        "Arevaberd Weather Bureau",
        PREMIUM_NUMBERS[:1],
        Share(kind=ShareKind.PERCENT, percent=Decimal("42.5")),
    ),
    (
        "LAW",
        five(
            "Legal advice", "Իրավաբանական խորհրդատվություն", "Юридическая консультация", "法律咨询", "استشارة قانونية"
        ),
        "Rechnogorsk Chamber of Lawyers",
        PREMIUM_NUMBERS[1:],
        Share(kind=ShareKind.MINUTE, amount_micro=35_000_000),
    ),
)
KEY_STORY = "huge bill"


def follow_calls(workforce: Workforce) -> None:
    """Enter the stations, let the workers total calls and check days, and follow the largest customer day by day."""
    actor = staff("specialist")
    for code, names, provider, numbers, share in STATIONS:
        if not PremiumStation.objects.filter(code=code).exists():
            create_premium_station(
                code=code,
                names=names,
                provider=provider,
                contact_phone="99910200100",
                contact_address="",
                numbers=numbers,
                share=share,
                valid_from=PRICES_SINCE,
                actor=actor,
            )
    total_premium_calls(today=TODAY, at=moment(TODAY, 10))
    check_usage_days(today=TODAY, at=moment(TODAY, 10))
    workforce.finish((TOTAL_PREMIUM_DAY, CHECK_USAGE_DAY))
    account = account_of(KEY_STORY)
    if not account.is_key:
        follow_key_account(account_id=account.pk, is_key=True, actor=actor)
