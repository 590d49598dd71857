"""What all tables of our own state are made of."""

from sqlalchemy import BigInteger, Integer, MetaData

REVISION = "0004"
"""The migration that leads to these tables."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows by itself only for INTEGER, PostgreSQL needs BIGINT.
Id = BigInteger().with_variant(Integer(), "sqlite")
