"""An application follows its officer to another unit; it never stays with the one he left."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.credentials.models import Application, ApplicationState, Step, StepKind
from portal.ground import audit
from portal.people.identity import same_person
from portal.people.models import Body, Post
from portal.people.queries import same_level_bureau


def open_applications(session: Session, person_id: int) -> Sequence[Application]:
    """What a person has applied for and nobody has decided."""
    return session.scalars(
        select(Application)
        .where(Application.person_id.in_(same_person(person_id)), Application.state != ApplicationState.DECIDED)
        .order_by(Application.id)
    ).all()


def follow_post(
    session: Session, old_post_id: int, new: Post, *, returned_because: str, account_id: int, now: datetime
) -> int:
    """Hand the open applications of an ended post to the unit and the bureau of the new one.

    In the same field the new unit reviews from the start; in another field the application is
    returned with the reason. Returns how many there were.
    """
    applications = [a for a in open_applications(session, new.person_id) if a.post_id == old_post_id]
    bureau = same_level_bureau(session, session.get_one(Body, new.body_id))
    for application in applications:
        stays = application.field == new.field and bureau is not None
        application.post_id, application.unit_id = new.id, new.establishment_body_id
        application.bureau_id = bureau.id if bureau else application.bureau_id
        application.state = ApplicationState.UNIT_REVIEW if stays else ApplicationState.RETURNED
        opinion = "" if stays else returned_because
        step = Step(application_id=application.id, kind=StepKind.MOVED, at=now, account_id=account_id, opinion=opinion)
        session.add(step)
        session.flush()
        session.refresh(application, ["steps"])
        audit.record(
            session, "application_moved", "application", application.id, now=now, account_id=account_id,
            body_id=new.body_id, post=new.id, state=str(application.state),
        )  # fmt: skip
    return len(applications)
