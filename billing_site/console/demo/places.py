"""The demo operator's towns, departments, service centres, staff and ranges of numbers."""

from dataclasses import dataclass

from billing_site.console.demo.words import Names, five
from billing_site.identity.models import Department, ServiceCentre, User
from billing_site.identity.roles import Role
from billing_site.identity.staff import create_department, create_service_centre, create_staff
from subscribers.models import NumberRange
from subscribers.operations.number_ranges import create_number_range

PASSWORD = "meridian-shows-it-2026"  # noqa: S105 - shown by the demo, which production refuses
COUNTRY = "999"


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """A town: its language, its area code, its block of mobile numbers, and how many centres it has."""

    language: str
    area: str
    mobile: str
    names: Names
    centres: int
    street: str


TOWNS = (
    Town(
        language="hy",
        area="10",
        mobile="90",
        names=five("Arevaberd", "Արևաբերդ", "Ареваберд", "阿列瓦贝尔德", "أريفابيرد"),
        centres=6,
        street="ք. Արևաբերդ, Մաշտոցի պող. {}",
    ),
    Town(
        language="ru",
        area="20",
        mobile="91",
        names=five("Rechnogorsk", "Ռեչնոգորսկ", "Речногорск", "列奇诺戈尔斯克", "ريتشنوغورسك"),
        centres=5,
        street="г. Речногорск, ул. Садовая, д. {}",
    ),
    Town(
        language="zh-hans",
        area="30",
        mobile="92",
        names=five("Yunchuan", "Յունչուան", "Юньчуань", "云川市", "يونتشوان"),
        centres=4,
        street="云川市滨江区人民路{}号",
    ),
    Town(
        language="ar",
        area="40",
        mobile="93",
        names=five("Palm City", "Արմավենու քաղաք", "Город Пальм", "棕榈城", "مدينة النخيل"),
        centres=4,
        street="مدينة النخيل، شارع الفرات، بناء {}",
    ),
    Town(
        language="en",
        area="50",
        mobile="94",
        names=five("Harborough Vale", "Հարբորո Վեյլ", "Харборо-Вейл", "哈伯勒谷", "هاربورو فيل"),
        centres=4,
        street="{} High Street, Harborough Vale",
    ),
)

# Who signs in as what: name to sign in with, full name, role, language, and for the counter the town.
STAFF: tuple[tuple[str, str, Role, str, str], ...] = (
    ("specialist", "Նարինե Սարգսյան", Role.BILLING_SPECIALIST, "hy", ""),
    ("specialist2", "Юлия Ёлкина", Role.BILLING_SPECIALIST, "ru", ""),
    ("approver", "Тихон Щукин", Role.TARIFF_APPROVER, "ru", ""),
    ("accountant", "陈慧敏", Role.ACCOUNTANT, "zh-hans", ""),
    ("calldesk", "ليلى الخطيب", Role.CALL_DESK, "ar", ""),
    ("dispatcher", "Павел Волков", Role.REPAIR_DISPATCHER, "ru", ""),
    ("technician", "Գոռ Ավետիսյան", Role.TECHNICIAN, "hy", ""),
    ("manager", "Eleanor Whitfield", Role.MANAGER, "en", ""),
    ("auditor", "Arthur Pemberton", Role.AUDITOR, "en", ""),
    ("administrator", "Oliver Marsh", Role.ADMINISTRATOR, "en", ""),
    ("clerk", "Անի Գրիգորյան", Role.CLERK, "hy", "10"),
    ("clerk20", "Дарья Соколова", Role.CLERK, "ru", "20"),
    ("clerk30", "李婷", Role.CLERK, "zh-hans", "30"),
    ("clerk40", "هدى النجار", Role.CLERK, "ar", "40"),
    ("clerk50", "Grace Harper", Role.CLERK, "en", "50"),
    ("supervisor", "Կարեն Մելքոնյան", Role.CENTRE_SUPERVISOR, "hy", "10"),
    ("supervisor30", "王建国", Role.CENTRE_SUPERVISOR, "zh-hans", "30"),
)


def make_places() -> None:
    """Create what is missing of departments, centres and staff."""
    for town in TOWNS:
        department = Department.objects.filter(code=f"D{town.area}").first()
        if department is None:
            names = {code: f"{name} – {_DEPARTMENT[code]}" for code, name in town.names.items()}
            department = create_department(code=f"D{town.area}", names=names)
        for index in range(1, town.centres + 1):
            _make_centre(town, department, index)
    for username, full_name, role, language, area in STAFF:
        if not User.objects.filter(username=username).exists():
            create_staff(
                username=username,
                full_name=full_name,
                role=role,
                password=PASSWORD,
                language=language,
                centre_id=centres_of(area)[0].pk if area else None,
            )


def make_ranges(*, numbers_a_range: int) -> None:
    """Create what is missing of the ranges: fixed ones by centre, mobile ones by department, service and test ones."""
    known = set(NumberRange.objects.values_list("first", flat=True))
    actor = staff("specialist")
    for town in TOWNS:
        department = Department.objects.get(code=f"D{town.area}")
        ranges: list[tuple[str, str, ServiceCentre | None, int]] = [
            (f"{COUNTRY}{town.area}2{index:02d}000", "FIXED", centre, numbers_a_range)
            for index, centre in enumerate(centres_of(town.area), start=1)
        ]
        ranges.append((f"{COUNTRY}{town.mobile}100000", "MOBILE", None, 2 * numbers_a_range))
        ranges.append((f"{COUNTRY}800{town.area}000", "SERVICE", None, 20))
        ranges.append((f"{COUNTRY}{town.area}298000", "TEST", None, 20))
        # New numbers of the first centre: one of them calls before anybody has entered whose it is.
        ranges.append((f"{COUNTRY}{town.area}299000", "FIXED", centres_of(town.area)[0], 10))
        for first, use, centre, count in ranges:
            if first not in known:
                create_number_range(
                    first=first,
                    last=f"{int(first) + count - 1}",
                    area=town.area,
                    use=use,
                    department_id=department.pk,
                    centre_id=centre.pk if centre else None,
                    actor=actor,
                )


def centres_of(area: str) -> list[ServiceCentre]:
    """Return the centres of a town in order."""
    return list(ServiceCentre.objects.filter(department__code=f"D{area}").order_by("code"))


def staff(username: str) -> User:
    """Return a person of the demo by the name to sign in with."""
    return User.objects.get(username=username)


def _make_centre(town: Town, department: Department, index: int) -> None:
    code = f"C{town.area}-{index}"
    if not ServiceCentre.objects.filter(code=code).exists():
        create_service_centre(
            code=code,
            department_id=department.pk,
            names={language: f"{name} {index}" for language, name in town.names.items()},
            address=town.street.format(index * 7),
        )


_DEPARTMENT = five("department", "բաժին", "отделение", "营业部", "قسم")
