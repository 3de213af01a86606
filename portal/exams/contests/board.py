"""A ranking as pages and workbooks show it: by team or contestant, by member, by ability."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from portal.exams.contests.figures import by_ability, by_contestant
from portal.exams.contests.models import Ability, Contest, ContestKind, ContestParty, ContestRound
from portal.exams.contests.rules import Row
from portal.ground.i18n import gettext, show_mark
from portal.ground.rules import N_
from portal.ground.sheets import Cell, Page
from portal.words import WORDS


@dataclass(frozen=True)
class Board:
    """Rows in order, and what is needed to say who they are."""

    contest: Contest
    rounds: Sequence[ContestRound]
    rows: Sequence[Row]
    parties: dict[int, ContestParty]
    names: dict[int, str]  # person -> name

    @property
    def in_teams(self) -> bool:
        return self.contest.kind == ContestKind.TEAM

    @property
    def abilities(self) -> dict[str, list[tuple[int, int, int]]]:
        """Ability -> (rank, party, points), in the order abilities are named."""
        found = by_ability(self.rows)
        return {ability: found[ability] for ability in Ability if ability in found}

    @property
    def contestants(self) -> list[tuple[int, int, int, int]]:
        """(rank, person, party, mark) of the members of teams."""
        return by_contestant(self.rows) if self.in_teams else []


def board_of(contest: Contest, rows: Sequence[Row]) -> Board:
    parties = {party.id: party for party in contest.parties}
    names = {member.person_id: member.person.name for party in contest.parties for member in party.members}
    return Board(contest, contest.rounds, rows, parties, names)


def pages(board: Board) -> list[Page]:
    """The sheets of a workbook."""
    whole = [Page(gettext(N_("Ranking")), _ranking(board), (6, 30, 30, 24, 10))]
    if board.contestants:
        whole.append(Page(gettext(N_("Contestants")), _contestants(board), (6, 12, 30, 10)))
    if board.abilities:
        whole.append(Page(gettext(N_("Abilities")), _abilities(board), (16, 6, 30, 10)))
    return whole


def _ranking(board: Board) -> Iterator[list[Cell]]:
    yield [
        gettext(N_("Rank no.")), gettext(N_("Team")) if board.in_teams else gettext(N_("Contestant")),
        gettext(N_("Unit")), gettext(N_("Members")), gettext(N_("Total")),
        *(f"{row.number} {row.title}" for row in board.rounds),
    ]  # fmt: skip
    for row in board.rows:
        party = board.parties[row.party_id]
        scores = [_points(row.scores.get(each.number)) for each in board.rounds]
        rank = gettext(N_("withdrew")) if row.withdrawn else row.rank
        yield [
            rank, party.said, party.body.name, "、".join(one.person.name for one in party.members),
            _points(row.total), *scores,
        ]  # fmt: skip


def _contestants(board: Board) -> Iterator[list[Cell]]:
    yield [gettext(N_("Rank no.")), gettext(N_("Name")), gettext(N_("Team")), gettext(N_("Written rounds"))]
    for rank, person_id, party_id, mark in board.contestants:
        yield [rank, board.names.get(person_id), board.parties[party_id].said, _points(mark)]


def _abilities(board: Board) -> Iterator[list[Cell]]:
    who = gettext(N_("Team")) if board.in_teams else gettext(N_("Contestant"))
    yield [gettext(N_("Ability")), gettext(N_("Rank no.")), who, gettext(N_("Points"))]
    for ability, cells in board.abilities.items():
        for rank, party_id, points in cells:
            yield [_word("ability", ability), rank, board.parties[party_id].said, _points(points)]


def _word(table: str, code: str) -> str:
    return gettext(WORDS[table][code])


def _points(hundredths: int | None) -> Cell:
    return None if hundredths is None else hundredths / 100


def said_points(hundredths: int | None) -> str:
    """As a page shows points: 8650 → 86.5, -50 → −0.5, none → —."""
    if hundredths is None:
        return "—"
    return f"−{show_mark(-hundredths)}" if hundredths < 0 else show_mark(hundredths)
