"""What the demo operator writes on its bills, and how some subscribers want theirs."""

from collections.abc import Mapping

from billing_site.console.demo.customers import account_of
from billing_site.console.demo.places import staff
from billing_site.console.demo.scale import MONTH_START, moment
from billing_site.console.demo.words import Names, five
from invoicing.domain.bill_texts import TextPlace
from invoicing.models import BillText
from invoicing.operations.bill_texts import draft_bill_text, publish_bill_text
from subscribers.models import BillSetting
from subscribers.operations.bill_settings import set_bill_setting

TEXTS: Mapping[TextPlace, Names] = {
    TextPlace.HEADER: five(
        "Telephone and internet for town and village",
        "Հեռախոս և ինտերնետ քաղաքի և գյուղի համար",
        "Телефон и интернет для города и села",
        "为城乡提供电话与互联网服务",
        "هاتف وإنترنت للمدينة والريف",
    ),
    TextPlace.NOTICE: five(
        "On 8 March our centres are closed; {phone} answers as always.",
        "Մարտի 8-ին մեր կենտրոնները փակ են, {phone} համարը պատասխանում է ինչպես միշտ։",
        "8 марта наши центры закрыты; {phone} отвечает как обычно.",
        "3月8日各营业厅休息，{phone} 照常接听。",
        "مراكزنا مغلقة في 8 مارس، ويجيب الرقم {phone} كالمعتاد.",
    ),
    TextPlace.FOOTER: five(
        "Thank you for paying by {due}.",
        "Շնորհակալություն մինչև {due} վճարելու համար։",
        "Спасибо за оплату до {due}.",
        "感谢您在 {due} 前缴费。",
        "شكرًا لكم على الدفع في موعد أقصاه {due}.",
    ),
    TextPlace.MAIL: five(
        "Dear {name}, here is your bill: {amount}, to be paid by {due}.",
        "Հարգելի {name}, սա Ձեր հաշիվն է՝ {amount}, վճարման վերջնաժամկետը՝ {due}։",
        "{name}, это ваш счёт: {amount}, оплатить до {due}.",
        "{name}，您好！您的账单金额为 {amount}，请于 {due} 前缴费。",
        "{name}، هذه فاتورتكم: {amount}، تُدفع في موعد أقصاه {due}.",
    ),
}
# By the key of the story: how much is listed, and whether in large print.
WISHES: Mapping[str, tuple[str, bool]] = {
    "hy": ("SUMMARY", True), "ru": ("ALL", False), "zh-hans": ("NONE", False), "ar": ("ALL", False),
}  # fmt: skip


def write_bill_words() -> None:
    """Draft and publish what is missing of the operator's words; write down what is missing of the wishes."""
    writer, publisher = staff("specialist"), staff("approver")
    for place, texts in TEXTS.items():
        if not BillText.objects.filter(place=place).exists():
            draft_bill_text(place=place, texts=texts, from_on=MONTH_START, actor=writer)
    for text in BillText.objects.filter(state=BillText.State.DRAFT).order_by("pk"):
        publish_bill_text(text_id=text.pk, published_at=moment(MONTH_START, 9), actor=publisher)
    for story, (itemisation, is_large_print) in WISHES.items():
        account = account_of(story)
        if not BillSetting.objects.filter(account=account).exists():
            set_bill_setting(
                account_id=account.pk,
                itemisation=itemisation,
                has_whole_numbers=False,
                is_large_print=is_large_print,
                actor=staff("clerk"),
            )
