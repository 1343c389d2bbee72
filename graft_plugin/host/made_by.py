"""How polygons were made, in words: the layer metadata of an export, out of the fields that every polygon carries."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional, Sequence, Set, Tuple

from qgis.core import NULL, QgsCoordinateReferenceSystem, QgsLayerMetadata
from qgis.PyQt.QtCore import QDateTime, Qt
from qgis.PyQt.QtXml import QDomDocument

from .i18n import tr
from .model_gsd import model_licence

PROVENANCE = ("prompt", "area_m2", "model", "model_sha256", "threshold", "gsd_m", "source", "created")
"""The fields by which a layer is known as a result of GRAFT's."""

SHA_CHARS = 12


@dataclass
class Made:
    """What the polygons of a layer say about themselves, gathered one by one.

    Attributes:
        prompts: Prompt → (number of polygons, area in square metres, thresholds).
        told: Field → its values, in the order they came.
        refined: Whether an outline was drawn by SAM.
    """

    prompts: Dict[str, Tuple[int, float, Set[float]]] = field(default_factory=dict)
    told: Dict[str, List[Any]] = field(default_factory=dict)
    refined: bool = False

    def take(self, values: Dict[str, Any]) -> None:
        """Take one polygon's fields; those that are missing or NULL say nothing."""
        known = {name: value for name, value in values.items() if value is not None and value != NULL}
        count, area_m2, thresholds = self.prompts.get(str(known.get("prompt", "")), (0, 0.0, set()))
        if "threshold" in known:
            thresholds.add(round(float(known["threshold"]), 4))
        area_m2 += float(known.get("area_m2", 0.0))
        self.prompts[str(known.get("prompt", ""))] = (count + 1, area_m2, thresholds)
        self.refined = self.refined or "sam_score" in known
        for name in ("model", "model_sha256", "gsd_m", "source", "created"):
            values_so_far = self.told.setdefault(name, [])
            if name in known and known[name] not in values_so_far:
                values_so_far.append(known[name])

    def sentence(self) -> str:
        """Return how the polygons were made."""
        found = [
            tr("“{}”: {} polygons, {:,.0f} m², threshold {}").format(prompt, count, area_m2, _numbers(thresholds))
            for prompt, (count, area_m2, thresholds) in self.prompts.items()
        ]
        outlines = tr("outlines by Segment Anything") if self.refined else tr("outlines of the heatmap's cells")
        hashes = ", ".join(str(sha)[:SHA_CHARS] for sha in self.told.get("model_sha256", []))
        return tr("{}. Found by GRAFT in {} with the model {} (SHA-256 {}…) at {} m a pixel, {}; made {}.").format(
            "; ".join(found) or tr("No polygon"),
            self._texts("source"),
            self._texts("model"),
            hashes or "?",
            _numbers(self.told.get("gsd_m", [])),
            outlines,
            self._texts("created"),
        )

    def licences(self) -> List[str]:
        """Return what is known of the models' licences."""
        models = [str(model) for model in self.told.get("model", [])]
        return [tr("model {}: {}").format(model, model_licence(model) or tr("see its source")) for model in models]

    def _texts(self, name: str) -> str:
        return ", ".join(_text(value) for value in self.told.get(name, [])) or "?"


def metadata(made: Made, title: str, crs: QgsCoordinateReferenceSystem) -> QgsLayerMetadata:
    """Return the metadata of a new layer.

    Args:
        made: What its polygons say.
        title: The layer's name in QGIS.
        crs: The layer's.
    """
    found = QgsLayerMetadata()
    found.setType("dataset")
    found.setIdentifier(title)
    found.setTitle(title)
    found.setAbstract(made.sentence())
    found.setParentIdentifier(", ".join(_text(source) for source in made.told.get("source", [])))
    found.setKeywords({"GRAFT": list(made.prompts)})
    found.setLicenses(made.licences())
    found.setRights([tr("The imagery's own licence holds for what was drawn from it.")])
    found.setCrs(crs)
    found.addHistoryItem(_now() + ": " + made.sentence())
    return found


def with_history(old: QgsLayerMetadata, made: Made) -> QgsLayerMetadata:
    """Return a layer's metadata after polygons were appended to it: theirs is one more line of its history."""
    grown = QgsLayerMetadata(old)
    grown.addHistoryItem(_now() + ": " + tr("appended: {}").format(made.sentence()))
    licences: Sequence[str] = grown.licenses()
    grown.setLicenses([*licences, *(text for text in made.licences() if text not in licences)])
    return grown


def to_xml(found: QgsLayerMetadata) -> str:
    """Return metadata in the form that QGIS writes into a GeoPackage."""
    document = QDomDocument("qgis")
    root = document.createElement("qgis")
    document.appendChild(root)
    found.writeMetadataXml(root, document)
    return str(document.toString())


def from_xml(text: str) -> Optional[QgsLayerMetadata]:
    """Return the metadata in a text; None where it is none."""
    document = QDomDocument()
    read = document.setContent(text)
    if not (read[0] if isinstance(read, tuple) else read):
        return None
    found = QgsLayerMetadata()
    return found if found.readMetadataXml(document.documentElement()) else None


def _now() -> str:
    return _text(QDateTime.currentDateTimeUtc())


def _text(value: Any) -> str:  # noqa: ANN401 - any attribute
    return str(value.toUTC().toString(Qt.DateFormat.ISODate)) if isinstance(value, QDateTime) else str(value)


def _numbers(values: Any) -> str:  # noqa: ANN401 - any iterable of numbers
    return ", ".join(f"{value:g}" for value in sorted(values)) or "?"
