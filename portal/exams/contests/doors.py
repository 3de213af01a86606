"""Every door of contests, joined to one blueprint."""

from __future__ import annotations

from portal.exams.contests import acts, judge_desk, ranking_views
from portal.exams.contests.views import bp

__all__ = ["acts", "bp", "judge_desk", "ranking_views"]
