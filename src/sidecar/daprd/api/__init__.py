"""The edges: decode a request, call a block, encode its answer. No rule lives here."""
