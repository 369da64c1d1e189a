"""People and groups are counted by photos as they are shown: a stack is one."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Count those anew who are in a stack."""
    op.execute(
        "UPDATE person SET photo_count = (SELECT count(*) FROM ("
        "SELECT coalesce(photo.stack_id, photo.id) FROM photo "
        "JOIN face ON face.photo_id = photo.id WHERE face.person_id = person.id "
        "UNION SELECT coalesce(photo.stack_id, photo.id) FROM photo "
        "JOIN presence ON presence.photo_id = photo.id WHERE presence.person_id = person.id)) "
        "WHERE id IN ("
        "SELECT face.person_id FROM photo JOIN face ON face.photo_id = photo.id "
        "WHERE photo.stack_id IS NOT NULL "
        "UNION SELECT presence.person_id FROM photo JOIN presence ON presence.photo_id = photo.id "
        "WHERE photo.stack_id IS NOT NULL)"
    )
    op.execute(
        "UPDATE cluster SET photo_count = ("
        "SELECT count(DISTINCT coalesce(photo.stack_id, photo.id)) FROM photo "
        "JOIN face ON face.photo_id = photo.id WHERE face.cluster_id = cluster.id "
        "AND face.person_id IS NULL AND NOT face.excluded) "
        "WHERE id IN ("
        "SELECT face.cluster_id FROM photo JOIN face ON face.photo_id = photo.id "
        "WHERE photo.stack_id IS NOT NULL)"
    )
