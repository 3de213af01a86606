"""Courses, lessons and the officer's own hours."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_login import current_user

from courses.outline import Course
from portal.ground import clock, i18n
from portal.ground.db import db
from portal.ground.markdown import safe_html
from portal.ground.rules import N_
from portal.ground.web import needs
from portal.people.queries import current_post
from portal.people.rules import Permission
from portal.training import operations, queries

bp = Blueprint("training", __name__, template_folder="templates", url_prefix="/study")


def _field() -> str | None:
    """The field of the reader's post; other fields' courses are not his."""
    post = current_post(db.session, current_user.person_id)
    return post.field if post else None


@bp.get("/")
@needs(Permission.STUDY)
def courses():
    rows = queries.courses(db.session, _field())
    return render_template(
        "training/courses.html",
        courses=[(row, Course.from_plain(row.body)) for row in rows],
        done=queries.lessons_done(db.session, current_user.person_id),
    )


@bp.get("/<code>")
@needs(Permission.STUDY)
def course(code: str):
    row = queries.course(db.session, code, _field())
    done = queries.lessons_done(db.session, current_user.person_id).get(row.id, set())
    return render_template("training/course.html", row=row, course=Course.from_plain(row.body), done=done)


@bp.get("/<code>/<lesson>")
@needs(Permission.STUDY)
def lesson(code: str, lesson: str):
    row = queries.course(db.session, code, _field())
    outline = Course.from_plain(row.body)
    lessons = outline.lessons()
    at = next((n for n, candidate in enumerate(lessons) if candidate.code == lesson), None)
    if at is None:
        abort(404)
    done = queries.lessons_done(db.session, current_user.person_id).get(row.id, set())
    return render_template(
        "training/lesson.html",
        row=row,
        course=outline,
        lesson=lessons[at],
        number=at + 1,
        text=safe_html(lessons[at].text),
        done=lesson in done,
        before=lessons[at - 1] if at else None,
        after=lessons[at + 1] if at + 1 < len(lessons) else None,
    )


@bp.post("/<code>/<lesson>/finished")
@needs(Permission.STUDY)
def finished(code: str, lesson: str):
    row = queries.course(db.session, code, _field())
    complete = operations.finish_lesson(db.session, row, current_user.person_id, lesson, now=clock.now())
    db.session.commit()
    if complete:
        flash(i18n.gettext(N_("The course is complete; its hours are in your ledger.")))
    return redirect(url_for("training.course", code=code), 303)


@bp.get("/hours")
@needs(Permission.STUDY)
def hours():
    """Every minute with its source."""
    year = clock.today().year
    return render_template(
        "training/hours.html",
        year=year,
        entries=queries.entries(db.session, current_user.person_id, year),
        by_source=queries.year_minutes(db.session, current_user.person_id, year),
        target=queries.year_target(year),
    )
