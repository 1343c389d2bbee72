"""Procedural landscapes: aerial view, ground view, caption and truth of the same place."""
