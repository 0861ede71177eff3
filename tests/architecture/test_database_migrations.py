"""The migrations and the tables of the code are the same thing, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from cim_core.store import database
from cim_core.store.database import Database
from cim_core.store.revision import REVISION
from cim_core.store.tables import metadata


def _differences(migrated: Database) -> list[object]:
    migrated.migrate()
    with migrated.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, metadata))


def test_the_code_knows_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(database.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_heads() == [REVISION]


def test_migrated_sqlite_has_the_tables_of_the_code(tmp_path: Path) -> None:
    assert _differences(Database.in_folder(tmp_path)) == []


def test_a_difference_would_be_seen(tmp_path: Path) -> None:
    migrated = Database.in_folder(tmp_path)
    migrated.migrate()
    with migrated.write() as connection:
        connection.execute(sa.text("ALTER TABLE city ADD COLUMN stray TEXT"))
    assert [difference[0] for difference in _differences(migrated)] == ["remove_column"]


@pytest.mark.postgres
def test_migrated_postgresql_has_the_tables_of_the_code(postgres_url: str) -> None:
    migrated = Database(postgres_url, "city_of_this_test")
    try:
        assert _differences(migrated) == []
        assert migrated.revision() == REVISION
    finally:
        migrated.close()
