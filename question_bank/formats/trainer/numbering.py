"""Whether a numbered line begins the next question, or is a list inside the question being read."""

from __future__ import annotations

from question_bank.formats.trainer.drafts import Draft
from question_bank.formats.trainer.sight import Sight, style_of
from question_bank.formats.trainer.signs import Head

LEAP = 20  # numbers that may be missing in a row without further signs


class Numbering:
    """The numbers seen so far in one section, and those of lists inside a question."""

    def __init__(self, sight: Sight) -> None:
        self.sight = sight
        self.restart()

    def restart(self) -> None:
        self.style, self.last, self.inside = "", 0, {}
        self.items_style, self.items_last = "", 0

    def take(self, head: Head) -> None:
        self.style = self.style or style_of(head)
        self.last, self.inside = head.number, {}
        self.items_style, self.items_last = "", 0

    def begins(self, place: int, head: Head, draft: Draft | None, complete: bool) -> bool:
        """Whether the line is the next question of the section."""
        style, number = style_of(head), head.number
        if head.style == "cn" and not (self.style in ("", "cn") and self.sight.strong(place)):
            return False
        follows = number == self.last + 1 or (number > self.last and complete)
        if head.style == "spaced" and not (follows and self.sight.strong(place) and (complete or draft is None)):
            return False
        if head.tight and number != self.last + 1:
            return False
        if not self.style:
            return draft is None or self._first(place, number, complete)
        if style != self.style:
            drifts = (
                number == self.last + 1 and complete and self.sight.strong(place) and not self._listed(style, number)
            )
            return drifts or self._listing(style, number)
        sure = complete and self.sight.strong(place)
        if self._listed(style, number) and not (number == self.last + 1 and sure):
            return self._listing(style, number)
        if number == self.last + 1:
            return True
        if number == 1:
            return sure or self._listing(style, number)
        if number > self.last:
            return sure or ((complete or self.sight.strong(place)) and number <= self.last + LEAP)
        return sure

    def _first(self, place: int, number: int, complete: bool) -> bool:
        return complete and self.sight.strong(place)

    def _listed(self, style: str, number: int) -> bool:
        return self.inside.get(style, 0) + 1 == number and number > 1

    def _listing(self, style: str, number: int) -> bool:
        if number == self.inside.get(style, 0) + 1 or number == 1:
            self.inside[style] = number
        return False

    def begins_item(self, place: int, head: Head, case: Draft, *, complete: bool, answering: bool) -> bool | None:
        """Within a case: True for its next question, False for text, None for a question after the case."""
        style, number = style_of(head), head.number
        asks = self.sight.strong(place) or self.sight.asks(place)
        mine = case.number is not None and style == self.style
        if not case.items:
            if mine:
                return None if number == self.last + 1 else False
            goes_on = number == self.last + 1 or (number > self.last and self.sight.strong(place))
            if not (number == 1 or goes_on) or not (case.asked or asks or head.style == "ask"):
                return False
            self.items_style, self.items_last = style, number
            return True
        if style != self.items_style:
            ends = style == self.style and number == self.last + 1 and (mine or (complete and self.sight.strong(place)))
            return None if ends else False
        if number == self.items_last + 1 and (not answering or asks):
            self.items_last = number
            return True
        if number <= self.items_last and complete and self.sight.strong(place) and case.number is None:
            return None
        return False
