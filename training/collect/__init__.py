"""Collecting what a model learns from: ground photos that know where they were taken, and the tiles around them."""
