"""``dapr annotate``: print manifests with one workload annotated (cli-dashboard.md §14)."""

from __future__ import annotations

from dapr_cli.annotating import sources
from dapr_cli.annotating.manifest import ManifestError
from dapr_cli.annotating.manifest import annotate as annotated
from dapr_cli.annotating.table import annotations_of
from dapr_cli.annotating.workloads import Workload
from dapr_cli.command import Context, Failure


def annotate(context: Context) -> int:
    """Read everything, annotate the first workload that is meant, print everything."""
    flags, console = context.flags, context.console
    resource, namespace = flags.text("resource"), flags.text("namespace")
    if not flags.switch("kubernetes"):
        raise Failure("annotate command is only supported for Kubernetes, please provide the -k flag")
    if not context.args:
        raise Failure("please specify a Kubernetes resource file; - reads standard input")
    if namespace and not resource:
        raise Failure("--resource is required when --namespace is provided.")
    annotations = annotations_of(flags)

    def is_meant(workload: Workload) -> bool:
        return not resource or workload.is_called(resource, namespace)

    found: Workload | None = None
    printed: list[str] = []
    for name, text in sources.read(context.args[0]):
        if found is None:
            try:
                result = annotated(text, annotations, is_meant)
            except ManifestError as error:
                raise Failure(f"{name} cannot be annotated: {error}") from None
            found, text = result.workload, result.text
            if found is not None and not result.kept:
                console.doubt(f"{found} in {name} had to be written anew: its comments are gone")
        printed.append(text)
    if found is None:
        what = f"called {resource}" if resource else "to annotate"
        where = f" in namespace {namespace}" if namespace else ""
        console.doubt(f"There is no workload {what}{where}: nothing changed")
    console.raw(joined(printed).encode())
    return 0


def joined(texts: list[str]) -> str:
    """Several streams of documents as one."""
    whole = ""
    for text in texts:
        if whole and not whole.endswith("\n"):
            whole += "\n"
        if whole:
            whole += _separator(text)
        whole += text
    return whole


def _separator(text: str) -> str:
    """What has to stand before a stream that comes behind another."""
    begun = next((line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")), "")
    if begun.startswith("%"):
        return "...\n"
    return "" if begun.startswith("---") else "---\n"
