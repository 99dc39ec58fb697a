"""What the database refuses of reviews: their state moves only along their steps, and nothing else of them moves."""

from apps.compliance.domain.workflow import RULES, ReviewState
from apps.core.guards import declare_guard, declare_history, postgres_refusal, sqlite_refusal

REVIEW, STEPS, AUTHORS = "compliance_review", "compliance_reviewtransition", "compliance_review_authors"
# The site may follow its subject; where a review stands follows from its steps.
FIXED = (
    "id",
    "study_id",
    "content_kind",
    "content_id",
    "content_version",
    "content_sha256",
    "title",
    "blinding_class",
    "created_at",
)

# By key and not by time: a clock may be set back, and then the latest step would not have the latest moment.
_last_state = f"(SELECT to_state FROM {STEPS} WHERE review_id = NEW.id ORDER BY id DESC LIMIT 1)"  # noqa: S608
_review_state = f"(SELECT state FROM {REVIEW} WHERE id = NEW.review_id)"  # noqa: S608
_is_rule = " OR ".join(
    f"(NEW.step = '{step}' AND NEW.from_state = '{source}' AND NEW.to_state = '{rule.target}')"
    for step, rule in RULES.items()
    # Sorted, because the text of a trigger is compared with what the database holds, and sets have no order.
    for source in sorted(rule.sources)
)
_is_fixed = " AND ".join(f"NEW.{column} = OLD.{column}" for column in FIXED)
# A comparison with NULL is NULL, on which no refusal fires: what is missing must read as a state that is none.
_moves = f"NEW.state = OLD.state OR NEW.state = coalesce({_last_state}, '-')"
_is_review_change = f"NOT (({_is_fixed}) AND ({_moves}))"
# A review that could be inserted as signed would have taken no step.
_is_no_draft = f"NEW.state <> '{ReviewState.DRAFT}'"
_is_false_step = f"NEW.from_state <> coalesce({_review_state}, '-') OR NOT ({_is_rule})"
_same_content = " AND ".join(f"{name} = NEW.{name}" for name in ("content_kind", "content_id", "content_version"))
# SQLite's REPLACE deletes the row in its way without firing a trigger of deletion.
_is_taken = f"EXISTS (SELECT 1 FROM {REVIEW} WHERE id = NEW.id OR ({_same_content}))"  # noqa: S608


def declare_guards() -> None:
    """A step is added before the state that it leads to is set; both are checked where nobody gets past them."""
    declare_history(AUTHORS)
    declare_guard(
        REVIEW,
        {
            "sqlite": [
                sqlite_refusal(REVIEW, "update", "UPDATE", _is_review_change),
                sqlite_refusal(REVIEW, "delete", "DELETE"),
                sqlite_refusal(REVIEW, "insert", "INSERT", f"{_is_no_draft} OR {_is_taken}"),
            ],
            "postgresql": [
                postgres_refusal(REVIEW, "update", "BEFORE UPDATE", "ROW", _is_review_change),
                postgres_refusal(REVIEW, "delete", "BEFORE DELETE", "ROW"),
                # PostgreSQL has no REPLACE: a row in the way of a new one is refused there by its unique key.
                postgres_refusal(REVIEW, "insert", "BEFORE INSERT", "ROW", _is_no_draft),
                postgres_refusal(REVIEW, "truncate", "BEFORE TRUNCATE", "STATEMENT"),
            ],
        },
    )
    declare_guard(
        STEPS,
        {
            "sqlite": [sqlite_refusal(STEPS, "insert", "INSERT", _is_false_step)],
            "postgresql": [postgres_refusal(STEPS, "insert", "BEFORE INSERT", "ROW", _is_false_step)],
        },
    )
