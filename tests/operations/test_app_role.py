"""The role of the portal on PostgreSQL: it works, and it cannot touch history or the guards of it."""

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from apps.core.domain.errors import InvalidInputError
from apps.core.guards import history_tables, missing_refusals, refuse_changes
from apps.operations.services.app_role import make_app_role, rights_on
from apps.studies.models import RecordRevision
from tests.factories import StudyFactory, treated_subject
from tests.history import as_owner

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("P11-10e")]
on_postgres = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite knows no roles")


@pytest.fixture
def unguarded() -> None:
    """History with its triggers gone: what is refused now is refused to the role."""
    with as_owner() as cursor:
        for table in history_tables():
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")


@on_postgres
@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE {} SET id = id",
        "DELETE FROM {}",
        "TRUNCATE {} CASCADE",
        "ALTER TABLE {} DISABLE TRIGGER USER",
        "ALTER TABLE {} DISABLE TRIGGER ALL",
        "DROP TABLE {} CASCADE",
        "CREATE RULE gone AS ON INSERT TO {} DO INSTEAD NOTHING",
    ],
)
def test_the_portals_role_has_no_right_to_rewrite_history(unguarded: None, forgery: str) -> None:
    for table in history_tables():
        with (
            connection.cursor() as cursor,
            pytest.raises(DatabaseError, match=r"permission denied|must be owner"),
            transaction.atomic(),
        ):
            cursor.execute(forgery.format(table))


@on_postgres
def test_a_trigger_that_its_owner_disabled_is_missed(unguarded: None) -> None:
    assert set(history_tables()) <= set(missing_refusals(connection))


@on_postgres
@pytest.mark.parametrize("table", ["studies_subject", "studies_record", "compliance_review", "accounts_user"])
def test_what_the_portal_never_deletes_it_may_not_delete(table: str) -> None:
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table}")


@on_postgres
@pytest.mark.parametrize("setting", ["SET session_replication_role = replica", "CREATE TABLE mine (id int)"])
def test_the_portals_role_is_no_administrator(setting: str) -> None:
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(setting)


@on_postgres
def test_the_suite_runs_as_that_role_and_the_portal_works_as_it() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert str(cursor.fetchone()[0]).endswith("_app")
    treated_subject(StudyFactory())
    assert RecordRevision.objects.count() == 2


@on_postgres
def test_making_the_role_again_brings_its_rights_up_to_date() -> None:
    with as_owner() as cursor:
        make_app_role(name="portal_role_of_a_test", password="a-long-password")
        cursor.execute("GRANT DELETE ON studies_changeset TO portal_role_of_a_test")
        make_app_role(name="portal_role_of_a_test", password="a-long-password")
        cursor.execute(
            "SELECT has_table_privilege('portal_role_of_a_test', 'studies_changeset', right_) "
            "FROM unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) AS right_"
        )
        assert [held for (held,) in cursor.fetchall()] == [True, False, False, False, False]
        cursor.execute("SELECT rolcanlogin, rolsuper FROM pg_roles WHERE rolname = 'portal_role_of_a_test'")
        assert cursor.fetchone() == (True, False)


@on_postgres
@pytest.mark.parametrize("attribute", ["SUPERUSER", "CREATEROLE", "BYPASSRLS", "REPLICATION"])
def test_a_role_that_could_get_past_the_refusals_is_no_role_for_the_portal(attribute: str) -> None:
    with as_owner() as cursor:
        cursor.execute(f"CREATE ROLE portal_role_of_a_test {attribute}")
        with pytest.raises(InvalidInputError, match="name another one"):
            make_app_role(name="portal_role_of_a_test", password=None)


@on_postgres
def test_the_owner_of_the_tables_is_not_made_the_portals_role() -> None:
    with as_owner() as cursor:
        cursor.execute("CREATE ROLE portal_role_of_a_test")
        cursor.execute("ALTER TABLE django_session OWNER TO portal_role_of_a_test")
        with pytest.raises(CommandError, match="owns tables"):
            call_command("make_app_role", "portal_role_of_a_test")


OWNED = [
    "ALTER DATABASE {database} OWNER TO portal_role_of_a_test",
    "ALTER SCHEMA public OWNER TO portal_role_of_a_test",
    "ALTER FUNCTION studies_changeset_refuse_change() OWNER TO portal_role_of_a_test",
    "CREATE SEQUENCE counter_of_a_test; ALTER SEQUENCE counter_of_a_test OWNER TO portal_role_of_a_test",
]


