<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="ko" sourcelanguage="en">
<context>
    <name>GRAFT</name>
    <message>
        <source> GB</source>
        <translation type="vanished"> GB</translation>
    </message>
    <message>
        <source> minutes</source>
        <translation type="vanished">분</translation>
    </message>
    <message>
        <source>, all seen before</source>
        <translation type="vanished">, 모두 이전에 처리됨</translation>
    </message>
    <message>
        <source>, and at most {} million are rendered</source>
        <translation type="vanished">, 렌더링할 수 있는 최대 크기는 {}백만 픽셀입니다</translation>
    </message>
    <message>
        <source>, {} seen before</source>
        <translation type="vanished">, {}개는 이전에 처리됨</translation>
    </message>
    <message>
        <source>1 polygon is in the layer “{1}” of {2}</source>
        <translation type="vanished">폴리곤 1개를 {2}의 레이어 “{1}”에 저장했습니다</translation>
    </message>
    <message>
        <source>1 polygon is selected</source>
        <translation type="vanished">폴리곤 1개가 선택됨</translation>
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
        <source>A GeoPackage, new or existing</source>
        <translation type="vanished">새 GeoPackage 또는 기존 GeoPackage</translation>
    </message>
    <message>
        <source>A Python that has torch and GRAFT's other packages</source>
        <translation type="vanished">torch와 GRAFT의 다른 패키지가 설치된 Python</translation>
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
        <source>A photo taken on the ground, JPEG or PNG; found is where the scene looks like its surroundings.</source>
        <translation type="vanished">지상에서 찍은 사진(JPEG 또는 PNG)입니다. 사진을 찍은 곳의 주변과 비슷해 보이는 지점을 찾습니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/base.py"/>
        <source>A raster file with red, green and blue bands. It is resampled to the model's ground resolution.</source>
        <translation>빨강, 초록, 파랑 밴드가 있는 래스터 파일입니다. 모델의 지상 해상도로 리샘플링합니다.</translation>
    </message>
    <message>
        <source>A raster with red, green and blue bands. It is resampled to the model's ground resolution. A layer that is no file (XYZ, WMS …) is rendered first, at that resolution and without its styling.</source>
        <translation type="vanished">빨강, 초록, 파랑 밴드가 있는 래스터입니다. 모델의 지상 해상도로 리샘플링합니다. 파일이 아닌 레이어(XYZ, WMS 등)는 먼저 그 해상도로, 스타일 없이 렌더링합니다.</translation>
    </message>
    <message>
        <source>A report was copied. Look it through, then paste it where you report the problem.</source>
        <translation type="vanished">보고서를 복사했습니다. 내용을 살펴본 다음 문제를 신고하는 곳에 붙여 넣으십시오.</translation>
    </message>
    <message>
        <source>Add a raster layer to search.</source>
        <translation type="vanished">검색할 래스터 레이어를 추가하십시오.</translation>
    </message>
    <message>
        <source>Add one, or choose another area.</source>
        <translation type="vanished">추가하거나 다른 영역을 선택하십시오.</translation>
    </message>
    <message>
        <source>Add the exported layer to the map</source>
        <translation type="vanished">내보낸 레이어를 지도에 추가</translation>
    </message>
    <message>
        <source>An engine that holds more is ended, with a message; QGIS goes on.</source>
        <translation type="vanished">엔진이 이보다 많은 메모리를 쓰면 메시지를 남기고 종료합니다. QGIS는 계속 실행됩니다.</translation>
    </message>
    <message>
        <source>An idle engine ends and gives its memory back; the next search starts it again.</source>
        <translation type="vanished">쉬고 있는 엔진은 종료되어 메모리를 돌려주고, 다음 검색 때 다시 시작됩니다.</translation>
    </message>
    <message>
        <source>Another file…</source>
        <translation type="vanished">다른 파일…</translation>
    </message>
    <message>
        <source>Append to</source>
        <translation type="vanished">추가할 레이어</translation>
    </message>
    <message>
        <source>Apple graphics (MPS)</source>
        <translation type="vanished">Apple 그래픽 (MPS)</translation>
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
        <source>Automatic ({:.0f} GB)</source>
        <translation type="vanished">자동 ({:.0f} GB)</translation>
    </message>
    <message>
        <source>Back to the threshold that was found from the histogram</source>
        <translation type="vanished">히스토그램에서 찾은 임곗값으로 되돌리기</translation>
    </message>
    <message>
        <source>Band numbers from 1 on, such as 3,2,1; not set: by the sensor.</source>
        <translation type="vanished">1부터 시작하는 밴드 번호, 예: 3,2,1. 비워 두면 센서에 따라 정합니다.</translation>
    </message>
    <message>
        <source>Bands (red,green,blue)</source>
        <translation type="vanished">밴드 (빨강,초록,파랑)</translation>
    </message>
    <message>
        <source>Being set up: {:.0f} %</source>
        <translation type="vanished">설치하는 중: {:.0f} %</translation>
    </message>
    <message>
        <source>Blue</source>
        <translation type="vanished">파랑</translation>
    </message>
    <message>
        <source>Build it anew from nothing</source>
        <translation type="vanished">처음부터 새로 만들기</translation>
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
        <source>But unlike these spots</source>
        <translation type="vanished">다만 이 지점들과는 다른 곳</translation>
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
        <source>Check that the file is there and whole.</source>
        <translation type="vanished">파일이 있는지, 손상되지 않았는지 확인하십시오.</translation>
    </message>
    <message>
        <source>Check the free space and close the file in other programs, then run it again.</source>
        <translation type="vanished">여유 공간을 확인하고 다른 프로그램에서 파일을 닫은 다음 다시 실행하십시오.</translation>
    </message>
    <message>
        <source>Check the free space, close the file in other programs, or name another file.</source>
        <translation type="vanished">여유 공간을 확인하거나, 다른 프로그램에서 파일을 닫거나, 다른 파일을 지정하십시오.</translation>
    </message>
    <message>
        <source>Check the layer's CRS.</source>
        <translation type="vanished">레이어의 좌표계를 확인하십시오.</translation>
    </message>
    <message>
        <source>Check the layer's address and your connection, then run it again: it goes on where it stopped.</source>
        <translation type="vanished">레이어의 주소와 네트워크 연결을 확인한 다음 다시 실행하십시오. 멈춘 곳에서 이어집니다.</translation>
    </message>
    <message>
        <source>Checking that it works</source>
        <translation type="vanished">작동을 확인하는 중</translation>
    </message>
    <message>
        <source>Checkpoints (*.safetensors *.ckpt *.pt *.pth *.bin)</source>
        <translation type="vanished">체크포인트 (*.safetensors *.ckpt *.pt *.pth *.bin)</translation>
    </message>
    <message>
        <source>Choose a GeoPackage, or a name for a new one.</source>
        <translation type="vanished">GeoPackage를 선택하거나 새 파일의 이름을 정하십시오.</translation>
    </message>
    <message>
        <source>Choose a smaller area, such as the visible map, or save the layer as a GeoTIFF.</source>
        <translation type="vanished">보이는 지도처럼 더 작은 영역을 선택하거나 레이어를 GeoTIFF로 저장하십시오.</translation>
    </message>
    <message>
        <source>Choose an area where the layer shows something, or a coarser ground resolution.</source>
        <translation type="vanished">레이어에 내용이 있는 영역을 선택하거나 더 성긴 지상 해상도를 선택하십시오.</translation>
    </message>
    <message>
        <source>Choose another area.</source>
        <translation type="vanished">다른 영역을 선택하십시오.</translation>
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
        <source>Clear the store</source>
        <translation type="vanished">저장소 비우기</translation>
    </message>
    <message>
        <source>Clear…</source>
        <translation type="vanished">비우기…</translation>
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
        <source>Close</source>
        <translation type="vanished">닫기</translation>
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
        <source>Copies versions, settings and the log's end, without names and paths.</source>
        <translation type="vanished">버전, 설정, 로그의 마지막 부분을 이름과 경로 없이 복사합니다.</translation>
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
        <source>Default model</source>
        <translation type="vanished">기본 모델</translation>
    </message>
    <message>
        <source>Delete the embeddings in {}?

