"""The ``sentry`` command."""
