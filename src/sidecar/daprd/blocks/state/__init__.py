"""The state block: keys, values, conditions and transactions on the application's state stores (building-blocks.md §3).

``block`` holds the rules of each operation, ``loaded`` what the sidecar knows of one store, ``values`` the bytes a
value becomes, ``encryption`` the encryption at rest, ``observing`` what metrics are told.
"""

from daprd.blocks.state.block import StateBlock
from daprd.blocks.state.encryption import EncryptionKey, StateCipher
from daprd.blocks.state.observing import StateObserver
from daprd.blocks.state.values import DeleteItem, SaveItem

__all__ = ["DeleteItem", "EncryptionKey", "SaveItem", "StateBlock", "StateCipher", "StateObserver"]
