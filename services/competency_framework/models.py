"""This service's tables, in this service's schema."""

from sqlalchemy import MetaData

metadata = MetaData()
