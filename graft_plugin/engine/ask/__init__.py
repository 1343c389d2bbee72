"""Questions in plain language: a question becomes a small plan, which is interpreted, never executed."""
