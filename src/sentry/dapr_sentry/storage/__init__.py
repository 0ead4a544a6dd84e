"""Where the root, the issuer and the JWT key are kept, such that no crash and no second replica can spoil them."""
