"""Gates of contests: what was declared stays, scores come from named judges, two stand behind a ranking."""

from __future__ import annotations


def _differs(*columns: str) -> str:
    return " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in columns)


_BEGUN = "EXISTS (SELECT 1 FROM contest c WHERE c.id = {0}.contest_id AND c.state <> 'draft')"
_NOT_RUNNING = "NOT EXISTS (SELECT 1 FROM contest c WHERE c.id = NEW.contest_id AND c.state = 'started')"
_JUDGED = "SELECT 1 FROM contest_round r JOIN contest c ON c.id = r.contest_id WHERE r.id = OLD.round_id"

CONTEST_APPEND_ONLY = ("contest_score", "contest_standing", "contest_ranking")
CONTEST_NEVER_REMOVED = ("contest", "contest_round", "contest_party", "contest_member", "contest_judge")
# a draft is still put together
CONTEST_LETS_PASS = {
    ("contest_round", "DELETE"): _BEGUN.format("OLD"),
    ("contest_party", "DELETE"): _BEGUN.format("OLD"),
    ("contest_member", "DELETE"): _BEGUN.format("OLD"),
    ("contest_judge", "DELETE"): f"EXISTS ({_JUDGED} AND c.state <> 'draft')",
}

# (name, table, event, condition that refuses, sentence), as in guards.GATES.
CONTEST_GATES = (
    (
        "contest_stays_as_declared",
        "contest",
        "UPDATE",
        f"""OLD.state <> 'draft' AND ({_differs("name", "document", "kind", "field", "starts_on", "ends_on",
            "team_size", "team_score", "state", "made_by_id", "made_at", "started_by_id", "started_at")}
            OR CAST(NEW.tie_rounds AS TEXT) <> CAST(OLD.tie_rounds AS TEXT))""",
        "a contest stays as it was declared once it began",
    ),
    (
        "contest_begun_takes_no_round",
        "contest_round",
        "INSERT",
        _BEGUN.format("NEW"),
        "a contest that began gets no further round",
    ),
    (
        "contest_round_stays_as_declared",
        "contest_round",
        "UPDATE",
        f"""({_BEGUN.format("OLD")} AND ({_differs("contest_id", "number", "kind", "title", "weight", "advance",
            "advance_by", "exam_id", "questions", "base_points", "drops_extremes")}
            OR CAST(NEW.abilities AS TEXT) <> CAST(OLD.abilities AS TEXT)))
            OR NEW.edition < OLD.edition OR (NEW.closed_at IS NOT NULL AND {_NOT_RUNNING})""",
        "a round stays as it was declared once the contest began",
    ),
    (
        "contest_begun_takes_no_party",
        "contest_party",
        "INSERT",
        _BEGUN.format("NEW"),
        "nobody joins a contest that began",
    ),
    (
        "contest_party_stays",
        "contest_party",
        "UPDATE",
        f"""({_BEGUN.format("OLD")} AND ({_differs("contest_id", "number", "name")}))
            OR (OLD.withdrawn_at IS NOT NULL AND ({_differs("withdrawn_at", "withdrawn_because")}))
            OR (NEW.withdrawn_at IS NOT NULL AND COALESCE(NEW.withdrawn_because, '') = '')""",
        "who takes part stays, or withdraws once with a reason",
    ),
    (
        "contest_begun_takes_no_member",
        "contest_member",
        "INSERT",
        f"""{_BEGUN.format("NEW")} OR NOT EXISTS (SELECT 1 FROM contest_party p
            WHERE p.id = NEW.party_id AND p.contest_id = NEW.contest_id)""",
        "nobody joins a team of a contest that began",
    ),
    (
        "contest_member_stays",
        "contest_member",
        "UPDATE",
        _differs("contest_id", "party_id", "person_id"),
        "a member stays who he is",
    ),
    (
        "contest_judge_stays",
        "contest_judge",
        "UPDATE",
        _differs("round_id", "account_id", "named_by_id", "named_at"),
        "a judge stays who he is",
    ),
    (
        "contest_score_has_its_judge",
        "contest_score",
        "INSERT",
        """NOT EXISTS (SELECT 1 FROM contest_round r JOIN contest c ON c.id = r.contest_id
             JOIN contest_judge j ON j.round_id = r.id AND j.id = NEW.judge_id AND j.relieved_at IS NULL
             JOIN contest_party p ON p.contest_id = c.id AND p.id = NEW.party_id AND p.withdrawn_at IS NULL
             WHERE r.id = NEW.round_id AND r.closed_at IS NULL AND c.state = 'started')
           OR (NEW.undoes_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM contest_score s WHERE s.id = NEW.undoes_id
             AND s.undoes_id IS NULL AND s.round_id = NEW.round_id AND s.party_id = NEW.party_id
             AND s.question = NEW.question AND s.points = -NEW.points))""",
        "a score is given by a named judge, in a round that is open",
    ),
    (
        "contest_standing_is_of_a_closed_round",
        "contest_standing",
        "INSERT",
        """NOT EXISTS (SELECT 1 FROM contest_round r JOIN contest_party p ON p.contest_id = r.contest_id
             WHERE r.id = NEW.round_id AND p.id = NEW.party_id AND r.closed_at IS NOT NULL
             AND r.edition = NEW.edition)""",
        "a standing belongs to the closing of its round",
    ),
    (
        "contest_ranking_needs_two",
        "contest_ranking",
        "INSERT",
        """EXISTS (SELECT 1 FROM contest_round r JOIN contest_score s ON s.round_id = r.id
             JOIN contest_judge j ON j.id = s.judge_id JOIN account a ON a.id = j.account_id
             JOIN account b ON b.id = NEW.account_id
             WHERE r.contest_id = NEW.contest_id AND a.person_id = b.person_id)
           OR NOT EXISTS (SELECT 1 FROM duty_step s WHERE s.object_kind = 'contest' AND s.step = 'approve'
             AND s.object_id = CAST(NEW.contest_id AS TEXT) || '.' || CAST(NEW.number AS TEXT)
             AND s.account_id = NEW.account_id)""",
        "whoever entered scores does not publish the ranking",
    ),
    (
        "contest_ranking_follows_its_rounds",
        "contest_ranking",
        "INSERT",
        """EXISTS (SELECT 1 FROM contest_round r WHERE r.contest_id = NEW.contest_id AND r.closed_at IS NULL)
           OR NEW.number <> (SELECT count(*) + 1 FROM contest_ranking k WHERE k.contest_id = NEW.contest_id)
           OR (NEW.number > 1 AND COALESCE(NEW.reason, '') = '')""",
        "a ranking follows closed rounds, and a further version says why",
    ),
)
