"""The plans of the demo operator, and what is decided for later."""

from datetime import date
from decimal import Decimal

from billing_site.console.demo.price_lists import (
    GIGABYTE,
    MEGABYTE,
    PlanSheet,
    abroad,
    at_home,
    fee,
    minutes,
    per_minute,
    text_messages,
)
from billing_site.console.demo.words import five
from tariffs.operations.draft_inputs import NewAllowance, NewPrice, NewRate, NewStep

RENT = five("Line rental", "Բաժանորդավճար", "Абонентская плата", "月租费", "اشتراك الخط")
NET = five("Internet access", "Ինտերնետ հասանելիություն", "Доступ в интернет", "宽带费", "خدمة الإنترنت")
SIM = five("Monthly fee", "Ամսավճար", "Ежемесячная плата", "月费", "الرسم الشهري")
JOINING = NewPrice(
    kind="ONE_OFF",
    bill_item_code="CONNECTION",
    names=five("Connection", "Միացում", "Подключение", "安装费", "رسم التوصيل"),
    amount=Decimal(2500),
    proration="WHOLE",
)
HOME = ("FIXED", "MOBILE")

EVENING_RATES = (
    per_minute("LOCAL-PEAK", "FIXED", "6", window_code="PEAK"),
    per_minute("LOCAL-QUIET", "FIXED", "2.50", window_code="QUIET"),
    per_minute("MOBILE-PEAK", "MOBILE", "18", window_code="PEAK", by_second=True),
    per_minute("MOBILE-QUIET", "MOBILE", "9", window_code="QUIET", by_second=True),
    *abroad(),
)

