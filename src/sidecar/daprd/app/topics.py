"""How topic events look on an HTTP application (building-blocks.md §1.8, §1.12, §1.14).

Pure functions between values: what ``GET /dapr/subscribe`` answered becomes subscriptions, an event becomes the request
that carries it, and the application's answer becomes a verdict. The channel sends; nothing here does I/O.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote

from dapr_core import jsonx
from dapr_core.rpc.messages import Headers, Request, Response
from daprd.app.contract import AppAnswerError, Rule, SubscriptionSpec, TopicEvent, Verdict

log = logging.getLogger("dapr.runtime.processor.subscription")
delivery_log = logging.getLogger("dapr.runtime.processor.pubsub.subscription.http")

SUBSCRIBE_PATH: Final = "/dapr/subscribe"
REMEMBERED: Final = 256
"""Characters of a metadata pair whose header field is worth keeping."""
ZERO_TRACEPARENT: Final = b"00-00000000000000000000000000000000-0000000000000000-00"

# Fields of this hop: a message's metadata must not set them on the request to the application.
OWN_HEADERS = frozenset(
    {
        "connection", "content-length", "content-type", "dapr-api-token", "host", "keep-alive", "proxy-authenticate",
        "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
    }
)  # fmt: skip
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


class SubscriptionsError(ValueError):
    """The application's list of subscriptions cannot be read; the text says why."""


# -- what the application wants ------------------------------------------------------------------------------------


def subscriptions_of(response: Response) -> list[SubscriptionSpec]:
    """Subscriptions from the answer to ``GET /dapr/subscribe``, its body read.

    404 means none; any other status than 200 is logged and means none as well.

    Raises:
        SubscriptionsError: the body of a 200 cannot be read.
    """
    if response.status == 200:
        return parse_subscriptions(_body(response))
    if response.status == 404:
        log.debug("app returned 404 from subscription endpoint: no programmatic subscriptions")
    else:
        log.error("app returned http status code %d from subscription endpoint", response.status)
    return []


def parse_subscriptions(body: bytes) -> list[SubscriptionSpec]:
    """Read a JSON array of subscriptions; an empty body and ``null`` mean none.

    Keys ignore case. An entry without any route is dropped with a warning.

    Raises:
        SubscriptionsError: the body is no JSON, or a field has another type than documented.
    """
    if not body.strip():
        return []
    try:
        listed = jsonx.loads(body)
    except (ValueError, RecursionError) as error:
        raise SubscriptionsError(f"error getting topics from app: {error}") from None
    found: list[SubscriptionSpec] = []
    for entry in _typed(listed, list, "the list of subscriptions") or []:
        spec = _subscription(_Fields(entry, "subscription"))
        if spec.rules:
            found.append(spec)
        else:
            log.warning("topic %s has an empty routes. removing from subscriptions list", spec.topic)
    return found


def _subscription(fields: _Fields) -> SubscriptionSpec:
    bulk = _Fields(fields.get("bulkSubscribe", dict), "bulkSubscribe")
    return SubscriptionSpec(
        pubsub=fields.get("pubsubname", str) or "",
        topic=fields.get("topic", str) or "",
        rules=_rules(fields),
        dead_letter_topic=fields.get("deadLetterTopic", str) or "",
        metadata=_string_map(fields.get("metadata", dict)),
        bulk_enabled=bool(bulk.get("enabled", bool)),
        bulk_max_messages=bulk.get("maxMessagesCount", int) or 0,
        bulk_max_await_ms=bulk.get("maxAwaitDurationMs", int) or 0,
    )


def _rules(fields: _Fields) -> tuple[Rule, ...]:
    """The rules in order; the default comes last, and the legacy ``route`` stands in for a missing default."""
    routes = _Fields(fields.get("routes", dict), "routes")
    rules: list[Rule] = []
    for entry in routes.get("rules", list) or []:
        rule = _Fields(entry, "rule")
        rules.append(Rule(match=rule.get("match", str) or "", path=rule.get("path", str) or ""))
    default = routes.get("default", str) or fields.get("route", str)
    if default:
        rules.append(Rule(match="", path=default))
    return tuple(rules)


