"""``dapr uninstall``: stop what runs and remove what ``dapr init`` made, and nothing else (cli-dashboard.md §4)."""

from __future__ import annotations

import shutil

from dapr_cli.command import Context, Failure
from dapr_cli.engine import Engine
from dapr_cli.inventory import Inventory


def uninstall(context: Context) -> int:
    """Remove the runtime; with ``--all`` also resources, Configuration and data."""
    console, root = context.console, context.root
    console.info("Removing Dapr from your machine...")
    if not root.manifest.exists():
        console.warning(f"WARNING: {root.path} holds nothing that this `dapr init` made")
        console.success("Dapr has been removed successfully")
        return 0
    inventory = Inventory.load(root.manifest, root.path)
    try:
        _stop_engine(context)
        _remove_files(context, inventory)
    except OSError as error:
        raise Failure(f"Error removing Dapr: {error}") from error
    console.success("Dapr has been removed successfully")
    return 0


def _stop_engine(context: Context) -> None:
    if Engine(context.root.engine).stop():
        context.console.info("Stopped the redis server")


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
    if everything and root.engine.is_relative_to(root.path) and _made_engine(context, inventory):
        shutil.rmtree(root.engine, ignore_errors=False)
    if everything:
        inventory.forget()
    inventory.remove_empty_folders()
    if not everything:
        inventory.save()


def _made_engine(context: Context, inventory: Inventory) -> bool:
    name = context.root.engine.relative_to(context.root.path).as_posix()
    return name in inventory.folders and context.root.engine.is_dir()
