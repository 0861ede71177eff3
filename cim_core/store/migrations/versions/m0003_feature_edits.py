"""Keep edits of single features in a log beside the layer's snapshot."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "feature_edit",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("layer", sa.String(length=80), nullable=False),
        sa.Column("feature", sa.Text(), nullable=False),
        sa.Column("op", sa.String(length=8), nullable=False),
        sa.Column("content", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(["seq"], ["version.seq"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("feature_edit", schema=None) as batch_op:
        batch_op.create_index("feature_edit_by_layer", ["layer", "seq"], unique=False)
        batch_op.create_index("feature_edit_by_feature", ["layer", "feature", "seq"], unique=False)
    with op.batch_alter_table("layer_version", schema=None) as batch_op:
        batch_op.add_column(sa.Column("log_from", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("edits", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("edits_in_all", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("content", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("rows", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("bounds", sa.JSON(none_as_null=True), nullable=True))
