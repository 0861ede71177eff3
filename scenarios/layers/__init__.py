"""Questions that any two layers can be asked."""
