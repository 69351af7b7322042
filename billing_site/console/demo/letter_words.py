"""What the demo operator writes in the letter that warns of a bar, in the place of the house's words."""

from billing_site.console.demo.places import staff
from billing_site.console.demo.scale import MONTH_START, moment
from billing_site.console.demo.words import five
from payments.domain.dunning_texts import LETTER_PREFIX
from subscribers.models import LetterText
from subscribers.operations.letter_texts import draft_letter_text, publish_letter_text

KIND = f"{LETTER_PREFIX}WARNING"
SUBJECTS = five(
    "Before we bar your calls",
    "Նախքան Ձեր զանգերը սահմանափակելը",
    "Прежде чем мы ограничим ваши вызовы",
    "限制呼出之前的提醒",
    "قبل أن نقيّد مكالماتكم",
)
TEXTS = five(
    "{amount} of account {account} was due on {due} and is not paid. If it stays so, your outgoing calls are barred;"
    " emergency numbers always answer.\nIf you cannot pay at once, promise a day on your own pages: nothing is barred"
    " before it.",
    "{account} հաշվի {amount} գումարը պետք է վճարվեր մինչև {due} և դեռ վճարված չէ։ Եթե այդպես մնա, Ձեր ելքային զանգերը"
    " կսահմանափակվեն. արտակարգ ծառայությունների համարները միշտ հասանելի են։\nԵթե չեք կարող վճարել անմիջապես, նշեք օր"
    " Ձեր անձնական էջում՝ մինչ այդ ոչինչ չի սահմանափակվի։",
    "По счёту {account} не оплачено {amount}, срок был {due}. Если так и останется, исходящие вызовы будут ограничены;"
    " экстренные номера доступны всегда.\nЕсли вы не можете заплатить сразу, назовите день на своей странице: до него"
    " ничего ограничено не будет.",
    "账户 {account} 有 {amount} 应于 {due} 前支付，至今未付。若仍不支付，呼出将被限制；紧急号码始终可以拨打。\n"
    "如一时无法支付，请在您的个人页面承诺一个付款日，在此之前不会限制。",
    "لم يُدفع مبلغ {amount} عن الحساب {account} وكان مستحقًا في {due}. إن بقي كذلك تُقيَّد مكالماتكم الصادرة، وتبقى أرقام"
    " الطوارئ متاحة دائمًا.\nإن تعذّر الدفع الآن فحدّدوا يومًا في صفحاتكم الخاصة: لا يُقيَّد شيء قبله.",
)


def write_letter_words() -> None:
    """Draft and publish what is missing of the letter's words."""
    if not LetterText.objects.filter(kind=KIND).exists():
        draft_letter_text(kind=KIND, subjects=SUBJECTS, texts=TEXTS, actor=staff("specialist"))
    for text in LetterText.objects.filter(state=LetterText.State.DRAFT).order_by("pk"):
        publish_letter_text(text_id=text.pk, published_at=moment(MONTH_START, 9), actor=staff("approver"))
