"""Personnel numbers that are given out here, each of a series, counted upwards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal.people.models import Person

ONE_AT_A_TIME = 0x4D696E67526F  # PostgreSQL: whoever gives out personnel numbers holds this lock
LATEST = 20  # looked at: a number somebody else made may have our length and stand above ours


@dataclass(frozen=True)
class Series:
    """A prefix, and digits behind it."""

    prefix: str
    digits: int

    def number(self, count: int) -> str:
        return f"{self.prefix}{count:0{self.digits}d}"

    def count(self, number: str) -> int:
        """Which one of the series a number is; 0 when it is none."""
        rest = number[len(self.prefix) :]
        ours = number.startswith(self.prefix) and len(rest) == self.digits and rest.isascii() and rest.isdigit()
        return int(rest) if ours else 0


OFFICERS = Series("JL", 8)
OUTSIDERS = Series("WB", 6)  # 外部


def free_numbers(session: Session, series: Series, *, above: int = 0) -> Iterator[str]:
    """Numbers nobody has, counting on from the greatest on record or from `above`."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:numbers)"), {"numbers": ONE_AT_A_TIME})
    first, last = series.prefix + "0" * series.digits, series.prefix + "9" * series.digits
    number = Person.personnel_number
    ours = select(number).where(number.between(first, last), func.length(number) == len(first))
    latest = session.scalars(ours.order_by(number.desc()).limit(LATEST)).all()
    count = max(above, *(series.count(one) for one in latest), 0)
    while True:
        count += 1
        yield series.number(count)
