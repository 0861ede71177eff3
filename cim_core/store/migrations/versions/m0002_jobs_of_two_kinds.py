"""Tell comparison jobs from runs; number changes of jobs and saved plans, so that a watcher asks for the new ones."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Bring the tables to this revision."""
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", sa.String(length=16), server_default="run", nullable=False))
        batch_op.add_column(sa.Column("parent", sa.String(length=36), nullable=True))
        batch_op.add_column(sa.Column("result", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("updated_at", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("change", sa.Integer(), server_default="0", nullable=False))
        batch_op.create_index("job_by_parent", ["parent"], unique=False)
        batch_op.create_index("job_by_change", ["change"], unique=False)
    op.execute("UPDATE job SET result = run WHERE state = 'succeeded'")
    op.execute("UPDATE job SET updated_at = coalesce(finished_at, started_at, queued_at)")
    with op.batch_alter_table("plan_version", schema=None) as batch_op:
        batch_op.add_column(sa.Column("saved", sa.Integer(), server_default="0", nullable=False))
        batch_op.create_index("plan_version_by_saved", ["saved"], unique=False)
    op.execute(  # in the order of what was known before: the clock's, and the numbers within a plan
        "UPDATE plan_version SET saved = (SELECT count(*) FROM plan_version AS earlier WHERE (earlier.at, earlier.name,"
        " earlier.number) <= (plan_version.at, plan_version.name, plan_version.number))"
    )
