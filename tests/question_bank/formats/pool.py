# ruff: noqa: E501  (lines of documents as they are set)
"""Invented questions on enforcement, from which the test documents are set."""

from __future__ import annotations

from question_bank.questions import Citation, Kind, Question

GAP = "（　）"


def single(stem: str, options: str, key: str, rationale: str = "") -> Question:
    return Question("", Kind.SINGLE, stem, tuple(options.split("|")), key, rationale)


def multiple(stem: str, options: str, key: str, rationale: str = "") -> Question:
    return Question("", Kind.MULTIPLE, stem, tuple(options.split("|")), key, rationale)


def truth(stem: str, key: str, rationale: str = "") -> Question:
    return Question("", Kind.TRUE_FALSE, stem, (), key, rationale)


def blank(stem: str, *keys: str) -> Question:
    return Question("", Kind.FILL_BLANK, stem, (), tuple(tuple(key.split("/")) for key in keys))


def short(stem: str, reference: str, *points: str) -> Question:
    return Question("", Kind.SHORT_ANSWER, stem, (), (reference, *points))


SINGLES = (
    single(
        "下列属于行政处罚种类的是（　）。",
        "责令改正|通报批评|先行登记保存|约谈",
        "B",
        "通报批评与警告并列，属于法定种类。",
    ),
    single(
        "2021年修订的处罚法自（　）起施行。", "2021年1月22日|2021年7月15日|2021年10月1日|2022年1月1日", "B", "见附则。"
    ),
    single("执法人员到某超市检查，不得少于（　）人。", "1|2|3|4", "B", "两人以上方可调查取证。"),
    single(
        "某镇政府拟对沿街店铺罚款500元，当事人要求陈述申辩，镇政府（　）。",
        "可以不听取|必须充分听取|应当加重处罚|应当移送公安",
        "B",
    ),
    single(
        "当事人逾期不履行罚款决定的，每日按罚款数额的（　）加处罚款。", "1%|2%|3%|5%", "C", "加处罚款不得超出原数额。"
    ),
    single("违法行为在（　）年内未被发现的，一般不再给予行政处罚。", "一|二|三|五", "B"),
    single("对公民当场作出的罚款，最高限额为（　）元。", "50|100|200|1000", "C", "简易程序限额。"),
    single("下列哪一项不得作为定案依据？", "经查证属实的书证|以非法手段取得的证据|当事人的陈述|鉴定意见", "B"),
    single(
        "张某驾驶货车未带道路运输证，执法人员应当首先做什么？", "扣押车辆|表明身份并出示证件|通知其单位|移送法院", "B"
    ),
    single(
        "A县城管局与B县城管局对同一违法行为都有管辖权的，由（　）管辖。",
        "最先立案的机关|级别高的机关|共同上级|当事人选择的机关",
        "A",
    ),
    single(
        "听证应当在当事人提出要求后依法组织，听证费用由（　）承担。",
        "当事人|行政机关|证人|双方平分",
        "B",
        "当事人不承担听证费用。",
    ),
    single("行政处罚决定书应当在宣告后（　）交付当事人。", "当场|三日内|五日内|七日内", "A"),
)
MULTIPLES = (
    multiple(
        "执法人员应当回避的情形有（　）。",
        "是当事人的近亲属|与本案有直接利害关系|曾办理过同类案件|与当事人有其他关系可能影响公正",
        "ABD",
    ),
    multiple("行政处罚的原则包括（　）。", "公正|公开|过罚相当|处罚与教育相结合", "ABCD", "四项均为总则所列。"),
    multiple(
        "下列哪些情形应当从轻或者减轻处罚？", "主动消除危害后果|受他人胁迫|拒不配合检查|配合查处有立功表现", "ABD"
    ),
    multiple(
        "可以申请听证的处罚有（　）。", "较大数额罚款|吊销许可证件|警告|责令停产停业", "ABD", "警告不在听证之列。"
    ),
    multiple("现场笔录应当载明（　）。", "时间和地点|检查的内容|执法人员的工资|当事人签名", "ABD"),
    multiple("行政强制措施的种类有（　）。", "查封场所|扣押财物|冻结存款|罚款", "ABC"),
)
TRUTHS = (
    truth("执法人员执法时应当主动出示执法证件。", "T"),
    truth("罚款一律可以当场收缴。", "F", "除法定情形外，罚缴应当分离。"),
    truth("当事人有权进行陈述和申辩。", "T"),
    truth("行政机关可以因当事人申辩而加重处罚。", "F", "不得因申辩加重处罚。"),
    truth("同一违法行为不得给予两次以上罚款。", "T"),
    truth("没有法定依据的行政处罚无效。", "T"),
    truth("城管执法队员可以一人上门调查取证。", "F"),
    truth("先行登记保存的期限为30日。", "F", "应当在七日内作出处理决定。"),
)
BLANKS = (
    blank("当事人应当自收到决定书之日起____日内缴纳罚款。", "十五/15"),
    blank("行政处罚遵循____、____的原则。", "公正", "公开"),
    blank("先行登记保存证据的，应当在____日内及时作出处理决定。", "七/7"),
    blank("听证由行政机关指定的____人员主持。", "非本案调查"),
)
SHORTS = (
    short(
        "简述可以当场作出处罚决定的条件。",
        "（1）违法事实确凿；（2）有法定依据；（3）数额在限额以内",
        "违法事实确凿",
        "有法定依据",
        "数额在限额以内",
    ),
    short("简述执法人员出示证件的意义。", "（1）表明身份；（2）接受监督", "表明身份", "接受监督"),
)
CASES = (
    Question(
        "", Kind.CASE_SET, "2024年5月6日，白桦县市场监管局执法人员王某、李某到某超市检查，发现货架上有12袋过期奶粉。",
        items=(
            single("执法人员进店后首先应当（　）。", "出示执法证件|查封超市|罚款500元|通知媒体", "A"),
            multiple("对过期奶粉可以采取的措施有（　）。", "登记保存|拍照取证|当场销毁|制作现场笔录", "ABD"),
        ),
    ),
    Question(
        "", Kind.CASE_SET, "货车司机赵某无道路运输经营许可从事货运，被交通执法人员当场查获，赵某拒绝在笔录上签字。",
        items=(
            single("赵某拒绝签字时，执法人员应当（　）。", "强迫其签字|注明情况并请见证人签名|放弃取证|代其签名", "B"),
            truth("赵某拒绝签字的笔录一律不能作为证据。", "F"),
            short("对赵某的违法行为应当怎样处理？", "（1）责令停止经营；（2）依法给予罚款", "责令停止经营", "依法给予罚款"),
        ),
    ),
)  # fmt: skip
ORDERS = (
    Question("", Kind.ORDERING, "将下列普通程序的步骤按先后顺序排列。", ("立案", "告知", "调查取证", "送达"), "ACBD"),
    Question("", Kind.ORDERING, "将听证的步骤按先后排序。", ("组织听证", "当事人申请", "通知听证时间"), "BCA"),
)
MATCHINGS = (
    Question(
        "", Kind.MATCHING, "将处罚与其类别对应。", ("警告", "罚款", "行政拘留"), ("2", "1", "3"),
        matches=("财产罚", "申诫罚", "人身自由罚"),
    ),
    Question(
        "", Kind.MATCHING, "将机关与其职责对应。", ("司法局", "编办"), ("2", "1"), matches=("核定编制", "资格管理"),
    ),
)  # fmt: skip
DRAFTINGS = (
    Question(
        "", Kind.DRAFTING, "根据上述情况，拟写一份责令改正通知书。", (),
        ("责令改正通知书：某公司，你单位占道经营，限三日内改正。", ("格式规范", 10), ("事实清楚", 20), ("期限明确", 10)),
    ),
)  # fmt: skip
CITED = Citation("行政处罚法", "", "第九条")
