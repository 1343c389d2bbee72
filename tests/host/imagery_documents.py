"""What a server of WMS, WMTS and WCS says of itself: one layer, "scene", in a UTM zone.

Fields: `url`, the service's own address; `box`, xmin, ymin, xmax, ymax; for WMTS `levels`, from `matrix`; for WCS
`high`, the last column and row.
"""

from __future__ import annotations

EPSG = 32615
TILE_PX = 256
PIXEL_OF_SCALE_M = 0.00028
"""The pixel that a WMTS's scale denominators are made for."""

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
_LINK = 'xmlns:xlink="http://www.w3.org/1999/xlink"'
_GET = '<DCPType><HTTP><Get><OnlineResource xlink:href="{url}"/></Get></HTTP></DCPType>'
_BOX = '<BoundingBox CRS="EPSG:32615" minx="{box[0]}" miny="{box[1]}" maxx="{box[2]}" maxy="{box[3]}"/>'

WMS = f"""{_HEAD}
<WMS_Capabilities version="1.3.0" xmlns="http://www.opengis.net/wms" {_LINK}>
<Service><Name>WMS</Name><Title>test</Title><OnlineResource xlink:href="{{url}}"/></Service>
<Capability><Request>
<GetCapabilities><Format>text/xml</Format>{_GET}</GetCapabilities>
<GetMap><Format>image/png</Format>{_GET}</GetMap>
</Request><Exception><Format>XML</Format></Exception>
<Layer><Title>root</Title><CRS>EPSG:{EPSG}</CRS>
<EX_GeographicBoundingBox><westBoundLongitude>-93.1</westBoundLongitude><eastBoundLongitude>-92.9</eastBoundLongitude>
<southBoundLatitude>45.0</southBoundLatitude><northBoundLatitude>45.3</northBoundLatitude></EX_GeographicBoundingBox>
{_BOX}
<Layer queryable="0"><Name>scene</Name><Title>scene</Title><CRS>EPSG:{EPSG}</CRS>
{_BOX}</Layer>
</Layer></Capability></WMS_Capabilities>"""

_OWS_GET = (
    '<ows:DCP><ows:HTTP><ows:Get xlink:href="{url}"><ows:Constraint name="GetEncoding"><ows:AllowedValues>'
    "<ows:Value>KVP</ows:Value></ows:AllowedValues></ows:Constraint></ows:Get></ows:HTTP></ows:DCP>"
)

WMTS = f"""{_HEAD}
<Capabilities version="1.0.0" {_LINK}
 xmlns="http://www.opengis.net/wmts/1.0" xmlns:ows="http://www.opengis.net/ows/1.1">
<ows:ServiceIdentification><ows:Title>test</ows:Title><ows:ServiceType>OGC WMTS</ows:ServiceType>
<ows:ServiceTypeVersion>1.0.0</ows:ServiceTypeVersion></ows:ServiceIdentification>
<ows:OperationsMetadata><ows:Operation name="GetCapabilities">{_OWS_GET}</ows:Operation>
<ows:Operation name="GetTile">{_OWS_GET}</ows:Operation></ows:OperationsMetadata>
<Contents>
<Layer><ows:Title>scene</ows:Title>
<ows:WGS84BoundingBox><ows:LowerCorner>-93.1 45.0</ows:LowerCorner><ows:UpperCorner>-92.9 45.3</ows:UpperCorner>
</ows:WGS84BoundingBox>
<ows:BoundingBox crs="urn:ogc:def:crs:EPSG::{EPSG}"><ows:LowerCorner>{{box[0]}} {{box[1]}}</ows:LowerCorner>
<ows:UpperCorner>{{box[2]}} {{box[3]}}</ows:UpperCorner></ows:BoundingBox>
<ows:Identifier>scene</ows:Identifier><Style isDefault="true"><ows:Identifier>default</ows:Identifier></Style>
<Format>image/png</Format><TileMatrixSetLink><TileMatrixSet>utm</TileMatrixSet></TileMatrixSetLink></Layer>
<TileMatrixSet><ows:Identifier>utm</ows:Identifier>
<ows:SupportedCRS>urn:ogc:def:crs:EPSG::{EPSG}</ows:SupportedCRS>{{levels}}</TileMatrixSet>
</Contents></Capabilities>"""


def matrix(name: str, pixel_m: float, left: float, top: float, tiles: int) -> str:
    """One level of a WMTS: `tiles` by `tiles` from the upper left corner on."""
    return (
        f"<TileMatrix><ows:Identifier>{name}</ows:Identifier>"
        f"<ScaleDenominator>{pixel_m / PIXEL_OF_SCALE_M!r}</ScaleDenominator>"
        f"<TopLeftCorner>{left!r} {top!r}</TopLeftCorner><TileWidth>{TILE_PX}</TileWidth>"
        f"<TileHeight>{TILE_PX}</TileHeight><MatrixWidth>{tiles}</MatrixWidth><MatrixHeight>{tiles}</MatrixHeight>"
        "</TileMatrix>"
    )


_WCS = f'version="1.0.0" xmlns="http://www.opengis.net/wcs" xmlns:gml="http://www.opengis.net/gml" {_LINK}'
_COVERAGE = (
    "<name>scene</name><label>scene</label>"
    '<lonLatEnvelope srsName="urn:ogc:def:crs:OGC:1.3:CRS84"><gml:pos>-93.1 45.0</gml:pos>'
    "<gml:pos>-92.9 45.3</gml:pos></lonLatEnvelope>"
)

WCS = f"""{_HEAD}
<WCS_Capabilities {_WCS}>
<Service><name>WCS</name><label>test</label></Service>
<Capability><Request><GetCapabilities>{_GET}</GetCapabilities><DescribeCoverage>{_GET}</DescribeCoverage>
<GetCoverage>{_GET}</GetCoverage></Request></Capability>
<ContentMetadata><CoverageOfferingBrief>{_COVERAGE}</CoverageOfferingBrief></ContentMetadata>
</WCS_Capabilities>"""

WCS_COVERAGE = f"""{_HEAD}
<CoverageDescription {_WCS}><CoverageOffering>{_COVERAGE}
<domainSet><spatialDomain>
<gml:Envelope srsName="EPSG:{EPSG}"><gml:pos>{{box[0]}} {{box[1]}}</gml:pos><gml:pos>{{box[2]}} {{box[3]}}</gml:pos>
</gml:Envelope>
<gml:RectifiedGrid dimension="2"><gml:limits><gml:GridEnvelope><gml:low>0 0</gml:low>
<gml:high>{{high[0]}} {{high[1]}}</gml:high></gml:GridEnvelope></gml:limits>
<gml:axisName>x</gml:axisName><gml:axisName>y</gml:axisName>
<gml:origin><gml:pos>{{box[0]}} {{box[3]}}</gml:pos></gml:origin>
<gml:offsetVector>1 0</gml:offsetVector><gml:offsetVector>0 -1</gml:offsetVector></gml:RectifiedGrid>
</spatialDomain></domainSet>
<rangeSet><RangeSet><name>bands</name><label>bands</label></RangeSet></rangeSet>
<supportedCRSs><requestResponseCRSs>EPSG:{EPSG}</requestResponseCRSs><nativeCRSs>EPSG:{EPSG}</nativeCRSs>
</supportedCRSs>
<supportedFormats nativeFormat="GeoTIFF"><formats>GeoTIFF</formats></supportedFormats>
</CoverageOffering></CoverageDescription>"""
