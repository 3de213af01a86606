"""Jilin's divisions as numbered by GB/T 2260: the province, nine prefecture-level units, sixty counties."""

from __future__ import annotations

from dataclasses import dataclass

TABLE = """
220000 吉林省
220100 长春市 / 220102 南关区 220103 宽城区 220104 朝阳区 220105 二道区 220106 绿园区 220112 双阳区 220113 九台区
  220122 农安县 220182 榆树市 220183 德惠市 220184 公主岭市
220200 吉林市 / 220202 昌邑区 220203 龙潭区 220204 船营区 220211 丰满区 220221 永吉县 220281 蛟河市 220282 桦甸市
  220283 舒兰市 220284 磐石市
220300 四平市 / 220302 铁西区 220303 铁东区 220322 梨树县 220323 伊通满族自治县 220382 双辽市
220400 辽源市 / 220402 龙山区 220403 西安区 220421 东丰县 220422 东辽县
220500 通化市 / 220502 东昌区 220503 二道江区 220521 通化县 220523 辉南县 220524 柳河县 220581 梅河口市
  220582 集安市
220600 白山市 / 220602 浑江区 220605 江源区 220621 抚松县 220622 靖宇县 220623 长白朝鲜族自治县 220681 临江市
220700 松原市 / 220702 宁江区 220721 前郭尔罗斯蒙古族自治县 220722 长岭县 220723 乾安县 220781 扶余市
220800 白城市 / 220802 洮北区 220821 镇赉县 220822 通榆县 220881 洮南市 220882 大安市
222400 延边朝鲜族自治州 / 222401 延吉市 222402 图们市 222403 敦化市 222404 珲春市 222405 龙井市 222406 和龙市
  222424 汪清县 222426 安图县
"""
PROVINCE = "220000"
UNDER_PROVINCE = frozenset({"220581"})  # managed by the province itself, whatever its code says


@dataclass(frozen=True)
class Division:
    """One code of the standard with its name."""

    code: str
    name: str

    @property
    def level(self) -> str:
        """province, prefecture or county, as the code's zeros say."""
        return "province" if self.code.endswith("0000") else "prefecture" if self.code.endswith("00") else "county"

    @property
    def prefecture(self) -> str:
        """The code of the prefecture-level unit around it (its own for one)."""
        return self.code[:4] + "00"

    @property
    def managed_by(self) -> str | None:
        """The division that manages this one; None for the province."""
        if self.level == "province":
            return None
        direct = self.level == "prefecture" or self.code in UNDER_PROVINCE
        return PROVINCE if direct else self.prefecture

    @property
    def full_name(self) -> str:
        """A name nobody else in the province has: districts carry their city's name."""
        return DIVISIONS[self.prefecture].name + self.name if self.name.endswith("区") else self.name


_WORDS = TABLE.replace("/", " ").split()
DIVISIONS = {
    code: Division(code, name) for code, name in zip(_WORDS[::2], _WORDS[1::2], strict=True)
}
COUNTIES = tuple(d for d in DIVISIONS.values() if d.level == "county")
PREFECTURES = tuple(d for d in DIVISIONS.values() if d.level == "prefecture")