class _Fields:
    """A JSON object whose keys ignore case, as Go's decoder reads them."""

    def __init__(self, value: Any, what: str) -> None:
        self._what = what
        self._values = {key.lower(): item for key, item in (_typed(value, dict, what) or {}).items()}

    def get(self, name: str, kind: type) -> Any:
        """The value of a field if it has the type; None when it is absent or null."""
        return _typed(self._values.get(name.lower()), kind, f"{self._what}.{name}")


def _typed(value: Any, kind: type, what: str) -> Any:
    if value is None or (isinstance(value, kind) and not (kind is int and isinstance(value, bool))):
        return value
    raise SubscriptionsError(f"error getting topics from app: {what} must be a JSON {_JSON_NAMES[kind]}")


_JSON_NAMES: dict[type, str] = {str: "string", bool: "boolean", int: "whole number", dict: "object", list: "array"}


def _string_map(value: Mapping[str, Any] | None) -> dict[str, str]:
    return {key: _typed(item, str, f"metadata {key}") or "" for key, item in (value or {}).items()}


# -- one event -----------------------------------------------------------------------------------------------------


def topic_event_request(event: TopicEvent, *, tracing: bool = True) -> Request:
    """The request that carries one event.

    Args:
        event: what to deliver, and where.
        tracing: whether the callback carries the event's ``traceparent`` (off when sampling is off, api.md §5).
    """
    headers = event_headers(event.metadata, event.content_type)
    if tracing:
        trace = traceparent_of(event.envelope)
        if trace is not None:
            _put(headers, b"traceparent", trace)
    return Request("POST", target_of(event.path), headers, event.body)


def verdict_of(response: Response, event: TopicEvent | None = None) -> Verdict:
    """What an answer (its body read) says about the event.

    Raises:
        AppAnswerError: a status that is neither a success nor 404; the event may be tried again.
    """
    status, body = response.status, _body(response)
    if 200 <= status < 300:
        return _status_verdict(body, event)
    name = _event_id(event)
    if status == 404:
        delivery_log.error(
            "non-retriable error returned from app while processing pub/sub event %s: %s. status code returned: %d",
            name, _shown(body), status,
        )  # fmt: skip
        return Verdict.DROP
    topic = event.topic if event is not None else ""
    message = (
        f"retriable error returned from app while processing pub/sub event {name}, topic: {topic}, "
        f"body: {_shown(body)}. status code returned: {status}"
    )
    delivery_log.warning("%s", message)
    raise AppAnswerError(message, status)


def _status_verdict(body: bytes, event: TopicEvent | None) -> Verdict:
    if not body:
        return Verdict.SUCCESS
    try:
        status = _Fields(jsonx.loads(body), "answer").get("status", str)
    except (ValueError, RecursionError):  # no JSON object with a text status: the 2xx speaks for itself
        return Verdict.SUCCESS
    if not status or status == Verdict.SUCCESS:
        return Verdict.SUCCESS
    if status == Verdict.DROP:
        delivery_log.warning("DROP status returned from app while processing pub/sub event %s", _event_id(event))
        return Verdict.DROP
    if status != Verdict.RETRY:
        delivery_log.warning(
            "unknown status returned from app while processing pub/sub event %s, status: %s",
            _event_id(event), status[:100],
        )  # fmt: skip
    return Verdict.RETRY


# -- a batch -------------------------------------------------------------------------------------------------------


def bulk_topic_event_request(path: str, body: bytes, metadata: Mapping[str, str]) -> Request:
    """The request that carries a batch; the text of its trace comes as ``traceparent`` in the metadata, if any."""
    headers = event_headers(metadata, "application/json")
    trace = traceparent_of(metadata)
    if trace is not None:
        _put(headers, b"traceparent", trace)
    return Request("POST", target_of(path), headers, body)