@on_postgres
@pytest.mark.parametrize("statement", OWNED)
def test_whoever_owns_anything_of_the_portals_is_not_made_its_role(statement: str) -> None:
    """The owner of a trigger's function can empty it."""
    with as_owner() as cursor:
        cursor.execute("CREATE ROLE portal_role_of_a_test")
        cursor.execute(statement.format(database=connection.settings_dict["NAME"]))
        with pytest.raises(InvalidInputError, match="owns tables"):
            make_app_role(name="portal_role_of_a_test", password=None)


MEMBERSHIPS = {
    "of the owner": "GRANT {owner} TO portal_role_of_a_test",
    "of the owner, without inheriting": "ALTER ROLE portal_role_of_a_test NOINHERIT; "
    "GRANT {owner} TO portal_role_of_a_test",
    "through another role": "CREATE ROLE between_of_a_test; GRANT {owner} TO between_of_a_test; "
    "GRANT between_of_a_test TO portal_role_of_a_test",
    "of one that writes everything": "GRANT pg_write_all_data TO portal_role_of_a_test",
    "of one that may delete": "CREATE ROLE between_of_a_test; GRANT DELETE ON studies_changeset TO between_of_a_test; "
    "GRANT between_of_a_test TO portal_role_of_a_test",
}


@on_postgres
@pytest.mark.parametrize("membership", MEMBERSHIPS)
def test_a_member_of_another_role_is_not_made_the_portals(membership: str) -> None:
    """It may act as that role, and what that may do is nothing that the portal says."""
    with as_owner() as cursor:
        cursor.execute("CREATE ROLE portal_role_of_a_test")
        cursor.execute("SELECT current_user")
        cursor.execute(MEMBERSHIPS[membership].format(owner=cursor.fetchone()[0]))
        with pytest.raises(InvalidInputError, match="is a member of"):
            make_app_role(name="portal_role_of_a_test", password=None)


OTHER_TRIGGERS = [
    "BEFORE DELETE ON {0} FOR EACH ROW",
    "BEFORE UPDATE OF id OR DELETE ON {0} FOR EACH ROW",
    "BEFORE DELETE OR UPDATE ON {0} FOR EACH ROW WHEN (false)",
    "BEFORE DELETE OR UPDATE ON {0} FOR EACH STATEMENT",
    "AFTER DELETE OR UPDATE ON {0} FOR EACH ROW",
    "BEFORE INSERT ON {0} FOR EACH ROW",
]


@on_postgres
@pytest.mark.parametrize("trigger", OTHER_TRIGGERS)
def test_a_trigger_that_fires_for_less_than_it_should_is_missed_and_put_right(trigger: str) -> None:
    table, name = "studies_changeset", "studies_changeset_refuse_change"
    with as_owner() as cursor:
        cursor.execute(f"DROP TRIGGER {name} ON {table}")
        cursor.execute(f"CREATE TRIGGER {name} {trigger.format(table)} EXECUTE FUNCTION {name}()")
        cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")
        assert missing_refusals(connection) == [table]
        refuse_changes(cursor, table)
        assert missing_refusals(connection) == []


@on_postgres
def test_a_trigger_whose_function_looks_elsewhere_is_missed() -> None:
    with as_owner() as cursor:
        cursor.execute("ALTER FUNCTION compliance_review_refuse_update() SET search_path = elsewhere, public")
        assert missing_refusals(connection) == ["compliance_review"]
        refuse_changes(cursor, "compliance_review")
        assert missing_refusals(connection) == []


@on_postgres
def test_no_trigger_is_missed_that_is_in_place() -> None:
    assert missing_refusals(connection) == []


@pytest.mark.skipif(connection.vendor == "postgresql", reason="for the other databases")
def test_a_database_without_roles_says_so() -> None:
    with pytest.raises(CommandError, match="PostgreSQL only"):
        call_command("make_app_role")


def test_every_table_of_history_is_only_read_and_added_to() -> None:
    assert {rights_on(table) for table in history_tables()} == {"SELECT, INSERT"}
    assert rights_on("django_session") == "SELECT, INSERT, UPDATE, DELETE"
    assert rights_on("django_migrations") == "SELECT"
