<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="ko" sourcelanguage="en">
<context>
    <name>GRAFT</name>
    <message>
        <source>, all seen before</source>
        <translation type="vanished">, 모두 이전에 처리됨</translation>
    </message>
    <message>
        <source>, {} seen before</source>
        <translation type="vanished">, {}개는 이전에 처리됨</translation>
    </message>
    <message>
        <source>1 tile</source>
        <translation type="vanished">타일 1개</translation>
    </message>
    <message>
        <source>8-bit values are taken as they are.</source>
        <translation type="vanished">8비트 값은 그대로 사용합니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/base.py"/>
        <source>A model's id (“graft models” lists them) or a checkpoint's path. “mini” is a demonstration.</source>
        <translation>모델의 ID(“graft models” 명령으로 목록을 볼 수 있습니다) 또는 체크포인트 파일의 경로입니다. “mini”는 시연용 모델입니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dialog.py"/>
        <source>A model's id or a checkpoint's path. “mini” is a small demonstration.</source>
        <translation>모델의 ID 또는 체크포인트 파일의 경로입니다. “mini”는 작은 시연용 모델입니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/base.py"/>
        <source>A raster file with red, green and blue bands. It is resampled to the model's ground resolution.</source>
        <translation>빨강, 초록, 파랑 밴드가 있는 래스터 파일입니다. 모델의 지상 해상도로 리샘플링합니다.</translation>
    </message>
    <message>
        <source>Add a raster layer to search.</source>
        <translation type="vanished">검색할 래스터 레이어를 추가하십시오.</translation>
    </message>
    <message>
        <source>Another file…</source>
        <translation type="vanished">다른 파일…</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/base.py"/>
        <location filename="graft_plugin/host/dialog.py"/>
        <source>Area</source>
        <translation>영역</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/source.py"/>
        <source>Assign one to the file: Raster, Projections, Assign Projection.</source>
        <translation>파일에 좌표계를 지정하십시오: 래스터 → 투영체 → 투영체 적용.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/source.py"/>
        <source>Assign the right one to the file: Raster, Projections, Assign Projection.</source>
        <translation>파일에 올바른 좌표계를 지정하십시오: 래스터 → 투영체 → 투영체 적용.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dialog.py"/>
        <source>Automatic</source>
        <translation>자동</translation>
    </message>
    <message>
        <source>Back to the threshold that was found from the histogram</source>
        <translation type="vanished">히스토그램에서 찾은 임곗값으로 되돌리기</translation>
    </message>
    <message>
        <source>Blue</source>
        <translation type="vanished">파랑</translation>
    </message>
    <message>
        <source>But not</source>
        <translation type="vanished">제외할 것</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dialog.py"/>
        <source>But not
(one a line)</source>
        <translation>제외할 것
