"""Where a new root and issuer come from: files that were given, the root's key that was given, or nowhere yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from dapr_cli import certificates
from dapr_cli.command import Failure
from dapr_cli.flags import Parsed, UsageError
from dapr_core.identity.bundle import TrustBundle
from dapr_core.identity.issuer import Issuer
from dapr_core.identity.keys import InvalidKeyError, PrivateKey, WeakKeyError, from_pem, same_key
from dapr_core.identity.roots import Names, make_issuer
from dapr_core.identity.rotation.material import Material
from dapr_core.identity.rotation.stages import RotationError, position

LONGEST = 36_500


@dataclass(frozen=True, slots=True)
class Origin:
    """What the flags say.

    Attributes:
        files: roots, issuer's chain and issuer's key; empty when they are to be made.
        root_key: file of the key that signs a new root; empty makes one.
        validity: of what is made.
    """

    files: tuple[str, ...]
    root_key: str
    validity: timedelta

    @classmethod
    def of(cls, flags: Parsed) -> Origin:
        """Read the flags. Raises UsageError when they contradict each other."""
        files = certificates.given(flags)
        if files and flags.text("private-key"):
            raise UsageError("--private-key makes certificates, so it means nothing beside given ones")
        days = flags.number("valid-until")
        if not 0 < days <= LONGEST:
            raise UsageError(f"invalid --valid-until {days}: it takes a number of days")
        return cls(files, flags.text("private-key"), timedelta(days))

    @property
    def told(self) -> str:
        """What the user is told of it."""
        if self.files:
            return "Using provided certificates"
        return "Using the provided private key of the root" if self.root_key else "Generating fresh certificates"

    def make(self, material: Material, names: Names, at: datetime, skew: timedelta) -> Issuer:
        """The new root and issuer. Raises Failure.

        Args:
            material: what is in force; its names go on.
            names: what to call them when nothing is in force.
            at: now.
            skew: by how much certificates begin in the past.
        """
        if self.files:
            try:
                return certificates.checked(self.files, at)[0]
            except Failure as failure:
                raise Failure(f"certificate rotation failed: {failure}") from None
        root_key = self._key()
        return make_issuer(
            _names(material, root_key, names, at), at, skew=skew, validity=self.validity, root_key=root_key
        )

    def _key(self) -> PrivateKey | None:
        if not self.root_key:
            return None
        try:
            return from_pem(certificates.read(self.root_key))
        except Failure as failure:
            raise Failure(f"certificate rotation failed: {failure}") from None
        except (InvalidKeyError, WeakKeyError) as error:
            raise Failure(f"certificate rotation failed: {self.root_key} cannot be used: {error}") from None


def _names(material: Material, root_key: PrivateKey | None, names: Names, at: datetime) -> Names:
    """Those in force. A root that keeps its key keeps its name too: who trusts the old one then trusts the new one."""
    try:
        issuer = position(material, at).issuer
    except RotationError:
        return names
    root = names.root
    for anchor in issuer.anchors.anchors:
        if anchor.subject == issuer.chain[-1].issuer:
            root = anchor.subject
    for anchor in issuer.anchors.anchors:
        if root_key is not None and _has_key(TrustBundle.of(anchor), root_key):
            root = anchor.subject
    return Names(root, issuer.certificate.subject if issuer.certificate.subject != root else names.issuer)


def _has_key(anchor: TrustBundle, key: PrivateKey) -> bool:
    public = anchor.anchors[0].public_key()
    return isinstance(public, type(key.public_key())) and same_key(public, key.public_key())
