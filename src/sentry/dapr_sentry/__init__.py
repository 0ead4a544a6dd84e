"""Sentry, the certificate authority: it decides who a caller is, and signs that (control-plane.md §1).

Deciding (``validators``), building certificates and tokens (``authority``), keeping the root (``storage``) and serving
(``server``) are apart; ``process`` puts them together.
"""
