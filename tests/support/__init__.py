"""What several test files share: real processes, raw sockets, recorded wires. Importable as ``support``."""
