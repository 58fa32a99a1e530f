"""What all JSON documents have in common: names in camelCase."""

from ninja import Schema
from pydantic import ConfigDict
from pydantic.alias_generators import to_camel


class CamelSchema(Schema):
    """A document with its names in camelCase."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)
