"""The tour of `make demo`: two applications talk through two sidecars on this machine.

Everything happens in a temporary folder, with a Redis server, sidecars and applications that this script starts and
stops by itself. Each step says what it does, checks what came back, and ends the tour with a clear text when it is not
what it should be.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HELLO = Path(__file__).resolve().parent / "hello"
DAPR = [sys.executable, "-m", "dapr_cli.main"]
READY_TIMEOUT, MESSAGE_TIMEOUT, STOP_TIMEOUT = 25.0, 15.0, 25.0
KEPT_VARIABLES = ("DAPR_RUNTIME_COMMAND",)
WIDTH = 112
COLOUR = sys.stdout.isatty() and not os.environ.get("NO_COLOR")


class DemoFailed(Exception):
    """Something did not come out as it should."""


def painted(code: str, text: str) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if COLOUR else text


def say(text: str) -> None:
    print(f"  {text}", flush=True)


def shortened(line: str) -> str:
    return line if len(line) <= WIDTH else line[: WIDTH - 1].rstrip() + "…"


def title(number: int, text: str) -> None:
    print("\n" + painted("96;1", f"{number}. {text}"), flush=True)


def check(claim: str, value: object, expected: object) -> None:
    """Print the claim with a tick, or end the demo with what was seen instead."""
    if value != expected:
        raise DemoFailed(f"{claim}: expected {expected!r}, but got {value!r}")
    say(painted("92;1", "✔ ") + claim)


class Tour:
    """The folder, the ports and the running applications of one demo."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.run_file = folder / "hello" / "dapr.yaml"
        self.greeter, self.frontdesk = free_ports(2)
        self.running: subprocess.Popen[bytes] | None = None
        self.log = folder / "run.log"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("DAPR_", "APP_"))}
        kept |= {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        self.env = {**kept, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', os.defpath)}"}

    def copy_applications(self) -> None:
        """Copy the example, so that its logs stay out of the checkout, and give it ports that are free here."""
        shutil.copytree(HELLO, self.folder / "hello", ignore=shutil.ignore_patterns(".dapr", "__pycache__"))
        text = self.run_file.read_text(encoding="utf-8")
        text = text.replace("6101", str(self.greeter)).replace("6102", str(self.frontdesk))
        self.run_file.write_text(text, encoding="utf-8")

    def dapr(self, *words: str) -> None:
        """Run one dapr command, show its output, and insist on its success."""
        say(painted("2", "$ dapr " + " ".join(words).replace(str(self.folder), "…")))
        command = [*DAPR, *words, "--runtime-path", str(self.folder)]
        done = subprocess.run(
            command, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60, check=False
        )
        for line in done.stdout.splitlines():
            say("  " + painted("2", shortened(line.replace(str(self.folder), "…"))))
        if done.returncode != 0:
            raise DemoFailed(f"dapr {words[0]} ended with status {done.returncode}")

    def start(self) -> None:
        """`dapr run -f`, and wait until both applications are served."""
        say(painted("2", "$ dapr run -f …/hello/dapr.yaml"))
        command = [*DAPR, "run", "-f", str(self.run_file), "--runtime-path", str(self.folder)]
        begin = self.log.stat().st_size if self.log.exists() else 0
        with open(self.log, "ab") as log:
            self.running = subprocess.Popen(
                command, env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        self.wait_until_served(begin)

    def wait_until_served(self, begin: int) -> None:
        """Both pairs are up when the CLI says so, in its log from ``begin`` on."""
        deadline = time.monotonic() + READY_TIMEOUT
        wanted = (b'Started Dapr with app id "greeter"', b'Started Dapr with app id "frontdesk"')
        while time.monotonic() < deadline:
            assert self.running is not None
            log = self.log.read_bytes()[begin:]
            if all(line in log for line in wanted):
                return
            if self.running.poll() is not None:
                raise DemoFailed(f"dapr run ended with status {self.running.returncode}")
            time.sleep(0.05)
        raise DemoFailed(f"the applications were not ready within {READY_TIMEOUT:.0f} s")

    def stop(self) -> None:
        """`dapr stop -f`, and wait until `dapr run` has ended."""
        assert self.running is not None
        self.dapr("stop", "-f", str(self.run_file))
        check("everything has stopped in good order", self.running.wait(STOP_TIMEOUT), 0)
        self.running = None

    def end(self) -> None:
        """Stop what still runs, at whatever point the tour has ended."""
        if self.running is not None and self.running.poll() is None:
            self.running.terminate()
            self.running.wait(STOP_TIMEOUT)
        self.running = None

    def show_logs(self) -> None:
        """What the processes said, for whoever has to find out what went wrong."""
        for path in (self.log, *sorted(self.folder.glob("hello/*/.dapr/logs/*"))):
            if path.exists():
                print(painted("93;1", f"\n--- the end of {path.name}"), flush=True)
                print("\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-15:]), flush=True)


def free_ports(count: int) -> list[int]:
    """Ports that were free a moment ago."""
    with contextlib.ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]


def get(port: int, path: str) -> Any:
    """A request to one of the applications, as a browser would make it."""
    url = f"http://127.0.0.1:{port}{path}"
    try:
        with urllib.request.urlopen(url, timeout=20) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            raise DemoFailed(f"{url} answered {error.code}: {error.read().decode(errors='replace')}") from None
    except OSError as error:
        raise DemoFailed(f"{url} does not answer: {error}") from None


def tour(demo: Tour) -> None:
    title(1, "Set up: a Redis server and default resources, all in a temporary folder")
    demo.copy_applications()
    demo.dapr("init")

    title(2, "Start two applications, `frontdesk` and `greeter`, each beside its own sidecar")
    demo.start()
    demo.dapr("list")

    title(3, "A call: frontdesk → its sidecar → greeter's sidecar → greeter, and back")
    answer = get(demo.frontdesk, "/welcome?name=Ada")
    say(f"frontdesk answered {json.dumps(answer, ensure_ascii=False)}")
    check("the greeting came from greeter", answer["greeting"], "Hello, Ada!")
    check("greeter knows by its sidecar who asked", answer["asked-by"], "frontdesk")

    title(4, "A counter in the state store that outlives the sidecars and the Redis server")
    check("frontdesk has counted the first visit", answer["visits"], 1)
    for place, name in enumerate(("Grace", "Linus"), 2):
        check(f"the visit of {name} makes {place}", get(demo.frontdesk, f"/welcome?name={name}")["visits"], place)
    say("Now everything stops: applications, sidecars, and the Redis server. Then it starts again.")
    demo.stop()
    demo.dapr("uninstall")
    demo.dapr("init")
    demo.start()
    check("after the restart the count goes on", get(demo.frontdesk, "/welcome?name=Barbara")["visits"], 4)

    title(5, "A message: frontdesk publishes to the topic `visits`, greeter receives it")
    get(demo.frontdesk, "/announce?name=Margaret")
    check("greeter has received the message", heard(demo, {"visitor": "Margaret"}), {"visitor": "Margaret"})


def heard(demo: Tour, wanted: dict[str, str]) -> object:
    """The wanted message once greeter has it, else what it has when the time is over."""
    deadline = time.monotonic() + MESSAGE_TIMEOUT
    while wanted not in (messages := get(demo.greeter, "/heard")) and time.monotonic() < deadline:
        time.sleep(0.05)
    return wanted if wanted in messages else messages


@contextlib.contextmanager
def cleaned_up(demo: Tour) -> Iterator[None]:
    """Stop and remove everything at the end, also after a failure or Ctrl-C."""
    try:
        yield
    finally:
        title(6, "Clean up: stop everything and remove what was made")
        demo.end()
        demo.dapr("uninstall", "--all")


def main() -> int:
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="dapr-demo-") as folder:
        demo = Tour(Path(folder))
        try:
            with cleaned_up(demo):
                try:
                    tour(demo)
                except DemoFailed:
                    demo.show_logs()
                    raise
        except (DemoFailed, subprocess.TimeoutExpired, OSError) as error:
            print(painted("91;1", f"\n✘ The demo failed. {error}"), file=sys.stderr, flush=True)
            return 1
        except KeyboardInterrupt:
            print("\nThe demo was interrupted.", file=sys.stderr, flush=True)
            return 130
    print(painted("92;1", f"\n✔ The demo is complete, in {time.monotonic() - began:.1f} s."), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
