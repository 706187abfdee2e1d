"""A table of DynamoDB: its calls, and what goes wrong with them as PersistenceException."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from threading import Lock
from typing import Any, NoReturn, TypeAlias

from ask_sdk_core.exceptions import PersistenceException
from boto3.session import Session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError
from botocore.parsers import ResponseParserError

Item: TypeAlias = dict[str, dict[str, Any]]
"""Attributes by their names, each under the letter of its type, as in {"revision": {"N": "7"}}."""

_CONFIG = Config(
    connect_timeout=0.3,
    read_timeout=0.3,
    # This mode waits 50 ms before it asks DynamoDB again. Both attempts fit into a guard's 0.7 s.
    retries={"mode": "legacy", "total_max_attempts": 2},
    tcp_keepalive=True,
    max_pool_connections=64,
)
_MAKING = Lock()
"""Clients may be shared by threads, but not what makes them."""
_MOST_IN_A_BATCH = 25
_MOST_BATCHES = 8
_NO_TABLE = "ResourceNotFoundException"
_CONDITION = "ConditionalCheckFailedException"
_NOT_SET = {
    NoRegionError: "no region: set AWS_DEFAULT_REGION, or add ?region=eu-west-1 to SCIATICA_STORE",
    NoCredentialsError: "no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or use a role",
}
"""What is missing, and where it may be set."""


class ConditionError(PersistenceException):  # type: ignore[misc]
    """The condition of a write was not met, and nothing was written.

    again: whether it was asked for a second time, as no answer came to the first. Then that may have written.
    """

    def __init__(self, again: bool) -> None:
        super().__init__(f"store: {_CONDITION}")
        self.again = again


class Table:
    """The table `name`, with the keys `person` and `item`. Its calls may come from any thread.

    region: as in "eu-west-1"; else, with the credentials and the endpoint, what AWS's own settings say.
    Expressions name each attribute after a #, as in "#revision"; `names` has what else stands there.
    """

    def __init__(self, name: str, region: str | None) -> None:
        self._name, self._region = name, region
        self._client: Any = None

    def get(self, person: str, item: str, *attributes: str) -> Item:
        """These attributes of an item, as they are now; {} where there is none."""
        wanted = ",".join(f"#{name}" for name in attributes)
        found: Item = self._call(
            "get_item",
            _names(wanted),
            Key=key(person, item),
            ProjectionExpression=wanted,
            ConsistentRead=True,
        ).get("Item", {})
        return found

    def put(self, item: Item, condition: str = "", values: Item | None = None) -> None:
        """Write an item whole. Raises ConditionError."""
        self._call("put_item", _names(condition), Item=item, **_given(condition, values))

    def update(
        self,
        where: Item,
        expression: str,
        condition: str,
        values: Item,
        names: Mapping[str, str] | None = None,
        returns: str = "NONE",
    ) -> Item:
        """Change an item, or begin it; what `returns` asks for of it. Raises ConditionError."""
        changed: Item = self._call(
            "update_item",
            {**_names(expression + condition), **(names or {})},
            Key=where,
            UpdateExpression=expression,
            ReturnValues=returns,
            **_given(condition, values),
        ).get("Attributes", {})
        return changed

    def delete(self, where: Item, condition: str = "", values: Item | None = None) -> None:
        """Delete an item, if there is one. Raises ConditionError."""
        self._call("delete_item", _names(condition), Key=where, **_given(condition, values))

    def query(self, condition: str, values: Item, attributes: str = "") -> Iterator[Item]:
        """The items of a person, the last first, each as it is when it is read."""
        asked: dict[str, Any] = {"KeyConditionExpression": condition, "ExpressionAttributeValues": values}
        if attributes:
            asked["ProjectionExpression"] = attributes
        while True:
            page = self._call(
                "query", _names(condition + attributes), ConsistentRead=True, ScanIndexForward=False, **asked
            )
            yield from page["Items"]
            if not page.get("LastEvaluatedKey"):
                return
            asked["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def delete_all(self, keys: Sequence[Item]) -> None:
        """Delete items, however many."""
        left = [{"DeleteRequest": {"Key": each}} for each in keys]
        for _ in range(_MOST_BATCHES + len(left) // _MOST_IN_A_BATCH):
            if not left:
                return
            batch, left = left[:_MOST_IN_A_BATCH], left[_MOST_IN_A_BATCH:]
            done = self._called("batch_write_item", RequestItems={self._name: batch})
            left += done.get("UnprocessedItems", {}).get(self._name, [])
        if left:
            raise PersistenceException(f"store: {len(left)} items were not deleted, as DynamoDB is too busy")

    def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        with _MAKING:
            client, self._client = self._client, None
        if client:
            client.close()

    def _call(self, action: str, names: Mapping[str, str], **asked: Any) -> dict[str, Any]:
        if names:
            asked["ExpressionAttributeNames"] = dict(names)
        return self._called(action, TableName=self._name, **asked)

    def _called(self, action: str, **asked: Any) -> dict[str, Any]:
        """DynamoDB's answer. What is told of an error is its code: its message may quote what was asked."""
        try:
            answer: dict[str, Any] = getattr(self._connected(), action)(**asked)
        except ClientError as error:
            self._refuse(error)
        except (BotoCoreError, ResponseParserError, OSError, ValueError) as error:
            raise PersistenceException(f"store: {_NOT_SET.get(type(error), type(error).__name__)}") from error
        return answer

    def _refuse(self, error: ClientError) -> NoReturn:
        code = error.response.get("Error", {}).get("Code", "unknown")
        if code == _CONDITION:
            raise ConditionError(error.response["ResponseMetadata"].get("RetryAttempts", 0) > 0) from None
        if code == _NO_TABLE:
            region = self._connected().meta.region_name
            raise PersistenceException(f"store: no table {self._name!r} in {region}") from error
        raise PersistenceException(f"store: {code}") from error

    def _connected(self) -> Any:
        with _MAKING:
            if self._client is None:
                self._client = _session().client("dynamodb", self._region, config=_CONFIG)
            return self._client


@cache
def _session() -> Session:
    """What makes clients: the first takes a tenth of a second."""
    return Session()


def key(person: str, item: str) -> Item:
    """The key of an item."""
    return {"person": {"S": person}, "item": {"S": item}}


def number(value: int) -> dict[str, str]:
    """A whole number, as DynamoDB takes it."""
    return {"N": str(value)}


def _names(expression: str) -> dict[str, str]:
    return {f"#{name}": name for name in re.findall(r"#([a-z]+)\b", expression)}


def _given(condition: str, values: Item | None) -> dict[str, Any]:
    asked: dict[str, Any] = {"ConditionExpression": condition} if condition else {}
    return asked | ({"ExpressionAttributeValues": values} if values else {})
