"""A small synchronous client of the Kubernetes API, for tests to arrange and to look with.

It is deliberately not the client under test (``dapr_core.kube``), so that neither hides the other's mistakes. Objects
are the plain values that YAML gives; where an object lives follows from its kind, by the server's own discovery.
"""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Iterator, Mapping
from typing import Any, Final

import requests
from cluster.kube.kubeconfig import Access

FIELD_MANAGER: Final = "dapr-tests"
TIMEOUT: Final = 60.0
WAIT_LIMIT: Final = 60.0
_APPLY: Final = "application/apply-patch+yaml"
_MERGE: Final = "application/merge-patch+json"

Object = dict[str, Any]


class ApiError(Exception):
    """The server refused: ``status`` (HTTP), ``reason`` (``NotFound``, ``Invalid`` …), ``message`` and ``causes``."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        self.status = status
        self.reason = str(body.get("reason", ""))
        self.message = str(body.get("message", ""))
        self.causes: list[Mapping[str, Any]] = (body.get("details") or {}).get("causes") or []
        super().__init__(f"{status} {self.reason}: {self.message}")


class Client:
    """One identity at one API server."""

    def __init__(self, access: Access) -> None:
        self.access = access
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy stands between the tests and a server on this machine
        self._session.verify = str(access.ca_file) if access.ca_file else True
        if access.client is not None:
            self._session.cert = (str(access.client.certificate), str(access.client.key))
        if access.token is not None:
            self._session.headers["Authorization"] = f"Bearer {access.token}"
        self._resources: dict[str, dict[str, tuple[str, bool]]] = {}
        self.warnings = ""
        """What the server warned of in its last answer."""

    def as_token(self, token: str) -> Client:
        """The same server as the bearer of a token."""
        return Client(Access(self.access.url, self.access.ca_file, None, token))

    def close(self) -> None:
        self._session.close()

    def request(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        content_type: str = "application/json",
        accept: str = "application/json",
        fields: Mapping[str, str] | None = None,
        **parameters: str,
    ) -> Any:
        """One call of the API, with more header fields; the answer's JSON, or its text where it is none.

        Raises:
            ApiError: the status is no success.
        """
        data = None if body is None else json.dumps(body)
        headers = {"Accept": accept, **(fields or {})} | ({} if data is None else {"Content-Type": content_type})
        answer = self._session.request(
            method, self.access.url + path, params=parameters, data=data, headers=headers, timeout=TIMEOUT
        )
        self.warnings = answer.headers.get("Warning", "")
        is_json = answer.headers.get("Content-Type", "").startswith("application/json")
        result = answer.json() if is_json else answer.text
        if not answer.ok:
            raise ApiError(answer.status_code, result if isinstance(result, dict) else {"message": result})
        return result

    def ready(self) -> bool:
        """Whether the server says that it is ready."""
        try:
            return str(self.request("GET", "/readyz")) == "ok"
        except (ApiError, requests.RequestException):
            return False

    def get(self, api_version: str, kind: str, name: str, namespace: str = "") -> Object:
        return dict(self.request("GET", self.path(api_version, kind, namespace, name)))

    def list(self, api_version: str, kind: str, namespace: str = "", **parameters: str) -> list[Object]:
        return list(self.request("GET", self.path(api_version, kind, namespace), **parameters)["items"])

    def create(self, value: Object, *, namespace: str = "", dry_run: bool = False, strict: bool = True) -> Object:
        """Create an object; ``strict`` refuses fields that its schema does not know, instead of dropping them."""
        return dict(self.request("POST", self._collection(value, namespace), value, **_modes(dry_run, strict)))

    def apply(self, value: Object, *, namespace: str = "", dry_run: bool = False, strict: bool = True) -> Object:
        """Server-side apply: create the object or bring its fields to these, taking them from other managers."""
        path = f"{self._collection(value, namespace)}/{value['metadata']['name']}"
        modes = {**_modes(dry_run, strict), "fieldManager": FIELD_MANAGER, "force": "true"}
        return dict(self.request("PATCH", path, value, content_type=_APPLY, **modes))

    def merge(self, api_version: str, kind: str, name: str, change: Object, namespace: str = "") -> Object:
        """Merge-patch an object."""
        path = self.path(api_version, kind, namespace, name)
        return dict(self.request("PATCH", path, change, content_type=_MERGE))

    def delete(self, api_version: str, kind: str, name: str, namespace: str = "") -> None:
        """Delete an object; one that is not there is as good."""
        try:
            self.request("DELETE", self.path(api_version, kind, namespace, name))
        except ApiError as error:
            if error.status != 404:
                raise

    def token(
        self, account: str, namespace: str, *audiences: str, seconds: int = 600, pod: Object | None = None
    ) -> str:
        """A token of a service account by the TokenRequest API; bound to ``pod`` (as the server gave it) if given."""
        spec: Object = {"audiences": list(audiences), "expirationSeconds": seconds}
        if pod is not None:
            meta = pod["metadata"]
            spec["boundObjectRef"] = {"apiVersion": "v1", "kind": "Pod", "name": meta["name"], "uid": meta["uid"]}
        path = self.path("v1", "ServiceAccount", namespace, account) + "/token"
        body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}
        return str(self.request("POST", path, body)["status"]["token"])

    def path(self, api_version: str, kind: str, namespace: str = "", name: str = "") -> str:
        """Where objects of a kind are (``/apis/dapr.io/v1alpha1/namespaces/n/components/c``).

        Raises:
            ApiError: the server has no such kind (404).
        """
        prefix = f"/api/{api_version}" if "/" not in api_version else f"/apis/{api_version}"
        plural, namespaced = self._resource(prefix, kind)
        scope = f"/namespaces/{namespace}" if namespaced and namespace else ""
        return f"{prefix}{scope}/{plural}" + (f"/{name}" if name else "")

    def wait_gone(self, api_version: str, kind: str, name: str, namespace: str = "") -> None:
        """Wait until an object is deleted."""
        for _ in patiently(f"the end of {kind} {name}"):
            try:
                self.get(api_version, kind, name, namespace)
            except ApiError as error:
                if error.status == 404:
                    return
                raise

    def wait_for(self, api_version: str, kind: str, name: str, namespace: str = "") -> Object:
        """Wait until an object is there; gives it."""
        for _ in patiently(f"{kind} {name}"):
            try:
                return self.get(api_version, kind, name, namespace)
            except ApiError as error:
                if error.status != 404:
                    raise
        raise AssertionError("unreachable")

    def wait_condition(self, api_version: str, kind: str, name: str, condition: str, namespace: str = "") -> Object:
        """Wait until a condition of the object's status is ``True``; gives the object."""
        for _ in patiently(f"{condition} of {kind} {name}"):
            found = self.get(api_version, kind, name, namespace)
            conditions = found.get("status", {}).get("conditions") or []
            if any(each["type"] == condition and each["status"] == "True" for each in conditions):
                return found
        raise AssertionError("unreachable")

    def _collection(self, value: Object, namespace: str) -> str:
        return self.path(value["apiVersion"], value["kind"], value["metadata"].get("namespace") or namespace)

    def _resource(self, prefix: str, kind: str) -> tuple[str, bool]:
        known = self._resources.get(prefix, {})
        if kind not in known:
            listed = self.request("GET", prefix)["resources"]
            known = {each["kind"]: (each["name"], each["namespaced"]) for each in listed if "/" not in each["name"]}
            self._resources[prefix] = known
        if kind not in known:
            raise ApiError(404, {"reason": "NotFound", "message": f"{prefix} has no kind {kind}"})
        return known[kind]


def named(value: Object, name: str) -> Object:
    """A copy of an object under another name."""
    twin = copy.deepcopy(value)
    twin["metadata"]["name"] = name
    return twin


def _modes(dry_run: bool, strict: bool) -> dict[str, str]:
    modes = {"fieldValidation": "Strict" if strict else "Ignore"}
    return {**modes, "dryRun": "All"} if dry_run else modes


def patiently(what: str) -> Iterator[None]:
    """Turns of a loop that polls; raises ``AssertionError`` naming ``what`` when a minute is over."""
    deadline = time.monotonic() + WAIT_LIMIT
    while time.monotonic() < deadline:
        yield
        time.sleep(0.05)
    raise AssertionError(f"{what} did not come about in {WAIT_LIMIT:.0f} s")
