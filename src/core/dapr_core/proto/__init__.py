"""The `.proto` sources of every Dapr service, and the modules generated from them."""
