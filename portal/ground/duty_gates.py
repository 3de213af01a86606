"""Gates that keep duties apart: who takes which step, who holds which role, who stands in for whom."""

from __future__ import annotations

# (name, table, event, condition that refuses, sentence), as in guards.GATES.
DUTY_GATES = (
    (
        "duties_exclude_each_other",
        "duty_step",
        "INSERT",
        """EXISTS (SELECT 1 FROM duty_step s
             JOIN duty_conflict c ON (c.step_a = NEW.step AND c.step_b = s.step)
               OR (c.step_b = NEW.step AND c.step_a = s.step)
             WHERE s.object_kind = NEW.object_kind AND s.object_id = NEW.object_id
             AND c.object_kind IN (NEW.object_kind, '*')
             AND (s.person_id IN (NEW.person_id, NEW.on_behalf_of_id)
               OR s.on_behalf_of_id IN (NEW.person_id, NEW.on_behalf_of_id)))""",
        "the same person took a step that excludes this one",
    ),
    (
        "nobody_is_his_own_judge",
        "duty_step",
        "INSERT",
        """EXISTS (SELECT 1 FROM duty_conflict c WHERE c.step_a = NEW.step AND c.step_b = 'self'
             AND c.object_kind IN (NEW.object_kind, '*')
             AND NEW.subject_id IN (NEW.person_id, NEW.on_behalf_of_id))""",
        "nobody takes this step about his own thing",
    ),
    (
        "a_step_is_its_takers",
        "duty_step",
        "INSERT",
        """NOT EXISTS (SELECT 1 FROM account a WHERE a.id = NEW.account_id AND a.person_id = NEW.person_id)
           OR (NEW.on_behalf_of_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM role_grant g
             JOIN account b ON b.id = g.on_behalf_of_id
             WHERE g.account_id = NEW.account_id AND b.person_id = NEW.on_behalf_of_id AND g.revoked_at IS NULL))""",
        "a step is taken by the person of the account, or for somebody he stands in for",
    ),
    (
        "decision_needs_its_duty",
        "decision",
        "INSERT",
        """NOT EXISTS (SELECT 1 FROM duty_step s WHERE s.object_kind = 'application' AND s.step = 'decide'
             AND s.object_id = CAST(NEW.application_id AS TEXT) AND s.account_id = NEW.account_id)""",
        "whoever decides has taken that duty",
    ),
    (
        "roles_exclude_each_other",
        "role_grant",
        "INSERT",
        """NEW.revoked_at IS NULL AND EXISTS (SELECT 1 FROM role_grant g
             JOIN role_conflict c ON (c.role_a = NEW.role AND c.role_b = g.role)
               OR (c.role_b = NEW.role AND c.role_a = g.role)
             WHERE g.account_id = NEW.account_id AND g.revoked_at IS NULL
             AND (g.ends_on IS NULL OR NEW.starts_on IS NULL OR NEW.starts_on <= g.ends_on)
             AND (NEW.ends_on IS NULL OR g.starts_on IS NULL OR g.starts_on <= NEW.ends_on))""",
        "this person holds a role that excludes this one",
    ),
    (
        "standing_in_is_bounded",
        "role_grant",
        "INSERT",
        """NEW.on_behalf_of_id IS NOT NULL AND (NEW.ends_on IS NULL OR NEW.starts_on IS NULL
             OR NEW.on_behalf_of_id = NEW.account_id
             OR NOT EXISTS (SELECT 1 FROM role_grant g WHERE g.account_id = NEW.on_behalf_of_id
               AND g.role = NEW.role AND g.revoked_at IS NULL AND g.on_behalf_of_id IS NULL))""",
        "whoever stands in does so between two days, for somebody who holds the role himself",
    ),
    (
        "grant_stays_what_it_was",
        "role_grant",
        "UPDATE",
        """NEW.account_id <> OLD.account_id OR NEW.role <> OLD.role OR NEW.body_id <> OLD.body_id
           OR NEW.field IS DISTINCT FROM OLD.field OR NEW.starts_on IS DISTINCT FROM OLD.starts_on
           OR NEW.ends_on IS DISTINCT FROM OLD.ends_on OR NEW.on_behalf_of_id IS DISTINCT FROM OLD.on_behalf_of_id
           OR (OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at)""",
        "a grant is revoked and given anew, never changed",
    ),
)
