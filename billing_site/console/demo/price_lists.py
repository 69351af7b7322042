"""The demo operator's price lists as data: taxes, bill items, zones, windows, plans, features, discounts."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.conf import settings

from billing_site.console.demo.words import Names, five
from tariffs.operations.ceilings import NewCeiling
from tariffs.operations.draft_inputs import NewAllowance, NewPrice, NewRate, NewStep

# code, treatment, percent, names
TAXES = (
    ("STANDARD", "S", Decimal(20), five("VAT", "ԱԱՀ", "НДС", "增值税", "ضريبة القيمة المضافة")),
    ("EXEMPT", "E", Decimal(0), five("Not taxed", "Չհարկվող", "Без НДС", "免税", "معفى")),
)
# code, kind, tax, names
BILL_ITEMS = (
    (
        "FEE-FIXED",
        "FIXED",
        "STANDARD",
        five("Line rental", "Բաժանորդավճար", "Абонентская плата", "月租费", "اشتراك الخط"),
    ),
    (
        "FEE-MOBILE",
        "MOBILE",
        "STANDARD",
        five("Mobile subscription", "Բջջային բաժանորդավճար", "Мобильная связь", "移动月费", "اشتراك الجوال"),
    ),
    (
        "FEE-INTERNET",
        "INTERNET",
        "STANDARD",
        five("Internet access", "Ինտերնետ հասանելիություն", "Доступ в интернет", "宽带费", "خدمة الإنترنت"),
    ),
    (
        "CONNECTION",
        "OTHER",
        "STANDARD",
        five("Connection", "Միացում", "Подключение", "安装费", "رسم التوصيل"),
    ),
    (
        "FEATURES",
        "OTHER",
        "STANDARD",
        five("Extra services", "Լրացուցիչ ծառայություններ", "Дополнительные услуги", "增值业务", "خدمات إضافية"),
    ),
    (
        "CALLS-LOCAL",
        "FIXED",
        "STANDARD",
        five("Local calls", "Տեղական զանգեր", "Местные звонки", "市话", "مكالمات محلية"),
    ),
    (
        "CALLS-MOBILE",
        "MOBILE",
        "STANDARD",
        five("Calls to mobiles", "Զանգեր բջջայիններին", "Звонки на мобильные", "拨打手机", "مكالمات إلى الجوال"),
    ),
    (
        "CALLS-INTL",
        "OTHER",
        "EXEMPT",
        five("International calls", "Միջազգային զանգեր", "Международные звонки", "国际长途", "مكالمات دولية"),
    ),
    (
        "CALLS-PREMIUM",
        "OTHER",
        "STANDARD",
        five("Premium numbers", "Բարձր սակագնով համարներ", "Платные номера", "声讯电话", "أرقام مرتفعة التعرفة"),
    ),
    (
        "CALLS-FREE",
        "OTHER",
        "EXEMPT",
        five("Free calls", "Անվճար զանգեր", "Бесплатные звонки", "免费电话", "مكالمات مجانية"),
    ),
    (
        "DATA-MOBILE",
        "MOBILE",
        "STANDARD",
        five("Mobile internet", "Բջջային ինտերնետ", "Мобильный интернет", "移动上网", "إنترنت الجوال"),
    ),
    (
        "DATA-TIME",
        "INTERNET",
        "STANDARD",
        five("Internet by the hour", "Ժամավճարով ինտերնետ", "Почасовой интернет", "按时上网", "إنترنت بالساعة"),
    ),
    (
        "CONTRACTS",
        "OTHER",
        "STANDARD",
        five("Contracts", "Պայմանագրեր", "Договоры", "合约", "العقود"),
    ),
    (
        "RETURN_CHARGE",
        "OTHER",
        "EXEMPT",
        five(
            "Bank's charge for a returned payment",
            "Վերադարձված վճարման բանկային միջնորդավճար",
            "Комиссия банка за возвращённый платёж",
            "退回付款的银行手续费",
            "رسم البنك على دفعة مرتجعة",
        ),
    ),
)
# zone, bill item, prefixes, names. Short codes are written with a leading 0. What is used by name has no prefix.
ZONES = (
    (
        "FIXED",
        "CALLS-LOCAL",
        ("99910", "99920", "99930", "99940", "99950"),
        five("Fixed lines", "Ֆիքսված հեռախոսներ", "Городские номера", "固定电话", "الهاتف الثابت"),
    ),
    (
        "MOBILE",
        "CALLS-MOBILE",
        ("99990", "99991", "99992", "99993", "99994"),
        five("Mobiles", "Բջջային հեռախոսներ", "Мобильные", "手机", "الجوال"),
    ),
    (
        "FREE",
        "CALLS-FREE",
        ("999800", "01"),
        five(
            "Freephone and helplines",
            "Անվճար համարներ և օգնության գծեր",
            "Бесплатные номера и линии помощи",
            "免费电话与求助热线",
            "الأرقام المجانية وخطوط المساعدة",
        ),
    ),
    (
        "PREMIUM",
        "CALLS-PREMIUM",
        ("999900",),
        five("Premium", "Բարձր սակագնով համարներ", "Платные номера", "声讯电话", "أرقام مرتفعة التعرفة"),
    ),
    (
        "NEAR",
        "CALLS-INTL",
        ("374", "7", "86", "961", "963"),
        five("Neighbours", "Հարևան երկրներ", "Соседние страны", "邻国", "البلدان المجاورة"),
    ),
    ("EUROPE", "CALLS-INTL", ("3", "4"), five("Europe", "Եվրոպա", "Европа", "欧洲", "أوروبا")),
    (
        "WORLD",
        "CALLS-INTL",
        ("1", "2", "5", "6", "8", "9"),
        five("Other countries", "Այլ երկրներ", "Другие страны", "其他国家", "بلدان أخرى"),
    ),
    ("DATA", "DATA-MOBILE", (), five("Internet", "Ինտերնետ", "Интернет", "互联网", "الإنترنت")),
    (
        "DIAL-IN",
        "DATA-TIME",
        (),
        five("Dial-in", "Հեռախոսագծով ինտերնետ", "Коммутируемый доступ", "拨号上网", "الإنترنت عبر الاتصال الهاتفي"),
    ),
    (
        "FAVOURITE",
        "CALLS-LOCAL",
        (),
        five("Favourite numbers", "Սիրելի համարներ", "Любимые номера", "亲情号码", "الأرقام المفضلة"),
    ),
    (
        "GROUP",
        "CALLS-LOCAL",
        (),
        five("Own company", "Ընկերության ներսում", "Внутри компании", "集团内", "داخل الشركة"),
    ),
)
# Emergency calls and helplines cost nothing in any plan.
FREE_ZONES = frozenset({"FREE"})
RELATIONS = {"FAVOURITE": "FAVOURITE", "GROUP": "GROUP"}
POINTS = {("DATA", "internet"): "DATA", ("DATA", "*"): "DATA", ("DATA", "dialup"): "DIAL-IN"}
MEGABYTE, GIGABYTE = 1024**2, 1024**3
PREMIUM_CEILING = NewCeiling(
    code="PREMIUM-CAP",
    names=five(
        "Premium numbers at most",
        "Բարձր սակագնով համարներ՝ ոչ ավելի, քան",
        "Платные номера, не более",
        "声讯电话上限",
        "سقف الأرقام مرتفعة التعرفة",
    ),
    document="Communications Commission, decision 41 of 2 December 2023",
    maximum_price=Decimal(150),
    currency=settings.SALDO_CURRENCY,
    valid_from=date(2024, 1, 1),
    zone_code="PREMIUM",
)
PEAK = (five("Working hours", "Աշխատանքային ժամեր", "Рабочее время", "工作时间", "أوقات العمل"), 8 * 60)
QUIET = (
    five("Evenings and weekends", "Երեկոներ և հանգստյան օրեր", "Вечер и выходные", "闲时", "المساء والعطل"),
    20 * 60,
)
HOLIDAYS = {
    date(2026, 1, 1): five("New Year", "Ամանոր", "Новый год", "元旦", "رأس السنة"),
    date(2026, 2, 17): five("Spring Festival", "Գարնան տոն", "Праздник весны", "春节", "عيد الربيع"),
    date(2026, 2, 23): five("Defenders' Day", "Պաշտպանների օր", "День защитника", "保卫者日", "يوم المدافعين"),
    date(2026, 3, 9): five(
        "Women's Day (moved)",
        "Կանանց տոն (տեղափոխված)",
        "Женский день (перенос)",
        "妇女节（调休）",
        "يوم المرأة (منقول)",
    ),
}
FEATURES = (
    (
        "CALLER-ID",
        Decimal(200),
        five("Caller display", "Զանգողի համարի ցուցադրում", "Определитель номера", "来电显示", "إظهار المتصل"),
    ),
    (
        "STATIC-IP",
        Decimal(1000),
        five("Static address", "Ստատիկ IP հասցե", "Статический IP-адрес", "固定IP地址", "عنوان IP ثابت"),
    ),
    (
        "HOLD-WAIT",
        Decimal("150.50"),
        five("Call waiting", "Զանգի սպասում", "Ожидание вызова", "呼叫等待", "انتظار المكالمات"),
    ),
)
DISCOUNTS = (
    (
        "VETERAN",
        Decimal(50),
        ("FEE-FIXED",),
        five("Veterans", "Վետերանների զեղչ", "Скидка ветеранам", "退伍军人优惠", "خصم قدامى المحاربين"),
    ),
    (
        "LOYAL",
        Decimal("7.5"),
        ("FEE-MOBILE", "FEE-INTERNET"),
        five("Loyalty", "Հավատարմության զեղչ", "Скидка за верность", "老客户优惠", "خصم الوفاء"),
    ),
)


def per_minute(code: str, zone: str, price: str, *, by_second: bool = False, **more: object) -> NewRate:
    """Return a rate a minute, counted in whole minutes or in seconds."""
    step = NewStep(price=Decimal(price), per_units=60, increment_units=1 if by_second else 60)
    return NewRate(code=code, zone_code=zone, steps=[step], **more)  # type: ignore[arg-type]


def abroad(*, by_second: bool = True) -> tuple[NewRate, ...]:
    """Return the rates that every plan has: premium and international calls. Free ones need no rate."""
    premium = NewRate(
        code="PREMIUM",
        zone_code="PREMIUM",
        steps=[NewStep(price=Decimal(90), per_units=60, increment_units=60)],
        connect_fee=Decimal(30),
        maximum_charge=Decimal(3000),
    )
    return (
        premium,
        per_minute("NEAR", "NEAR", "45.50", by_second=by_second),
        per_minute("EUROPE", "EUROPE", "78", by_second=by_second, connect_fee=Decimal(10)),
        NewRate(
            code="WORLD",
            zone_code="WORLD",
            steps=[
                NewStep(price=Decimal(120), increment_units=30),
                NewStep(price=Decimal("96.25"), increment_units=30, from_units=300),
            ],
        ),
    )


def at_home(local: str, mobile: str, *, by_second: bool) -> tuple[NewRate, ...]:
    """Return the rates to fixed lines and mobiles."""
    return (
        per_minute("LOCAL", "FIXED", local, by_second=by_second),
        per_minute("MOBILE", "MOBILE", mobile, by_second=by_second),
    )


def fee(item: str, amount: str, names: Names) -> NewPrice:
    """Return a monthly fee by calendar days."""
    return NewPrice(bill_item_code=item, names=names, amount=Decimal(amount))


def minutes(code: str, count: int, *, zones: tuple[str, ...], shared: bool = False) -> NewAllowance:
    """Return included minutes of a bill period."""
    names = five(f"{count} minutes", f"{count} րոպե", f"{count} минут", f"{count}分钟", f"{count} دقيقة")
    return NewAllowance(
        code=code, names=names, unit="SECONDS", quantity=count * 60, zone_codes=zones, shared_by_account=shared
    )


def text_messages(code: str, zone: str, price: str) -> NewRate:
    """Return the price of a message."""
    step = NewStep(price=Decimal(price), per_units=1, increment_units=1)
    return NewRate(code=code, zone_code=zone, unit="EVENTS", steps=[step])


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSheet:
    """A plan as a salesman would print it."""

    code: str
    kind: str
    names: Names
    prices: tuple[NewPrice, ...]
    rates: tuple[NewRate, ...] = ()
    allowances: tuple[NewAllowance, ...] = ()
    scheme: str = "ALWAYS"
    valid_from: date = date(2024, 1, 1)
    retired_on: date | None = None
    is_draft: bool = False
    # Which version of the plan it is, and when it was decided on.
    number: int = 1
    decided_on: date = date(2024, 1, 1)
    favourite_count: int = 0
    # How many of a hundred lines of the kind take it.
    share: int = field(default=0)
