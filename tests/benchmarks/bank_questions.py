"""Questions by the hundred thousand, invented from a small grammar: the same seed gives the same questions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from question_bank.questions import COGNITIVE_LEVELS, Citation, Kind, Question

PLACES = (
    "白石镇", "桦树沟镇", "柳河乡", "青岗街道", "大石头镇", "沟口镇", "枫树镇", "临江村", "河东开发区", "北山镇",
    "二道河乡", "松花湖镇", "双阳街道", "榆树屯", "孤店子镇", "黑土镇", "向阳乡", "龙潭街道", "石头口门镇",
    "蛟河湾镇",
)  # fmt: skip
PEOPLE = (
    "个体户老于", "摊主徐某", "养殖户高某", "货车司机姜某", "饭店经营者孙某", "砂场负责人郑某", "物业公司经理邵某",
    "村民老崔", "药店店主秦某", "幼儿园园长卢某", "建筑公司项目经理毛某", "加油站站长贺某", "渔民老葛",
    "网店店主冯某", "屠宰场场主吕某", "洗车行老板常某", "农资店店主袁某", "民宿经营者戴某", "木器厂厂长万某",
    "快递网点负责人陶某",
)  # fmt: skip
ACTS = (
    "未取得许可证从事道路货物运输", "在河道管理范围内堆放弃渣", "将冷鲜肉与熟食混放", "擅自拆除消防设施",
    "占用盲道摆摊经营", "使用未经检定的电子秤", "夜间向水渠排放养殖废水", "露天焚烧秸秆", "销售超过保质期的奶粉",
    "未按规定安装卫星定位装置", "在禁渔期内下网捕鱼", "倾倒建筑垃圾", "使用假冒商标销售白酒",
    "未办理施工许可即开工", "砍伐自家承包地外的林木", "拒绝执法人员进入现场检查", "转让道路运输经营许可证",
    "收购无检疫证明的生猪", "在文物保护范围内取土", "擅自改变房屋承重结构", "未建立进货查验记录",
    "虚报特种设备检验日期", "向未成年人出售香烟", "在公共绿地种菜", "超载百分之三十行驶",
    "发布含有绝对化用语的广告", "不按规定佩戴安全帽作业", "出租消防不合格的厂房", "雇用无健康证的厨师",
    "私自开凿机井取水",
)  # fmt: skip
FACTS = (
    "当事人当场认错并立即改正", "货值金额共计三千六百元", "现场未发现其他危害后果", "群众先后举报过四次",
    "当事人系初次违法", "涉案物品尚未售出", "执法记录仪因电量不足中断七分钟", "当事人拒绝在笔录上签字",
    "检测报告于第九日才送达", "一名执法人员证件过期", "现场有两名见证人", "当事人在听证通知书上只写了收到",
    "案发距今已有两年三个月", "当事人提交了书面陈述", "事发时当事人不满十八周岁", "该处属于镇区综合执法范围",
    "所用设备由第三人出借", "当事人主动消除了危害后果", "监控录像只保存了十五日", "相邻店铺也有同样情形",
    "承办人与当事人系表兄弟", "当事人请求延期缴纳罚款", "处罚告知书由门卫代收", "现场勘验没有绘制平面图",
    "鉴定人未在意见书上签名",
)  # fmt: skip
ASKS = (
    "执法人员下一步应当怎样处理", "下列处理方式中正确的是", "对该行为的定性符合法律规定的是",
    "本案应当适用的程序是", "关于证据的收集和固定，说法正确的是", "罚款数额的确定应当考虑",
    "当事人不服处罚决定的，可以怎样救济", "关于回避的说法正确的是", "本案的处罚时效应当从何时起算",
    "哪一份文书在作出决定前必须送达", "本案是否需要经过法制审核", "听证的费用应当由谁承担",
    "对涉案物品可以采取的措施是", "下列期限的计算正确的是", "有权作出这一决定的机关是",
    "关于从轻、减轻处罚的说法正确的是",
)  # fmt: skip
CLAIMS = (
    "由镇人民政府以自己的名义作出决定", "报县级主管部门指定管辖", "先行登记保存并在七日内处理",
    "责令限期改正，逾期再予处罚", "当场作出处罚决定并备案", "移送公安机关依法处理", "不予行政处罚，对其进行教育",
    "告知当事人有要求听证的权利", "由法制审核机构出具书面意见", "制作现场笔录并由当事人签名",
    "自违法行为终了之日起计算", "由执法人员所在单位承担费用", "加处罚款的数额不超过罚款本金",
    "申请人民法院强制执行", "由两名以上执法人员共同实施", "出示执法证件并说明理由", "对同一行为只给予一次罚款",
    "组织专家论证后集体讨论决定", "将处罚决定在七个工作日内公示", "允许当事人分期缴纳罚款",
)  # fmt: skip
TAILS = ("", "，并抄送司法所", "，期限为三十日", "，但应当听取陈述和申辩", "，由负责人批准", "，并记入案卷",
         "，不受时间限制")  # fmt: skip
LAWS = ("行政处罚法", "行政强制法", "行政许可法", "行政复议法", "食品安全法", "道路运输条例",
        "水污染防治法", "城市管理办法")  # fmt: skip
TOPICS = (
    "处罚的种类和设定", "处罚程序", "证据规则", "听证", "处罚时效", "管辖", "强制措施", "强制执行", "许可的实施",
    "复议受案范围", "行政诉讼", "国家赔偿", "食品安全", "道路运输", "水污染防治", "市容环境", "文书送达",
    "执法公示", "裁量基准", "回避",
)  # fmt: skip
DIGITS = "一二三四五六七八九"
KINDS = (Kind.SINGLE,) * 5 + (Kind.MULTIPLE,) * 2 + (Kind.TRUE_FALSE,) * 2 + (Kind.FILL_BLANK,)


def questions(how_many: int, *, first: int = 1, seed: int = 20261123) -> Iterator[Question]:
    """Questions numbered from `first`; the seed says which."""
    chance = Random(seed)
    for number in range(first, first + how_many):
        yield question(chance, f"PB-{number:06d}")


def question(chance: Random, code: str) -> Question:
    kind, law = chance.choice(KINDS), chance.choice(LAWS)
    facts = chance.sample(FACTS, chance.choice((1, 2, 2, 3)))
    scene = (
        f"{chance.randrange(2021, 2027)}年{chance.randrange(1, 13)}月{chance.randrange(1, 29)}日，"
        f"{chance.choice(PLACES)}综合执法队在巡查中发现{chance.choice(PEOPLE)}{chance.choice(ACTS)}，{'，'.join(facts)}。"
    )
    options, key, stem = _asked(chance, kind, scene)
    article = f"第{chance.choice(DIGITS)}十{chance.choice(DIGITS)}条"
    return Question(
        code, kind, stem, options, key, rationale=f"依照{law}{article}，{chance.choice(CLAIMS)}。",
        citations=(Citation(law, "2021 修订", article),), topic=chance.choice(TOPICS),
        difficulty=chance.randrange(1, 6), cognitive_level=chance.choice(COGNITIVE_LEVELS),
        tags=tuple(chance.sample(("易错", "新法", "案例改编", "冬训", "镇街"), chance.choice((0, 0, 1, 2)))),
    )  # fmt: skip


def _asked(chance: Random, kind: Kind, scene: str) -> tuple[tuple[str, ...], str | tuple, str]:
    if kind is Kind.TRUE_FALSE:
        return (), chance.choice("TF"), f"{scene}执法人员认为应当{chance.choice(CLAIMS)}{chance.choice(TAILS)}。"
    if kind is Kind.FILL_BLANK:
        return (), ((f"{chance.randrange(2, 90)}日",),), f"{scene}依法应当在____内{chance.choice(CLAIMS)}。"
    options = tuple(claim + chance.choice(TAILS) for claim in chance.sample(CLAIMS, 4))
    letters = sorted(chance.sample("ABCD", 1 if kind is Kind.SINGLE else chance.choice((2, 3))))
    return options, "".join(letters), f"{scene}{chance.choice(ASKS)}（　　）"


def edited(chance: Random, question: Question) -> Question:
    """The same question as somebody else would have typed it: a few characters changed, added, left out or moved."""
    stem = list(question.stem)
    for _ in range(chance.randrange(1, max(2, len(stem) // 12))):
        at = chance.randrange(len(stem))
        match chance.randrange(3):
            case 0:
                stem[at] = chance.choice("该其本某此当各并")
            case 1:
                stem.insert(at, chance.choice("应当，的了"))
            case _:
                del stem[at]
    options = list(question.options)
    if question.kind is Kind.SINGLE:
        right = options["ABCD".index(str(question.key))]
        chance.shuffle(options)
        return _with(question, "".join(stem), options, "ABCD"[options.index(right)])
    return _with(question, "".join(stem), options, question.key)


def _with(question: Question, stem: str, options: Sequence[str], key: str | tuple) -> Question:
    return Question.from_plain({**question.plain(), "stem": stem, "options": list(options),
                                "key": key if isinstance(key, str) else [list(k) for k in key]})  # fmt: skip
