"""Word lists of our own for the people and streets of the demo operator, in five languages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Names = dict[str, str]


def five(en: str, hy: str, ru: str, zh: str, ar: str) -> Names:
    """Return a name in five languages."""
    return {"en": en, "hy": hy, "ru": ru, "zh-hans": zh, "ar": ar}


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What names and addresses of one language are made of; ``{}`` places are filled with numbers and streets."""

    surnames_of_men: Sequence[str]
    surnames_of_women: Sequence[str]
    men: Sequence[str]
    women: Sequence[str]
    # A third part of a name, by the sex of the bearer: patronymics. Empty where there is none.
    fathers_of_men: Sequence[str]
    fathers_of_women: Sequence[str]
    person: str
    streets: Sequence[str]
    address: str
    trades: Sequence[str]
    company: str


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.split())


HY_SURNAMES = _split(
    "Գրիգորյան Հակոբյան Սարգսյան Պետրոսյան Ավետիսյան Մկրտչյան Կարապետյան Հարությունյան Մանուկյան Բաղդասարյան"
    " Ղազարյան Վարդանյան Ստեփանյան Աբրահամյան Գասպարյան Մելքոնյան"
)
RU_MEN = _split(
    "Иванов Смирнов Кузнецов Соколов Попов Лебедев Козлов Новиков Морозов Волков Зайцев Щукин Ёлкин Журавлёв"
    " Фёдоров Цветков"
)
EN_SURNAMES = _split(
    "Brown Walker Hughes Fletcher Bennett Marsh Whitfield Harper Dawson Pemberton Ellis Thornton O'Neil-Brown"
    " Carter Ashby Lowell"
)
AR_SURNAMES = _split(
    "الحلبي الخطيب النجار الحداد الشامي العمري القاضي البيطار السباعي الزين الأيوبي المصري الصباغ الكيال"
)

WORDS: Mapping[str, Words] = {
    "hy": Words(
        surnames_of_men=HY_SURNAMES,
        surnames_of_women=HY_SURNAMES,
        men=_split("Արամ Տիգրան Հայկ Դավիթ Կարեն Վահան Նարեկ Սուրեն Գոռ Արթուր Ռուբեն Լևոն"),
        women=_split("Անի Արևիկ Նարինե Լուսինե Մարիամ Գայանե Սիրանուշ Հասմիկ Շուշան Էլեն Տաթև Զարուհի"),
        fathers_of_men=_split("Հայկի Արամի Կարենի Սուրենի Վահանի Ռուբենի"),
        fathers_of_women=_split("Հայկի Արամի Կարենի Սուրենի Վահանի Ռուբենի"),
        person="{surname} {given} {father}",
        streets=_split("Մաշտոցի Աբովյան Թումանյան Կոմիտասի Սայաթ-Նովայի Բաղրամյան Չարենցի Խորենացու"),
        address="ք. Արևաբերդ, {street} պող. {house}/{part}, բն. {flat}",
        trades=_split("Հորիզոն Նռնենի Լուսատու Արագած Ծիրան Կամուրջ Սևան Զարթոնք"),
        company="«{trade}» ՍՊԸ",
    ),
    "ru": Words(
        surnames_of_men=RU_MEN,
        surnames_of_women=tuple(f"{name}а" for name in RU_MEN),
        men=_split("Алексей Сергей Дмитрий Николай Михаил Фёдор Павел Егор Юрий Виктор Семён Илья"),
        women=_split("Мария Анна Елена Ольга Наталья Юлия Ксения Вера Татьяна Дарья Жанна Алёна"),
        fathers_of_men=_split("Сергеевич Иванович Петрович Алексеевич Николаевич Юрьевич"),
        fathers_of_women=_split("Сергеевна Ивановна Петровна Алексеевна Николаевна Юрьевна"),
        person="{surname} {given} {father}",
        streets=_split("Садовая Речная Лесная Заводская Школьная Вокзальная Полевая Набережная"),
        address="г. Речногорск, ул. {street}, д. {house}, корп. {part}, кв. {flat}",
        trades=_split("Горизонт Рассвет Маяк Причал Кедр Вектор Сокол Родник"),
        company="ООО «{trade}»",
    ),
    "zh-hans": Words(
        surnames_of_men=_split("王 李 张 刘 陈 杨 黄 赵 周 吴 徐 孙 欧阳 司徒 林 何"),
        surnames_of_women=_split("王 李 张 刘 陈 杨 黄 赵 周 吴 徐 孙 欧阳 司徒 林 何"),
        men=_split("建国 志强 伟 明辉 海涛 国庆 俊杰 永康 晓东 文斌"),
        women=_split("婷 秀英 丽华 晓燕 慧敏 雪梅 静 佳琪 春兰 玉珍"),
        fathers_of_men=(),
        fathers_of_women=(),
        person="{surname}{given}",
        streets=_split("人民路 中山路 解放路 建设路 和平路 长江路 新华街 东风街"),
        address="云川市滨江区{street}{house}号{part}栋2单元{flat}室",
        trades=_split("华明 永兴 东海 金桥 云川 星河 同心 长青"),
        company="云川市{trade}贸易有限公司",
    ),
    "ar": Words(
        surnames_of_men=AR_SURNAMES,
        surnames_of_women=AR_SURNAMES,
        men=("محمد", "أحمد", "خالد", "عبد الرحمن", "يوسف", "عمر", "سامر", "إبراهيم", "طارق", "نبيل"),
        women=("نجلاء", "فاطمة", "ليلى", "سلمى", "هدى", "رانيا", "مريم", "سعاد", "دينا", "آمنة"),
        fathers_of_men=("بن علي", "بن حسن", "بن سعيد", "بن يوسف"),
        fathers_of_women=("بنت علي", "بنت حسن", "بنت سعيد", "بنت يوسف"),
        person="{given} {father} {surname}",
        streets=_split("الفرات بردى النخيل الياسمين الأندلس الميناء السلام الجامعة"),
        address="مدينة النخيل، حي الزهراء، شارع {street}، بناء {house}، طابق {part}",
        trades=_split("الأمل النور الواحة الشروق الفارس الريان السنابل المرجان"),
        company="شركة {trade} ش.م.م",
    ),
    "en": Words(
        surnames_of_men=EN_SURNAMES,
        surnames_of_women=EN_SURNAMES,
        men=_split("Thomas George Edward Henry Arthur Oliver Simon Peter Walter Hugh"),
        women=_split("Mary Alice Eleanor Grace Harriet Rose Sophie Jane Clara Edith"),
        fathers_of_men=(),
        fathers_of_women=(),
        person="{given} {surname}",
        streets=("Mill Lane", "Church Street", "Quay Road", "Station Road", "Orchard Close", "High Street"),
        address="{house} {street}, Harborough Vale",
        trades=("Harbour & Sons", "Vale Bakery", "North Quay Freight", "Millstone", "Larkspur", "Tide House"),
        company="{trade} Ltd",
    ),
}
