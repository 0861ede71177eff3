"""How far people walk: reach over streets, walkways and stairs."""
