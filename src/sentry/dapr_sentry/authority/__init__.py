"""What sentry signs with, and what it signs: pure values and functions, no files, no sockets."""
