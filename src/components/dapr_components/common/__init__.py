"""What several vendors share: connections, metadata decoding, retry settings."""