def bulk_verdicts_of(response: Response, entry_ids: Sequence[str]) -> dict[str, Verdict]:
    """A verdict for every entry sent; what the application does not mention is tried again.

    Raises:
        AppAnswerError: a status that is neither a success nor 404; the whole batch may be tried again.
    """
    status, body = response.status, _body(response)
    if status == 404:
        delivery_log.error(
            "non-retriable error returned from app while processing bulk pub/sub event. status code returned: %d",
            status,
        )
        return dict.fromkeys(entry_ids, Verdict.DROP)
    if not 200 <= status < 300:
        message = (
            "retriable error returned from app while processing bulk pub/sub event, "
            f"body: {_shown(body)}. status code returned: {status}"
        )
        delivery_log.warning("%s", message)
        raise AppAnswerError(message, status)
    verdicts = dict.fromkeys(entry_ids, Verdict.RETRY)
    try:
        statuses = _Fields(jsonx.loads(body), "answer").get("statuses", list) or []
        _read_statuses(statuses, verdicts)
    except (ValueError, RecursionError) as error:
        delivery_log.error("error reading the app's answer to a bulk pub/sub event: %s", error)
        return dict.fromkeys(entry_ids, Verdict.RETRY)
    return verdicts


def _read_statuses(statuses: Iterable[Any], verdicts: dict[str, Verdict]) -> None:
    for item in statuses:
        fields = _Fields(item, "status")
        entry_id, status = fields.get("entryId", str), fields.get("status", str)
        if entry_id not in verdicts:
            delivery_log.warning("app answered for an entry it was not sent: %s", str(entry_id)[:100])
        elif status in (Verdict.SUCCESS, Verdict.DROP):
            verdicts[entry_id] = Verdict(status)


# -- parts ---------------------------------------------------------------------------------------------------------


def event_headers(metadata: Mapping[str, str], content_type: str) -> Headers:
    """Message metadata as header fields in the order of their names; what is no legal field is left out."""
    if len(metadata) == 1:  # the component's name alone, as most messages have it
        ((key, value),) = metadata.items()
        if len(key) + len(value) <= REMEMBERED:
            return list(_single_field(key, value, content_type))
    return _fields_of(metadata, content_type)


@lru_cache(maxsize=1024)
def _single_field(key: str, value: str, content_type: str) -> tuple[tuple[bytes, bytes], ...]:
    return tuple(_fields_of({key: value}, content_type))


def _fields_of(metadata: Mapping[str, str], content_type: str) -> Headers:
    headers: Headers = [(b"content-type", content_type.encode("latin-1", "replace"))]
    for key in sorted(metadata):
        name, value = key.lower(), metadata[key]
        if name in OWN_HEADERS or name.endswith("-bin"):
            continue
        if _TOKEN.fullmatch(name) and not _CONTROL.search(value):
            headers.append((name.encode(), value.encode("utf-8", "replace")))
    return headers


def traceparent_of(envelope: Mapping[str, Any]) -> bytes | None:
    """The callback's ``traceparent`` for an event.

    None when the event has no trace field, or one that is no text; all zeros when the text is no W3C trace parent.
    """
    given = envelope.get("traceparent")
    if given is None:
        given = envelope.get("traceid")
    if not isinstance(given, str):
        return None
    return given.encode() if _TRACEPARENT.fullmatch(given) else ZERO_TRACEPARENT


@lru_cache(maxsize=1024)
def target_of(path: str) -> bytes:
    """A route of a subscription as a request target: one leading slash, what a target cannot hold escaped."""
    return b"/" + quote(path.lstrip("/"), safe="/%?&=:@!$'()*+,;~-._").encode()


def _put(headers: Headers, name: bytes, value: bytes) -> None:
    if any(field[0] == name for field in headers):
        headers[:] = [field for field in headers if field[0] != name]
    headers.append((name, value))


def _body(response: Response) -> bytes:
    if not isinstance(response.body, bytes):
        raise TypeError("the answer's body must be read before it is judged")
    return response.body


def _event_id(event: TopicEvent | None) -> str:
    return "" if event is None else str(event.envelope.get("id", ""))


def _shown(body: bytes) -> str:
    """An application's text for a log line: bounded, on one line."""
    return body[:1024].decode("utf-8", "replace").replace("\n", " ").replace("\r", " ")
