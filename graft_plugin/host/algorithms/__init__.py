"""GRAFT in Processing: toolbox, modeler, batch and `qgis_process`."""
