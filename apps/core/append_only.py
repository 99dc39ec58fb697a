"""Makes the database itself refuse to change what is written once (21 CFR 11.10(e))."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def append_only(table: str) -> migrations.RunPython:
    """A migration step after which rows of a table can be added but not changed, and on PostgreSQL not deleted.

    SQLite has no way to empty a table but DELETE, which test databases need; there the ORM alone refuses deletion.
    """

    def forward(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
        for statement in refuse_changes(editor.connection.vendor, table):
            editor.execute(statement)

    def backward(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
        editor.execute(admit_changes(editor.connection.vendor, table))

    return migrations.RunPython(forward, backward)


def admit_changes(vendor: str, table: str) -> str:
    """The statement that takes the refusal away again."""
    suffix = f" ON {table}" if vendor == "postgresql" else ""
    return f"DROP TRIGGER IF EXISTS {table}_append_only{suffix}"


def refuse_changes(vendor: str, table: str) -> list[str]:
    """The statements after which the database refuses to change rows of a table."""
    refusal = f"{table} is append-only"
    if vendor != "postgresql":
        return [
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
        ]
    return [
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '%% is append-only', TG_TABLE_NAME; END $$",
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    ]
