"""``dapr uninstall``: stop what runs and remove what ``dapr init`` made, and nothing else (cli-dashboard.md §4)."""

from __future__ import annotations

import shutil

from dapr_cli.background import Background
from dapr_cli.cluster.flags import check_place
from dapr_cli.cluster.table import UNINSTALL_ONLY
from dapr_cli.command import Context, Failure
from dapr_cli.inventory import Inventory
from dapr_cli.services import Services


def uninstall(context: Context) -> int:
    """Remove the runtime; with ``--all`` also resources, Configuration and data."""
    if check_place(context.flags, cluster=UNINSTALL_ONLY):
        from dapr_cli.cluster import installing

        installing.uninstall(context)
        return 0
    console, root = context.console, context.root
    console.info("Removing Dapr from your machine...")
    if not root.manifest.exists():
        console.warning(f"WARNING: {root.path} holds nothing that this `dapr init` made")
        console.success("Dapr has been removed successfully")
        return 0
    inventory = Inventory.load(root.manifest, root.path)
    try:
        _stop_services(context)
        _remove_files(context, inventory)
    except OSError as error:
        raise Failure(f"Error removing Dapr: {error}") from error
    console.success("Dapr has been removed successfully")
    return 0


def _services(context: Context) -> list[Background]:
    return list(reversed(Services.of(context.root)))


def _stop_services(context: Context) -> None:
    for service in _services(context):
        if service.stop():
            context.console.info(f"Stopped the {service.title[0].lower() + service.title[1:]}")


def _remove_files(context: Context, inventory: Inventory) -> None:
    console, root, everything = context.console, context.root, context.flags.switch("all")
    for path in inventory.paths():
        if not everything and not path.is_relative_to(root.bin):
            continue
        outcome = inventory.remove(path)
        if outcome == "edited":
            console.warning(f"Kept {path}: it was edited since `dapr init` wrote it")
        elif outcome == "absent":
            console.warning(f"WARNING: {path} does not exist")
    for service in _services(context) if everything else ():
        if service.folder.relative_to(root.path).as_posix() in inventory.folders and service.folder.is_dir():
            shutil.rmtree(service.folder)
    if everything:
        inventory.forget()
    inventory.remove_empty_folders()
    if not everything:
        inventory.save()
