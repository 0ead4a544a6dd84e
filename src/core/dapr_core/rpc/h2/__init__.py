"""HTTP/2 (RFC 9113): a core without sockets, and the asyncio protocol around it.

``connection`` and ``stream`` are the state machine, ``protocol`` owns a transport. What a stream carries is defined by
subclasses of ``Stream``: gRPC calls live in ``dapr_core.rpc.grpc``.
"""

from dapr_core.rpc.h2.config import H2Config
from dapr_core.rpc.h2.connection import Connection
from dapr_core.rpc.h2.errors import ErrorCode
from dapr_core.rpc.h2.headers import HeaderBlock
from dapr_core.rpc.h2.protocol import H2Protocol
from dapr_core.rpc.h2.stream import Stream

__all__ = ["Connection", "ErrorCode", "H2Config", "H2Protocol", "HeaderBlock", "Stream"]
