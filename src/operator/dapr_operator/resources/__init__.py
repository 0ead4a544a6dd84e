"""The declared objects of a cluster: kept by kind, their changes told to those whom they concern. No I/O here."""
