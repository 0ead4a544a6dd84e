"""Connection settings shared by every Redis vendor (components.md, table of state.redis).

Two families of durations meet here: a bare integer counts milliseconds, and a negative one is a sentinel that switches
the thing off. Settings of a connection pool are read and checked for the sake of existing manifests, but one
pipelined connection needs no pool, so they change nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from dapr_components.common.metadata import Fields
from dapr_components.contract import ComponentError, Metadata

DEFAULT_PORT = 6379
_POOL_COUNTS = ("poolSize", "minIdleConns")
_POOL_DURATIONS = ("poolTimeout", "maxConnAge", "idleTimeout", "idleCheckFrequency")
_UNSUPPORTED_LOGINS = ("useEntraID", "useAzureAD", "useOIDC")


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryDefaults:
    """The retry settings of one component kind where its manifest is silent; durations in seconds."""

    max_retries: int = 3
    min_backoff: float = 0.008
    max_backoff: float = 0.512


STATE_RETRIES = RetryDefaults(min_backoff=2.0)
"""For state and lock. A minimum above the maximum means that every pause is the maximum."""
CONFIGURATION_RETRIES = RetryDefaults(max_backoff=2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisSettings:
    """How to reach one Redis server, or the primary that a set of Sentinels names. Durations in seconds."""

    addresses: tuple[tuple[str, int], ...]
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    db: int = 0
    sentinel_master: str = ""
    sentinel_username: str = field(default="", repr=False)
    sentinel_password: str = field(default="", repr=False)
    tls: bool = False
    tls_skip_verify: bool = False
    client_cert: str = field(default="", repr=False)
    client_key: str = field(default="", repr=False)
    max_retries: int = 3
    min_backoff: float = 0.008
    max_backoff: float = 0.512
    dial_timeout: float | None = 5.0
    read_timeout: float | None = 3.0
    max_in_flight: int = 8192

    @classmethod
    def from_metadata(cls, metadata: Metadata, retries: RetryDefaults | None = None) -> RedisSettings:
        """Read the shared fields of a manifest.

        Raises:
            ComponentError: a field is missing, wrong or not supported; the text names it and says what to do.
        """
        fields = Fields(metadata)
        defaults = retries or RetryDefaults()
        _refuse_unsupported(fields)
        _check_pool_fields(fields)
        failover = fields.flag("failover")
        sentinel_master = fields.raw("sentinelMasterName")
        if failover and not sentinel_master:
            raise ComponentError("metadata field 'sentinelMasterName' is required when 'failover' is true")
        cert, key = fields.raw("clientCert"), fields.raw("clientKey")
        if bool(cert) != bool(key):
            raise ComponentError("metadata fields 'clientCert' and 'clientKey' must be given together")
        write_timeout = _limit(fields, "writeTimeout", None)
        read_timeout = _limit(fields, "readTimeout", 3.0)
        if read_timeout is not None and write_timeout is not None:
            # One clock watches a command from the write to its reply, so the longer of the two limits it.
            read_timeout = max(read_timeout, write_timeout)
        return cls(
            addresses=_addresses(fields),
            username=fields.raw("redisUsername"),
            password=fields.raw("redisPassword"),
            db=fields.integer("redisDB", minimum=0),
            sentinel_master=sentinel_master if failover else "",
            sentinel_username=fields.raw("sentinelUsername"),
            sentinel_password=fields.raw("sentinelPassword"),
            tls=fields.flag("enableTLS"),
            tls_skip_verify=fields.flag("insecureSkipTLSVerify"),
            client_cert=cert,
            client_key=key,
            max_retries=max(0, fields.integer("redisMaxRetries", "maxRetries", default=defaults.max_retries)),
            min_backoff=_min_backoff(fields, defaults),
            max_backoff=max(0.0, fields.seconds("redisMaxRetryInterval", default=defaults.max_backoff, plain="ms")),
            dial_timeout=_limit(fields, "dialTimeout", 5.0),
            read_timeout=read_timeout,
        )


def _addresses(fields: Fields) -> tuple[tuple[str, int], ...]:
    port = fields.integer("redisPort", default=0, minimum=0)
    found = [_address(part, port) for part in fields.required("redisHost").split(",") if part.strip()]
    if not found:
        raise ComponentError("metadata field 'redisHost' holds no address: write host or host:port")
    if len(found) > 1 and not fields.flag("failover"):
        raise ComponentError(
            "metadata field 'redisHost' names several hosts: that needs 'failover' (Sentinel); cluster is not supported"
        )
    return tuple(found)


def _address(text: str, port: int) -> tuple[str, int]:
    text = text.strip()
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        given = rest.removeprefix(":")
    elif text.count(":") > 1:
        host, given = text, ""
    else:
        host, _, given = text.partition(":")
    if given and not (given.isdecimal() and 0 < int(given) < 65536):
        raise ComponentError(f"metadata field 'redisHost' has no valid port in {text!r}: write host:port")
    if given and port and int(given) != port:
        raise ComponentError(f"metadata field 'redisPort' ({port}) contradicts the port in 'redisHost' ({given})")
    return host or "127.0.0.1", int(given) if given else port or DEFAULT_PORT


def _limit(fields: Fields, name: str, default: float | None) -> float | None:
    """A time-out: absent or 0 gives the default, negative none at all."""
    value = fields.seconds(name, plain="ms")
    if value < 0:
        return None
    return value or default


def _min_backoff(fields: Fields, defaults: RetryDefaults) -> float:
    if not fields.has("redisMinRetryInterval") and fields.has("maxRetryBackoff"):
        return max(0.0, fields.integer("maxRetryBackoff") / 1e9)  # the legacy field counts nanoseconds
    return max(0.0, fields.seconds("redisMinRetryInterval", default=defaults.min_backoff, plain="ms"))


def _refuse_unsupported(fields: Fields) -> None:
    if fields.choice("redisType", ("node", "cluster"), "node") == "cluster":
        raise ComponentError(
            "metadata field 'redisType' is 'cluster', which is not supported: use 'node' or 'failover'"
        )
    for name in _UNSUPPORTED_LOGINS:
        if fields.flag(name):
            raise ComponentError(f"metadata field {name!r} is not supported: log in with 'redisPassword' instead")


def _check_pool_fields(fields: Fields) -> None:
    for name in _POOL_COUNTS:
        fields.integer(name)
    for name in _POOL_DURATIONS:
        fields.seconds(name, plain="ms")