SMART_ALLOWANCES = (
    minutes("SMART-100", 100, zones=HOME),
    NewAllowance(
        code="TEXTS-50",
        names=five("50 messages", "50 հաղորդագրություն", "50 сообщений", "50条短信", "50 رسالة"),
        unit="EVENTS",
        quantity=50,
        zone_codes=("MOBILE",),
        priority=2,
    ),
    NewAllowance(
        code="DATA-1G",
        names=five("1 gigabyte", "1 գիգաբայթ", "1 гигабайт", "1GB流量", "1 غيغابايت"),
        unit="BYTES",
        quantity=GIGABYTE,
        zone_codes=("DATA",),
        priority=3,
        rolls_over=True,
        rollover_limit=GIGABYTE,
    ),
)
PLANS = (
    PlanSheet(
        code="CITY-200",
        kind="FIXED",
        names=five("City 200", "Քաղաք 200", "Город 200", "城市200", "المدينة 200"),
        prices=(fee("FEE-FIXED", "1200", RENT), JOINING),
        rates=(*at_home("4", "14", by_second=True), *abroad()),
        allowances=(minutes("LOCAL-200", 200, zones=("FIXED",)),),
        share=35,
    ),
    PlanSheet(
        code="CITY-MINUTE",
        kind="FIXED",
        names=five("City by the minute", "Քաղաք՝ րոպեավճարով", "Город поминутный", "城市按分钟", "المدينة بالدقيقة"),
        prices=(fee("FEE-FIXED", "900", RENT), JOINING),
        rates=(
            *at_home("5", "15", by_second=False),
            per_minute("LOCAL-BUSINESS", "FIXED", "4.20", category="BUSINESS"),
            per_minute("MOBILE-BUSINESS", "MOBILE", "12.60", category="BUSINESS"),
            *abroad(by_second=False),
        ),
        share=25,
    ),
    PlanSheet(
        code="EVENING",
        kind="FIXED",
        names=five("Evening", "Երեկոյան", "Вечерний", "夜间优惠", "المساء"),
        prices=(fee("FEE-FIXED", "1000", RENT), JOINING),
        rates=EVENING_RATES,
        scheme="PEAK-QUIET",
        share=15,
    ),
    PlanSheet(
        code="SOCIAL",
        kind="FIXED",
        names=five("Social", "Սոցիալական", "Социальный", "惠民套餐", "الاجتماعي"),
        prices=(fee("FEE-FIXED", "300", RENT),),
        rates=(*at_home("4", "14", by_second=True), *abroad()),
        allowances=(minutes("SOCIAL-60", 60, zones=HOME),),
        share=10,
    ),
    PlanSheet(
        code="BUSINESS",
        kind="FIXED",
        names=five("Business", "Բիզնես", "Бизнес", "商务套餐", "الأعمال"),
        prices=(fee("FEE-FIXED", "4500", RENT), JOINING),
        rates=(*at_home("3.50", "11", by_second=True), per_minute("GROUP", "GROUP", "0.50", by_second=True), *abroad()),
        allowances=(minutes("SHARED-500", 500, zones=HOME, shared=True),),
    ),
    PlanSheet(
        code="HOME-BUNDLE",
        kind="FIXED",
        names=five("Whole home", "Ամբողջ տուն", "Весь дом", "全家套餐", "البيت كله"),
        prices=(fee("FEE-FIXED", "800", RENT), fee("FEE-INTERNET", "4200", NET), JOINING),
        rates=(*at_home("4", "12", by_second=True), *abroad()),
        allowances=(minutes("HOME-3000", 3000, zones=("FIXED",)),),
        share=15,
    ),
    PlanSheet(
        code="MOBILE-300",
        kind="MOBILE",
        names=five("Mobile 300", "Բջջային 300", "Мобильный 300", "移动300", "الجوال 300"),
        prices=(fee("FEE-MOBILE", "3500", SIM),),
        rates=(*at_home("12", "12", by_second=True), *abroad()),
        allowances=(minutes("HOME-300", 300, zones=HOME),),
        share=50,
    ),
    PlanSheet(
        code="MOBILE-1000",
        kind="MOBILE",
        names=five("Mobile 1000", "Բջջային 1000", "Мобильный 1000", "移动1000", "الجوال 1000"),
        prices=(fee("FEE-MOBILE", "6900", SIM),),
        rates=(*at_home("10", "10", by_second=True), *abroad()),
        allowances=(minutes("HOME-1000", 1000, zones=HOME),),
        share=20,
    ),
    PlanSheet(
        code="MOBILE-SMART",
        kind="MOBILE",
        names=five("Mobile Smart", "Բջջային Սմարթ", "Мобильный Смарт", "移动畅享", "الجوال الذكي"),
        prices=(fee("FEE-MOBILE", "4900", SIM),),
        rates=(
            *at_home("11", "11", by_second=True),
            per_minute("FAVOURITE", "FAVOURITE", "3", by_second=True),
            text_messages("TEXT", "MOBILE", "10"),
            text_messages("TEXT-NEAR", "NEAR", "30"),
            NewRate(
                code="DATA",
                zone_code="DATA",
                unit="BYTES",
                model="PACKAGE",
                scope="PERIOD",
                steps=[
                    NewStep(price=Decimal(150), per_units=100 * MEGABYTE, increment_units=100 * MEGABYTE),
                ],
            ),
            *abroad(),
        ),
        allowances=SMART_ALLOWANCES,
        favourite_count=3,
        share=15,
    ),
    PlanSheet(
        code="MOBILE-PAY",
        kind="MOBILE",
        names=five("Pay for calls", "Վճարում ըստ զանգերի", "Оплата по звонкам", "按通话付费", "الدفع حسب المكالمات"),
        prices=(fee("FEE-MOBILE", "0", SIM),),
        rates=(
            per_minute("LOCAL", "FIXED", "19", connect_fee=Decimal("2.50")),
            per_minute("MOBILE", "MOBILE", "19", connect_fee=Decimal("2.50"), minimum_charge=Decimal(10)),
            *abroad(),
        ),
        share=30,
    ),
    PlanSheet(
        code="NET-100",
        kind="INTERNET",
        names=five("Internet 100", "Ինտերնետ 100", "Интернет 100", "宽带100", "إنترنت 100"),
        prices=(fee("FEE-INTERNET", "5900", NET), JOINING),
        share=100,
    ),
    PlanSheet(
        code="NET-HOURS",
        kind="INTERNET",
        names=five("Internet by the hour", "Ժամավճարով ինտերնետ", "Почасовой интернет", "按时上网", "إنترنت بالساعة"),
        prices=(fee("FEE-INTERNET", "600", NET),),
        rates=(
            per_minute("HOURS-PEAK", "DIAL-IN", "2.40", window_code="PEAK"),
            per_minute("HOURS-QUIET", "DIAL-IN", "0.90", window_code="QUIET"),
        ),
        scheme="PEAK-QUIET",
        share=20,
    ),
    PlanSheet(
        code="OLD-CITY",
        kind="FIXED",
        names=five("Old City", "Հին քաղաք", "Старый город", "老城套餐", "المدينة القديمة"),
        prices=(fee("FEE-FIXED", "700", RENT),),
        rates=(*at_home("6", "20", by_second=False), *abroad(by_second=False)),
        retired_on=date(2026, 1, 1),
    ),
    PlanSheet(
        code="SPRING-2026",
        kind="MOBILE",
        names=five("Spring 2026", "Գարուն 2026", "Весна 2026", "春季2026", "ربيع 2026"),
        prices=(fee("FEE-MOBILE", "2900", SIM),),
        rates=(*at_home("9", "9", by_second=True), *abroad()),
        allowances=(minutes("SPRING-500", 500, zones=HOME),),
        valid_from=date(2026, 4, 1),
        is_draft=True,
    ),
)
# Approved already, in force from April on: the fee rises by a tenth.
TO_COME = (
    PlanSheet(
        code="EVENING",
        kind="FIXED",
        names=five("Evening", "Երեկոյան", "Вечерний", "夜间优惠", "المساء"),
        prices=(fee("FEE-FIXED", "1100", RENT), JOINING),
        rates=EVENING_RATES,
        scheme="PEAK-QUIET",
        valid_from=date(2026, 4, 1),
        number=2,
        decided_on=date(2026, 3, 2),
    ),
)
