"""The template of deploy/aws, read as CloudFormation reads it."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

TEMPLATE = Path(__file__).parent.parent.parent / "deploy" / "aws" / "template.yaml"
Json = dict[str, Any]


class _Loader(yaml.SafeLoader):
    """Reads !Ref and its like."""


def _function(loader: _Loader, suffix: str, node: yaml.Node) -> Json:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        return {name: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)
    return {name: loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _function)


@cache
def template() -> Json:
    """The whole template; functions in their long form."""
    with TEMPLATE.open("rb") as file:
        read: Json = yaml.load(file, _Loader)
    return read


def table_properties() -> Json:
    """What the template says of the table."""
    properties: Json = template()["Resources"]["Table"]["Properties"]
    return properties