(한 줄에 하나)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/base.py"/>
        <source>But not (one a line)</source>
        <translation>제외할 것 (한 줄에 하나)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/run_message.py"/>
        <source>Cancel</source>
        <translation>취소</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/base.py"/>
        <source>Cancelled; nothing was written.</source>
        <translation>취소했습니다. 아무 파일도 쓰지 않았습니다.</translation>
    </message>
    <message>
        <source>Checkpoints (*.safetensors *.ckpt *.pt *.pth *.bin)</source>
        <translation type="vanished">체크포인트 (*.safetensors *.ckpt *.pt *.pth *.bin)</translation>
    </message>
    <message>
        <source>Choose bands, ground resolution and stretch yourself</source>
        <translation type="vanished">밴드, 지상 해상도, 스트레치를 직접 정합니다</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation type="vanished">지우기</translation>
    </message>
    <message>
        <source>Click spots on the map</source>
        <translation type="vanished">지도에서 지점 클릭</translation>
    </message>
    <message>
        <source>Click what to look for; with Shift, what it is not; right-click takes one back</source>
        <translation type="vanished">찾을 것을 클릭하고, 아닌 것은 Shift를 누른 채 클릭하십시오. 오른쪽 클릭하면 하나를 되돌립니다</translation>
    </message>
    <message>
        <source>Click; Shift-click for unlike</source>
        <translation type="vanished">클릭, 아닌 것은 Shift+클릭</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/progress.py"/>
        <source>Comparing with the prompts</source>
        <translation>프롬프트와 비교하는 중</translation>
    </message>
    <message>
        <source>Copied to the clipboard.</source>
        <translation type="vanished">클립보드에 복사했습니다.</translation>
    </message>
    <message>
        <source>Copy as command</source>
        <translation type="vanished">명령으로 복사</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/base.py"/>
        <source>Decides bands, stretch and ground resolution; “auto” looks at the raster's bands.</source>
        <translation>밴드, 스트레치, 지상 해상도를 정합니다. “auto”는 래스터의 밴드를 보고 판단합니다.</translation>
    </message>
    <message>
        <source>Download</source>
        <translation type="vanished">내려받기</translation>
    </message>
    <message>
        <source>Downloading {}</source>
        <translation type="vanished">{} 내려받는 중</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/progress.py"/>
        <source>Drawing masks</source>
        <translation>마스크를 그리는 중</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/progress.py"/>
        <source>Drawing polygons</source>
        <translation>폴리곤을 그리는 중</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/segment.py"/>
        <source>Draws polygons around what the prompts name: a similarity heatmap is thresholded, and Segment Anything refines its outlines. The result is a layer in a GeoPackage with prompt, score, area and provenance.</source>
        <translation>프롬프트가 가리키는 대상을 폴리곤으로 그립니다. 유사도 히트맵에 임곗값을 적용한 다음 Segment Anything으로 윤곽을 다듬습니다. 결과는 프롬프트, 점수, 면적, 생성 이력을 담은 GeoPackage 레이어입니다.</translation>
    </message>
    <message>
        <source>Edit</source>
        <translation type="vanished">편집</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation type="vanished">내보내기…</translation>
    </message>
    <message>
        <source>Find</source>
        <translation type="vanished">찾기</translation>
    </message>
    <message>
        <source>Find where the scene looks like the place where this photo was taken</source>
        <translation type="vanished">이 사진을 찍은 곳과 비슷해 보이는 지점을 찾습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/segment.py"/>
        <source>Follow the outlines in the imagery; without it the polygons are the thresholded heatmap's cells.</source>
        <translation>영상에 보이는 윤곽을 따라갑니다. 사용하지 않으면 임곗값을 적용한 히트맵의 셀이 그대로 폴리곤이 됩니다.</translation>
    </message>
    <message>
        <source>From score</source>
        <translation type="vanished">최소 점수</translation>
    </message>
    <message>
        <source>GRAFT</source>
        <translation type="vanished">GRAFT</translation>
    </message>
    <message>
        <source>GRAFT panel</source>
        <translation type="vanished">GRAFT 패널</translation>
    </message>
    <message>
        <source>Green</source>
        <translation type="vanished">초록</translation>
    </message>
    <message>
        <source>Ground photo…</source>
        <translation type="vanished">지상 사진…</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/heatmap.py"/>
        <source>Heatmap</source>
        <translation>히트맵</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dialog.py"/>
        <source>Layer</source>
        <translation>레이어</translation>
    </message>
    <message>
        <source>Let Segment Anything follow the outlines in the imagery, from this threshold on</source>
        <translation type="vanished">이 임곗값을 기준으로 Segment Anything이 영상의 윤곽을 따라가게 합니다</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation type="vanished">라이선스</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/progress.py"/>
        <source>Loading the model</source>
        <translation>모델을 불러오는 중</translation>
    </message>
    <message>
        <source>Look for</source>
        <translation type="vanished">찾을 것</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dialog.py"/>
        <source>Look for
(one a line)</source>
        <translation>찾을 것
