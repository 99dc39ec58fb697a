"""The database role that the portal's processes work as: it adds to history and cannot rewrite it (21 CFR 11.10(e)).

The owner of the tables migrates and does nothing else; this role owns nothing, so it can neither disable a trigger nor
alter a table.
"""

from django.db import connection, models
from psycopg import sql

from apps.accounts.models import User
from apps.compliance.models import Review
from apps.core.domain.errors import InvalidInputError
from apps.core.guards import history_tables
from apps.narratives.models import Currency, Narrative
from apps.studies.models import ImportRun, Record, Site, SourceFile, Study, Subject

# Changed as work goes on, never deleted by the portal.
Tables = tuple[type[models.Model], ...]
KEPT: Tables = (Study, Site, Subject, Record, SourceFile, ImportRun, Review, Narrative, Currency, User)
MIGRATIONS = "django_migrations"
# Whether a role administers or owns anything here (the function of a trigger is as good as its table), and the roles
# that it is a member of: whatever they may do now or later, it may, if need be by SET ROLE.
FOUND_ROLE = """
SELECT
    rolsuper OR rolcreaterole OR rolbypassrls OR rolreplication OR EXISTS (
        SELECT 1 FROM pg_shdepend JOIN pg_database ON datname = current_database()
        WHERE refclassid = 'pg_authid'::regclass AND refobjid = pg_roles.oid AND deptype = 'o'
        AND (dbid = pg_database.oid OR (classid = 'pg_database'::regclass AND objid = pg_database.oid))
    ),
    ARRAY(SELECT roleid::regrole::text FROM pg_auth_members WHERE member = pg_roles.oid ORDER BY 1)
FROM pg_roles WHERE rolname = %s
"""


def make_app_role(*, name: str, password: str | None) -> None:
    """Create the role, or bring the rights of an existing one to what the present tables ask for; all or nothing.

    Without a password the role cannot sign in, only be taken on by its owner. Raises InvalidInputError unless the
    database is PostgreSQL, and for a role that could get past what the others may not.
    """
    if connection.vendor != "postgresql":
        raise InvalidInputError("Roles are made on PostgreSQL only; set DATABASE_URL to its owner's address.")
    role = sql.Identifier(name)
    # A statement about roles takes no parameters, so the password is quoted into it.
    login = sql.SQL("LOGIN PASSWORD {}").format(sql.Literal(password)) if password else sql.SQL("NOLOGIN")
    verb = sql.SQL("ALTER" if _is_there(name) else "CREATE")
    statements = [sql.SQL("{} ROLE {} {}").format(verb, role, login), *_rights(role)]
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("; ").join(statements).as_string(cursor.cursor))


def _is_there(name: str) -> bool:
    """Whether the role exists; one that could get past the refusals is no role for the portal."""
    with connection.cursor() as cursor:
        cursor.execute(FOUND_ROLE, [name])
        found = cursor.fetchone()
    if found is None:
        return False
    is_mighty, member_of = found
    if is_mighty:
        raise InvalidInputError(f"Role {name} owns tables or administers the database; name another one.")
    if member_of:
        raise InvalidInputError(
            f"Role {name} is a member of {', '.join(member_of)} and could act as that; name one that is of none."
        )
    return True


def _rights(role: sql.Identifier) -> list[sql.Composable]:
    database = sql.Identifier(str(connection.settings_dict["NAME"]))
    schema = sql.SQL("IN SCHEMA public")
    fixed = [
        # All is taken first, so that no right stays which an earlier version of the portal gave.
        sql.SQL("REVOKE ALL ON ALL TABLES {} FROM {}").format(schema, role),
        # Before PostgreSQL 15 every role may make tables and functions in it.
        sql.SQL("REVOKE CREATE ON SCHEMA public FROM PUBLIC"),
        sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, role),
        sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(role),
        sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES {} TO {}").format(schema, role),
    ]
    tables = connection.introspection.table_names()
    return [
        *fixed,
        *(sql.SQL(f"GRANT {rights_on(table)} ON {{}} TO {{}}").format(sql.Identifier(table), role) for table in tables),
    ]


def rights_on(table: str) -> str:
    """What the portal may do with rows of a table, in the words of SQL."""
    # Only the owner migrates; the portal's processes look at what was migrated.
    if table == MIGRATIONS:
        return "SELECT"
    if table in history_tables():
        return "SELECT, INSERT"
    if table in {model._meta.db_table for model in KEPT}:
        return "SELECT, INSERT, UPDATE"
    return "SELECT, INSERT, UPDATE, DELETE"
