"""The tree of bodies: governments, their justice bureaus, enforcement bodies in seven fields, towns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from sqlalchemy.orm import Session

from portal.demo.divisions import COUNTIES, DIVISIONS, PREFECTURES, PROVINCE, Division
from portal.demo.towns import UNCONFIRMED, towns
from portal.people.models import Body, BodyField, BodyKind, Field, Level

LIST_OF_BODIES = "吉林省行政执法主体名录（示例）第{number}号"
TOWN_FIELDS = (Field.URBAN, Field.MARKET, Field.ECOLOGY, Field.AGRICULTURE, Field.EMERGENCY)
# Field -> name of the body at prefecture level, at county level.
OFFICES = {
    Field.TRANSPORT: ("交通运输综合行政执法支队", "交通运输综合行政执法大队"),
    Field.ECOLOGY: ("生态环境保护综合行政执法支队", "生态环境保护综合行政执法大队"),
    Field.CULTURE: ("文化市场综合行政执法支队", "文化市场综合行政执法大队"),
    Field.AGRICULTURE: ("农业综合行政执法支队", "农业综合行政执法大队"),
    Field.MARKET: ("市场监督管理局", "市场监督管理局"),
    Field.URBAN: ("城市管理行政执法局", "城市管理行政执法局"),
    Field.EMERGENCY: ("应急管理综合行政执法支队", "应急管理综合行政执法大队"),
}
MAIN_FIELDS = (Field.TRANSPORT, Field.ECOLOGY, Field.MARKET)
# Counties that have bodies in all seven fields; every third of the others has the three main ones.
WHOLE = ("220581", "220122", "220182", "220282", "220322", "220421", "220621", "220721", "220882", "222403", "222424")
UNCONFIRMED_OFFICE = ("220882", Field.CULTURE)


def build(session: Session, *, today: date) -> dict[str, Body]:
    """Create every body; returns them by code (GOV-220581, JUS-220581, ENF-transport-220581, TOWN-220581-1)."""
    made: dict[str, Body] = {}
    confirmed_on = date(today.year - 1, 3, 18)

    def add(code: str, name: str, kind: str, level: str, parent: str | None, division: str | None,
            fields: Iterable[Field] = (), *, confirmed: bool = True) -> None:
        body = Body(
            code=code, name=name, kind=kind, level=level, division_code=division, path="",
            parent_id=made[parent].id if parent else None,
            confirmed_on=confirmed_on if confirmed else None,
            confirmation=LIST_OF_BODIES.format(number=len(made) + 1) if confirmed else None,
            fields=[BodyField(field=field) for field in fields],
        )
        session.add(body)
        session.flush()
        body.path = f"{made[parent].path if parent else '/'}{body.id}/"
        made[code] = body

    for division in _from_the_top():
        above, here = division.managed_by, f"GOV-{division.code}"
        add(here, f"{division.full_name}人民政府", BodyKind.GOVERNMENT, division.level,
            f"GOV-{above}" if above else None, division.code)
        bureau = "司法厅" if division.level == Level.PROVINCE else "司法局"
        add(f"JUS-{division.code}", division.full_name + bureau, BodyKind.JUSTICE_BUREAU, division.level, here,
            division.code)
        for field in _fields_of(division):
            name = division.full_name + OFFICES[field][division.level == Level.COUNTY]
            add(f"ENF-{field}-{division.code}", name, BodyKind.ENFORCEMENT_BODY, division.level, here, division.code,
                [field], confirmed=(division.code, field) != UNCONFIRMED_OFFICE)
    numbers: dict[str, int] = {}
    for town in towns():
        numbers[town.county] = numbers.get(town.county, 0) + 1
        add(f"TOWN-{town.county}-{numbers[town.county]}", town.body_name, BodyKind.TOWN, Level.TOWN,
            f"GOV-{town.county}", town.code, TOWN_FIELDS, confirmed=town.name != UNCONFIRMED)
    for kind in (_offices(), _of_towns(), _without_code()):
        for code, name, what, level, parent, station in kind:
            add(code, name, what, level, parent, None, confirmed=False)
            made[code].has_supervision_station = station
    session.flush()
    return made


Planned = tuple[str, str, str, str, str, bool]  # code, name, kind, level, parent's code, supervision station


def _offices() -> Iterator[Planned]:
    """编办 of every government, and where officers are taught."""
    for division in _from_the_top():
        yield (f"EST-{division.code}", f"{division.full_name}机构编制委员会办公室", BodyKind.ESTABLISHMENT_OFFICE,
               division.level, f"GOV-{division.code}", False)
    yield ("BASE-1", "吉林省行政执法人员培训基地（示例）", BodyKind.TRAINING_BASE, Level.PROVINCE, f"JUS-{PROVINCE}",
           False)
    yield ("UNI-1", "松辽法政学院（示例）", BodyKind.UNIVERSITY, Level.PROVINCE, f"GOV-{PROVINCE}", False)


def _of_towns() -> Iterator[Planned]:
    """The enforcement team of each town and the judicial office in it; every other office has a station."""
    numbers: dict[str, int] = {}
    for town in towns():
        number = numbers[town.county] = numbers.get(town.county, 0) + 1
        place = town.full_name
        yield (f"TEAM-{town.county}-{number}", f"{place}综合行政执法队", BodyKind.TOWN_TEAM, Level.TOWN,
               f"TOWN-{town.county}-{number}", False)
        yield (f"SFS-{town.county}-{number}", f"{place}司法所", BodyKind.JUDICIAL_OFFICE, Level.TOWN,
               f"JUS-{town.county}", number % 2 == 1)


def _without_code() -> Iterator[Planned]:
    """A government that acts as a prefecture and has no code in the standard."""
    yield ("GOV-CBS", "长白山保护开发区管理委员会", BodyKind.GOVERNMENT, Level.PREFECTURE, f"GOV-{PROVINCE}", False)
    yield ("JUS-CBS", "长白山保护开发区司法局", BodyKind.JUSTICE_BUREAU, Level.PREFECTURE, "GOV-CBS", False)


def _from_the_top() -> Iterable[Division]:
    return (DIVISIONS[PROVINCE], *PREFECTURES, *COUNTIES)


def _fields_of(division: Division) -> tuple[Field, ...]:
    if division.level == Level.PROVINCE:
        return ()
    if division.level == Level.PREFECTURE or division.code in WHOLE:
        return tuple(OFFICES)
    return MAIN_FIELDS if COUNTIES.index(division) % 3 == 0 else ()
