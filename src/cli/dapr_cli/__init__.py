"""The `dapr` command: set up a laptop, run applications beside their sidecars, and talk to them."""
