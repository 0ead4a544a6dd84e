"""`dapr annotate` as a command: what it reads, what it prints, and what it says beside it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import yaml
from support.cli import Cli

POD = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}  # a pod\n"


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    return Cli(tmp_path)


def annotated(text: str) -> dict[str, dict[str, str]]:
    """Annotations by name, of those that have any."""
    documents = [each for each in yaml.safe_load_all(text) if each]
    return {each["metadata"]["name"]: each["metadata"].get("annotations") for each in documents}


def test_a_chain_annotates_several_workloads(cli: Cli) -> None:
    text = "---\n".join(POD.format(name=name) for name in "abc")
    first = cli.run("annotate", "-k", "-r", "a", "--app-id", "one", "-", stdin=text)
    second = cli.run("annotate", "-k", "-r", "c", "-a", "two", "-p", "80", "-", stdin=first.stdout)
    assert (first.returncode, second.returncode, second.stderr) == (0, 0, "")
    assert annotated(second.stdout) == {
        "a": {"dapr.io/enabled": "true", "dapr.io/app-id": "one"},
        "b": None,
        "c": {"dapr.io/enabled": "true", "dapr.io/app-id": "two", "dapr.io/app-port": "80"},
    }
    assert second.stdout.count("# a pod") == 3


def test_flags_become_annotations(cli: Cli) -> None:
    flags = ["--enable-profile", "--log-level", "debug", "--log-as-json", "--enable-metrics=false", "--env", "A=1,B=2"]
    flags += ["--cpu-limit", "500m", "--liveness-probe-delay", "7", "--max-body-size", "8Mi", "--dapr-image", "r/d:1"]
    done = cli.run("annotate", "-k", "--config", "tracing", *flags, "-", stdin=POD.format(name="a"))
    assert annotated(done.stdout)["a"] == {
        "dapr.io/enabled": "true",
        "dapr.io/app-id": "default-pod-a",
        "dapr.io/config": "tracing",
        "dapr.io/enable-profiling": "true",
        "dapr.io/log-level": "debug",
        "dapr.io/log-as-json": "true",
        "dapr.io/enable-metrics": "false",
        "dapr.io/env": "A=1,B=2",
        "dapr.io/sidecar-cpu-limit": "500m",
        "dapr.io/sidecar-liveness-probe-delay-seconds": "7",
        "dapr.io/max-body-size": "8388608",
        "dapr.io/sidecar-image": "r/d:1",
    }


def test_the_manifests_below_a_folder_come_out_as_one(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "deploy"
    (folder / "deeper").mkdir(parents=True)
    (folder / "b.yml").write_text(POD.format(name="b").rstrip("\n"))
    (folder / "deeper" / "c.json").write_text('{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "c"}}')
    (folder / "a.yaml").write_text(f"# first\n---\n{POD.format(name='a')}")
    (folder / "README.md").write_text("no: [manifest")
    done = cli.run("annotate", "-k", "-r", "b", "deploy")
    assert (done.returncode, list(annotated(done.stdout))) == (0, ["a", "b", "c"])
    assert annotated(done.stdout)["b"] == {"dapr.io/enabled": "true", "dapr.io/app-id": "default-pod-b"}


@pytest.fixture
def server() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = self.path == "/pod.yaml"
            body = POD.format(name="far").encode() if found else b"gone"
            self.send_response(200 if found else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    httpd = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_address[1]}"
    httpd.shutdown()
    httpd.server_close()
    thread.join(10)


def test_a_url_is_read(cli: Cli, server: str) -> None:
    done = cli.run("annotate", "-k", f"{server}/pod.yaml", no_proxy="*")
    assert list(annotated(done.stdout)) == ["far"]
    missing = cli.run("annotate", "-k", f"{server}/other.yaml", no_proxy="*")
    assert (missing.returncode, missing.stdout) == (1, "")
    assert f"unable to read from {server}/other.yaml: 404" in missing.stderr


def test_nothing_to_annotate_is_told_beside_the_unchanged_text(cli: Cli) -> None:
    text = "kind: Service  # none\n"
    done = cli.run("annotate", "-k", "-", stdin=text)
    assert (done.returncode, done.stdout) == (0, text)
    assert "There is no workload to annotate: nothing changed" in done.stderr
    named = cli.run("annotate", "-k", "-r", "web", "-n", "shop", "-", stdin=text)
    assert "There is no workload called web in namespace shop" in named.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["x.yaml"], "only supported for Kubernetes, please provide the -k flag"),
        (["-k"], "please specify a Kubernetes resource file"),
        (["-k", "-n", "shop", "x.yaml"], "--resource is required when --namespace is provided."),
        (["-k", "missing.yaml"], "cannot read missing.yaml: No such file"),
        (["-k", "empty"], "the folder empty holds no manifest"),
        (["-k", "--max-body-size", "big", "-"], "error parsing value of max-body-size"),
        (["-k", "bad.yaml"], "bad.yaml cannot be annotated: it is no YAML"),
        (["-k", "bytes.yaml"], "bytes.yaml is no text in UTF-8"),
    ],
)
def test_what_cannot_be_done_is_told(cli: Cli, tmp_path: Path, words: list[str], said: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad.yaml").write_text("a: [b\n")
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe")
    done = cli.run("annotate", *words)
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
