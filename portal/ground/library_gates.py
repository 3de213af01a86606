"""Gates of the library: a town's list once laid down, evaluations once closed, guides published by a second person."""

from __future__ import annotations

# As in guards.EXCEPT: what still refuses that a row is taken off a list.
LIBRARY_LETS_PASS = {
    ("town_list_entry", "DELETE"): "EXISTS (SELECT 1 FROM town_list l WHERE l.id = OLD.list_id AND l.state <> 'draft')",
}
# (name, table, event, condition that refuses, sentence), as in guards.GATES.
LIBRARY_GATES = (
    (
        "town_list_begins_as_a_draft",
        "town_list",
        "INSERT",
        "NEW.state <> 'draft'",
        "the list of a town begins as a draft",
    ),
    (
        "town_list_stays",
        "town_list",
        "UPDATE",
        "OLD.state <> 'draft' OR NEW.body_id <> OLD.body_id",
        "a list that was laid down stays as it is",
    ),
    (
        "town_list_has_two_people",
        "town_list",
        "UPDATE",
        """NEW.state = 'published' AND NOT EXISTS (SELECT 1 FROM duty_step s
             WHERE s.object_kind = 'town_list' AND s.object_id = CAST(NEW.id AS TEXT) AND s.step = 'approve'
             AND s.account_id = NEW.published_by_id)""",
        "whoever lays a list down has taken that duty",
    ),
    (
        "town_list_is_closed",
        "town_list_entry",
        "INSERT",
        "EXISTS (SELECT 1 FROM town_list l WHERE l.id = NEW.list_id AND l.state <> 'draft')",
        "no matter is added to a list that was laid down",
    ),
    (
        "town_list_entry_stays",
        "town_list_entry",
        "UPDATE",
        "NEW.list_id <> OLD.list_id OR NEW.matter_id <> OLD.matter_id OR NEW.version_id <> OLD.version_id",
        "a matter is taken off a draft and another put there, never changed",
    ),
    (
        "evaluation_end_is_final",
        "list_evaluation",
        "UPDATE",
        "OLD.closed_at IS NOT NULL OR NEW.list_id <> OLD.list_id",
        "a closed evaluation stays as it is",
    ),
    (
        "evaluation_is_closed",
        "matter_finding",
        "INSERT",
        "EXISTS (SELECT 1 FROM list_evaluation e WHERE e.id = NEW.evaluation_id AND e.closed_at IS NOT NULL)",
        "no finding is added to a closed evaluation",
    ),
    (
        "guide_file_stays",
        "guide_file",
        "UPDATE",
        """NEW.version_id <> OLD.version_id OR NEW.name <> OLD.name OR NEW.sha256 <> OLD.sha256
           OR NEW.place <> OLD.place OR NEW.kind <> OLD.kind""",
        "the file of a guide stays as it is",
    ),
    (
        "guide_has_two_people",
        "guide_publication",
        "INSERT",
        """NOT EXISTS (SELECT 1 FROM duty_step s
             WHERE s.object_kind = 'guide_version' AND s.object_id = CAST(NEW.version_id AS TEXT)
             AND s.step = 'approve' AND s.account_id = NEW.account_id)""",
        "whoever publishes a guide has taken that duty",
    ),
)
