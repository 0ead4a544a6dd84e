"""How far a rotation is: a small JSON document beside the credentials, without secrets.

What can be read off the credentials themselves is not in it, but for fingerprints that tie it to them: a record that
does not fit what lies beside it is of an earlier time, and means nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

VERSION: Final = 1
_LONGEST: Final = timedelta(days=36_500)


class InvalidRecordError(ValueError):
    """The document is no record that this version reads."""


@dataclass(frozen=True, slots=True)
class Record:
    """One rotation.

    Attributes:
        roots: fingerprints of the roots that it leads to.
        added: those of them that were not trusted before it began.
        retiring: fingerprints of the roots that it withdraws at its end.
        distributed: since when the new roots are trusted.
        leaf_life: longest life of a certificate that the old issuer signs.
        switched: since when the new issuer signs; None before.
        previous: chain of the old issuer in PEM, once it signs no more.
    """

    roots: tuple[str, ...]
    added: tuple[str, ...]
    retiring: tuple[str, ...]
    distributed: datetime
    leaf_life: timedelta
    switched: datetime | None = None
    previous: bytes = b""

    @classmethod
    def parse(cls, text: bytes) -> Record:
        """Read one.

        Raises:
            InvalidRecordError: it is none.
        """
        try:
            value = json.loads(text)
            if value["version"] != VERSION:
                found = repr(value["version"])[:40]
                raise InvalidRecordError(f"the record of the rotation has version {found}, not {VERSION}")
            switched, previous = value["switched"], value["previous"]
            return cls(
                _names(value["roots"]),
                _names(value["added"]),
                _names(value["retiring"]),
                _moment(value["distributed"]),
                _life(value["leafLifeSeconds"]),
                None if switched is None else _moment(switched),
                previous.encode("ascii"),
            )
        except InvalidRecordError:
            raise
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            raise InvalidRecordError("the record of the rotation does not parse") from None

    @property
    def text(self) -> bytes:
        """The document."""
        value = {
            "version": VERSION,
            "roots": list(self.roots),
            "added": list(self.added),
            "retiring": list(self.retiring),
            "distributed": self.distributed.isoformat(),
            "leafLifeSeconds": self.leaf_life.total_seconds(),
            "switched": None if self.switched is None else self.switched.isoformat(),
            "previous": self.previous.decode("ascii"),
        }
        return json.dumps(value, indent=1).encode() + b"\n"


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of the certificate in hex, as ``openssl x509 -fingerprint -sha256`` gives it without its colons."""
    return hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()


def fingerprints(certificates: Iterable[x509.Certificate]) -> tuple[str, ...]:
    """Those of several, in order."""
    return tuple([fingerprint(certificate) for certificate in certificates])


def _names(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise TypeError
    return tuple(value)


def _moment(value: str) -> datetime:
    moment = datetime.fromisoformat(value)
    return moment.astimezone(UTC) if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _life(seconds: float) -> timedelta:
    life = timedelta(seconds=seconds)
    if not timedelta(0) <= life <= _LONGEST:
        raise ValueError
    return life
