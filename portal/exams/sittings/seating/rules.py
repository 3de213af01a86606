"""Who sits where: units are mixed, neighbours come from different ones; the same list and number give the same plan."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from portal.exams.sittings.planning import Slot
from question_bank.papers import Chance

Placed = dict[int, tuple[int, int, int]]  # entry id → sitting id, room id, seat


@dataclass(frozen=True)
class Guest:
    """A person to be seated; `sitting` where it is settled already, `busy` when he sits something else."""

    entry: int
    unit: int | None
    sitting: int | None = None
    busy: tuple[Slot, ...] = ()


@dataclass(frozen=True)
class Hall:
    """A sitting with its rooms: (room id, seats)."""

    sitting: int
    slot: Slot
    rooms: tuple[tuple[int, int], ...]

    @property
    def capacity(self) -> int:
        return sum(seats for _, seats in self.rooms)


@dataclass(frozen=True)
class Plan:
    """The seats; whom no sitting could take; how many neighbours are of one unit all the same."""

    places: Placed = field(default_factory=dict)
    left: tuple[int, ...] = ()
    pairs: int = 0

    @property
    def digest(self) -> str:
        told = ";".join(f"{entry}:{a}:{b}:{c}" for entry, (a, b, c) in sorted(self.places.items()))
        return hashlib.sha256(told.encode()).hexdigest()


def seat_everybody(guests: Sequence[Guest], halls: Sequence[Hall], number: int) -> Plan:
    """Everybody at a seat of one of the halls; `number` chooses among the plans that the rule allows."""
    chance = Chance(number % 2**48)
    mixed = list(guests)
    chance.shuffle(mixed)
    inside, left = _into_sittings(_by_unit(mixed), halls)
    places: Placed = {}
    pairs = 0
    for hall in halls:
        for (room, seats), people in zip(hall.rooms, _into_rooms(_by_unit(inside[hall.sitting]), hall), strict=True):
            row = in_a_row(people, seats)
            pairs += sum(
                a is not None and b is not None and a.unit is not None and a.unit == b.unit
                for a, b in zip(row, row[1:], strict=False)
            )
            places |= {g.entry: (hall.sitting, room, seat) for seat, g in enumerate(row, 1) if g is not None}
    return Plan(places, tuple(sorted(left)), pairs)


def _by_unit(guests: Sequence[Guest]) -> list[Guest]:
    """Those of one unit together, the largest unit first; within and between equals the order stays."""
    sizes = Counter(g.unit for g in guests)
    first = {unit: place for place, unit in reversed(list(enumerate(g.unit for g in guests)))}
    return sorted(guests, key=lambda g: (-sizes[g.unit], first[g.unit]))


def _into_sittings(guests: Sequence[Guest], halls: Sequence[Hall]) -> tuple[dict[int, list[Guest]], list[int]]:
    """Sitting id → people, units spread over as few sittings as hold everybody; and whom none could take."""
    inside: dict[int, list[Guest]] = {hall.sitting: [] for hall in halls}
    free = {hall.sitting: hall.capacity for hall in halls}
    left: list[int] = []
    unsettled = []
    for guest in guests:
        if guest.sitting is None:
            unsettled.append(guest)
        elif free.get(guest.sitting, 0) > 0:
            inside[guest.sitting].append(guest)
            free[guest.sitting] -= 1
        else:
            left.append(guest.entry)
    used, room = [], 0
    for hall in halls:  # the first ones that together have seats enough
        if room < len(unsettled) and free[hall.sitting]:
            used.append(hall)
            room += free[hall.sitting]
    quotas = shares(len(unsettled), [free[hall.sitting] for hall in used])
    spare = [hall for hall in halls if hall not in used]
    for guest, turn in zip(unsettled, _turns(quotas), strict=False):
        around = [*used[turn:], *used[:turn], *spare] if used else []
        hall = next((h for h in around if free[h.sitting] and not any(h.slot.overlaps(b) for b in guest.busy)), None)
        if hall is None:
            left.append(guest.entry)
        else:
            inside[hall.sitting].append(guest)
            free[hall.sitting] -= 1
    left += [g.entry for g in unsettled[sum(quotas) :]]
    return inside, left


def shares(people: int, capacities: Sequence[int]) -> list[int]:
    """So many people over places of these sizes, in proportion, nobody beyond a size."""
    whole = sum(capacities)
    people = min(people, whole)
    if not whole:
        return [0] * len(capacities)
    quotas = [people * size // whole for size in capacities]
    for place in sorted(range(len(quotas)), key=lambda p: (quotas[p] * whole - people * capacities[p], p)):
        if sum(quotas) == people:
            break
        quotas[place] += quotas[place] < capacities[place]
    return quotas


def _turns(quotas: Sequence[int]) -> list[int]:
    """Which place is next, as evenly as the quotas allow: those of one unit come into different ones."""
    turns = [((turn + 0.5) / quota, place) for place, quota in enumerate(quotas) for turn in range(quota)]
    return [place for _, place in sorted(turns)]


def _into_rooms(guests: Sequence[Guest], hall: Hall) -> list[list[Guest]]:
    used, seats = 0, 0
    while seats < len(guests):
        seats += hall.rooms[used][1]
        used += 1
    rooms: list[list[Guest]] = [[] for _ in hall.rooms]
    quotas = shares(len(guests), [size for _, size in hall.rooms[:used]])
    for guest, place in zip(guests, _turns(quotas), strict=True):
        rooms[place].append(guest)
    return rooms


def in_a_row(guests: Sequence[Guest], seats: int) -> list[Guest | None]:
    """The order of seats; empty ones stand between those of one unit where the others are too few for that."""
    if not guests:
        return []
    most = max(Counter(g.unit for g in guests).values())
    gaps = min(seats - len(guests), max(2 * most - 1 - len(guests), 0))
    people = _by_unit(guests)
    row: list[Guest | None] = [None] * (len(people) + gaps)
    order = [*range(0, len(row), 2), *range(1, len(row), 2)]
    for place, guest in zip(order, people, strict=False):
        row[place] = guest
    return row


def neighbours(seat: int, taken: Mapping[int, int | None], unit: int | None) -> bool:
    """Whether somebody of the same unit sits beside a seat; `taken`: seat → unit."""
    return unit is not None and unit in (taken.get(seat - 1), taken.get(seat + 1))