The next search of a raster computes them again.</source>
        <translation type="vanished">{}의 임베딩을 삭제할까요?

다음에 래스터를 검색할 때 다시 계산합니다.</translation>
    </message>
    <message>
        <source>Deleting …</source>
        <translation type="vanished">삭제하는 중 …</translation>
    </message>
    <message>
        <source>Disk</source>
        <translation type="vanished">디스크</translation>
    </message>
    <message>
        <source>Download</source>
        <translation type="vanished">내려받기</translation>
    </message>
    <message>
        <source>Downloading</source>
        <translation type="vanished">내려받는 중</translation>
    </message>
    <message>
        <source>Downloading {}</source>
        <translation type="vanished">{} 내려받는 중</translation>
    </message>
    <message>
        <source>Drag a rectangle over the map; Esc gives up.</source>
        <translation type="vanished">지도 위에서 사각형을 끌어 그리십시오. Esc를 누르면 그만둡니다.</translation>
    </message>
    <message>
        <source>Draw</source>
        <translation type="vanished">그리기</translation>
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
        <source>Drawn rectangle</source>
        <translation type="vanished">그린 사각형</translation>
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
        <source>Embeddings</source>
        <translation type="vanished">임베딩</translation>
    </message>
    <message>
        <source>Empty: GRAFT's own environment. Or an existing Python that has GRAFT's packages.</source>
        <translation type="vanished">비워 두면 GRAFT 자체 환경을 사용합니다. 또는 GRAFT의 패키지가 설치된 기존 Python을 지정하십시오.</translation>
    </message>
    <message>
        <source>End when idle for</source>
        <translation type="vanished">쉬면 종료할 시간</translation>
    </message>
    <message>
        <source>Engine</source>
        <translation type="vanished">엔진</translation>
    </message>
    <message>
        <source>Export</source>
        <translation type="vanished">내보내기</translation>
    </message>
    <message>
        <source>Export to</source>
        <translation type="vanished">내보낼 방식</translation>
    </message>
    <message>
        <source>Export to a new layer.</source>
        <translation type="vanished">새 레이어로 내보내십시오.</translation>
    </message>
    <message>
        <source>Export with style to GeoPackage</source>
        <translation type="vanished">스타일과 함께 GeoPackage로 내보내기</translation>
    </message>
    <message>
        <source>Export with style to GeoPackage…</source>
        <translation type="vanished">스타일과 함께 GeoPackage로 내보내기…</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation type="vanished">내보내기…</translation>
    </message>
    <message>
        <source>File</source>
        <translation type="vanished">파일</translation>
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
        <source>Folder</source>
        <translation type="vanished">폴더</translation>
    </message>
    <message>
        <source>Folder of stored embeddings</source>
        <translation type="vanished">임베딩을 저장하는 폴더</translation>
    </message>
    <message>
        <source>Folder of wheels (.whl files)</source>
        <translation type="vanished">휠 폴더 (.whl 파일)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/segment.py"/>
        <source>Follow the outlines in the imagery; without it the polygons are the thresholded heatmap's cells.</source>
        <translation>영상에 보이는 윤곽을 따라갑니다. 사용하지 않으면 임곗값을 적용한 히트맵의 셀이 그대로 폴리곤이 됩니다.</translation>
    </message>
    <message>
        <source>Free some space in QGIS's temporary folder, or choose a smaller area.</source>
        <translation type="vanished">QGIS 임시 폴더의 공간을 확보하거나 더 작은 영역을 선택하십시오.</translation>
    </message>
    <message>
        <source>Free some space.</source>
        <translation type="vanished">공간을 확보하십시오.</translation>
    </message>
    <message>
        <source>From score</source>
        <translation type="vanished">최소 점수</translation>
    </message>
    <message>
        <source>GDAL cannot open it as a raster: {}</source>
        <translation type="vanished">GDAL이 래스터로 열 수 없습니다: {}</translation>
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
        <source>GRAFT runs its models in a Python environment of its own, beside QGIS. QGIS's Python is left alone, and nothing of yours is sent anywhere. This is done once.</source>
        <translation type="vanished">GRAFT는 QGIS와 별도로 자체 Python 환경에서 모델을 실행합니다. QGIS의 Python은 건드리지 않으며, 사용자의 데이터를 어디에도 보내지 않습니다. 이 작업은 한 번만 하면 됩니다.</translation>
    </message>
    <message>
        <source>GRAFT's own environment is not finished.</source>
        <translation type="vanished">GRAFT 자체 환경이 아직 완성되지 않았습니다.</translation>
    </message>
    <message>
        <source>GRAFT's own environment is not set up.</source>
        <translation type="vanished">GRAFT 자체 환경이 설치되지 않았습니다.</translation>
    </message>
    <message>
        <source>GRAFT's own environment is ready.</source>
        <translation type="vanished">GRAFT 자체 환경이 준비되었습니다.</translation>
    </message>
    <message>
        <source>GRAFT's own environment was built for another version.</source>
        <translation type="vanished">GRAFT 자체 환경이 다른 버전용으로 만들어졌습니다.</translation>
    </message>
    <message>
        <source>GRAFT: checking a Python</source>
        <translation type="vanished">GRAFT: Python을 확인하는 중</translation>
    </message>
    <message>
        <source>GRAFT: clearing the store</source>
        <translation type="vanished">GRAFT: 저장소를 비우는 중</translation>
    </message>
    <message>
        <source>GRAFT: exporting “{}”</source>
        <translation type="vanished">GRAFT: “{}” 내보내는 중</translation>
    </message>
    <message>
        <source>GRAFT: looking for the engine</source>
        <translation type="vanished">GRAFT: 엔진을 찾는 중</translation>
    </message>
    <message>
        <source>GRAFT: setting up the engine</source>
        <translation type="vanished">GRAFT: 엔진을 설치하는 중</translation>
    </message>
    <message>
        <source>GRAFT: sizing the store</source>
        <translation type="vanished">GRAFT: 저장소 크기를 재는 중</translation>
    </message>
    <message>
        <source>GRAFT: writing a report</source>
        <translation type="vanished">GRAFT: 보고서를 쓰는 중</translation>
    </message>
    <message>
        <source>Go on in the background</source>
        <translation type="vanished">백그라운드에서 계속</translation>
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
        <source>Ground resolution in metres</source>
        <translation type="vanished">지상 해상도 (미터)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/heatmap.py"/>
        <source>Heatmap</source>
        <translation>히트맵</translation>
    </message>
    <message>
        <source>Help</source>
        <translation type="vanished">도움말</translation>
    </message>
    <message>
        <source>Installing packages</source>
        <translation type="vanished">패키지를 설치하는 중</translation>
    </message>
    <message>
        <source>Installing torch</source>
        <translation type="vanished">torch를 설치하는 중</translation>
    </message>
    <message>
        <source>Kept in the file: the style, all fields, and a description of how the polygons were made.</source>
        <translation type="vanished">파일에 보관되는 것: 스타일, 모든 필드, 폴리곤이 어떻게 만들어졌는지에 대한 설명.</translation>
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
        <source>Look for what a ground photo shows</source>
        <translation type="vanished">지상 사진에 보이는 것 찾기</translation>
    </message>
    <message>
        <source>Look for what is like these spots</source>
        <translation type="vanished">이 지점들과 비슷한 곳 찾기</translation>
    </message>
    <message>
        <source>Looking at the disk</source>
        <translation type="vanished">디스크를 확인하는 중</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/progress.py"/>
        <source>Looking at the imagery</source>
        <translation>영상을 살펴보는 중</translation>
    </message>
    <message>
        <source>Looking …</source>
        <translation type="vanished">확인하는 중 …</translation>
    </message>
    <message>
        <source>Make it writable, or name another file.</source>
        <translation type="vanished">쓸 수 있게 하거나 다른 파일을 지정하십시오.</translation>
    </message>
    <message>
        <source>Make it, or name another.</source>
        <translation type="vanished">폴더를 만들거나 다른 폴더를 지정하십시오.</translation>
    </message>
    <message>
        <source>Making an environment</source>
        <translation type="vanished">환경을 만드는 중</translation>
    </message>
    <message>
        <source>Map points x,y;x,y in the layer's CRS.</source>
        <translation type="vanished">레이어 좌표계의 지도 좌표 x,y;x,y입니다.</translation>
    </message>
    <message>
        <source>Memory limit</source>
        <translation type="vanished">메모리 한도</translation>
    </message>
    <message>
        <source>Metres a pixel to work at; not set: the model's own for the sensor.</source>
        <translation type="vanished">작업할 픽셀당 미터 수입니다. 비워 두면 해당 센서에 대한 모델의 값을 사용합니다.</translation>
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
        <source>Models are not downloaded and the engine is not set up from the network.</source>
        <translation type="vanished">모델을 내려받지 않고, 네트워크에서 엔진을 설치하지도 않습니다.</translation>
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
        <source>NVIDIA graphics card (CUDA)</source>
        <translation type="vanished">NVIDIA 그래픽 카드 (CUDA)</translation>
    </message>
    <message>
        <source>Name a GeoPackage.</source>
        <translation type="vanished">GeoPackage를 지정하십시오.</translation>
    </message>
    <message>
        <source>Name a file.</source>
        <translation type="vanished">파일을 지정하십시오.</translation>
    </message>
    <message>
        <source>Name another file.</source>
        <translation type="vanished">다른 파일을 지정하십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/base.py"/>
        <source>Name it in PROMPTS, one a line.</source>
        <translation>PROMPTS에 한 줄에 하나씩 적으십시오.</translation>
    </message>
    <message>
        <source>Name it otherwise, without | and double quotes.</source>
        <translation type="vanished">| 와 큰따옴표가 없는 다른 이름을 정하십시오.</translation>
    </message>
    <message>
        <source>Name it.</source>
        <translation type="vanished">이름을 정하십시오.</translation>
    </message>
    <message>
        <source>Name the new one otherwise.</source>
        <translation type="vanished">새 레이어의 이름을 다르게 정하십시오.</translation>
    </message>
    <message>
        <source>Name this one otherwise; “{}” is free.</source>
        <translation type="vanished">다른 이름을 정하십시오. “{}”은(는) 쓸 수 있습니다.</translation>
    </message>
    <message>
        <source>Never</source>
        <translation type="vanished">종료하지 않음</translation>
    </message>
    <message>
        <source>New layer</source>
        <translation type="vanished">새 레이어</translation>
    </message>
    <message>
        <source>No polygon</source>
        <translation type="vanished">폴리곤 없음</translation>
    </message>
    <message>
        <source>No result yet. Select a layer of an earlier run, or search.</source>
        <translation type="vanished">아직 결과가 없습니다. 이전 실행의 레이어를 선택하거나 검색하십시오.</translation>
    </message>
    <message>
        <source>Nothing is stored.</source>
        <translation type="vanished">저장된 것이 없습니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/segment.py"/>
        <source>Number of polygons</source>
        <translation>폴리곤 개수</translation>
    </message>
    <message>
        <source>Offline: make no network call</source>
        <translation type="vanished">오프라인: 네트워크에 접속하지 않음</translation>
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
        <source>Options…</source>
        <translation type="vanished">옵션…</translation>
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
        <source>Other ways</source>
        <translation type="vanished">다른 방법</translation>
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
        <source>Press Draw, then drag over the map.</source>
        <translation type="vanished">그리기를 누른 다음 지도 위에서 끄십시오.</translation>
    </message>
    <message>
        <source>Processor (CPU)</source>
        <translation type="vanished">프로세서 (CPU)</translation>
    </message>
    <message>
        <source>Python</source>
        <translation type="vanished">Python</translation>
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
        <source>Rendering the layer</source>
        <translation type="vanished">레이어를 렌더링하는 중</translation>
    </message>
    <message>
        <source>Repair</source>
        <translation type="vanished">복구</translation>
    </message>
    <message>
        <source>Repair it in QGIS first: Layer, Set Data Source.</source>
        <translation type="vanished">먼저 QGIS에서 고치십시오: 레이어 → 데이터 원본 설정.</translation>
    </message>
    <message>
        <source>Repair…</source>
        <translation type="vanished">복구…</translation>
    </message>
    <message>
        <source>Report a problem</source>
        <translation type="vanished">문제 신고</translation>
    </message>
    <message>
        <source>Report a problem…</source>
        <translation type="vanished">문제 신고…</translation>
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
        <source>Retry</source>
        <translation type="vanished">다시 시도</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dialog.py"/>
        <source>Run</source>
        <translation>실행</translation>
    </message>
    <message>
        <source>Run on</source>
        <translation type="vanished">실행 장치</translation>
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
        <source>Searching</source>
        <translation type="vanished">검색</translation>
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
        <source>Select the polygons to look into with QGIS's selection tool.</source>
        <translation type="vanished">QGIS의 선택 도구로 살펴볼 폴리곤을 선택하십시오.</translation>
    </message>
    <message>
        <source>Selected polygons</source>
        <translation type="vanished">선택한 폴리곤</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/base.py"/>
        <source>Sensor</source>
        <translation>센서</translation>
    </message>
    <message>
        <source>Separate them by commas.</source>
        <translation type="vanished">쉼표로 구분하십시오.</translation>
    </message>
    <message>
        <source>Set it first: right-click the layer, Layer CRS, Set Layer CRS.</source>
        <translation type="vanished">먼저 좌표계를 지정하십시오: 레이어 오른쪽 클릭 → 레이어 좌표계 → 레이어 좌표계 설정.</translation>
    </message>
    <message>
        <source>Set up</source>
        <translation type="vanished">설치</translation>
    </message>
    <message>
        <source>Set up GRAFT's engine</source>
        <translation type="vanished">GRAFT 엔진 설치</translation>
    </message>
    <message>
        <source>Set up the engine…</source>
        <translation type="vanished">엔진 설치…</translation>
    </message>
    <message>
        <source>Set up…</source>
        <translation type="vanished">설치…</translation>
    </message>
    <message>
        <source>Show log</source>
        <translation type="vanished">로그 보기</translation>
    </message>
    <message>
        <source>Show…</source>
        <translation type="vanished">보기…</translation>
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
        <source>State</source>
        <translation type="vanished">상태</translation>
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
        <source>Stretch (low,high)</source>
        <translation type="vanished">스트레치 (최솟값,최댓값)</translation>
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
        <source>The Python below is used.</source>
        <translation type="vanished">아래의 Python을 사용합니다.</translation>
    </message>
    <message>
        <source>The Python named in {} is used.</source>
        <translation type="vanished">{}에 지정된 Python을 사용합니다.</translation>
    </message>
    <message>
        <source>The engine is ready.</source>
        <translation type="vanished">엔진이 준비되었습니다.</translation>
    </message>
    <message>
        <source>The environment in {} is used.</source>
        <translation type="vanished">{}의 환경을 사용합니다.</translation>
    </message>
    <message>
        <source>The file has no layer with these fields, geometry and CRS.</source>
        <translation type="vanished">파일에 필드, 도형, 좌표계가 같은 레이어가 없습니다.</translation>
    </message>
    <message>
        <source>The imagery's own licence holds for what was drawn from it.</source>
        <translation type="vanished">영상에서 그려 낸 결과에는 그 영상의 라이선스가 적용됩니다.</translation>
    </message>
    <message>
        <source>The model's own</source>
        <translation type="vanished">모델 기본값</translation>
    </message>
    <message>
        <source>The raster's values that become black and white; not set: by the sensor.</source>
        <translation type="vanished">검정과 흰색이 될 래스터 값입니다. 비워 두면 센서에 따라 정합니다.</translation>
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
        <source>Use a folder of wheels…</source>
        <translation type="vanished">휠 폴더 사용…</translation>
    </message>
    <message>
        <source>Use an existing Python…</source>
        <translation type="vanished">기존 Python 사용…</translation>
    </message>
    <message>
        <source>User guide</source>
        <translation type="vanished">사용 설명서</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dialog.py"/>
        <source>Visible map</source>
        <translation>보이는 지도</translation>
    </message>
    <message>
        <source>Wait for its end, or cancel it; then retry.</source>
        <translation type="vanished">끝날 때까지 기다리거나 취소한 다음 다시 시도하십시오.</translation>
    </message>
    <message>
        <source>Wait for its end, then clear.</source>
        <translation type="vanished">끝날 때까지 기다린 다음 비우십시오.</translation>
    </message>
    <message>
        <source>Wait until it is done, or close the file there.</source>
        <translation type="vanished">끝날 때까지 기다리거나 그 프로그램에서 파일을 닫으십시오.</translation>
    </message>
    <message>
        <source>What a new search begins with; a model of the list, or a checkpoint's path.</source>
        <translation type="vanished">새 검색을 시작할 때 쓰는 모델입니다. 목록의 모델 또는 체크포인트 파일의 경로입니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/base.py"/>
        <source>What looks like the prompts and is not, one a line.</source>
        <translation>프롬프트와 비슷해 보이지만 아닌 것을 한 줄에 하나씩 적습니다.</translation>
    </message>
    <message>
        <source>What was computed of a raster is kept here, so that the next word is quick.</source>
        <translation type="vanished">래스터에서 계산한 내용을 여기에 보관하여 다음 단어를 빠르게 찾습니다.</translation>
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
        <source>Write x,y;x,y.</source>
        <translation type="vanished">x,y;x,y 형식으로 적으십시오.</translation>
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
        <source>a layer cannot be called {!r}: GeoPackage or QGIS keep such names for themselves</source>
        <translation type="vanished">레이어 이름으로 {!r}을(를) 쓸 수 없습니다. GeoPackage나 QGIS가 자체적으로 쓰는 이름입니다</translation>
    </message>
    <message>
        <source>a layer “{}” is there already; it was not overwritten</source>
        <translation type="vanished">레이어 “{}”이(가) 이미 있으며, 덮어쓰지 않았습니다</translation>
    </message>
    <message>
        <source>a search is running</source>
        <translation type="vanished">검색이 실행 중입니다</translation>
    </message>
    <message>
        <source>about {}</source>
        <translation type="vanished">약 {}</translation>
    </message>
    <message>
        <source>about {} × {}</source>
        <translation type="vanished">약 {} × {}</translation>
    </message>
    <message>
        <source>about {}, for the processor</source>
        <translation type="vanished">약 {}, 프로세서용</translation>
    </message>
    <message>
        <source>about {}, with support for the NVIDIA card</source>
        <translation type="vanished">약 {}, NVIDIA 카드 지원 포함</translation>
    </message>
    <message>
        <source>another program has just made this file</source>
        <translation type="vanished">다른 프로그램이 방금 이 파일을 만들었습니다</translation>
    </message>
    <message>
        <source>another program is writing to the file ({})</source>
        <translation type="vanished">다른 프로그램이 파일에 쓰고 있습니다 ({})</translation>
    </message>
    <message>
        <source>answers with an error (HTTP {})</source>
        <translation type="vanished">오류로 응답합니다 (HTTP {})</translation>
    </message>
    <message>
        <source>answers with {} instead of a picture</source>
        <translation type="vanished">그림 대신 {}(으)로 응답합니다</translation>
    </message>
    <message>
        <source>appended: {}</source>
        <translation type="vanished">추가됨: {}</translation>
    </message>
    <message>
        <source>asks for fewer requests (HTTP 429)</source>
        <translation type="vanished">요청을 줄여 달라고 합니다 (HTTP 429)</translation>
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
        <source>begun, and not finished; what has come is kept</source>
        <translation type="vanished">시작했지만 끝나지 않았습니다. 받은 것은 보관되어 있습니다</translation>
    </message>
    <message>
        <source>built for another version of GRAFT; Repair renews it</source>
        <translation type="vanished">다른 버전의 GRAFT용으로 만들어졌습니다. 복구를 누르면 새로 고칩니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/task.py"/>
        <source>cancelled</source>
        <translation>취소됨</translation>
    </message>
    <message>
        <source>cannot be opened as a GeoPackage: {}</source>
        <translation type="vanished">GeoPackage로 열 수 없습니다: {}</translation>
    </message>
    <message>
        <source>cannot be reached ({})</source>
        <translation type="vanished">연결할 수 없습니다 ({})</translation>
    </message>
    <message>
        <source>download of {:.0f} MB</source>
        <translation type="vanished">{:.0f} MB 내려받기 필요</translation>
    </message>
    <message>
        <source>exists and is no GeoPackage</source>
        <translation type="vanished">이미 있지만 GeoPackage가 아닙니다</translation>
    </message>
    <message>
        <source>gives no pixels ({})</source>
        <translation type="vanished">픽셀을 주지 않습니다 ({})</translation>
    </message>
    <message>
        <source>graft command line</source>
        <translation type="vanished">graft 명령줄</translation>
    </message>
    <message>
        <source>is a folder</source>
        <translation type="vanished">폴더입니다</translation>
    </message>
    <message>
        <source>is overloaded or down (HTTP {})</source>
        <translation type="vanished">과부하이거나 멈춰 있습니다 (HTTP {})</translation>
    </message>
    <message>
        <source>is read-only</source>
        <translation type="vanished">읽기 전용입니다</translation>
    </message>
    <message>
        <source>it cannot be opened</source>
        <translation type="vanished">열 수 없습니다</translation>
    </message>
    <message>
        <source>lake, forest, solar panels …</source>
        <translation type="vanished">lake, forest, solar panels …</translation>
    </message>
    <message>
        <source>model {}: {}</source>
        <translation type="vanished">모델 {}: {}</translation>
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
        <source>needs {} while it is built; {} are free</source>
        <translation type="vanished">만드는 동안 {} 필요, 여유 공간 {}</translation>
    </message>
    <message>
        <source>no file was named</source>
        <translation type="vanished">파일을 지정하지 않았습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/source.py"/>
        <source>no known CRS</source>
        <translation>알 수 없는 좌표계</translation>
    </message>
    <message>
        <source>no polygon is selected in the layer “{}”</source>
        <translation type="vanished">레이어 “{}”에서 선택한 폴리곤이 없습니다</translation>
    </message>
    <message>
        <source>no reason given</source>
        <translation type="vanished">이유를 알 수 없음</translation>
    </message>
    <message>
        <source>no rectangle is drawn</source>
        <translation type="vanished">그린 사각형이 없습니다</translation>
    </message>
    <message>
        <source>none</source>
        <translation type="vanished">없음</translation>
    </message>
    <message>
        <source>not set up yet</source>
        <translation type="vanished">아직 설치되지 않음</translation>
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
        <source>outlines by Segment Anything</source>
        <translation type="vanished">Segment Anything이 그린 윤곽</translation>
    </message>
    <message>
        <source>outlines of the heatmap's cells</source>
        <translation type="vanished">히트맵 셀의 윤곽</translation>
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
        <source>refuses access (HTTP {})</source>
        <translation type="vanished">접근을 거부합니다 (HTTP {})</translation>
    </message>
    <message>
        <source>rendering the layer “{}” may take {:,.0f} MB, and {:,.0f} MB are free</source>
        <translation type="vanished">레이어 “{}”을(를) 렌더링하는 데 {:,.0f} MB가 필요할 수 있는데, 여유 공간은 {:,.0f} MB입니다</translation>
    </message>
    <message>
        <source>see its source</source>
        <translation type="vanished">원본 참조</translation>
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
        <source>the area has no place in the layer's CRS</source>
        <translation type="vanished">영역을 레이어의 좌표계로 나타낼 수 없습니다</translation>
    </message>
    <message>
        <source>the area has no place on Earth</source>
        <translation type="vanished">영역이 지구 위에 있지 않습니다</translation>
    </message>
    <message>
        <source>the export failed, and the file is as it was: {}</source>
        <translation type="vanished">내보내지 못했으며 파일은 이전 그대로입니다: {}</translation>
    </message>
    <message>
        <source>the file has a layer “{}” already, and it is not overwritten</source>
        <translation type="vanished">파일에 레이어 “{}”이(가) 이미 있으며, 덮어쓰지 않습니다</translation>
    </message>
    <message>
        <source>the file's name does not end in .gpkg</source>
        <translation type="vanished">파일 이름이 .gpkg로 끝나지 않습니다</translation>
    </message>
    <message>
        <source>the folder does not exist</source>
        <translation type="vanished">폴더가 없습니다</translation>
    </message>
    <message>
        <source>the layer has no name, or one that begins or ends with a space</source>
        <translation type="vanished">레이어 이름이 없거나 이름의 앞뒤에 공백이 있습니다</translation>
    </message>
    <message>
        <source>the layer “{}” cannot be rendered in {}, {}: its server {}</source>
        <translation type="vanished">레이어 “{}”을(를) {}, {}(으)로 렌더링할 수 없습니다. 서버가 {}</translation>
    </message>
    <message>
        <source>the layer “{}” cannot take these polygons: it differs in {}</source>
        <translation type="vanished">레이어 “{}”에 이 폴리곤을 추가할 수 없습니다. 다른 점: {}</translation>
    </message>
    <message>
        <source>the layer “{}” gives neither a picture nor numbers ({})</source>
        <translation type="vanished">레이어 “{}”은(는) 그림도 수치도 제공하지 않습니다 ({})</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/source.py"/>
        <source>the layer “{}” has no coordinate reference system</source>
        <translation>레이어 “{}”에 좌표계가 없습니다</translation>
    </message>
    <message>
        <source>the layer “{}” is broken: QGIS cannot open its source</source>
        <translation type="vanished">레이어 “{}”이(가) 손상되었습니다. QGIS가 원본을 열 수 없습니다</translation>
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
        <source>the layer “{}” shows nothing in this area: every pixel came back empty in {}, {}</source>
        <translation type="vanished">레이어 “{}”은(는) 이 영역에 아무것도 없습니다. {}, {}에서 모든 픽셀이 비어 있습니다</translation>
    </message>
    <message>
        <source>the rendered layer cannot be kept: {}</source>
        <translation type="vanished">렌더링한 레이어를 보관할 수 없습니다: {}</translation>
    </message>
    <message>
        <source>the result cannot be cut to the area: {}</source>
        <translation type="vanished">결과를 영역에 맞게 자를 수 없습니다: {}</translation>
    </message>
    <message>
        <source>the result cannot be finished: {}</source>
        <translation type="vanished">결과를 완성할 수 없습니다: {}</translation>
    </message>
    <message>
        <source>there is no layer “{}” to append to</source>
        <translation type="vanished">추가할 레이어 “{}”이(가) 없습니다</translation>
    </message>
    <message>
        <source>there is no polygon layer</source>
        <translation type="vanished">폴리곤 레이어가 없습니다</translation>
    </message>
    <message>
        <source>there is not enough free space to work on a copy</source>
        <translation type="vanished">사본으로 작업할 여유 공간이 부족합니다</translation>
    </message>
    <message>
        <source>this area of the layer “{}” is {} × {} pixels at {:g} m ({:,.0f} million, about {:,.0f} MB)</source>
        <translation type="vanished">레이어 “{}”의 이 영역은 {} × {}픽셀, 해상도 {:g} m ({:,.0f}백만 픽셀, 약 {:,.0f} MB)입니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/messages.py"/>
        <source>unknown error</source>
        <translation>알 수 없는 오류</translation>
    </message>
    <message>
        <source>zoom {}</source>
        <translation type="vanished">줌 {}</translation>
    </message>
    <message>
        <source>{:.0f} MB</source>
        <translation type="vanished">{:.0f} MB</translation>
    </message>
    <message>
        <source>{:.0f} kB</source>
        <translation type="vanished">{:.0f} kB</translation>
    </message>
    <message>
        <source>{:.1f} GB</source>
        <translation type="vanished">{:.1f} GB</translation>
    </message>
    <message>
        <source>{:.1f} h</source>
        <translation type="vanished">{:.1f}시간</translation>
    </message>
    <message>
        <source>{:.1f} million pixels</source>
        <translation type="vanished">{:.1f}백만 픽셀</translation>
    </message>
    <message>
        <source>{:.3g} m pixels read at {:.3g} m</source>
        <translation type="vanished">{:.3g} m 픽셀을 {:.3g} m로 읽음</translation>
    </message>
    <message>
        <source>{:.3g} map units a pixel</source>
        <translation type="vanished">픽셀당 지도 단위 {:.3g}</translation>
    </message>
    <message>
        <source>{} Instead of prompts.</source>
        <translation type="vanished">{} 프롬프트 대신 사용합니다.</translation>
    </message>
    <message>
        <source>{} classes · {}</source>
        <translation type="vanished">{} 분류 · {}</translation>
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
        <source>{} must be numbers, not “{}”</source>
        <translation type="vanished">{}에는 “{}”이(가) 아니라 숫자를 적어야 합니다</translation>
    </message>
    <message>
        <source>{} must be pairs of numbers</source>
        <translation type="vanished">{}에는 숫자 쌍을 적어야 합니다</translation>
    </message>
    <message>
        <source>{} of {}</source>
        <translation type="vanished">{} / {}</translation>
    </message>
    <message>
        <source>{} of {} MB</source>
        <translation type="vanished">{} / {} MB</translation>
    </message>
    <message>
        <source>{} polygon, {}</source>
        <translation type="vanished">폴리곤 {}개, {}</translation>
    </message>
    <message>
        <source>{} polygons are in the layer “{}” of {}</source>
        <translation type="vanished">폴리곤 {}개를 레이어 “{}”에 저장했습니다: {}</translation>
    </message>
    <message>
        <source>{} polygons are selected</source>
        <translation type="vanished">폴리곤 {}개가 선택됨</translation>
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
        <source>{} stored</source>
        <translation type="vanished">{} 저장됨</translation>
    </message>
    <message>
        <source>{} tiles</source>
        <translation type="vanished">타일 {}개</translation>
    </message>
    <message>
        <source>{} to render first, at most {}</source>
        <translation type="vanished">먼저 렌더링: {}, 최대 {}</translation>
    </message>
    <message>
        <source>{} · 1 polygon</source>
        <translation type="vanished">{} · 폴리곤 1개</translation>
    </message>
    <message>
        <source>{} · {:,} polygons</source>
        <translation type="vanished">{} · 폴리곤 {:,}개</translation>
    </message>
    <message>
        <source>{}. Found by GRAFT in {} with the model {} (SHA-256 {}…) at {} m a pixel, {}; made {}.</source>
        <translation type="vanished">{}. GRAFT가 {}에서 모델 {}(SHA-256 {}…)(으)로 픽셀당 {} m 해상도에서 찾음, {}; 생성 {}.</translation>
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
    <message>
        <source>“{}” to {}</source>
        <translation type="vanished">“{}” → {}</translation>
    </message>
    <message>
        <source>“{}”: {} polygons, {:,.0f} m², threshold {}</source>
        <translation type="vanished">“{}”: 폴리곤 {}개, {:,.0f} m², 임곗값 {}</translation>
    </message>
</context>
</TS>
