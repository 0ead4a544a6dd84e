"""The committed modules equal their sources, and the check notices when they do not."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[4]
TOOL = ROOT / "tools/generate_protos.py"


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_committed_modules_equal_their_sources() -> None:
    done = subprocess.run([sys.executable, str(TOOL), "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_check_names_what_is_stale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tool = load(TOOL)
    stale = tmp_path / "gen"
    stale.mkdir()
    (stale / "gone_pb2.py").write_text("")
    monkeypatch.setattr(tool, "GENERATED", stale)
    monkeypatch.setattr(tool, "ROOT", tmp_path)
    monkeypatch.setattr(sys, "argv", ["generate_protos.py", "--check"])
    assert tool.main() == 1
    told = capsys.readouterr().err
    assert "gen/gone_pb2.py does not equal its source" in told
    assert "gen/common/v1/common_pb2.py" in told


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("CallLocalStream", "call_local_stream"),
        ("ListHTTPEndpoints", "list_http_endpoints"),
        ("MCPServerUpdate", "mcp_server_update"),
        ("ListInstanceIDs", "list_instance_ids"),
        ("OnBulkTopicEventAlpha1", "on_bulk_topic_event_alpha1"),
        ("ListSubscriptionsV2", "list_subscriptions_v2"),
    ],
)
def test_rpc_names_become_python_names(name: str, method: str) -> None:
    assert load(ROOT / "tools/protoc_gen_dapr.py").snake(name) == method
