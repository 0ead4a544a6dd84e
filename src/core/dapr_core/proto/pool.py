"""One private descriptor pool for every message of ours.

Protobuf keeps a default pool per process in which a name exists once. Dapr's official SDK registers the same
``dapr.proto.*`` names there, so whoever imports it beside our modules would get a clash or, worse, classes of two
origins that refuse each other. Everything generated here, ``google.protobuf.Any`` and its family included, therefore
lives in ``POOL``. A message of the default pool cannot be assigned to a field of ours: ``adopt`` is the one
conversion point.

A generated module parses its descriptor when it is imported; message classes are made on first use, because a
sidecar needs a few dozen of several hundred.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from google.protobuf.descriptor import EnumDescriptor, FileDescriptor
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

POOL = DescriptorPool()
"""Where every descriptor of ours is registered; also the ``descriptor_pool`` argument for ``json_format``."""

_M = TypeVar("_M", bound=Message)


class EnumValues:
    """A generated enum: looks its values up by name and by number; the values themselves are plain integers.

    ``HTTPExtension.Verb.GET``, ``HTTPExtension.GET`` and ``HTTPExtension.Verb.Value("GET")`` are the same number.
    """

    def __init__(self, descriptor: EnumDescriptor) -> None:
        self.DESCRIPTOR = descriptor
        self._numbers = {value.name: value.number for value in descriptor.values}

    def Name(self, number: int) -> str:
        """The name of a value. Raises ValueError for a number the enum does not define."""
        value = self.DESCRIPTOR.values_by_number.get(number)
        if value is None:
            raise ValueError(f"{self.DESCRIPTOR.full_name} has no value {number}")
        return str(value.name)

    def Value(self, name: str) -> int:
        """The number of a name. Raises ValueError for an unknown name."""
        if name not in self._numbers:
            raise ValueError(f"{self.DESCRIPTOR.full_name} has no value named {name!r}")
        return self._numbers[name]

    def keys(self) -> list[str]:
        """All names, in order of declaration."""
        return list(self._numbers)

    def values(self) -> list[int]:
        """All numbers, in order of declaration."""
        return list(self._numbers.values())

    def items(self) -> list[tuple[str, int]]:
        """All pairs, in order of declaration."""
        return list(self._numbers.items())

    def __getattr__(self, name: str) -> int:
        numbers: dict[str, int] = self.__dict__.get("_numbers", {})
        if name not in numbers:
            raise AttributeError(f"no enum value {name!r}")
        return numbers[name]


def register(namespace: dict[str, Any], serialized: bytes) -> tuple[FileDescriptor, Callable[[str], Any]]:
    """Add one file to the pool; return its descriptor and the ``__getattr__`` that makes its classes on first use.

    ``namespace`` is the globals of the generated module: what has been made once is kept there.
    """
    file: FileDescriptor = POOL.AddSerializedFile(serialized)
    messages = file.message_types_by_name
    enums = file.enum_types_by_name
    values = {value.name: value.number for enum in enums.values() for value in enum.values}

    def find(name: str) -> Any:
        made: Any
        if (message := messages.get(name)) is not None:
            made = GetMessageClass(message)
        elif (enum := enums.get(name)) is not None:
            made = EnumValues(enum)
        elif name in values:
            made = values[name]
        else:
            raise AttributeError(f"{namespace['__name__']} has no message, enum or enum value {name!r}")
        namespace[name] = made
        return made

    return file, find


def adopt(message: Message, kind: type[_M]) -> _M:
    """A foreign message (of another pool) of the same type, as one of ours.

    Raises:
        TypeError: the two types do not share their full name.
    """
    if message.DESCRIPTOR.full_name != kind.DESCRIPTOR.full_name:
        raise TypeError(f"{message.DESCRIPTOR.full_name} is not {kind.DESCRIPTOR.full_name}")
    return kind.FromString(message.SerializeToString())
