"""The three invented questions of every rehearsal: what is tried is the device, never what somebody knows."""

from __future__ import annotations

from question_bank.questions import Kind, Question

POINTS = 100  # hundredths of a point, each
SAMPLES = (
    Question(
        "REHEARSAL-1", Kind.SINGLE, "**演练题。**请选择第二个选项，检查点选和保存是否正常。",
        ("第一个选项", "第二个选项", "第三个选项", "第四个选项"), "B",
        rationale="本题仅供演练，不计成绩。", topic="演练",
    ),
    Question(
        "REHEARSAL-2", Kind.MULTIPLE, "**演练题。**请选择“晴天”和“雨天”，检查多选和标记是否正常。",
        ("晴天", "石头", "雨天", "木头"), "AC", rationale="本题仅供演练，不计成绩。", topic="演练",
    ),
    Question(
        "REHEARSAL-3", Kind.FILL_BLANK, "**演练题。**请在空格中输入“吉林”，检查输入法是否正常：____。",
        (), (("吉林",),), rationale="本题仅供演练，不计成绩。", topic="演练",
    ),
)  # fmt: skip
TITLE = "{title}（演练）"
NOTICE = """\
## 演练说明

1. 本次演练只有三道示例题，用于检查设备、网络、输入法和座位，**不计成绩**。
2. 演练题与正式试题无关；正式考试开始时演练自动关闭。
3. 可反复进入；如页面提示设备不符合要求，请在考前联系考务人员。
"""
MINUTES = 15
ATTEMPTS = 20
