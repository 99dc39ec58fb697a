"""Makes the database itself refuse to change history, whoever asks it and however (21 CFR 11.10(e)).

The refusals are triggers. They are put in place after every `migrate`, because SQLite drops the triggers of a table
that a migration rebuilds; `missing_refusals` is how the verification knows that somebody took one away.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.apps import AppConfig, apps
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from apps.core.append_only import AppendOnly

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Refusal:
    """One trigger: its name, what the catalogue of the database holds when it is in place, and how to make it."""

    name: str
    held: str
    statements: tuple[str, ...]


# By table, then by the vendor of the database; the rooms that own the tables say what else must not happen to them.
_guards: dict[str, Mapping[str, Sequence[Refusal]]] = {}
_further_history: set[str] = set()


def declare_guard(table: str, by_vendor: Mapping[str, Sequence[Refusal]]) -> None:
    """Add triggers that guard a table in its own way; called from `AppConfig.ready`."""
    _guards[table] = by_vendor


def declare_history(table: str) -> None:
    """Say that a table without a model of its own (many-to-many) is history too; called from `AppConfig.ready`."""
    _further_history.add(table)


def history_tables() -> list[str]:
    """Tables of which rows are never changed or deleted."""
    models = {model._meta.db_table for model in apps.get_models() if issubclass(model, AppendOnly)}
    return sorted(models | _further_history)


def guarded_tables() -> list[str]:
    """Every table that has refusals: those of history and those that rooms guard in their own way."""
    return sorted({*history_tables(), *_guards})


def put_refusals(sender: AppConfig, using: str, **kwargs: object) -> None:
    """Receiver of `post_migrate`: see to it that every table of a room has its refusals in their present form."""
    owned = {model._meta.db_table for model in sender.get_models(include_auto_created=True)}
    with connections[using].cursor() as cursor:
        # A migration may stop before the table of a model is made: what is not there yet is passed over.
        for table in owned.intersection(guarded_tables(), connections[using].introspection.table_names(cursor)):
            refuse_changes(cursor, table)


def missing_refusals(connection: BaseDatabaseWrapper) -> list[str]:
    """Tables of which the database no longer refuses every change that it should refuse."""
    with connection.cursor() as cursor:
        return [table for table in guarded_tables() if _missing(cursor, table)]


def refuse_changes(cursor: CursorWrapper, table: str) -> None:
    """Put the refusals of a table that are missing or of an older form.

    A rebuilt or new table has none of them; where only some are gone, somebody took them away, and the log says so.
    """
    missing = _missing(cursor, table)
    if missing and len(missing) < len(_wanted(cursor, table)):
        logger.warning("refusals_put_back table=%s names=%s", table, ",".join(refusal.name for refusal in missing))
    for refusal in missing:
        _drop(cursor, table, refusal)
        for statement in refusal.statements:
            cursor.execute(statement)


def admit_changes(cursor: CursorWrapper, table: str) -> None:
    """Take the refusals of a table away, as only its owner can."""
    for refusal in _wanted(cursor, table):
        _drop(cursor, table, refusal)


def _drop(cursor: CursorWrapper, table: str, refusal: Refusal) -> None:
    """Drop a trigger, and the one that the first versions of the portal had in the place of all of them."""
    for name in (refusal.name, f"{table}_append_only"):
        cursor.execute(f"DROP TRIGGER IF EXISTS {name}" + (f" ON {table}" if cursor.db.vendor == "postgresql" else ""))


def _missing(cursor: CursorWrapper, table: str) -> list[Refusal]:
    # A trigger that its owner disabled, or made to skip sessions of replication, counts as missing: 'A' is always. So
    # does one whose function has settings of its own: with another search path it would ask other tables.
    if cursor.db.vendor == "postgresql":
        cursor.execute(
            "SELECT tgname, CASE WHEN tgenabled = 'A' AND proconfig IS NULL "
            "THEN pg_get_triggerdef(pg_trigger.oid, true) || ' AS ' || prosrc END FROM pg_trigger "
            "JOIN pg_proc ON pg_proc.oid = tgfoid WHERE tgrelid = %s::regclass",
            [table],
        )
    else:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table])
    held = dict(cursor.fetchall())
    return [refusal for refusal in _wanted(cursor, table) if held.get(refusal.name) != refusal.held]


def _wanted(cursor: CursorWrapper, table: str) -> list[Refusal]:
    guards = list(_guards.get(table, {}).get(cursor.db.vendor, ()))
    if table not in history_tables():
        return guards
    if cursor.db.vendor == "postgresql":
        return [*postgres_history(table), *guards]
    return [*sqlite_history(table), sqlite_refusal(table, "replace", "INSERT", _is_taken(cursor, table)), *guards]


def postgres_history(table: str) -> list[Refusal]:
    """On PostgreSQL: no row is changed or deleted, and the table is not emptied."""
    return [
        postgres_refusal(table, "change", "BEFORE DELETE OR UPDATE", "ROW"),
        postgres_refusal(table, "truncate", "BEFORE TRUNCATE", "STATEMENT"),
    ]


def postgres_refusal(table: str, name: str, event: str, level: str, when: str = "true") -> Refusal:
    """One trigger of PostgreSQL; it fires for replication roles too. `when` is asked of OLD and NEW.

    `event` is spelled as the catalogue spells it (INSERT before DELETE before UPDATE).
    """
    trigger = f"{table}_refuse_{name}"
    refusal = f"RAISE EXCEPTION USING MESSAGE = '{table} is append-only'"
    body = f"BEGIN IF {when} THEN {refusal}; END IF; RETURN NEW; END"
    definition = f"CREATE TRIGGER {trigger} {event} ON {table} FOR EACH {level} EXECUTE FUNCTION {trigger}()"
    return Refusal(
        trigger,
        f"{definition} AS {body}",
        (
            f"CREATE OR REPLACE FUNCTION {trigger}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$",
            definition,
            # Without ALWAYS a session in the role of a replica would not fire it.
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}",
        ),
    )


def sqlite_history(table: str) -> list[Refusal]:
    """On SQLite: no row is changed or deleted."""
    return [sqlite_refusal(table, "update", "UPDATE"), sqlite_refusal(table, "delete", "DELETE")]


def sqlite_refusal(table: str, name: str, event: str, when: str = "1") -> Refusal:
    """One trigger of SQLite; `when` is asked of OLD and NEW."""
    trigger = f"{table}_refuse_{name}"
    statement = (
        f"CREATE TRIGGER {trigger} BEFORE {event} ON {table} FOR EACH ROW WHEN {when} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    )
    return Refusal(trigger, statement, (statement,))


def _is_taken(cursor: CursorWrapper, table: str) -> str:
    """Whether a row is in the way of a new one: `REPLACE` would delete it without firing a trigger of deletion."""
    columns = [column.name for column in cursor.db.introspection.get_table_description(cursor, table)]
    # The condition of a partial index names bare columns; a row of that shape lets it be asked of NEW.
    fresh = ", ".join(f'NEW."{name}" AS "{name}"' for name in columns)
    found = []
    for keys, condition in list(_unique_keys(cursor, table)):
        same = " AND ".join(f'"{key}" = NEW."{key}"' for key in keys)
        # Names of our own tables and columns, out of the catalogue of the database.
        new = f"EXISTS (SELECT 1 FROM (SELECT {fresh}) WHERE {condition})"  # noqa: S608
        both = f" AND ({condition}) AND {new}" if condition else ""
        found.append(f'EXISTS (SELECT 1 FROM "{table}" WHERE {same}{both})')  # noqa: S608
    return " OR ".join(found)


def _unique_keys(cursor: CursorWrapper, table: str) -> Iterator[tuple[list[str], str]]:
    """Columns of the primary key and of every unique index, with the condition of a partial one."""
    cursor.execute("SELECT name FROM pragma_table_info(%s) WHERE pk", [table])
    yield [name for (name,) in cursor.fetchall()], ""
    cursor.execute(
        "SELECT name, (SELECT sql FROM sqlite_master WHERE name = found.name) FROM pragma_index_list(%s) AS found "
        "WHERE \"unique\" AND origin <> 'pk' ORDER BY name",
        [table],
    )
    for index, sql in cursor.fetchall():
        cursor.execute("SELECT name FROM pragma_index_info(%s) ORDER BY seqno", [index])
        yield [name for (name,) in cursor.fetchall()], (sql or "").partition(" WHERE ")[2]
