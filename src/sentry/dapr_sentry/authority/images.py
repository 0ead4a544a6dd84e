"""The images of a workload's containers, told in its certificate (control-plane.md §1.4, §1.5).

Only a validator that sees the pod can know them. The extension is not critical: who does not know it passes over it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cryptography import x509

from dapr_core.jsonx import quote

OID: Final = x509.ObjectIdentifier("1.3.6.1.4.1.57683.100.1")

_OCTET_STRING: Final = 0x04


@dataclass(frozen=True, slots=True)
class ContainerImage:
    """What one container runs.

    Attributes:
        role: ``daprd`` or ``app``.
        container, image: its name, and its image as the pod names it.
        digest: of the image that runs; empty while that is not known.
    """

    role: str
    container: str
    image: str
    digest: str = ""


def images_extension(images: Sequence[ContainerImage]) -> x509.UnrecognizedExtension:
    """The extension: a DER octet string that holds JSON."""
    content = f"[{','.join(map(_entry, images))}]".encode()
    return x509.UnrecognizedExtension(OID, bytes([_OCTET_STRING]) + _length(len(content)) + content)


def _entry(image: ContainerImage) -> str:
    """One member, its fields in the original's order."""
    fields = [("role", image.role), ("containerName", image.container), ("image", image.image)]
    if image.digest:
        fields.append(("digest", image.digest))
    return "{" + ",".join(f'"{name}":{quote(value)}' for name, value in fields) + "}"


def _length(size: int) -> bytes:
    """A length in DER (X.690 §8.1.3): one byte up to 127, else the count of the bytes that follow."""
    if size < 0x80:
        return bytes([size])
    digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(digits)]) + digits
