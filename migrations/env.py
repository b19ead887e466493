"""Runs the migrations on the connection, and with the tables, that the caller hands over."""

from pathlib import Path

from alembic import context

HEAD = Path(__file__).with_name("HEAD")


def _ours(thing, name, kind, reflected, compared):
    """Leaves the tables of the job engine, which looks after its own schema, alone."""
    owned = context.config.attributes.get("tables", frozenset())
    return kind != "table" or name in owned


def _plain(kind, thing, _context):
    """Migrations outlive the code: the house's own time column is written as what it stores."""
    if kind == "type" and type(thing).__name__ == "Instant":
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=context.config.attributes.get("metadata"),
        render_as_batch=True,
        compare_type=True,
        include_object=_ours,
        render_item=_plain,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
