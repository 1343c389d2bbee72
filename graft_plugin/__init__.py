"""GRAFT for QGIS: words in, similarity heatmaps and polygons out."""
