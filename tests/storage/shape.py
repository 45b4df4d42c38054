"""Shape of a database: the names of everything in it."""

from sqlalchemy import Connection, inspect

from storage.address import Address
from storage.writers import engine


def shape(connection: Connection) -> dict[str, object]:
    """Names of everything in the database."""
    seen = inspect(connection)
    return {
        table: (
            sorted(column["name"] for column in seen.get_columns(table)),
            sorted(
                (str(index["name"]), bool(index["unique"])) for index in seen.get_indexes(table) if not index.get("duplicates_constraint")
            ),
            sorted(str(key["name"]) for key in seen.get_check_constraints(table)),
            sorted(str(key["name"]) for key in seen.get_foreign_keys(table)),
            sorted(str(key["name"]) for key in seen.get_unique_constraints(table)),
            seen.get_pk_constraint(table)["name"],
        )
        for table in seen.get_table_names()
        if table != "alembic_version"
    }


async def shape_of(url: str) -> dict[str, object]:
    made = engine(Address.parse(url))
    async with made.connect() as connection:
        found = await connection.run_sync(shape)
    await made.dispose()
    return found
