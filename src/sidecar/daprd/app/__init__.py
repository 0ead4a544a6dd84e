"""The one door to the user's application: its protocol, its health, its concurrency limit.

Admission rule: what is said to the application and how it is understood. Blocks use the contract and never know
whether the application speaks HTTP or gRPC.
"""
