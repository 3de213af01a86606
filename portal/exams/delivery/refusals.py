"""Why a change, or the end of an attempt, is not taken: each reason with a word of its own for programs."""

from __future__ import annotations

from portal.ground.errors import Refused
from portal.ground.rules import N_


class TooLate(Refused):
    """The time is up, or the paper was handed in; the change is kept as late evidence."""

    code = "too_late"


class EvidenceFull(Refused):
    """So much came after the end that no more of it is kept."""

    code = "evidence_full"

    def __init__(self) -> None:
        super().__init__(N_("The exam is over, and no more evidence is kept for it. Nothing was stored."))


class Superseded(Refused):
    """Another page or device has taken this attempt over."""

    code = "superseded"

    def __init__(self) -> None:
        super().__init__(N_("This exam goes on in another page or on another device. This page can only be read."))


class SignedOut(Refused):
    """The sign-in that opened the page was ended: signed out, disabled, or a new password elsewhere."""

    status = 401
    code = "signed_out"

    def __init__(self) -> None:
        super().__init__(N_("This page was signed out. Sign in and open the exam again; unsent answers are kept here."))


class Paused(Refused):
    """The clock of this attempt stands; changes made before it stopped had their grace."""

    code = "paused"

    def __init__(self) -> None:
        super().__init__(N_("The clock stands. Wait for the invigilator; what you entered is kept on this device."))


class NotOnPaper(Refused):
    """The item or option does not stand on this paper."""

    status = 422
    code = "not_on_paper"


class SequenceTaken(Refused):
    """This number was used for another answer already."""

    code = "sequence_taken"


class StillRunning(Refused):
    """While an attempt runs, its file is loaded by the exam page itself."""

    code = "attempt_running"


class NotThisFile(Refused):
    """The file is damaged, or was made for another attempt."""

    status = 422
    code = "not_this_file"


class NotYet(Refused):
    """The exam is still open for others."""

    code = "not_yet"
