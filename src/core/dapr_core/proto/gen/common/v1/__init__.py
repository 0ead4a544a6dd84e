"""Generated from the `.proto` sources by tools/generate_protos.py: do not edit."""
