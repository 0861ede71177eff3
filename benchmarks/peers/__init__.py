"""Other servers that answer the same questions, in environments of their own under ``out/peers``."""
