"""Header compression for HTTP/2 (RFC 7541): a full decoder, and an encoder that leaves the dynamic table alone.

Admission rule: bytes to fields and back. Which fields are legal in a request is HTTP/2's business (``rpc.h2``).
"""

from dapr_core.rpc.hpack.decoder import Decoder
from dapr_core.rpc.hpack.encoder import encode, encode_field
from dapr_core.rpc.hpack.errors import HpackError

__all__ = ["Decoder", "HpackError", "encode", "encode_field"]
