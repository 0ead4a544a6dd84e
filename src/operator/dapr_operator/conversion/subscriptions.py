"""A Subscription from one version to the other, and the review that asks for it (control-plane.md §4.8).

The older version has one route and no rules. Rules are lost on the way to it, as in the original; the newer one is
what is stored and served to sidecars.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from dapr_core.kube.objects import section

GROUP: Final = "dapr.io"
OLD: Final = f"{GROUP}/v1alpha1"
NEW: Final = f"{GROUP}/v2alpha1"
_REVIEW: Final = "apiextensions.k8s.io/v1"
_SAME: Final = ("pubsubname", "topic", "metadata", "deadLetterTopic", "bulkSubscribe")

Json = Mapping[str, Any]


class ConversionError(ValueError):
    """An object cannot be converted; the text says why."""


def converted(thing: Json, version: str) -> dict[str, Any]:
    """A Subscription in another version.

    Args:
        thing: the object.
        version: ``apiVersion`` that it is to have.

    Raises:
        ConversionError: it is no Subscription, or one of the versions is unknown.
    """
    present = thing.get("apiVersion")
    if thing.get("kind") != "Subscription":
        raise ConversionError(f"{str(thing.get('kind'))[:60]} is no Subscription")
    if present not in (OLD, NEW) or version not in (OLD, NEW):
        raise ConversionError(f"there is no conversion of {str(present)[:60]} to {version[:60]}")
    if present == version:
        return dict(thing)
    spec = section(thing, "spec")
    kept = {name: spec[name] for name in _SAME if name in spec}
    route: dict[str, Any] = {}
    if version == OLD:
        # The older version cannot be without one.
        route["route"] = section(spec, "routes").get("default") or ""
    elif spec.get("route"):
        route["routes"] = {"default": spec["route"]}
    return {**thing, "apiVersion": version, "spec": kept | route}


def review(body: bytes) -> bytes:
    """The answer to a ConversionReview.

    Raises:
        ConversionError: the body is none.
    """
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise ConversionError("the body is no JSON") from None
    request = value.get("request") if isinstance(value, dict) else None
    if not isinstance(request, dict) or not isinstance(request.get("objects"), list):
        raise ConversionError("the body is no ConversionReview with a request")
    response = {"uid": request.get("uid")} | _converted(request)
    return json.dumps({"apiVersion": _REVIEW, "kind": "ConversionReview", "response": response}).encode()


def _converted(request: Json) -> dict[str, Any]:
    version = str(request.get("desiredAPIVersion"))
    try:
        things = [converted(thing if isinstance(thing, dict) else {}, version) for thing in request["objects"]]
    except ConversionError as error:
        return {"convertedObjects": [], "result": {"status": "Failure", "message": str(error)}}
    return {"convertedObjects": things, "result": {"status": "Success"}}
