"""Bindings (building-blocks.md §2): what the application calls, and what calls the application.

``invoking`` serves output bindings, ``reading`` runs the input bindings while the application is healthy, ``block`` is
what the API and the runtime hold. Blocks know neither HTTP nor gRPC.
"""

from daprd.blocks.bindings.block import BindingsBlock
from daprd.blocks.bindings.invoking import OutputBindingError
from daprd.blocks.bindings.observer import BindingsObserver
from daprd.blocks.bindings.reading import InputBindings

__all__ = ["BindingsBlock", "BindingsObserver", "InputBindings", "OutputBindingError"]
