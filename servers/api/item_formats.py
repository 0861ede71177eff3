"""The forms in which features are given, and the answers in those that are no GeoJSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Literal

from flask import Response, request
from werkzeug.http import dump_options_header

from servers.api.content import GEOJSON, REVALIDATE, attachment

if TYPE_CHECKING:
    import pyarrow as pa

    from servers.serving.baked.placing import ReferenceSystem

Form = Literal["json", "parquet", "arrow", "fgb", "gpkg"]
MEDIA_TYPES: dict[Form, str] = {
    "json": GEOJSON,
    "parquet": "application/vnd.apache.parquet",
    "arrow": "application/vnd.apache.arrow.stream",
    "fgb": "application/flatgeobuf",
    "gpkg": "application/geopackage+sqlite3",
}
_FORM_OF: dict[str, Form] = {"application/json": "json", **{media: form for form, media in MEDIA_TYPES.items()}}
_ENDINGS: dict[Form, str] = {"arrow": "arrows"}
_DRIVERS: dict[Form, str] = {"fgb": "FlatGeobuf", "gpkg": "GPKG"}


def form_asked(given: Form | None) -> Form:
    """What ``f`` says, else what ``Accept`` likes best, else GeoJSON."""
    if given is not None:
        return given
    if not request.accept_mimetypes:
        return "json"
    best = request.accept_mimetypes.best_match([GEOJSON, "application/json", *MEDIA_TYPES.values()], GEOJSON)
    return _FORM_OF[best]


@dataclass(frozen=True)
class FeatureFile:
    """Features as a file to be saved. ``stem`` is its name without ending."""

    table: pa.Table
    layer: str
    form: Form
    system: ReferenceSystem
    stem: str

    def response(self) -> Response:
        """The file, whole and of known length but for Arrow, which goes batch by batch."""
        from servers.serving.baked import formats

        name = f"{self.stem}.{_ENDINGS.get(self.form, self.form)}"
        if self.form == "arrow":
            return _streamed(Response(formats.arrow_stream(self.table), mimetype=MEDIA_TYPES["arrow"]), name)
        stream = self._stream()
        size = stream.seek(0, 2)
        stream.seek(0)
        return attachment(stream, MEDIA_TYPES[self.form], name, size)

    def _stream(self) -> BinaryIO:
        from servers.serving.baked import formats

        if self.form == "parquet":
            return formats.geoparquet(self.table)
        return formats.gdal_file(self.table, self.layer, _DRIVERS[self.form], f".{self.form}", self.system)


def _streamed(response: Response, name: str) -> Response:
    ascii_name = "".join(sign if sign.isascii() else "_" for sign in name)
    response.headers["Content-Disposition"] = dump_options_header("attachment", {"filename": ascii_name})
    response.headers["Cache-Control"] = REVALIDATE
    return response
