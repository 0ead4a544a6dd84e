"""Starting applications beside their sidecars: flags and run files in, supervised processes and readable logs out."""
