"""Resiliency, access control and scopes: pure decisions, with the clock and the dice as arguments."""