(한 줄에 하나)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/base.py"/>
        <source>Look for (one a line)</source>
        <translation>찾을 것 (한 줄에 하나)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/progress.py"/>
        <source>Looking at the imagery</source>
        <translation>영상을 살펴보는 중</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/base.py"/>
        <location filename="graft_plugin/host/dialog.py"/>
        <source>Model</source>
        <translation>모델</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/base.py"/>
        <source>Model {}, {:g} m a pixel, {:.1f} s</source>
        <translation>모델 {}, 픽셀당 {:g} m, {:.1f}초</translation>
    </message>
    <message>
        <source>More like this</source>
        <translation type="vanished">비슷한 곳 찾기</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/source.py"/>
        <source>Move the map to the layer, or take the whole layer.</source>
        <translation>지도를 레이어 쪽으로 옮기거나 레이어 전체를 선택하십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/base.py"/>
        <source>Name it in PROMPTS, one a line.</source>
        <translation>PROMPTS에 한 줄에 하나씩 적으십시오.</translation>
    </message>
    <message>
        <source>No result yet. Select a layer of an earlier run, or search.</source>
        <translation type="vanished">아직 결과가 없습니다. 이전 실행의 레이어를 선택하거나 검색하십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/segment.py"/>
        <source>Number of polygons</source>
        <translation>폴리곤 개수</translation>
    </message>
    <message>
        <source>Open a checkpoint</source>
        <translation type="vanished">체크포인트 열기</translation>
    </message>
    <message>
        <source>Open a ground photo</source>
        <translation type="vanished">지상 사진 열기</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/layers.py"/>
        <source>Open it from the Browser to see why.</source>
        <translation>탐색기에서 직접 열어 원인을 확인하십시오.</translation>
    </message>
    <message>
        <source>Or drop a photo taken on the ground here</source>
        <translation type="vanished">또는 지상에서 찍은 사진을 여기에 끌어다 놓으십시오</translation>
    </message>
    <message>
        <source>Other (RGB)</source>
        <translation type="vanished">기타 (RGB)</translation>
    </message>
    <message>
        <source>Photos (*.jpg *.jpeg *.png *.JPG *.JPEG *.PNG)</source>
        <translation type="vanished">사진 (*.jpg *.jpeg *.png *.JPG *.JPEG *.PNG)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/segment.py"/>
        <source>Polygons</source>
        <translation>폴리곤</translation>
    </message>
    <message>
        <source>Python for QGIS</source>
        <translation type="vanished">QGIS용 Python</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/layers.py"/>
        <source>QGIS cannot open this result</source>
        <translation>QGIS에서 이 결과를 열 수 없습니다</translation>
    </message>
    <message>
        <source>RGB image</source>
        <translation type="vanished">RGB 영상</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/base.py"/>
        <source>Raster layer</source>
        <translation>래스터 레이어</translation>
    </message>
    <message>
        <source>Recognise</source>
        <translation type="vanished">자동 인식</translation>
    </message>
    <message>
        <source>Red</source>
        <translation type="vanished">빨강</translation>
    </message>
    <message>
        <source>Refine with SAM</source>
        <translation type="vanished">SAM으로 다듬기</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/segment.py"/>
        <source>Refine with Segment Anything</source>
        <translation>Segment Anything으로 다듬기</translation>
    </message>
    <message>
        <source>Refining “{}”</source>
        <translation type="vanished">“{}” 다듬는 중</translation>
    </message>
    <message>
        <source>Remove “{}”</source>
        <translation type="vanished">“{}” 제거</translation>
    </message>
    <message>
        <source>Resolution</source>
        <translation type="vanished">해상도</translation>
    </message>
    <message>
        <source>Result</source>
        <translation type="vanished">결과</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dialog.py"/>
        <source>Run</source>
        <translation>실행</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dialog.py"/>
        <source>Save heatmap as</source>
        <translation>히트맵을 다른 이름으로 저장</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/source.py"/>
        <source>Save it as a GeoTIFF first: right-click, Export, Save As.</source>
        <translation>먼저 GeoTIFF로 저장하십시오: 오른쪽 클릭 → 내보내기 → 다른 이름으로 저장.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dialog.py"/>
        <source>Save polygons as</source>
        <translation>폴리곤을 다른 이름으로 저장</translation>
    </message>
    <message>
        <source>Save the polygons with their style to a GeoPackage</source>
        <translation type="vanished">폴리곤을 스타일과 함께 GeoPackage에 저장합니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dialog.py"/>
        <source>Save to</source>
        <translation>저장 위치</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/heatmap.py"/>
        <source>Scores every place of a raster by how much it looks like the prompts. The result is a float32 GeoTIFF with a band for each prompt, 0 (not at all) to 1 (surely), in the raster's own projection or its UTM zone.</source>
        <translation>래스터의 모든 지점이 프롬프트와 얼마나 비슷해 보이는지 점수를 매깁니다. 결과는 프롬프트마다 밴드가 하나씩 있는 float32 GeoTIFF이며, 값은 0(전혀 다름)에서 1(확실함) 사이이고, 좌표계는 래스터의 좌표계 또는 해당 UTM 구역입니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/segment.py"/>
        <location filename="graft_plugin/host/dialog.py"/>
        <source>Segment by prompt</source>
        <translation>프롬프트로 분할</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/layer_menu.py"/>
        <source>Segment by prompt…</source>
        <translation>프롬프트로 분할…</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/base.py"/>
        <source>Sensor</source>
        <translation>센서</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/heatmap.py"/>
        <location filename="graft_plugin/host/dialog.py"/>
        <source>Similarity heatmap</source>
        <translation>유사도 히트맵</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/layer_menu.py"/>
        <source>Similarity heatmap…</source>
        <translation>유사도 히트맵…</translation>
    </message>
    <message>
        <source>Starting …</source>
        <translation type="vanished">시작하는 중 …</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/run_message.py"/>
        <source>Stopping</source>
        <translation>멈추는 중</translation>
    </message>
    <message>
        <source>Stopping …</source>
        <translation type="vanished">멈추는 중 …</translation>
    </message>
    <message>
        <source>Stretch</source>
        <translation type="vanished">스트레치</translation>
    </message>
    <message>
        <source>Stretched to 8 bits: {}</source>
        <translation type="vanished">8비트로 스트레치: {}</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dialog.py"/>
        <source>Temporary file</source>
        <translation>임시 파일</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/segment.py"/>
        <source>The GeoPackage to write. In a file that exists, a new layer is added; no layer is overwritten.</source>
        <translation>결과를 쓸 GeoPackage입니다. 이미 있는 파일에는 새 레이어를 추가하며, 기존 레이어를 덮어쓰지 않습니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/heatmap.py"/>
        <source>The GeoTIFF to write; an existing file is replaced.</source>
        <translation>결과를 쓸 GeoTIFF입니다. 이미 있는 파일은 교체합니다.</translation>
    </message>
    <message>
        <source>The model's own</source>
        <translation type="vanished">모델 기본값</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/segment.py"/>
        <source>The score from which a place belongs to a prompt; not set: found from each heatmap's histogram.</source>
        <translation>어떤 지점을 프롬프트에 해당한다고 볼 최소 점수입니다. 비워 두면 각 히트맵의 히스토그램에서 찾습니다.</translation>
    </message>
    <message>
        <source>The values that become black and white, such as: 0, 3000</source>
        <translation type="vanished">검정과 흰색이 될 값, 예: 0, 3000</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dialog.py"/>
        <source>Threshold</source>
        <translation>임곗값</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/segment.py"/>
        <source>Threshold (0 to 1)</source>
        <translation>임곗값 (0~1)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/segment.py"/>
        <source>Total area in square metres</source>
        <translation>총면적 (제곱미터)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dialog.py"/>
        <source>Visible map</source>
        <translation>보이는 지도</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/base.py"/>
        <source>What looks like the prompts and is not, one a line.</source>
        <translation>프롬프트와 비슷해 보이지만 아닌 것을 한 줄에 하나씩 적습니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/base.py"/>
        <source>Where to look; the whole layer by default. It does not change what is found at a place.</source>
        <translation>찾을 범위입니다. 기본값은 레이어 전체입니다. 범위를 바꾸어도 같은 지점의 결과는 달라지지 않습니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dialog.py"/>
        <source>Whole layer</source>
        <translation>레이어 전체</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/base.py"/>
        <source>Words for what to find, one a line. Several prompts compete: a place belongs to the best.</source>
        <translation>찾을 대상을 나타내는 말을 한 줄에 하나씩 적습니다. 프롬프트가 여럿이면 서로 경쟁하며, 각 지점은 점수가 가장 높은 프롬프트에 속합니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/progress.py"/>
        <source>Writing polygons</source>
        <translation>폴리곤을 쓰는 중</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/progress.py"/>
        <source>Writing the heatmap</source>
        <translation>히트맵을 쓰는 중</translation>
    </message>
    <message>
        <source>about {}</source>
        <translation type="vanished">약 {}</translation>
    </message>
    <message>
        <source>automatic; or low, high</source>
        <translation type="vanished">자동, 또는 최솟값, 최댓값</translation>
    </message>
    <message>
        <source>bands {}</source>
        <translation type="vanished">밴드 {}</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/task.py"/>
        <source>cancelled</source>
        <translation>취소됨</translation>
    </message>
    <message>
        <source>download of {:.0f} MB</source>
        <translation type="vanished">{:.0f} MB 내려받기 필요</translation>
    </message>
    <message>
        <source>graft command line</source>
        <translation type="vanished">graft 명령줄</translation>
    </message>
    <message>
        <source>lake, forest, solar panels …</source>
        <translation type="vanished">lake, forest, solar panels …</translation>
    </message>
    <message>
        <source>needs a download</source>
        <translation type="vanished">내려받기 필요</translation>
    </message>
    <message>
        <source>needs a file</source>
        <translation type="vanished">파일 필요</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/source.py"/>
        <source>no known CRS</source>
        <translation>알 수 없는 좌표계</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/base.py"/>
        <source>nothing to look for</source>
        <translation>찾을 대상이 없습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dialog.py"/>
        <source>optional, such as: shadow</source>
        <translation>선택 사항, 예: shadow</translation>
    </message>
    <message>
        <source>optional: shadow</source>
        <translation type="vanished">선택 사항: shadow</translation>
    </message>
    <message>
        <source>qgis_process command line</source>
        <translation type="vanished">qgis_process 명령줄</translation>
    </message>
    <message>
        <source>ready</source>
        <translation type="vanished">준비됨</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dialog.py"/>
        <source>such as: lake</source>
        <translation>예: lake</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/source.py"/>
        <source>the area does not touch the layer “{}”</source>
        <translation>영역이 레이어 “{}”와(과) 겹치지 않습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/source.py"/>
        <source>the layer “{}” has no coordinate reference system</source>
        <translation>레이어 “{}”에 좌표계가 없습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/source.py"/>
        <source>the layer “{}” is in {}, its file in {}</source>
        <translation>레이어 “{}”의 좌표계는 {}이고, 파일의 좌표계는 {}입니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/source.py"/>
        <source>the layer “{}” is no raster file ({})</source>
        <translation>레이어 “{}”은(는) 래스터 파일이 아닙니다 ({})</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/messages.py"/>
        <source>unknown error</source>
        <translation>알 수 없는 오류</translation>
    </message>
    <message>
        <source>{:.1f} h</source>
        <translation type="vanished">{:.1f}시간</translation>
    </message>
    <message>
        <source>{:.3g} m pixels read at {:.3g} m</source>
        <translation type="vanished">{:.3g} m 픽셀을 {:.3g} m로 읽음</translation>
    </message>
    <message>
        <source>{} disk</source>
        <translation type="vanished">디스크 {}</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/layers.py"/>
        <source>{} heatmap · {}</source>
        <translation>{} 히트맵 · {}</translation>
    </message>
    <message>
        <source>{} like, {} unlike</source>
        <translation type="vanished">비슷한 곳 {}개, 아닌 곳 {}개</translation>
    </message>
    <message>
        <source>{} memory</source>
        <translation type="vanished">메모리 {}</translation>
    </message>
    <message>
        <source>{} min</source>
        <translation type="vanished">{}분</translation>
    </message>
    <message>
        <source>{} polygon, {}</source>
        <translation type="vanished">폴리곤 {}개, {}</translation>
    </message>
    <message>
        <source>{} polygons, {}</source>
        <translation type="vanished">폴리곤 {}개, {}</translation>
    </message>
    <message>
        <source>{} s</source>
        <translation type="vanished">{}초</translation>
    </message>
    <message>
        <source>{} tiles</source>
        <translation type="vanished">타일 {}개</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/runs.py"/>
        <source>{}: cancelled, nothing was written</source>
        <translation>{}: 취소했습니다. 아무 파일도 쓰지 않았습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/layers.py"/>
        <source>{}: highest score {:.2f}</source>
        <translation>{}: 최고 점수 {:.2f}</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/layers.py"/>
        <source>{}: no valid pixel in this area</source>
        <translation>{}: 이 영역에 유효한 픽셀이 없습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/layers.py"/>
        <source>{}: {} polygon, {}</source>
        <translation>{}: 폴리곤 {}개, {}</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/layers.py"/>
        <source>{}: {} polygons, {}</source>
        <translation>{}: 폴리곤 {}개, {}</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/runs.py"/>
        <source>“{}” in {}</source>
        <translation>“{}”, 레이어 {}</translation>
    </message>
</context>
</TS>
