"""The QGIS side: everything that imports qgis. Nothing here computes; it asks the engine and shows what comes back."""
