"""The bundled demonstration model: the runs that make it, at a size that two cores can train."""
