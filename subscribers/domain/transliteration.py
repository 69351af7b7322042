"""Names in Latin letters: Armenian, Cyrillic and Arabic letter by letter, Chinese by the sound of common characters."""

import unicodedata

ARMENIAN_PAIRS = {"ու": "u", "և": "ev"}
ARMENIAN = dict(
    zip(
        "աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆ",
        [
            "a",
            "b",
            "g",
            "d",
            "e",
            "z",
            "e",
            "y",
            "t",
            "zh",
            "i",
            "l",
            "kh",
            "ts",
            "k",
            "h",
            "dz",
            "gh",
            "ch",
            "m",
            "y",
            "n",
            "sh",
            "o",
            "ch",
            "p",
            "j",
            "r",
            "s",
            "v",
            "t",
            "r",
            "ts",
            "v",
            "p",
            "k",
            "o",
            "f",
        ],
        strict=True,
    )
)
CYRILLIC = dict(
    zip(
        "абвгдежзийклмнопрстуфхцчшщъыьэюяіїєґў",
        [
            "a",
            "b",
            "v",
            "g",
            "d",
            "e",
            "zh",
            "z",
            "i",
            "y",
            "k",
            "l",
            "m",
            "n",
            "o",
            "p",
            "r",
            "s",
            "t",
            "u",
            "f",
            "kh",
            "ts",
            "ch",
            "sh",
            "shch",
            "-",
            "y",
            "-",
            "e",
            "yu",
            "ya",
            "i",
            "yi",
            "ye",
            "g",
            "u",
        ],
        strict=True,
    )
)
ARABIC = dict(
    zip(
        "ابتثجحخدذرزسشصضطظعغفقكلمنهويپچژگ",
        [
            "a",
            "b",
            "t",
            "th",
            "j",
            "h",
            "kh",
            "d",
            "dh",
            "r",
            "z",
            "s",
            "sh",
            "s",
            "d",
            "t",
            "z",
            "a",
            "gh",
            "f",
            "q",
            "k",
            "l",
            "m",
            "n",
            "h",
            "w",
            "y",
            "p",
            "ch",
            "zh",
            "g",
        ],
        strict=True,
    )
)
# Syllables by sound: the surnames and given names met most often. A character that is not here stays as it is.
PINYIN_ROWS = (
    "an:安 ao:敖 bai:白柏 bao:包宝保 bei:贝北 bin:斌彬滨 bing:冰兵炳 bo:波博伯 cai:蔡才彩 cao:曹 chang:常昌长 chao:超朝"
    " chen:陈辰晨 cheng:程成城诚 chuan:川传 chun:春 cui:崔翠 dai:戴 dan:丹 de:德 deng:邓 ding:丁 dong:东董冬 du:杜"
    " duan:段 en:恩 fan:范凡樊 fang:方芳房 fei:飞菲费 feng:冯峰凤风丰 fu:福傅富 gang:刚钢 gao:高 ge:葛 gong:龚公"
    " gu:顾古 guan:关冠 guang:光广 gui:桂贵 guo:郭国果 hai:海 han:韩寒翰 hang:航 hao:郝浩豪 he:何和贺 hong:洪红宏鸿"
    " hou:侯 hu:胡虎湖 hua:华花化 huang:黄 hui:慧惠辉会 ji:吉季纪 jia:佳家嘉贾 jian:建健剑 jiang:江姜蒋 jie:杰洁"
    " jin:金锦进 jing:静晶京敬 jiu:久 ju:菊 juan:娟 jun:军君俊 kai:凯开 kang:康 ke:柯 kong:孔 lai:赖 lan:兰蓝岚"
    " lei:雷蕾磊 li:李丽黎立力利莉 lian:连莲 liang:梁亮良 liao:廖 lin:林琳 ling:玲灵凌 liu:刘柳 long:龙 lu:陆卢路鲁"
    " luo:罗骆 lv:吕 ma:马 man:满 mao:毛 mei:梅美 meng:孟梦 miao:苗 min:敏民 ming:明铭 na:娜 nan:南楠 ning:宁"
    " ou:欧 pan:潘 pei:裴 peng:彭鹏 ping:平萍 qi:齐琪祺 qian:钱倩 qiang:强 qiao:乔 qin:秦琴勤 qing:青清庆 qiu:邱秋"
    " qu:曲 quan:全泉 ren:任仁 rong:荣蓉 ru:茹 rui:瑞睿 shan:山珊 shao:邵 shen:沈 sheng:盛胜生 shi:石史世诗 shu:舒淑"
    " shuai:帅 shun:顺 si:思司 song:宋松 su:苏素 sun:孙 tan:谭 tang:唐汤 tao:陶涛 tian:田天 ting:婷庭 tong:童同"
    " wan:万婉 wang:王汪旺 wei:魏伟卫薇韦 wen:文温雯 wu:吴武伍 xi:西希溪 xia:夏霞 xian:贤先 xiang:向香祥 xiao:萧肖晓小"
    " xie:谢 xin:新心欣鑫 xing:星兴 xiong:熊雄 xiu:秀 xu:徐许旭 xuan:轩 xue:薛雪学 yan:严颜燕艳 yang:杨阳洋 yao:姚瑶"
    " ye:叶 yi:易怡毅艺 yin:尹银 ying:英莹 yong:勇永 you:尤友 yu:于余宇玉雨 yuan:袁元媛 yue:岳月 yun:云 zeng:曾"
    " zhan:詹 zhang:张章 zhao:赵 zhe:哲 zhen:珍振 zheng:郑正 zhi:志智 zhong:钟中 zhou:周 zhu:朱珠 zi:子 zou:邹 zuo:左"
    " yangguang:旸 ting:亭 shang:上尚 si:司 tu:徒 zhuge:诸 you:有 xian:限 gong:公 mao:贸 yi:易 shi:市 qu:区 lu:路"
)
PINYIN = {
    character: sound
    for sound, characters in (entry.split(":") for entry in reversed(PINYIN_ROWS.split()))
    for character in characters
}
VOWELS = frozenset("aeiouwy")


def transliterate(text: str) -> str:
    """
    Return a normalised text in Latin letters; what has no sound here stays as it is.

    :param text: as ``search_keys.normalise_text`` gives it: lower case, without marks
    """
    return " ".join(_word(word) for word in text.split())


def syllables(word: str) -> tuple[str, ...]:
    """Return the sounds of a word's Chinese characters, or nothing if one of them is not known."""
    sounds = tuple(PINYIN.get(character, "") for character in word)
    return sounds if word and all(sounds) else ()


def skeleton(word: str) -> str:
    """Return a Latin word without vowels and doubled letters: Arabic names are compared so, they do not write them."""
    kept = [letter for letter in _unmarked(word) if letter.isalpha() and letter not in VOWELS]
    return "".join(letter for index, letter in enumerate(kept) if index == 0 or letter != kept[index - 1])


def is_arabic(text: str) -> bool:
    """Say whether a text holds Arabic letters."""
    return any(letter in ARABIC for letter in text)


def _word(word: str) -> str:
    for pair, latin in ARMENIAN_PAIRS.items():
        word = word.replace(pair, latin)
    sounds = syllables(word)
    if sounds:
        return "".join(sounds)
    if word.startswith("ո"):
        word = "v" + word
    return "".join(_letter(letter) for letter in word)


def _letter(letter: str) -> str:
    latin = ARMENIAN.get(letter) or CYRILLIC.get(letter) or ARABIC.get(letter) or PINYIN.get(letter) or letter
    return "" if latin == "-" else latin


def _unmarked(word: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFD", word) if not unicodedata.combining(letter))
