"""What can be wrong with a compressed header block."""


class HpackError(Exception):
    """The block breaks RFC 7541; the peers' compression states may differ now, so the connection must end."""
