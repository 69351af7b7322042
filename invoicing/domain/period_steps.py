"""The steps that the first accounting period begins with; later ones take over those of the period before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRule:
    """
    A step before it belongs to a period.

    :param check_code: under which the query that proves it is registered; empty for one done by word
    :param due_days: days after the last day of the period
    """

    code: str
    names: Mapping[str, str]
    role: str
    due_days: int
    check_code: str = ""


def _names(en: str, hy: str, ru: str, zh: str, ar: str) -> Mapping[str, str]:
    return {"en": en, "hy": hy, "ru": ru, "zh-hans": zh, "ar": ar}


FIRST_STEPS = (
    StepRule(
        code="INTAKE_COMPLETE",
        names=_names(
            "Usage files complete",
            "Օգտագործման ֆայլերն ամբողջական են",
            "Файлы приняты полностью",
            "话单文件齐全",
            "اكتمال ملفات الاستخدام",
        ),
        role="BILLING_SPECIALIST",
        due_days=2,
        check_code="INTAKE_COMPLETE",
    ),
    StepRule(
        code="RATED",
        names=_names(
            "Calls rated, none held",
            "Զանգերը սակագնավորված են, հետ պահված զանգեր չկան",
            "Звонки тарифицированы",
            "话单全部批价",
            "تسعير جميع المكالمات",
        ),
        role="BILLING_SPECIALIST",
        due_days=3,
        check_code="RATED",
    ),
    StepRule(
        code="BILLS_POSTED",
        names=_names("Bills posted", "Հաշիվները հաշվառված են", "Счета проведены", "账单已过账", "ترحيل الفواتير"),
        role="BILLING_SPECIALIST",
        due_days=4,
        check_code="BILLS_POSTED",
    ),
    StepRule(
        code="DELIVERED",
        names=_names("Bills delivered", "Հաշիվներն առաքված են", "Счета разосланы", "账单已投递", "تسليم الفواتير"),
        role="BILLING_SPECIALIST",
        due_days=6,
        check_code="DELIVERED",
    ),
    StepRule(
        code="PAYMENTS_POSTED",
        names=_names(
            "Payments posted to accounts",
            "Վճարումները մուտքագրված են բաժանորդային հաշիվներին",
            "Платежи зачислены на лицевые счета",
            "缴费已记入账户",
            "ترحيل المدفوعات إلى الحسابات",
        ),
        role="ACCOUNTANT",
        due_days=5,
        check_code="PAYMENTS_POSTED",
    ),
    StepRule(
        code="TERMINALS_CHECKED",
        names=_names(
            "Terminals checked", "Տերմինալները ստուգված են", "Терминалы сверены", "终端已对账", "مطابقة أجهزة الدفع"
        ),
        role="ACCOUNTANT",
        due_days=5,
        check_code="TERMINALS_CHECKED",
    ),
    StepRule(
        code="STATEMENTS_BOOKED",
        names=_names(
            "Bank statements booked",
            "Բանկային քաղվածքները ձևակերպված են",
            "Банковские выписки проведены",
            "银行对账单已入账",
            "قيد الكشوف المصرفية",
        ),
        role="ACCOUNTANT",
        due_days=6,
        check_code="STATEMENTS_BOOKED",
    ),
    StepRule(
        code="BANK_MATCHED",
        names=_names("Bank matched", "Բանկը համադրված է", "Банк сверен", "银行已对账", "مطابقة المصرف"),
        role="ACCOUNTANT",
        due_days=7,
    ),
    StepRule(
        code="REVENUE_TRANSFERRED",
        names=_names(
            "Revenue transferred to accounting",
            "Հասույթը փոխանցված է հաշվապահությանը",
            "Выручка передана в бухгалтерию",
            "收入已移交会计部门",
            "تحويل الإيرادات إلى المحاسبة",
        ),
        role="ACCOUNTANT",
        due_days=8,
        check_code="REVENUE_TRANSFERRED",
    ),
)


def due_day(*, until_on: date, due_days: int) -> date:
    """Return the day by which a step is to be done: so many days after the last day of the period."""
    return until_on - timedelta(days=1) + timedelta(days=due_days)
