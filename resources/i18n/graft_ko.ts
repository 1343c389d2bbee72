<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="ko" sourcelanguage="en">
<context>
    <name>GRAFT</name>
    <message>
        <location filename="graft_plugin/host/options_engine.py"/>
        <source> GB</source>
        <translation> GB</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_page.py"/>
        <location filename="graft_plugin/host/options_engine.py"/>
        <source> minutes</source>
        <translation>분</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_order.py"/>
        <source> or </source>
        <translation> 또는 </translation>
    </message>
    <message>
        <location filename="graft_plugin/host/estimate.py"/>
        <source>, all seen before</source>
        <translation>, 모두 이전에 처리됨</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/render_plan.py"/>
        <source>, and at most {} million are rendered</source>
        <translation>, 렌더링할 수 있는 최대 크기는 {}백만 픽셀입니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/estimate.py"/>
        <source>, {} seen before</source>
        <translation>, {}개는 이전에 처리됨</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export_menu.py"/>
        <source>1 polygon is in the layer “{1}” of {2}</source>
        <translation>폴리곤 1개를 {2}의 레이어 “{1}”에 저장했습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/area_picker.py"/>
        <source>1 polygon is selected</source>
        <translation>폴리곤 1개가 선택됨</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/estimate.py"/>
        <location filename="graft_plugin/host/index_order.py"/>
        <source>1 tile</source>
        <translation>타일 1개</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/sensor_fields.py"/>
        <source>8-bit values are taken as they are.</source>
        <translation>8비트 값은 그대로 사용합니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_page.py"/>
        <source>; {} have no place here or cannot be read</source>
        <translation>; {}장은 이곳에 위치가 없거나 읽을 수 없습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/classify.py"/>
        <source>A GeoPackage for the cells as polygons; in a file that exists, a new layer is added.</source>
        <translation>격자 칸을 폴리곤으로 담을 GeoPackage입니다. 이미 있는 파일에는 새 레이어를 더합니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/ask.py"/>
        <source>A GeoPackage with a layer for each name in the plan; other layers of a file that is there stay.</source>
        <translation>계획에 나온 이름마다 레이어 하나씩을 담을 GeoPackage입니다. 이미 있는 파일의 다른 레이어는 그대로 둡니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export_dialog.py"/>
        <source>A GeoPackage, new or existing</source>
        <translation>새 GeoPackage 또는 기존 GeoPackage</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_engine.py"/>
        <location filename="graft_plugin/host/setup_page.py"/>
        <source>A Python that has torch and GRAFT's other packages</source>
        <translation>torch와 GRAFT의 다른 패키지가 설치된 Python</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/assess_page.py"/>
        <source>A class map, a heatmap or polygons of GRAFT</source>
        <translation>GRAFT의 분류 지도, 히트맵 또는 폴리곤</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/assess.py"/>
        <source>A class map, a heatmap, or polygons that GRAFT made.</source>
        <translation>GRAFT가 만든 분류 지도, 히트맵 또는 폴리곤입니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/classify.py"/>
        <source>A class of this name for what no label fits, such as “other”; not set: every cell gets a label.</source>
        <translation>어느 라벨에도 맞지 않는 것을 담을 클래스의 이름입니다(예: “other”). 비워 두면 모든 칸이 라벨을 받습니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_data.py"/>
        <source>A folder of photos that know where they were taken</source>
        <translation>촬영 위치가 기록된 사진의 폴더</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/compare.py"/>
        <source>A later raster of the same place.</source>
        <translation>같은 곳의 나중 래스터입니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_session.py"/>
        <source>A model is being fine-tuned. Close QGIS and lose what it has learnt?</source>
        <translation>모델을 미세 조정하는 중입니다. 학습한 내용을 버리고 QGIS를 닫을까요?</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dialog.py"/>
        <source>A model of the list, or a checkpoint's path. “mini” is a small demonstration.</source>
        <translation>목록의 모델 또는 체크포인트 파일의 경로. “mini”는 작은 시연용 모델입니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/fields.py"/>
        <source>A model's id (“graft models” lists them) or a checkpoint's path. “mini” is a demonstration.</source>
        <translation>모델의 ID(“graft models” 명령으로 목록을 볼 수 있습니다) 또는 체크포인트 파일의 경로입니다. “mini”는 시연용 모델입니다.</translation>
    </message>
    <message>
        <source>A model's id or a checkpoint's path. “mini” is a small demonstration.</source>
        <translation type="vanished">모델의 ID 또는 체크포인트 파일의 경로입니다. “mini”는 작은 시연용 모델입니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/query.py"/>
        <location filename="graft_plugin/host/algorithms/retrieve.py"/>
        <source>A photo taken on the ground, JPEG or PNG; found is where the scene looks like its surroundings.</source>
        <translation>지상에서 찍은 사진(JPEG 또는 PNG)입니다. 사진을 찍은 곳의 주변과 비슷해 보이는 지점을 찾습니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/ask.py"/>
        <source>A plan to run as it is, such as an earlier answer's; not set: it is written for the question.</source>
        <translation>이전 답의 계획처럼 그대로 실행할 계획입니다. 비워 두면 질문에 맞게 새로 만듭니다.</translation>
    </message>
    <message>
        <source>A raster file with red, green and blue bands. It is resampled to the model's ground resolution.</source>
        <translation type="vanished">빨강, 초록, 파랑 밴드가 있는 래스터 파일입니다. 모델의 지상 해상도로 리샘플링합니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/ask_page.py"/>
        <source>A raster of the same place, taken earlier</source>
        <translation>같은 곳을 더 이전에 찍은 래스터</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/base.py"/>
        <source>A raster with red, green and blue bands. It is resampled to the model's ground resolution. A layer that is no file (XYZ, WMS …) is rendered first, at that resolution and without its styling.</source>
        <translation>빨강, 초록, 파랑 밴드가 있는 래스터입니다. 모델의 지상 해상도로 리샘플링합니다. 파일이 아닌 레이어(XYZ, WMS 등)는 먼저 그 해상도로, 스타일 없이 렌더링합니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/report.py"/>
        <source>A report was copied. Look it through, then paste it where you report the problem.</source>
        <translation>보고서를 복사했습니다. 내용을 살펴본 다음 문제를 신고하는 곳에 붙여 넣으십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/assess_page.py"/>
        <source>Accuracies and areas with confidence intervals, from the points judged so far</source>
        <translation>지금까지 판정한 점으로 구한 정확도와 면적, 신뢰 구간</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/assess.py"/>
        <source>Accuracy report</source>
        <translation>정확도 보고서</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/ask_page.py"/>
        <source>Add a raster layer to ask about.</source>
        <translation>질문할 래스터 레이어를 추가하십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/search_panel.py"/>
        <source>Add a raster layer to search.</source>
        <translation>검색할 래스터 레이어를 추가하십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/area.py"/>
        <source>Add one, or choose another area.</source>
        <translation>추가하거나 다른 영역을 선택하십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_data.py"/>
        <source>Add one, or choose other data.</source>
        <translation>레이어를 추가하거나 다른 데이터를 선택하세요.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export_dialog.py"/>
        <source>Add the exported layer to the map</source>
        <translation>내보낸 레이어를 지도에 추가</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_planner.py"/>
        <source>Address</source>
        <translation>주소</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/compare.py"/>
        <location filename="graft_plugin/host/finetune_progress.py"/>
        <source>After</source>
        <translation>이후</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_engine.py"/>
        <source>An engine that holds more is ended, with a message; QGIS goes on.</source>
        <translation>엔진이 이보다 많은 메모리를 쓰면 메시지를 남기고 종료합니다. QGIS는 계속 실행됩니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_engine.py"/>
        <source>An idle engine ends and gives its memory back; the next search starts it again.</source>
        <translation>쉬고 있는 엔진은 종료되어 메모리를 돌려주고, 다음 검색 때 다시 시작됩니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/index_page.py"/>
        <source>An index made with {}.</source>
        <translation>{} 모델로 만든 색인입니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/model_picker.py"/>
        <source>Another file…</source>
        <translation>다른 파일…</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/ask.py"/>
        <source>Answer</source>
        <translation>답</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/ask.py"/>
        <source>Answers a question in English about a raster. A small plan is written for it, by the built-in planner or by the endpoint of the options, and run; what the answer rests on can be kept as layers. Understood are:</source>
        <translation>래스터에 대한 영어 질문에 답합니다. 내장 계획기나 옵션에서 정한 엔드포인트가 작은 계획을 만들고, 그 계획을 실행합니다. 답의 근거는 레이어로 남길 수 있습니다. 이해하는 질문:</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export_dialog.py"/>
        <source>Append to</source>
        <translation>추가할 레이어</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_engine.py"/>
        <source>Apple graphics (MPS)</source>
        <translation>Apple 그래픽 (MPS)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/ask.py"/>
        <location filename="graft_plugin/host/algorithms/assess.py"/>
        <location filename="graft_plugin/host/algorithms/base.py"/>
        <location filename="graft_plugin/host/algorithms/finetune.py"/>
        <location filename="graft_plugin/host/algorithms/retrieve.py"/>
        <location filename="graft_plugin/host/dialog.py"/>
        <location filename="graft_plugin/host/finetune_page.py"/>
        <location filename="graft_plugin/host/search_panel.py"/>
        <source>Area</source>
        <translation>영역</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/compare.py"/>
        <source>Area gained in square metres</source>
        <translation>늘어난 면적(제곱미터)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/compare.py"/>
        <source>Area lost in square metres</source>
        <translation>줄어든 면적(제곱미터)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/ask_page.py"/>
        <location filename="graft_plugin/host/dock.py"/>
        <source>Ask</source>
        <translation>질문</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/ask.py"/>
        <source>Ask a question</source>
        <translation>질문하기</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/ask.py"/>
        <source>Ask it in QUESTION, or give a PLAN.</source>
        <translation>QUESTION에 질문을 쓰거나 PLAN을 지정하십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/ask_question.py"/>
        <source>Ask something, such as: How many lakes are there?</source>
        <translation>영어로 질문하십시오. 예: How many lakes are there?</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/ask_page.py"/>
        <source>Asked before</source>
        <translation>이전 질문</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_planner.py"/>
        <source>Asking …</source>
        <translation>묻는 중 …</translation>
    </message>
    <message>
        <source>Assign one to the file: Raster, Projections, Assign Projection.</source>
        <translation type="vanished">파일에 좌표계를 지정하십시오: 래스터 → 투영체 → 투영체 적용.</translation>
    </message>
    <message>
        <source>Assign the right one to the file: Raster, Projections, Assign Projection.</source>
        <translation type="vanished">파일에 올바른 좌표계를 지정하십시오: 래스터 → 투영체 → 투영체 적용.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dialog.py"/>
        <location filename="graft_plugin/host/options_engine.py"/>
        <location filename="graft_plugin/host/sensor_fields.py"/>
        <location filename="graft_plugin/host/threshold_panel.py"/>
        <source>Automatic</source>
        <translation>자동</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_engine.py"/>
        <source>Automatic ({:.0f} GB)</source>
        <translation>자동 ({:.0f} GB)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/threshold_panel.py"/>
        <source>Back to the threshold that was found from the histogram</source>
        <translation>히스토그램에서 찾은 임곗값으로 되돌리기</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/fields.py"/>
        <source>Band numbers from 1 on, such as 3,2,1; not set: by the sensor.</source>
        <translation>1부터 시작하는 밴드 번호, 예: 3,2,1. 비워 두면 센서에 따라 정합니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/fields.py"/>
        <source>Bands (red,green,blue)</source>
        <translation>밴드 (빨강,초록,파랑)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/sensor_fields.py"/>
        <source>Bands and resolution: automatic</source>
        <translation>밴드와 해상도: 자동</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/compare.py"/>
        <location filename="graft_plugin/host/ask_page.py"/>
        <location filename="graft_plugin/host/finetune_progress.py"/>
        <source>Before</source>
        <translation>이전</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_engine.py"/>
        <source>Being set up: {:.0f} %</source>
        <translation>설치하는 중: {:.0f} %</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/sensor_fields.py"/>
        <source>Blue</source>
        <translation>파랑</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/index_build.py"/>
        <source>Build</source>
        <translation>만들기</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/setup_page.py"/>
        <source>Build it anew from nothing</source>
        <translation>처음부터 새로 만들기</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/index_page.py"/>
        <source>Build or extend</source>
        <translation>만들기 또는 늘리기</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_planner.py"/>
        <source>Built-in planner</source>
        <translation>내장 계획기</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/index_page.py"/>
        <location filename="graft_plugin/host/search_panel.py"/>
        <source>But not</source>
        <translation>제외할 것</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dialog.py"/>
        <source>But not
(one a line)</source>
        <translation>제외할 것
(한 줄에 하나)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/compare.py"/>
        <location filename="graft_plugin/host/algorithms/query.py"/>
        <location filename="graft_plugin/host/algorithms/retrieve.py"/>
        <source>But not (one a line)</source>
        <translation>제외할 것 (한 줄에 하나)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/query.py"/>
        <location filename="graft_plugin/host/algorithms/retrieve.py"/>
        <source>But unlike these spots</source>
        <translation>다만 이 지점들과는 다른 곳</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/index_page.py"/>
        <source>By example</source>
        <translation>예시로 찾기</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/retrieve.py"/>
        <source>CRS of the spots</source>
        <translation>지점의 좌표계</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_progress.py"/>
        <location filename="graft_plugin/host/index_page.py"/>
        <location filename="graft_plugin/host/run_message.py"/>
        <location filename="graft_plugin/host/run_strip.py"/>
        <location filename="graft_plugin/host/setup_page.py"/>
        <source>Cancel</source>
        <translation>취소</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/base.py"/>
        <source>Cancelled; nothing was written.</source>
        <translation>취소했습니다. 아무 파일도 쓰지 않았습니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/classify.py"/>
        <source>Cell in pixels</source>
        <translation>칸의 픽셀 수</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/classify.py"/>
        <source>Cells</source>
        <translation>격자 칸</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/compare.py"/>
        <source>Change</source>
        <translation>변화</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/ask_page.py"/>
        <source>Change it</source>
        <translation>바꾸기</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_planner.py"/>
        <source>Chat endpoint (OpenAI-compatible)</source>
        <translation>대화 엔드포인트(OpenAI 호환)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/file_source.py"/>
        <source>Check that the file is there and whole.</source>
        <translation>파일이 있는지, 손상되지 않았는지 확인하십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/clip.py"/>
        <source>Check the free space and close the file in other programs, then run it again.</source>
        <translation>여유 공간을 확인하고 다른 프로그램에서 파일을 닫은 다음 다시 실행하십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export.py"/>
        <source>Check the free space, close the file in other programs, or name another file.</source>
        <translation>여유 공간을 확인하거나, 다른 프로그램에서 파일을 닫거나, 다른 파일을 지정하십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/render_grid.py"/>
        <source>Check the layer's CRS.</source>
        <translation>레이어의 좌표계를 확인하십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/render.py"/>
        <source>Check the layer's address and your connection, then run it again: it goes on where it stopped.</source>
        <translation>레이어의 주소와 네트워크 연결을 확인한 다음 다시 실행하십시오. 멈춘 곳에서 이어집니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/setup_words.py"/>
        <source>Checking that it works</source>
        <translation>작동을 확인하는 중</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/model_picker.py"/>
        <source>Checkpoints (*.safetensors *.ckpt *.pt *.pth *.bin)</source>
        <translation>체크포인트 (*.safetensors *.ckpt *.pt *.pth *.bin)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dock.py"/>
        <source>Check…</source>
        <translation>확인…</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export.py"/>
        <source>Choose a GeoPackage, or a name for a new one.</source>
        <translation>GeoPackage를 선택하거나 새 파일의 이름을 정하십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/offline.py"/>
        <source>Choose a layer that is a file on this computer, or switch it off in QGIS's options, GRAFT.</source>
        <translation>이 컴퓨터의 파일인 레이어를 선택하거나, QGIS 옵션의 GRAFT에서 오프라인 스위치를 끄십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/render_plan.py"/>
        <source>Choose a smaller area, such as the visible map, or save the layer as a GeoTIFF.</source>
        <translation>보이는 지도처럼 더 작은 영역을 선택하거나 레이어를 GeoTIFF로 저장하십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/render.py"/>
        <source>Choose an area where the layer shows something, or a coarser ground resolution.</source>
        <translation>레이어에 내용이 있는 영역을 선택하거나 더 성긴 지상 해상도를 선택하십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/area.py"/>
        <source>Choose another area.</source>
        <translation>다른 영역을 선택하십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_order.py"/>
        <source>Choose another layer, or add the field.</source>
        <translation>다른 레이어를 선택하거나 필드를 추가하세요.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_order.py"/>
        <source>Choose another name.</source>
        <translation>다른 이름을 선택하세요.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/sensor_fields.py"/>
        <source>Choose bands, ground resolution and stretch yourself</source>
        <translation>밴드, 지상 해상도, 스트레치를 직접 정합니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/index_page.py"/>
        <source>Choose one, or build one.</source>
        <translation>색인을 고르거나 만드십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_data.py"/>
        <location filename="graft_plugin/host/index_order.py"/>
        <source>Choose one.</source>
        <translation>하나를 선택하세요.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/classify.py"/>
        <source>Classes</source>
        <translation>분류</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/tools_menu.py"/>
        <source>Classify a raster by labels, or compare two dates</source>
        <translation>래스터를 라벨로 분류하거나 두 날짜를 비교합니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/classify.py"/>
        <source>Classify by labels</source>
        <translation>라벨로 분류</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/tools_menu.py"/>
        <source>Classify by labels…</source>
        <translation>라벨로 분류…</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/like_panel.py"/>
        <source>Clear</source>
        <translation>지우기</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_search.py"/>
        <source>Clear the store</source>
        <translation>저장소 비우기</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_search.py"/>
        <source>Clear…</source>
        <translation>비우기…</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/like_panel.py"/>
        <source>Click on the map</source>
        <translation>지도에서 클릭</translation>
    </message>
    <message>
        <source>Click spots on the map</source>
        <translation type="vanished">지도에서 지점 클릭</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/like_panel.py"/>
        <source>Click what to look for; with Shift, what it is not; right-click takes one back</source>
        <translation>찾을 것을 클릭하고, 아닌 것은 Shift를 누른 채 클릭하십시오. 오른쪽 클릭하면 하나를 되돌립니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/like_panel.py"/>
        <source>Click; Shift-click for unlike</source>
        <translation>클릭, 아닌 것은 Shift+클릭</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/setup_dialog.py"/>
        <source>Close</source>
        <translation>닫기</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/review.py"/>
        <source>Close its file in other programs, or check that you may write to it.</source>
        <translation>다른 프로그램에서 파일을 닫거나 쓰기 권한을 확인하십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/compare.py"/>
        <source>Compare the rasters as they are</source>
        <translation>래스터를 있는 그대로 비교</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/compare.py"/>
        <source>Compare two dates</source>
        <translation>두 날짜 비교</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/tools_menu.py"/>
        <source>Compare two dates…</source>
        <translation>두 날짜 비교…</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/progress.py"/>
        <source>Comparing with the prompts</source>
        <translation>프롬프트와 비교하는 중</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/ask.py"/>
        <source>Confidence (0 to 1)</source>
        <translation>신뢰도 (0~1)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/ask_answer.py"/>
        <source>Confidence: {} ({:.2f})</source>
        <translation>신뢰도: {} ({:.2f})</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/copy_button.py"/>
        <source>Copied to the clipboard.</source>
        <translation>클립보드에 복사했습니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_engine.py"/>
        <source>Copies versions, settings and the log's end, without names and paths.</source>
        <translation>버전, 설정, 로그의 마지막 부분을 이름과 경로 없이 복사합니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/copy_button.py"/>
        <source>Copy as command</source>
        <translation>명령으로 복사</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/copy_button.py"/>
        <source>Copy what the fields above describe, to be run without the panel</source>
        <translation>위 항목에 적힌 실행을 패널 없이 쓸 수 있는 명령으로 복사합니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/finetune.py"/>
        <location filename="graft_plugin/host/finetune_data.py"/>
        <source>Corrected polygons</source>
        <translation>수정한 폴리곤</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/progress.py"/>
        <source>Cutting pictures</source>
        <translation>그림을 자르는 중</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/index.py"/>
        <source>Date of all rasters</source>
        <translation>모든 래스터의 날짜</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/base.py"/>
        <source>Decides bands, stretch and ground resolution; “auto” looks at the raster's bands.</source>
        <translation>밴드, 스트레치, 지상 해상도를 정합니다. “auto”는 래스터의 밴드를 보고 판단합니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_search.py"/>
        <source>Default model</source>
        <translation>기본 모델</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_search.py"/>
        <source>Delete the embeddings in {}?

The next search of a raster computes them again.</source>
        <translation>{}의 임베딩을 삭제할까요?

다음에 래스터를 검색할 때 다시 계산합니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dock.py"/>
        <source>Delete the model “{}”? Results that were made with it stay.</source>
        <translation>모델 “{}”을(를) 삭제할까요? 이 모델로 만든 결과는 남습니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/model_picker.py"/>
        <source>Delete this model, which you added or made</source>
        <translation>직접 추가했거나 만든 이 모델을 삭제합니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dock.py"/>
        <source>Deleting {}</source>
        <translation>{} 삭제</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_search.py"/>
        <source>Deleting …</source>
        <translation>삭제하는 중 …</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/setup_page.py"/>
        <source>Disk</source>
        <translation>디스크</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/model_picker.py"/>
        <location filename="graft_plugin/host/setup_page.py"/>
        <source>Download</source>
        <translation>내려받기</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/progress.py"/>
        <source>Downloading</source>
        <translation>내려받는 중</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dock.py"/>
        <source>Downloading {}</source>
        <translation>{} 내려받는 중</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/area_picker.py"/>
        <source>Drag a rectangle over the map; Esc gives up.</source>
        <translation>지도 위에서 사각형을 끌어 그리십시오. Esc를 누르면 그만둡니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/area_picker.py"/>
        <source>Draw</source>
        <translation>그리기</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/assess_page.py"/>
        <source>Draw points</source>
        <translation>점 뽑기</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/review.py"/>
        <source>Draw points from a result first.</source>
        <translation>먼저 결과에서 점을 뽑으십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/assess.py"/>
        <source>Draw points to judge</source>
        <translation>판정할 점 뽑기</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/progress.py"/>
        <source>Drawing masks</source>
        <translation>마스크를 그리는 중</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/assess_page.py"/>
        <source>Drawing points</source>
        <translation>점을 뽑는 중</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/progress.py"/>
        <source>Drawing polygons</source>
        <translation>폴리곤을 그리는 중</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_progress.py"/>
        <source>Drawing what is to be kept</source>
        <translation>유지할 내용을 그리는 중</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/assess_page.py"/>
        <source>Drawn</source>
        <translation>뽑은 점</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/area_picker.py"/>
        <source>Drawn rectangle</source>
        <translation>그린 사각형</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/segment.py"/>
        <source>Draws polygons around what the prompts name: a similarity heatmap is thresholded, and Segment Anything refines its outlines. The result is a layer in a GeoPackage with prompt, score, area and provenance.</source>
        <translation>프롬프트가 가리키는 대상을 폴리곤으로 그립니다. 유사도 히트맵에 임곗값을 적용한 다음 Segment Anything으로 윤곽을 다듬습니다. 결과는 프롬프트, 점수, 면적, 생성 이력을 담은 GeoPackage 레이어입니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/assess.py"/>
        <source>Draws random points in each class of a result, enough in the rare ones. Judge each by its place in the imagery: write into the field “reference” the class that is there, or let the panel's page “Check” lead you. “Accuracy report” then tells how right the result is.</source>
        <translation>결과의 클래스마다 무작위로 점을 뽑고, 드문 클래스에도 넉넉히 줍니다. 영상에서 그 자리를 보고 판정하십시오. “reference” 필드에 그곳의 클래스를 적거나, 패널의 “확인” 페이지를 따라가면 됩니다. 그러면 “정확도 보고서”가 결과가 얼마나 맞는지 알려 줍니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/classify.py"/>
        <source>Edge of a cell at the model's resolution, a multiple of its patch (16); not set: a tile (224).</source>
        <translation>모델 해상도에서 칸 한 변의 픽셀 수로, 패치(16)의 배수여야 합니다. 비워 두면 타일 하나(224)입니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/sensor_fields.py"/>
        <source>Edit</source>
        <translation>편집</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/index_page.py"/>
        <source>Else found tiles lie three tiles apart, so that one lake does not fill the list</source>
        <translation>끄면 찾은 타일이 타일 세 개 거리로 떨어져, 호수 하나가 목록을 채우지 않습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_search.py"/>
        <source>Embeddings</source>
        <translation>임베딩</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_engine.py"/>
        <source>Empty: GRAFT's own environment. Or an existing Python that has GRAFT's packages.</source>
        <translation>비워 두면 GRAFT 자체 환경을 사용합니다. 또는 GRAFT의 패키지가 설치된 기존 Python을 지정하십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/index.py"/>
        <source>Encodes rasters once into an index, a folder that answers any words afterwards without looking at the imagery again. Cancelled or killed, the same run goes on from there; run again, it takes in what is new or has changed. What it takes is told first.</source>
        <translation>래스터를 한 번 인코딩해 색인 폴더를 만듭니다. 그다음부터는 영상을 다시 보지 않고 어떤 단어든 색인만으로 답합니다. 취소되거나 꺼져도 같은 실행이 거기서 이어지고, 다시 실행하면 새것과 바뀐 것만 더합니다. 얼마나 걸릴지 먼저 알려 줍니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_engine.py"/>
        <source>End when idle for</source>
        <translation>쉬면 종료할 시간</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_progress.py"/>
        <source>Ending; the result is judged on the held-out part …</source>
        <translation>마치는 중입니다. 평가용으로 떼어 둔 구역에서 결과를 평가합니다 …</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_engine.py"/>
        <source>Engine</source>
        <translation>엔진</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/prompt_field.py"/>
        <source>Enter or a comma ends a prompt; Backspace takes the last one back</source>
        <translation>Enter나 쉼표로 프롬프트를 확정하고, Backspace로 마지막 것을 지웁니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/index_build.py"/>
        <source>Estimate</source>
        <translation>예측</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/index_build.py"/>
        <source>Estimate first. A build that was cancelled goes on where it was.</source>
        <translation>먼저 예측하십시오. 취소한 작업은 멈춘 곳에서 이어집니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/search_panel.py"/>
        <source>Estimating …</source>
        <translation>예상하는 중 …</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export_dialog.py"/>
        <source>Export</source>
        <translation>내보내기</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export_dialog.py"/>
        <source>Export to</source>
        <translation>내보낼 방식</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export.py"/>
        <source>Export to a new layer.</source>
        <translation>새 레이어로 내보내십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export_dialog.py"/>
        <source>Export with style to GeoPackage</source>
        <translation>스타일과 함께 GeoPackage로 내보내기</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export_menu.py"/>
        <source>Export with style to GeoPackage…</source>
        <translation>스타일과 함께 GeoPackage로 내보내기…</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/threshold_panel.py"/>
        <source>Export…</source>
        <translation>내보내기…</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export_dialog.py"/>
        <source>File</source>
        <translation>파일</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/plan_writer.py"/>
        <source>Fill it in, or choose the built-in planner: Settings, Options, GRAFT.</source>
        <translation>값을 채우거나 내장 계획기를 고르십시오: 설정, 옵션, GRAFT.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/like_panel.py"/>
        <source>Find</source>
        <translation>찾기</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/like_panel.py"/>
        <source>Find where the scene looks like the place where this photo was taken</source>
        <translation>이 사진을 찍은 곳과 비슷해 보이는 지점을 찾습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_page.py"/>
        <source>Fine-tune</source>
        <translation>미세 조정</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/finetune.py"/>
        <source>Fine-tune a model</source>
        <translation>모델 미세 조정</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dock.py"/>
        <source>Fine-tune…</source>
        <translation>미세 조정…</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/setup_page.py"/>
        <source>Folder</source>
        <translation>폴더</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/finetune.py"/>
        <source>Folder of photos</source>
        <translation>사진 폴더</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_search.py"/>
        <source>Folder of stored embeddings</source>
        <translation>임베딩을 저장하는 폴더</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/setup_page.py"/>
        <source>Folder of wheels (.whl files)</source>
        <translation>휠 폴더 (.whl 파일)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/segment.py"/>
        <source>Follow the outlines in the imagery; without it the polygons are the thresholded heatmap's cells.</source>
        <translation>영상에 보이는 윤곽을 따라갑니다. 사용하지 않으면 임곗값을 적용한 히트맵의 셀이 그대로 폴리곤이 됩니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/chip_panel.py"/>
        <location filename="graft_plugin/host/options_planner.py"/>
        <source>Forget</source>
        <translation>지우기</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/ask_history.py"/>
        <source>Forget all</source>
        <translation>모두 지우기</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/like_panel.py"/>
        <source>Forget the spots and the photo</source>
        <translation>지점과 사진을 지웁니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dialog.py"/>
        <source>Found for each prompt from the heatmap; it can be moved afterwards in the panel</source>
        <translation>프롬프트마다 히트맵에서 정해지며, 나중에 패널에서 옮길 수 있습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/chip_view.py"/>
        <source>Found tiles</source>
        <translation>찾은 타일</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/render_files.py"/>
        <source>Free some space in QGIS's temporary folder, or choose a smaller area.</source>
        <translation>QGIS 임시 폴더의 공간을 확보하거나 더 작은 영역을 선택하십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export.py"/>
        <source>Free some space.</source>
        <translation>공간을 확보하십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/threshold_panel.py"/>
        <source>From score</source>
        <translation>최소 점수</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/file_source.py"/>
        <source>GDAL cannot open it as a raster: {}</source>
        <translation>GDAL이 래스터로 열 수 없습니다: {}</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dock.py"/>
        <location filename="graft_plugin/host/finetune_session.py"/>
        <source>GRAFT</source>
        <translation>GRAFT</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/panel_action.py"/>
        <source>GRAFT panel</source>
        <translation>GRAFT 패널</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/setup_page.py"/>
        <source>GRAFT runs its models in a Python environment of its own, beside QGIS. QGIS's Python is left alone, and nothing of yours is sent anywhere. This is done once.</source>
        <translation>GRAFT는 QGIS와 별도로 자체 Python 환경에서 모델을 실행합니다. QGIS의 Python은 건드리지 않으며, 사용자의 데이터를 어디에도 보내지 않습니다. 이 작업은 한 번만 하면 됩니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_engine.py"/>
        <source>GRAFT's own environment is not finished.</source>
        <translation>GRAFT 자체 환경이 아직 완성되지 않았습니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_engine.py"/>
        <source>GRAFT's own environment is not set up.</source>
        <translation>GRAFT 자체 환경이 설치되지 않았습니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_engine.py"/>
        <source>GRAFT's own environment is ready.</source>
        <translation>GRAFT 자체 환경이 준비되었습니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_engine.py"/>
        <source>GRAFT's own environment was built for another version.</source>
        <translation>GRAFT 자체 환경이 다른 버전용으로 만들어졌습니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/setup_task.py"/>
        <source>GRAFT: checking a Python</source>
        <translation>GRAFT: Python을 확인하는 중</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_search.py"/>
        <source>GRAFT: clearing the store</source>
        <translation>GRAFT: 저장소를 비우는 중</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export_task.py"/>
        <source>GRAFT: exporting “{}”</source>
        <translation>GRAFT: “{}” 내보내는 중</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_session.py"/>
        <source>GRAFT: fine-tuning {}</source>
        <translation>GRAFT: {} 미세 조정</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/setup_task.py"/>
        <source>GRAFT: looking for the engine</source>
        <translation>GRAFT: 엔진을 찾는 중</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/setup_task.py"/>
        <source>GRAFT: setting up the engine</source>
        <translation>GRAFT: 엔진을 설치하는 중</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_search.py"/>
        <source>GRAFT: sizing the store</source>
        <translation>GRAFT: 저장소 크기를 재는 중</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_planner.py"/>
        <source>GRAFT: testing the endpoint</source>
        <translation>GRAFT: 엔드포인트 시험</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/report.py"/>
        <source>GRAFT: writing a report</source>
        <translation>GRAFT: 보고서를 쓰는 중</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/compare.py"/>
        <source>Gained and lost</source>
        <translation>늘어난 곳과 줄어든 곳</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/plan_writer.py"/>
        <source>Give QGIS its master password, or enter the key anew: Settings, Options, GRAFT.</source>
        <translation>QGIS 마스터 비밀번호를 입력하거나 키를 다시 넣으십시오: 설정, 옵션, GRAFT.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/plan_writer.py"/>
        <source>Give QGIS its master password: Settings, Options, Authentication.</source>
        <translation>QGIS 마스터 비밀번호를 입력하십시오: 설정, 옵션, 인증.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/classify.py"/>
        <source>Gives each cell of a grid the label that fits it best, of those that you name, with no training. The result is a raster with a palette and a legend and, if wanted, polygons with the label, its probability and its margin over the next one.</source>
        <translation>적어 준 라벨 가운데 가장 맞는 것을 학습 없이 격자 칸마다 줍니다. 결과는 색상표와 범례가 있는 래스터이고, 원하면 라벨과 확률, 다음 라벨과의 차이를 담은 폴리곤도 만듭니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/setup_dialog.py"/>
        <source>Go on in the background</source>
        <translation>백그라운드에서 계속</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/assess_page.py"/>
        <source>Go through these points, or go on where you stopped</source>
        <translation>이 점들을 판정하거나 멈춘 곳에서 이어 갑니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/sensor_fields.py"/>
        <source>Green</source>
        <translation>초록</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/like_panel.py"/>
        <source>Ground photo…</source>
        <translation>지상 사진…</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/fields.py"/>
        <source>Ground resolution in metres</source>
        <translation>지상 해상도 (미터)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/heatmap.py"/>
        <location filename="graft_plugin/host/index_page.py"/>
        <source>Heatmap</source>
        <translation>히트맵</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/index_page.py"/>
        <source>Heatmap of “{}”</source>
        <translation>“{}” 히트맵</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_progress.py"/>
        <source>Held-out part</source>
        <translation>평가 구역</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dock.py"/>
        <location filename="graft_plugin/host/guide.py"/>
        <source>Help</source>
        <translation>도움말</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/index.py"/>
        <source>Hours</source>
        <translation>시간</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_progress.py"/>
        <source>How far what the model finds and the polygons cover each other: 1 is all, 0 is nothing</source>
        <translation>모델이 찾은 곳과 폴리곤이 겹치는 정도: 1은 완전히 겹침, 0은 전혀 겹치지 않음</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/finetune.py"/>
        <source>How long it learns.</source>
        <translation>학습하는 시간입니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/retrieve.py"/>
        <source>How many of the best tiles are taken.</source>
        <translation>가장 잘 맞는 타일을 몇 개 가져올지 정합니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/histogram.py"/>
        <source>How many places have which score, 0 to 1. Drag the handle: what is right of it is taken.</source>
        <translation>점수(0~1)별 위치의 수. 손잡이를 끌어 옮기면 그 오른쪽이 선택됩니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/assess.py"/>
        <source>How many points</source>
        <translation>점의 수</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/retrieve.py"/>
        <source>How many tiles</source>
        <translation>타일의 수</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_progress.py"/>
        <source>How often a photo is among the five that its place likes most</source>
        <translation>사진이 그 촬영 위치와 가장 비슷한 다섯 장 안에 드는 비율</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_progress.py"/>
        <source>How often a place inside the polygons is liked more than one outside: 0.5 is chance</source>
        <translation>폴리곤 안쪽의 점수가 바깥쪽보다 높은 비율: 0.5는 우연 수준</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_progress.py"/>
        <source>How often the place of a photo likes it more than another photo: 0.5 is chance</source>
        <translation>사진의 촬영 위치가 다른 사진보다 그 사진과 더 비슷한 비율: 0.5는 우연 수준</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/assess_page.py"/>
        <source>How right is a result? Judge random points of it: accuracies and areas with margins.</source>
        <translation>결과가 얼마나 맞을까요? 무작위 점을 판정하면 정확도와 면적을 오차와 함께 알려 줍니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/retrieve.py"/>
        <source>How the ranking learns from right and wrong tiles.</source>
        <translation>맞는 타일과 틀린 타일에서 순위가 배우는 방식입니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/retrieve.py"/>
        <source>Ids of tiles that are not.</source>
        <translation>찾던 것이 아닌 타일의 id입니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/retrieve.py"/>
        <source>Ids of tiles that are what was sought.</source>
        <translation>찾던 것인 타일의 id입니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_page.py"/>
        <source>Imagery</source>
        <translation>영상</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/ask.py"/>
        <source>In English.</source>
        <translation>영어로 씁니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/assess.py"/>
        <source>In all; 50 in each class if there are enough, the rest by area.</source>
        <translation>모두 합한 수입니다. 충분하면 클래스마다 50개, 나머지는 면적대로 나눕니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/index.py"/>
        <location filename="graft_plugin/host/algorithms/retrieve.py"/>
        <location filename="graft_plugin/host/index_page.py"/>
        <source>Index</source>
        <translation>색인</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/index.py"/>
        <source>Index rasters</source>
        <translation>래스터 색인</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/index_page.py"/>
        <source>Indexing</source>
        <translation>색인하는 중</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dock.py"/>
        <source>Index…</source>
        <translation>색인…</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/setup_words.py"/>
        <source>Installing packages</source>
        <translation>패키지를 설치하는 중</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/setup_words.py"/>
        <source>Installing torch</source>
        <translation>torch를 설치하는 중</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/finetune.py"/>
        <source>Instead of a folder: points with a field “photo” that names each photo's file.</source>
        <translation>폴더 대신: 각 사진의 파일을 담은 “photo” 필드가 있는 포인트입니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/finetune.py"/>
        <source>Instead of photos: polygons with a field “prompt”. What lies outside of them is background.</source>
        <translation>사진 대신: “prompt” 필드가 있는 폴리곤입니다. 폴리곤 바깥은 배경으로 봅니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_planner.py"/>
        <source>It knows the common kinds of questions, runs on this machine, and sends nothing.</source>
        <translation>흔한 종류의 질문을 이해합니다. 이 컴퓨터에서 실행되며 아무것도 보내지 않습니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_planner.py"/>
        <source>It works: a plan came back in {:.1f} s.</source>
        <translation>작동합니다. {:.1f}초 만에 계획을 받았습니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/ask.py"/>
        <source>Its unit</source>
        <translation>단위</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/finetune.py"/>
        <source>JPEG or PNG pictures that know where they were taken (EXIF).</source>
        <translation>촬영 위치(EXIF)가 기록된 JPEG 또는 PNG 사진입니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/assess_page.py"/>
        <source>Judge</source>
        <translation>판정</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dock.py"/>
        <source>Judge random points of a result: accuracies and areas with margins</source>
        <translation>결과의 무작위 점을 판정합니다. 정확도와 면적이 오차와 함께 나옵니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/assess.py"/>
        <source>Judged points</source>
        <translation>판정한 점</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_planner.py"/>
        <source>Kept encrypted in QGIS's authentication database, and nowhere else.</source>
        <translation>QGIS 인증 데이터베이스에만 암호화해 보관합니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export_dialog.py"/>
        <source>Kept in the file: the style, all fields, and a description of how the polygons were made.</source>
        <translation>파일에 보관되는 것: 스타일, 모든 필드, 폴리곤이 어떻게 만들어졌는지에 대한 설명.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_planner.py"/>
        <source>Kept; type another to replace it</source>
        <translation>보관됨. 바꾸려면 새로 입력하십시오</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_planner.py"/>
        <source>Key</source>
        <translation>키</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/classify.py"/>
        <source>Label of all else</source>
        <translation>나머지의 라벨</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/classify.py"/>
        <source>Labels (one a line)</source>
        <translation>라벨 (한 줄에 하나)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dialog.py"/>
        <location filename="graft_plugin/host/index_build.py"/>
        <location filename="graft_plugin/host/search_panel.py"/>
        <source>Layer</source>
        <translation>레이어</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/ask_page.py"/>
        <source>Layer, area and model are those of the Search tab</source>
        <translation>레이어, 영역, 모델은 검색 탭에서 고른 것입니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/ask.py"/>
        <source>Layers of the answer</source>
        <translation>답의 레이어</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_page.py"/>
        <source>Learn from</source>
        <translation>학습 자료</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/retrieve.py"/>
        <source>Learn from marks by</source>
        <translation>표시에서 배우는 방식</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_progress.py"/>
        <source>Learning: {} teach, {} judge</source>
        <translation>학습 중: 학습용 {}, 평가용 {}</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/retrieve.py"/>
        <source>Least distance in metres</source>
        <translation>최소 거리(미터)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/compare.py"/>
        <source>Leave in what light, season and sensor change everywhere.</source>
        <translation>빛, 계절, 센서 때문에 어디서나 달라진 몫을 그대로 둡니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_page.py"/>
        <source>Length</source>
        <translation>학습 시간</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/threshold_panel.py"/>
        <source>Let Segment Anything follow the outlines in the imagery, from this threshold on</source>
        <translation>이 임곗값을 기준으로 Segment Anything이 영상의 윤곽을 따라가게 합니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dock.py"/>
        <source>Let a model learn from photos or corrected polygons of your area</source>
        <translation>해당 지역의 사진이나 수정한 폴리곤으로 모델을 학습시킵니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_page.py"/>
        <source>Let a model learn from photos or polygons of this area. A part of it is held out to judge.</source>
        <translation>이 지역의 사진이나 폴리곤으로 모델을 학습시킵니다. 일부 구역은 평가용으로 떼어 둡니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/chip_panel.py"/>
        <source>Let the marks move the ranking (Enter); wrong tiles are not shown again</source>
        <translation>표시에 따라 순위를 바꿉니다(Enter). 틀린 타일은 다시 나오지 않습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/finetune.py"/>
        <source>Lets a model learn from ground photos, or from corrected polygons, of an area. A part of the area, blocks with a tile's distance all around, is held out: it chooses what is kept, and shows before and after. The result is a model of your own under the name that you give.</source>
        <translation>한 지역의 지상 사진이나 수정한 폴리곤으로 모델을 학습시킵니다. 둘레를 타일 하나만큼 띄운 블록들을 평가용으로 떼어 두고, 이 구역에서 남길 가중치를 고르고 전후를 비교합니다. 결과는 지정한 이름의 내 모델이 됩니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/model_picker.py"/>
        <source>Licence</source>
        <translation>라이선스</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/progress.py"/>
        <source>Loading the model</source>
        <translation>모델을 불러오는 중</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/retrieve.py"/>
        <source>Longitude and latitude by default; not set: the index's own.</source>
        <translation>기본은 경도와 위도입니다. 비워 두면 색인의 좌표계입니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/index_page.py"/>
        <location filename="graft_plugin/host/search_panel.py"/>
        <source>Look for</source>
        <translation>찾을 것</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dialog.py"/>
        <source>Look for
(one a line)</source>
        <translation>찾을 것
(한 줄에 하나)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/compare.py"/>
        <location filename="graft_plugin/host/algorithms/query.py"/>
        <location filename="graft_plugin/host/algorithms/retrieve.py"/>
        <source>Look for (one a line)</source>
        <translation>찾을 것 (한 줄에 하나)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/query.py"/>
        <location filename="graft_plugin/host/algorithms/retrieve.py"/>
        <source>Look for what a ground photo shows</source>
        <translation>지상 사진에 보이는 것 찾기</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/query.py"/>
        <location filename="graft_plugin/host/algorithms/retrieve.py"/>
        <source>Look for what is like these spots</source>
        <translation>이 지점들과 비슷한 곳 찾기</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_page.py"/>
        <source>Looking at the data …</source>
        <translation>데이터를 살펴보는 중 …</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/setup_words.py"/>
        <source>Looking at the disk</source>
        <translation>디스크를 확인하는 중</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/progress.py"/>
        <source>Looking at the imagery</source>
        <translation>영상을 살펴보는 중</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_progress.py"/>
        <source>Looking at the photos</source>
        <translation>사진을 살펴보는 중</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/progress.py"/>
        <source>Looking at the rasters</source>
        <translation>래스터를 살펴보는 중</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_search.py"/>
        <source>Looking …</source>
        <translation>확인하는 중 …</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/finetune.py"/>
        <source>Lower-case letters, digits, dots and hyphens.</source>
        <translation>영문 소문자, 숫자, 점, 하이픈을 쓸 수 있습니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export.py"/>
        <source>Make it writable, or name another file.</source>
        <translation>쓸 수 있게 하거나 다른 파일을 지정하십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export.py"/>
        <source>Make it, or name another.</source>
        <translation>폴더를 만들거나 다른 폴더를 지정하십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/setup_words.py"/>
        <source>Making an environment</source>
        <translation>환경을 만드는 중</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/retrieve.py"/>
        <source>Map points x,y;x,y in the CRS below.</source>
        <translation>아래 좌표계의 지도 점 x,y;x,y입니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/query.py"/>
        <source>Map points x,y;x,y in the layer's CRS.</source>
        <translation>레이어 좌표계의 지도 좌표 x,y;x,y입니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/assess.py"/>
        <source>Margin of the overall accuracy</source>
        <translation>전체 정확도의 오차</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_engine.py"/>
        <source>Memory limit</source>
        <translation>메모리 한도</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/fields.py"/>
        <source>Metres a pixel to work at; not set: the model's own for the sensor.</source>
        <translation>작업할 픽셀당 미터 수입니다. 비워 두면 해당 센서에 대한 모델의 값을 사용합니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/finetune.py"/>
        <source>Minutes</source>
        <translation>시간(분)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/fields.py"/>
        <location filename="graft_plugin/host/algorithms/finetune.py"/>
        <location filename="graft_plugin/host/dialog.py"/>
        <location filename="graft_plugin/host/index_build.py"/>
        <location filename="graft_plugin/host/model_picker.py"/>
        <location filename="graft_plugin/host/options_planner.py"/>
        <location filename="graft_plugin/host/search_panel.py"/>
        <source>Model</source>
        <translation>모델</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/base.py"/>
        <source>Model {}, {:g} m a pixel, {:.1f} s</source>
        <translation>모델 {}, 픽셀당 {:g} m, {:.1f}초</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_engine.py"/>
        <source>Models are not downloaded, web layers are not read, and the engine is not set up from the network.</source>
        <translation>모델을 내려받지 않고, 웹 레이어를 읽지 않으며, 네트워크에서 엔진을 설치하지도 않습니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dock.py"/>
        <source>More like this</source>
        <translation>비슷한 곳 찾기</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/area.py"/>
        <source>Move the map to the layer, or take the whole layer.</source>
        <translation>지도를 레이어 쪽으로 옮기거나 레이어 전체를 선택하십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_engine.py"/>
        <source>NVIDIA graphics card (CUDA)</source>
        <translation>NVIDIA 그래픽 카드 (CUDA)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/finetune.py"/>
        <location filename="graft_plugin/host/finetune_page.py"/>
        <source>Name</source>
        <translation>이름</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export.py"/>
        <source>Name a GeoPackage.</source>
        <translation>GeoPackage를 지정하십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export.py"/>
        <source>Name a file.</source>
        <translation>파일을 지정하십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/assess.py"/>
        <source>Name a layer or a file in INPUT.</source>
        <translation>INPUT에 레이어나 파일을 적으십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export.py"/>
        <source>Name another file.</source>
        <translation>다른 파일을 지정하십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/index.py"/>
        <source>Name it in INPUT or SOURCES.</source>
        <translation>INPUT이나 SOURCES에 적으십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/compare.py"/>
        <location filename="graft_plugin/host/algorithms/query.py"/>
        <location filename="graft_plugin/host/algorithms/retrieve.py"/>
        <source>Name it in PROMPTS, one a line.</source>
        <translation>PROMPTS에 한 줄에 하나씩 적으십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export.py"/>
        <source>Name it otherwise, without | and double quotes.</source>
        <translation>| 와 큰따옴표가 없는 다른 이름을 정하십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export.py"/>
        <source>Name it.</source>
        <translation>이름을 정하십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export.py"/>
        <source>Name the new one otherwise.</source>
        <translation>새 레이어의 이름을 다르게 정하십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export_dialog.py"/>
        <source>Name this one otherwise; “{}” is free.</source>
        <translation>다른 이름을 정하십시오. “{}”은(는) 쓸 수 있습니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/classify.py"/>
        <source>Name two or more in LABELS, one a line.</source>
        <translation>LABELS에 한 줄에 하나씩 둘 이상 적으십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/retrieve.py"/>
        <source>Names of scenes, or parts of them.</source>
        <translation>장면의 이름 또는 그 일부입니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/index_page.py"/>
        <source>Neighbouring tiles too</source>
        <translation>이웃 타일도</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_engine.py"/>
        <source>Never</source>
        <translation>종료하지 않음</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export_dialog.py"/>
        <source>New layer</source>
        <translation>새 레이어</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/ask_answer.py"/>
        <source>No</source>
        <translation>아니요</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/ask_answer.py"/>
        <location filename="graft_plugin/host/ask_answer_view.py"/>
        <source>No answer</source>
        <translation>답 없음</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/made_by.py"/>
        <source>No polygon</source>
        <translation>폴리곤 없음</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/threshold_panel.py"/>
        <source>No result yet. Select a layer of an earlier run, or search.</source>
        <translation>아직 결과가 없습니다. 이전 실행의 레이어를 선택하거나 검색하십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_planner.py"/>
        <source>None; a local server needs none</source>
        <translation>없음. 로컬 서버에는 필요 없습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_search.py"/>
        <source>Nothing is stored.</source>
        <translation>저장된 것이 없습니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/finetune.py"/>
        <location filename="graft_plugin/host/finetune_progress.py"/>
        <source>Nothing that was learnt was better on the held-out part; no model was stored.</source>
        <translation>평가 구역에서 더 나아진 것이 없어 모델을 저장하지 않았습니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/assess.py"/>
        <source>Number of judged points</source>
        <translation>판정한 점의 수</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/assess.py"/>
        <source>Number of points</source>
        <translation>점의 수</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/segment.py"/>
        <source>Number of polygons</source>
        <translation>폴리곤 개수</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/index.py"/>
        <location filename="graft_plugin/host/algorithms/retrieve.py"/>
        <source>Number of tiles</source>
        <translation>타일의 수</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/assess.py"/>
        <source>Of a heatmap or of polygons; not set: all of them, as classes.</source>
        <translation>히트맵이나 폴리곤의 프롬프트 하나입니다. 비워 두면 모두를 클래스로 봅니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/assess.py"/>
        <source>Of a heatmap; not set: the one of its run.</source>
        <translation>히트맵의 임곗값입니다. 비워 두면 실행 때의 값입니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/retrieve.py"/>
        <source>Of two tiles' centres; not set: three tiles, 0: neighbours too.</source>
        <translation>두 타일 중심 사이의 거리입니다. 비워 두면 타일 세 개, 0이면 이웃도 됩니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_engine.py"/>
        <source>Offline: make no network call</source>
        <translation>오프라인: 네트워크에 접속하지 않음</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_progress.py"/>
        <source>Old answers kept</source>
        <translation>유지된 답</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_progress.py"/>
        <source>On other pictures: how many places get the same answer as from the model it started from</source>
        <translation>다른 그림에서 출발 모델과 같은 답을 받는 곳의 비율</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_page.py"/>
        <source>On the map: green teaches, orange is held out to judge, grey lies between the two</source>
        <translation>지도에서 초록은 학습용, 주황은 평가용, 회색은 그 사이에 있어 쓰지 않는 것입니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/assess.py"/>
        <source>One prompt</source>
        <translation>프롬프트 하나</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/index_page.py"/>
        <source>Only in the visible map</source>
        <translation>보이는 지도 안에서만</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/retrieve.py"/>
        <source>Only scenes (one a line)</source>
        <translation>이 장면만 (한 줄에 하나)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/index.py"/>
        <source>Only tell what it would take</source>
        <translation>얼마나 걸릴지만 알려 주기</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/model_picker.py"/>
        <source>Open a checkpoint</source>
        <translation>체크포인트 열기</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/like_panel.py"/>
        <source>Open a ground photo</source>
        <translation>지상 사진 열기</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/layers.py"/>
        <source>Open it from the Browser to see why.</source>
        <translation>탐색기에서 직접 열어 원인을 확인하십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dock.py"/>
        <source>Options…</source>
        <translation>옵션…</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/like_panel.py"/>
        <source>Or drop a photo taken on the ground here</source>
        <translation>또는 지상에서 찍은 사진을 여기에 끌어다 놓으십시오</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/sensor_fields.py"/>
        <source>Other (RGB)</source>
        <translation>기타 (RGB)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/index.py"/>
        <source>Other sources (one a line)</source>
        <translation>다른 원본 (한 줄에 하나)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/setup_page.py"/>
        <source>Other ways</source>
        <translation>다른 방법</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/assess.py"/>
        <source>Overall accuracy (0 to 1)</source>
        <translation>전체 정확도 (0~1)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/assess_order.py"/>
        <source>Overall accuracy {}</source>
        <translation>전체 정확도 {}</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_progress.py"/>
        <source>Overlap (IoU)</source>
        <translation>겹침(IoU)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/index.py"/>
        <source>Paths of rasters, folders, VRTs, or STAC item collections (.json).</source>
        <translation>래스터, 폴더, VRT 또는 STAC 항목 모음(.json)의 경로입니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_progress.py"/>
        <source>Photo in first five</source>
        <translation>상위 5장 안의 사진</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/like_panel.py"/>
        <source>Photos (*.jpg *.jpeg *.png *.JPG *.JPEG *.PNG)</source>
        <translation>사진 (*.jpg *.jpeg *.png *.JPG *.JPEG *.PNG)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_data.py"/>
        <source>Photos in a folder</source>
        <translation>폴더의 사진</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_data.py"/>
        <source>Photos of a point layer</source>
        <translation>포인트 레이어의 사진</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/ask.py"/>
        <location filename="graft_plugin/host/ask_page.py"/>
        <location filename="graft_plugin/host/ask_plan.py"/>
        <source>Plan</source>
        <translation>계획</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_planner.py"/>
        <source>Plans come from</source>
        <translation>계획 작성</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/assess.py"/>
        <location filename="graft_plugin/host/assess_page.py"/>
        <source>Points</source>
        <translation>점</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/assess_page.py"/>
        <source>Points and report are kept in {}</source>
        <translation>점과 보고서는 {} 폴더에 남습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/finetune.py"/>
        <source>Points of photos</source>
        <translation>사진 포인트</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/assess.py"/>
        <source>Points of “Draw points to judge”, whose field “reference” says what is there, as far as judged.</source>
        <translation>“판정할 점 뽑기”의 점으로, 판정한 만큼 “reference” 필드에 그곳에 무엇이 있는지 적혀 있습니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/segment.py"/>
        <source>Polygons</source>
        <translation>폴리곤</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/area_picker.py"/>
        <source>Press Draw, then drag over the map.</source>
        <translation>그리기를 누른 다음 지도 위에서 끄십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_engine.py"/>
        <source>Processor (CPU)</source>
        <translation>프로세서 (CPU)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/threshold_panel.py"/>
        <source>Prompt</source>
        <translation>프롬프트</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_engine.py"/>
        <source>Python</source>
        <translation>Python</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/copy_button.py"/>
        <source>Python for QGIS</source>
        <translation>QGIS용 Python</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/found_layer.py"/>
        <location filename="graft_plugin/host/layers.py"/>
        <source>QGIS cannot open this result</source>
        <translation>QGIS에서 이 결과를 열 수 없습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/plan_writer.py"/>
        <source>QGIS does not give out the endpoint's key</source>
        <translation>QGIS가 엔드포인트의 키를 내주지 않습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/plan_writer.py"/>
        <source>QGIS does not keep the endpoint's key</source>
        <translation>QGIS가 엔드포인트의 키를 보관하지 못했습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/ask.py"/>
        <location filename="graft_plugin/host/ask_question.py"/>
        <source>Question</source>
        <translation>질문</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/ask_page.py"/>
        <source>Question about {}</source>
        <translation>{}에 대한 질문</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_planner.py"/>
        <source>Questions</source>
        <translation>질문</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/sensor_fields.py"/>
        <source>RGB image</source>
        <translation>RGB 영상</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/assess_page.py"/>
        <source>Random points in each class; the rare ones get enough of them</source>
        <translation>클래스마다 무작위로 점을 뽑고, 드문 클래스에도 넉넉히 줍니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/chip_panel.py"/>
        <source>Rank again</source>
        <translation>다시 순위 매기기</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_progress.py"/>
        <source>Ranking (AUC)</source>
        <translation>순위(AUC)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_progress.py"/>
        <source>Ranking of photos</source>
        <translation>사진 순위</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/progress.py"/>
        <source>Ranking the tiles</source>
        <translation>타일의 순위를 매기는 중</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/retrieve.py"/>
        <source>Ranks the tiles of an index by how well they fit words, example spots or a ground photo, and takes the best, spread over the map. The result is the layer “tiles” of a GeoPackage with rank, score, scene and a picture of each. Ids of tiles that you name right or wrong move the ranking.</source>
        <translation>색인의 타일이 단어, 예시 지점 또는 지상 사진에 얼마나 맞는지 순위를 매기고, 지도에 흩어진 가장 좋은 것을 고릅니다. 결과는 GeoPackage의 “tiles” 레이어로, 순위, 점수, 장면과 그림이 담깁니다. 맞다고 또는 틀리다고 적은 타일의 id가 순위를 바꿉니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/ask.py"/>
        <location filename="graft_plugin/host/algorithms/base.py"/>
        <location filename="graft_plugin/host/algorithms/finetune.py"/>
        <source>Raster layer</source>
        <translation>래스터 레이어</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/ask.py"/>
        <source>Raster layer before</source>
        <translation>이전 래스터 레이어</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/index.py"/>
        <source>Raster layers</source>
        <translation>래스터 레이어들</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/index.py"/>
        <source>Rasters with red, green and blue bands; each must be a file that stays where it is.</source>
        <translation>빨강, 초록, 파랑 밴드가 있는 래스터입니다. 각각 제자리에 남아 있을 파일이어야 합니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_progress.py"/>
        <source>Reading imagery and data …</source>
        <translation>영상과 데이터를 읽는 중 …</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_progress.py"/>
        <source>Reading the layer</source>
        <translation>레이어를 읽는 중</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/sensor_fields.py"/>
        <source>Recognise</source>
        <translation>자동 인식</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/ask_page.py"/>
        <source>Rectangle around the selected polygons</source>
        <translation>선택한 폴리곤을 둘러싼 사각형</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/sensor_fields.py"/>
        <source>Red</source>
        <translation>빨강</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/threshold_panel.py"/>
        <source>Refine with SAM</source>
        <translation>SAM으로 다듬기</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/segment.py"/>
        <source>Refine with Segment Anything</source>
        <translation>Segment Anything으로 다듬기</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/runs.py"/>
        <source>Refining “{}”</source>
        <translation>“{}” 다듬는 중</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/prompt_field.py"/>
        <source>Remove “{}”</source>
        <translation>“{}” 제거</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/model_picker.py"/>
        <source>Remove…</source>
        <translation>삭제…</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_progress.py"/>
        <location filename="graft_plugin/host/progress.py"/>
        <source>Rendering the layer</source>
        <translation>레이어를 렌더링하는 중</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/setup_page.py"/>
        <source>Repair</source>
        <translation>복구</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/source.py"/>
        <source>Repair it in QGIS first: Layer, Set Data Source.</source>
        <translation>먼저 QGIS에서 고치십시오: 레이어 → 데이터 원본 설정.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_engine.py"/>
        <source>Repair…</source>
        <translation>복구…</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/assess.py"/>
        <location filename="graft_plugin/host/assess_page.py"/>
        <source>Report</source>
        <translation>보고서</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dock.py"/>
        <source>Report a problem</source>
        <translation>문제 신고</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_engine.py"/>
        <source>Report a problem…</source>
        <translation>문제 신고…</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/assess.py"/>
        <source>Reports (*.html *.json)</source>
        <translation>보고서 (*.html *.json)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/sensor_fields.py"/>
        <source>Resolution</source>
        <translation>해상도</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/assess.py"/>
        <location filename="graft_plugin/host/assess_page.py"/>
        <location filename="graft_plugin/host/dock.py"/>
        <location filename="graft_plugin/host/export_dialog.py"/>
        <source>Result</source>
        <translation>결과</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/setup_page.py"/>
        <source>Retry</source>
        <translation>다시 시도</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/retrieve.py"/>
        <source>Right tiles (one a line)</source>
        <translation>맞는 타일 (한 줄에 하나)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dialog.py"/>
        <location filename="graft_plugin/host/search_panel.py"/>
        <source>Run</source>
        <translation>실행</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/ask_answer.py"/>
        <source>Run as it was given.</source>
        <translation>주어진 대로 실행했습니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_engine.py"/>
        <source>Run on</source>
        <translation>실행 장치</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/ask_plan.py"/>
        <source>Run this plan again</source>
        <translation>이 계획 다시 실행</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_progress.py"/>
        <source>Same word as its photo</source>
        <translation>사진과 같은 단어</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dialog.py"/>
        <source>Save heatmap as</source>
        <translation>히트맵을 다른 이름으로 저장</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/provider_source.py"/>
        <source>Save it as a GeoTIFF first: right-click, Export, Save As.</source>
        <translation>먼저 GeoTIFF로 저장하십시오: 오른쪽 클릭 → 내보내기 → 다른 이름으로 저장.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/index_order.py"/>
        <source>Save it first: right-click the layer, Export, Save As.</source>
        <translation>먼저 저장하십시오: 레이어를 오른쪽 클릭하고 내보내기, 다른 이름으로 저장.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dialog.py"/>
        <source>Save polygons as</source>
        <translation>폴리곤을 다른 이름으로 저장</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/threshold_panel.py"/>
        <source>Save the polygons with their style to a GeoPackage</source>
        <translation>폴리곤을 스타일과 함께 GeoPackage에 저장합니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dialog.py"/>
        <source>Save to</source>
        <translation>저장 위치</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/finetune.py"/>
        <source>Score after, held-out part</source>
        <translation>평가 구역의 이후 점수</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/finetune.py"/>
        <source>Score before, held-out part</source>
        <translation>평가 구역의 이전 점수</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/heatmap.py"/>
        <source>Scores every place of a raster by how much it looks like the prompts. The result is a float32 GeoTIFF with a band for each prompt, 0 (not at all) to 1 (surely), in the raster's own projection or its UTM zone.</source>
        <translation>래스터의 모든 지점이 프롬프트와 얼마나 비슷해 보이는지 점수를 매깁니다. 결과는 프롬프트마다 밴드가 하나씩 있는 float32 GeoTIFF이며, 값은 0(전혀 다름)에서 1(확실함) 사이이고, 좌표계는 래스터의 좌표계 또는 해당 UTM 구역입니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/index_page.py"/>
        <source>Scores of the visible map, from the index alone: no image is looked at</source>
        <translation>보이는 지도의 점수를 색인만으로 구합니다. 영상은 보지 않습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dock.py"/>
        <location filename="graft_plugin/host/index_page.py"/>
        <source>Search</source>
        <translation>검색</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/retrieve.py"/>
        <source>Search an index</source>
        <translation>색인 검색</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dock.py"/>
        <source>Search imagery that was encoded once: a county in a second, as chips to browse</source>
        <translation>한 번 인코딩한 영상을 찾습니다. 한 군 전체를 1초에, 넘겨 보는 조각 그림으로</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/like_panel.py"/>
        <source>Search the area for what looks like it, with the layer and the model above</source>
        <translation>위의 레이어와 모델로 영역에서 비슷하게 보이는 곳을 찾습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/search_panel.py"/>
        <source>Search the area; Enter in the empty line above does the same</source>
        <translation>영역을 검색합니다. 위의 빈 줄에서 Enter를 눌러도 됩니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/index_page.py"/>
        <source>Search the index for tiles that look like it</source>
        <translation>색인에서 비슷하게 보이는 타일을 찾습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_search.py"/>
        <source>Searching</source>
        <translation>검색</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/index_page.py"/>
        <source>Searching …</source>
        <translation>찾는 중 …</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/assess.py"/>
        <source>Seed</source>
        <translation>난수 씨앗</translation>
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
        <location filename="graft_plugin/host/area.py"/>
        <source>Select the polygons to look into with QGIS's selection tool.</source>
        <translation>QGIS의 선택 도구로 살펴볼 폴리곤을 선택하십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/area_picker.py"/>
        <source>Selected polygons</source>
        <translation>선택한 폴리곤</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/base.py"/>
        <location filename="graft_plugin/host/sensor_fields.py"/>
        <source>Sensor</source>
        <translation>센서</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/fields.py"/>
        <source>Separate them by commas.</source>
        <translation>쉼표로 구분하십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/finetune.py"/>
        <source>Set FOLDER, PHOTOS or POLYGONS, one of them.</source>
        <translation>FOLDER, PHOTOS, POLYGONS 가운데 하나만 지정하세요.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/area.py"/>
        <location filename="graft_plugin/host/source.py"/>
        <source>Set it first: right-click the layer, Layer CRS, Set Layer CRS.</source>
        <translation>먼저 좌표계를 지정하십시오: 레이어 오른쪽 클릭 → 레이어 좌표계 → 레이어 좌표계 설정.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/setup_page.py"/>
        <source>Set up</source>
        <translation>설치</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/setup_dialog.py"/>
        <source>Set up GRAFT's engine</source>
        <translation>GRAFT 엔진 설치</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/search_panel.py"/>
        <source>Set up the engine…</source>
        <translation>엔진 설치…</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_engine.py"/>
        <source>Set up…</source>
        <translation>설치…</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/classify.py"/>
        <source>Share of cells whose best two labels are nearly as good</source>
        <translation>가장 맞는 두 라벨이 거의 같은 칸의 비율</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/setup_page.py"/>
        <source>Show log</source>
        <translation>로그 보기</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_page.py"/>
        <source>Show the data</source>
        <translation>데이터 보기</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_engine.py"/>
        <source>Show…</source>
        <translation>보기…</translation>
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
        <location filename="graft_plugin/host/algorithms/index.py"/>
        <source>Size in GB</source>
        <translation>크기(GB)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/finetune.py"/>
        <location filename="graft_plugin/host/finetune_page.py"/>
        <source>Start from</source>
        <translation>출발 모델</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/run_strip.py"/>
        <source>Starting …</source>
        <translation>시작하는 중 …</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_engine.py"/>
        <location filename="graft_plugin/host/setup_page.py"/>
        <source>State</source>
        <translation>상태</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_progress.py"/>
        <source>Stop, keep the best</source>
        <translation>멈추고 최선 결과 유지</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/run_message.py"/>
        <source>Stopping</source>
        <translation>멈추는 중</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/run_strip.py"/>
        <location filename="graft_plugin/host/setup_page.py"/>
        <source>Stopping …</source>
        <translation>멈추는 중 …</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/sensor_fields.py"/>
        <source>Stretch</source>
        <translation>스트레치</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/fields.py"/>
        <source>Stretch (low,high)</source>
        <translation>스트레치 (최솟값,최댓값)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/sensor_fields.py"/>
        <source>Stretched to 8 bits: {}</source>
        <translation>8비트로 스트레치: {}</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/retrieve.py"/>
        <source>Such as 2021-06-01.</source>
        <translation>예: 2021-06-01</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/index.py"/>
        <source>Such as 2021-06-01; not set: from the STAC item, or the file's name.</source>
        <translation>예: 2021-06-01. 비워 두면 STAC 항목이나 파일 이름에서 가져옵니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/tools_menu.py"/>
        <source>Switch QGIS's plugin “Processing” on first.</source>
        <translation>먼저 QGIS의 “Processing” 플러그인을 켜십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/chip_panel.py"/>
        <source>Take all marks back</source>
        <translation>표시를 모두 지웁니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/review_panel.py"/>
        <source>Take the last judgement back (Backspace)</source>
        <translation>마지막 판정을 되돌립니다(Backspace)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/ask_history.py"/>
        <source>Take the questions and answers out of this project; layers stay</source>
        <translation>이 프로젝트에서 질문과 답을 지웁니다. 레이어는 남습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/retrieve.py"/>
        <source>Taken since</source>
        <translation>촬영일 시작</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/retrieve.py"/>
        <source>Taken until</source>
        <translation>촬영일 끝</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/assess.py"/>
        <source>Tells from judged points how right a result is: overall, user's and producer's accuracy, and the area of each class corrected for the errors, all with 95 % confidence intervals (Olofsson et al. 2014).</source>
        <translation>판정한 점으로 결과가 얼마나 맞는지 알려 줍니다. 전체 정확도, 사용자 정확도, 생산자 정확도, 그리고 오류를 보정한 클래스별 면적이 95 % 신뢰 구간과 함께 나옵니다(Olofsson 외, 2014).</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/compare.py"/>
        <source>Tells where what the prompts name was gained and lost between two rasters of one place, whose CRS, extent and pixels may differ. What light, season and sensor change everywhere is taken off first. The results are polygons of gain and loss, and a heatmap of the change, −1 to 1.</source>
        <translation>같은 곳의 두 래스터 사이에서 프롬프트가 가리키는 것이 늘고 준 곳을 알려 줍니다. 좌표계, 범위, 픽셀은 서로 달라도 됩니다. 빛, 계절, 센서 때문에 어디서나 달라진 몫은 먼저 덜어 냅니다. 결과는 늘고 준 곳의 폴리곤과 −1에서 1까지의 변화 히트맵입니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dialog.py"/>
        <source>Temporary file</source>
        <translation>임시 파일</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_planner.py"/>
        <source>Test</source>
        <translation>시험</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/compare.py"/>
        <location filename="graft_plugin/host/algorithms/segment.py"/>
        <source>The GeoPackage to write. In a file that exists, a new layer is added; no layer is overwritten.</source>
        <translation>결과를 쓸 GeoPackage입니다. 이미 있는 파일에는 새 레이어를 추가하며, 기존 레이어를 덮어쓰지 않습니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/retrieve.py"/>
        <source>The GeoPackage to write; a layer “tiles” in it is replaced.</source>
        <translation>쓸 GeoPackage입니다. 그 안의 “tiles” 레이어는 바뀝니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/assess.py"/>
        <source>The GeoPackage to write; points in it that were judged are never overwritten.</source>
        <translation>쓸 GeoPackage입니다. 판정한 점은 결코 덮어쓰지 않습니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/compare.py"/>
        <source>The GeoTIFF to write, a band for each prompt; an existing file is replaced.</source>
        <translation>쓸 GeoTIFF로, 프롬프트마다 밴드가 하나입니다. 이미 있는 파일은 바뀝니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/classify.py"/>
        <location filename="graft_plugin/host/algorithms/heatmap.py"/>
        <source>The GeoTIFF to write; an existing file is replaced.</source>
        <translation>결과를 쓸 GeoTIFF입니다. 이미 있는 파일은 교체합니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_engine.py"/>
        <source>The Python below is used.</source>
        <translation>아래의 Python을 사용합니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_engine.py"/>
        <source>The Python named in {} is used.</source>
        <translation>{}에 지정된 Python을 사용합니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/ask.py"/>
        <source>The answer's number</source>
        <translation>답의 숫자</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/compare.py"/>
        <source>The change of the score from which a place counts; not set: found from both rasters.</source>
        <translation>변화로 치는 점수 변화의 크기입니다. 비워 두면 두 래스터에서 찾습니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/compare.py"/>
        <source>The earlier raster, with red, green and blue bands; the result is on its grid.</source>
        <translation>빨강, 초록, 파랑 밴드가 있는 이전 래스터입니다. 결과는 이 래스터의 격자에 놓입니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/setup.py"/>
        <location filename="graft_plugin/host/setup_page.py"/>
        <source>The engine is ready.</source>
        <translation>엔진이 준비되었습니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_engine.py"/>
        <source>The environment in {} is used.</source>
        <translation>{}의 환경을 사용합니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export_dialog.py"/>
        <source>The file has no layer with these fields, geometry and CRS.</source>
        <translation>파일에 필드, 도형, 좌표계가 같은 레이어가 없습니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/index_page.py"/>
        <source>The folder of an index</source>
        <translation>색인 폴더</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/index.py"/>
        <source>The folder of the index: a new one, or an index to go on with.</source>
        <translation>색인 폴더입니다. 새 폴더이거나 이어 갈 색인입니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/retrieve.py"/>
        <source>The folder that “Index rasters” made.</source>
        <translation>“래스터 색인”이 만든 폴더입니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/finetune.py"/>
        <source>The imagery to learn.</source>
        <translation>학습할 영상입니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/made_by.py"/>
        <source>The imagery's own licence holds for what was drawn from it.</source>
        <translation>영상에서 그려 낸 결과에는 그 영상의 라이선스가 적용됩니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/index_page.py"/>
        <source>The index is ready: {} tiles, {} of them new.</source>
        <translation>색인이 준비되었습니다. 타일 {}개, 그중 {}개가 새것입니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/area_picker.py"/>
        <source>The layer whose selected polygons are the area</source>
        <translation>선택된 폴리곤을 영역으로 쓸 레이어</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/finetune.py"/>
        <source>The model to start from.</source>
        <translation>출발점이 되는 모델입니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_progress.py"/>
        <source>The model “{}” is ready, and chosen for the next search.</source>
        <translation>모델 “{}”이(가) 준비되었고, 다음 검색에 쓰도록 선택했습니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dock.py"/>
        <source>The model “{}” is ready.</source>
        <translation>모델 “{}”이(가) 준비되었습니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/sensor_fields.py"/>
        <source>The model's own</source>
        <translation>모델 기본값</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_planner.py"/>
        <source>The name that the server knows it by</source>
        <translation>서버에서 쓰는 모델 이름</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/review_panel.py"/>
        <source>The next point (Right)</source>
        <translation>다음 점(오른쪽 화살표)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/assess.py"/>
        <source>The page to write, or a file of figures (.json).</source>
        <translation>쓸 보고서 페이지, 또는 수치 파일(.json)입니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/ask.py"/>
        <source>The plan that was run</source>
        <translation>실행한 계획</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/review_panel.py"/>
        <source>The point before (Left)</source>
        <translation>이전 점(왼쪽 화살표)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_progress.py"/>
        <source>The probability that the place of a photo is called as the photo itself is</source>
        <translation>사진의 촬영 위치가 그 사진과 같은 단어로 불릴 확률</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_planner.py"/>
        <source>The question and the list of what a plan may use are sent to this address; nothing of the imagery, its place or its name is. Plans that come back are read, never executed.</source>
        <translation>질문과 계획에 쓸 수 있는 기능의 목록을 이 주소로 보냅니다. 영상과 그 위치, 이름은 보내지 않습니다. 받은 계획은 읽어서 해석할 뿐 코드로 실행하지 않습니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/ask.py"/>
        <source>The raster to ask about; for questions between two dates, the later one.</source>
        <translation>질문할 래스터입니다. 두 시점을 비교하는 질문에서는 나중 것입니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/search_panel.py"/>
        <source>The raster to search</source>
        <translation>검색할 래스터</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/fields.py"/>
        <source>The raster's values that become black and white; not set: by the sensor.</source>
        <translation>검정과 흰색이 될 래스터 값입니다. 비워 두면 센서에 따라 정합니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/ask.py"/>
        <source>The same place earlier; only for questions between two dates.</source>
        <translation>같은 곳의 이전 영상입니다. 두 시점을 비교하는 질문에만 필요합니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/assess.py"/>
        <source>The same seed draws the same points.</source>
        <translation>씨앗이 같으면 같은 점을 뽑습니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/segment.py"/>
        <source>The score from which a place belongs to a prompt; not set: found from each heatmap's histogram.</source>
        <translation>어떤 지점을 프롬프트에 해당한다고 볼 최소 점수입니다. 비워 두면 각 히트맵의 히스토그램에서 찾습니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/ask.py"/>
        <source>The score from which a place counts; not set: found for each text.</source>
        <translation>점수가 이 값 이상인 곳만 셉니다. 비워 두면 단어마다 자동으로 찾습니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dialog.py"/>
        <location filename="graft_plugin/host/threshold_panel.py"/>
        <source>The threshold: a place with this score or more is taken</source>
        <translation>임곗값: 점수가 이 값 이상인 곳이 선택됩니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dock.py"/>
        <source>The user guide (F1), the options, and a report of a problem</source>
        <translation>사용자 안내서(F1), 옵션, 문제 신고</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/sensor_fields.py"/>
        <source>The values that become black and white, such as: 0, 3000</source>
        <translation>검정과 흰색이 될 값, 예: 0, 3000</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/model_picker.py"/>
        <source>Then choose the file under “Another file…”.</source>
        <translation>그런 다음 “다른 파일…”에서 그 파일을 고르십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/index_page.py"/>
        <source>There is no index here yet: build one.</source>
        <translation>여기에는 아직 색인이 없습니다. 하나 만드십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/chip_panel.py"/>
        <source>This tile is something else (key 0)</source>
        <translation>이 타일은 다른 것입니다(0 키)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/chip_panel.py"/>
        <source>This tile is what was sought (key 1)</source>
        <translation>이 타일은 찾던 것입니다(1 키)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dialog.py"/>
        <location filename="graft_plugin/host/threshold_panel.py"/>
        <source>Threshold</source>
        <translation>임곗값</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/ask.py"/>
        <location filename="graft_plugin/host/algorithms/assess.py"/>
        <location filename="graft_plugin/host/algorithms/compare.py"/>
        <location filename="graft_plugin/host/algorithms/segment.py"/>
        <source>Threshold (0 to 1)</source>
        <translation>임곗값 (0~1)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/retrieve.py"/>
        <source>Tiles</source>
        <translation>타일</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/index_build.py"/>
        <source>Time some tiles, and tell how long the whole layer takes and what it needs on disk</source>
        <translation>타일 몇 개의 시간을 재어 레이어 전체에 걸릴 시간과 디스크 공간을 알려 줍니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/index.py"/>
        <source>Times some tiles, and tells hours and disk space; nothing is written.</source>
        <translation>타일 몇 개의 시간을 재어 걸릴 시간과 디스크 공간을 알려 줍니다. 아무것도 쓰지 않습니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/progress.py"/>
        <source>Timing some tiles</source>
        <translation>타일 몇 개의 시간을 재는 중</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/index_build.py"/>
        <source>Timing some tiles …</source>
        <translation>타일 몇 개의 시간을 재는 중 …</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/model_picker.py"/>
        <source>To be downloaded first.</source>
        <translation>먼저 내려받아야 합니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/tools_menu.py"/>
        <source>Tools</source>
        <translation>도구</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/segment.py"/>
        <source>Total area in square metres</source>
        <translation>총면적 (제곱미터)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/search_panel.py"/>
        <source>Type what to look for, such as lake.</source>
        <translation>찾을 것을 입력하십시오. 예: lake</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/review_panel.py"/>
        <source>Undo</source>
        <translation>되돌리기</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/setup_page.py"/>
        <source>Use a folder of wheels…</source>
        <translation>휠 폴더 사용…</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/setup_page.py"/>
        <source>Use an existing Python…</source>
        <translation>기존 Python 사용…</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_order.py"/>
        <source>Use lower-case letters, digits, dots and hyphens.</source>
        <translation>영문 소문자, 숫자, 점, 하이픈을 쓰세요.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dock.py"/>
        <source>User guide</source>
        <translation>사용 설명서</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/area_picker.py"/>
        <location filename="graft_plugin/host/dialog.py"/>
        <source>Visible map</source>
        <translation>보이는 지도</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/setup.py"/>
        <source>Wait for its end, or cancel it; then retry.</source>
        <translation>끝날 때까지 기다리거나 취소한 다음 다시 시도하십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_search.py"/>
        <source>Wait for its end, then clear.</source>
        <translation>끝날 때까지 기다린 다음 비우십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export.py"/>
        <source>Wait until it is done, or close the file there.</source>
        <translation>끝날 때까지 기다리거나 그 프로그램에서 파일을 닫으십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/progress.py"/>
        <source>Waiting for the plan</source>
        <translation>계획을 기다리는 중</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_search.py"/>
        <source>What a new search begins with; a model of the list, or a checkpoint's path.</source>
        <translation>새 검색을 시작할 때 쓰는 모델입니다. 목록의 모델 또는 체크포인트 파일의 경로입니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/review_panel.py"/>
        <source>What is at the middle of the ring?</source>
        <translation>고리 한가운데에 무엇이 있나요?</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/ask_question.py"/>
        <source>What is understood, for example (in English):</source>
        <translation>이해하는 질문의 예(영어):</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_page.py"/>
        <source>What lies outside the polygons counts as background: correct them all over the area.</source>
        <translation>폴리곤 바깥은 배경으로 봅니다. 지역 전체의 폴리곤을 수정해 두세요.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/compare.py"/>
        <location filename="graft_plugin/host/algorithms/query.py"/>
        <location filename="graft_plugin/host/algorithms/retrieve.py"/>
        <source>What looks like the prompts and is not, one a line.</source>
        <translation>프롬프트와 비슷해 보이지만 아닌 것을 한 줄에 하나씩 적습니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/ask.py"/>
        <source>What the answer rests on</source>
        <translation>답의 근거</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/ask_answer_view.py"/>
        <source>What the model's scores say; it is not a measured probability.</source>
        <translation>모델의 점수를 읽은 것이며, 측정된 확률이 아닙니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/ask.py"/>
        <source>What the question is about; the whole layer by default.</source>
        <translation>질문의 대상 영역입니다. 기본값은 레이어 전체입니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/classify.py"/>
        <source>What there is, two labels or more, one a line; synonyms with | between them: forest|woods.</source>
        <translation>있을 만한 것을 한 줄에 하나씩 둘 이상 적습니다. 동의어는 | 로 잇습니다: forest|woods.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/finetune.py"/>
        <source>What to use of the imagery; with polygons, where they are complete.</source>
        <translation>영상에서 쓸 범위입니다. 폴리곤을 쓸 때는 폴리곤이 빠짐없이 있는 범위입니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_search.py"/>
        <source>What was computed of a raster is kept here, so that the next word is quick.</source>
        <translation>래스터에서 계산한 내용을 여기에 보관하여 다음 단어를 빠르게 찾습니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/compare.py"/>
        <source>What was gained or lost, one a line.</source>
        <translation>늘거나 준 것을 한 줄에 하나씩 적습니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/assess.py"/>
        <source>Where to draw points; everywhere by default.</source>
        <translation>점을 뽑을 곳입니다. 기본은 전체입니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/area_picker.py"/>
        <source>Where to look</source>
        <translation>찾을 영역</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/retrieve.py"/>
        <source>Where to look; everywhere by default.</source>
        <translation>찾을 곳입니다. 기본은 전체입니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/base.py"/>
        <source>Where to look; the whole layer by default. It does not change what is found at a place.</source>
        <translation>찾을 범위입니다. 기본값은 레이어 전체입니다. 범위를 바꾸어도 같은 지점의 결과는 달라지지 않습니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/area_picker.py"/>
        <location filename="graft_plugin/host/dialog.py"/>
        <source>Whole layer</source>
        <translation>레이어 전체</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/threshold_panel.py"/>
        <source>Whose scores are shown, and whose threshold is moved</source>
        <translation>점수를 보이고 임곗값을 옮길 프롬프트</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/query.py"/>
        <source>Words for what to find, one a line. Several prompts compete: a place belongs to the best.</source>
        <translation>찾을 대상을 나타내는 말을 한 줄에 하나씩 적습니다. 프롬프트가 여럿이면 서로 경쟁하며, 각 지점은 점수가 가장 높은 프롬프트에 속합니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/retrieve.py"/>
        <source>Words for what to find; any of them counts.</source>
        <translation>찾을 것을 가리키는 단어입니다. 어느 것이든 맞으면 됩니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/fields.py"/>
        <source>Write x,y;x,y.</source>
        <translation>x,y;x,y 형식으로 적으십시오.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export_task.py"/>
        <location filename="graft_plugin/host/progress.py"/>
        <source>Writing polygons</source>
        <translation>폴리곤을 쓰는 중</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/progress.py"/>
        <source>Writing the class map</source>
        <translation>분류 지도를 쓰는 중</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/progress.py"/>
        <source>Writing the heatmap</source>
        <translation>히트맵을 쓰는 중</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/ask_answer.py"/>
        <source>Written by the built-in planner.</source>
        <translation>내장 계획기가 작성했습니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/ask_answer.py"/>
        <source>Written by the endpoint of the options.</source>
        <translation>옵션에서 정한 엔드포인트가 작성했습니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/retrieve.py"/>
        <source>Wrong tiles (one a line)</source>
        <translation>틀린 타일 (한 줄에 하나)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/ask_answer.py"/>
        <source>Yes</source>
        <translation>예</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export.py"/>
        <source>a layer cannot be called {!r}: GeoPackage or QGIS keep such names for themselves</source>
        <translation>레이어 이름으로 {!r}을(를) 쓸 수 없습니다. GeoPackage나 QGIS가 자체적으로 쓰는 이름입니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export.py"/>
        <source>a layer “{}” is there already; it was not overwritten</source>
        <translation>레이어 “{}”이(가) 이미 있으며, 덮어쓰지 않았습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_search.py"/>
        <location filename="graft_plugin/host/setup.py"/>
        <source>a search is running</source>
        <translation>검색이 실행 중입니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/estimate.py"/>
        <location filename="graft_plugin/host/index_order.py"/>
        <source>about {}</source>
        <translation>약 {}</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/area_picker.py"/>
        <source>about {} × {}</source>
        <translation>약 {} × {}</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/setup_page.py"/>
        <source>about {}, for the processor</source>
        <translation>약 {}, 프로세서용</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/setup_page.py"/>
        <source>about {}, with support for the NVIDIA card</source>
        <translation>약 {}, NVIDIA 카드 지원 포함</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/plan_writer.py"/>
        <source>address</source>
        <translation>주소</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export.py"/>
        <source>another program has just made this file</source>
        <translation>다른 프로그램이 방금 이 파일을 만들었습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export.py"/>
        <source>another program is writing to the file ({})</source>
        <translation>다른 프로그램이 파일에 쓰고 있습니다 ({})</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/replies.py"/>
        <source>answers with an error (HTTP {})</source>
        <translation>오류로 응답합니다 (HTTP {})</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/replies.py"/>
        <source>answers with {} instead of a picture</source>
        <translation>그림 대신 {}(으)로 응답합니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/made_by.py"/>
        <source>appended: {}</source>
        <translation>추가됨: {}</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/replies.py"/>
        <source>asks for fewer requests (HTTP 429)</source>
        <translation>요청을 줄여 달라고 합니다 (HTTP 429)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/sensor_fields.py"/>
        <source>automatic; or low, high</source>
        <translation>자동, 또는 최솟값, 최댓값</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/sensor_fields.py"/>
        <source>bands {}</source>
        <translation>밴드 {}</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/setup_page.py"/>
        <source>begun, and not finished; what has come is kept</source>
        <translation>시작했지만 끝나지 않았습니다. 받은 것은 보관되어 있습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/setup_page.py"/>
        <source>built for another version of GRAFT; Repair renews it</source>
        <translation>다른 버전의 GRAFT용으로 만들어졌습니다. 복구를 누르면 새로 고칩니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/task.py"/>
        <source>cancelled</source>
        <translation>취소됨</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export.py"/>
        <source>cannot be opened as a GeoPackage: {}</source>
        <translation>GeoPackage로 열 수 없습니다: {}</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/replies.py"/>
        <source>cannot be reached ({})</source>
        <translation>연결할 수 없습니다 ({})</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/model_picker.py"/>
        <source>download of {:.0f} MB</source>
        <translation>{:.0f} MB 내려받기 필요</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export.py"/>
        <source>exists and is no GeoPackage</source>
        <translation>이미 있지만 GeoPackage가 아닙니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/ask_answer.py"/>
        <source>fair</source>
        <translation>보통</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/styles.py"/>
        <source>gained</source>
        <translation>늘어난 곳</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/finetune.py"/>
        <source>give photos or polygons</source>
        <translation>사진이나 폴리곤을 지정해야 합니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/render.py"/>
        <source>gives no pixels ({})</source>
        <translation>픽셀을 주지 않습니다 ({})</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/copy_button.py"/>
        <source>graft command line</source>
        <translation>graft 명령줄</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/curve.py"/>
        <source>held-out score {:.3f}</source>
        <translation>평가 점수 {:.3f}</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/ask_answer.py"/>
        <source>high</source>
        <translation>높음</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export.py"/>
        <source>is a folder</source>
        <translation>폴더입니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/replies.py"/>
        <source>is overloaded or down (HTTP {})</source>
        <translation>과부하이거나 멈춰 있습니다 (HTTP {})</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export.py"/>
        <source>is read-only</source>
        <translation>읽기 전용입니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/clip.py"/>
        <source>it cannot be opened</source>
        <translation>열 수 없습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_pairs.py"/>
        <source>judges</source>
        <translation>평가용</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/index_page.py"/>
        <location filename="graft_plugin/host/search_panel.py"/>
        <source>lake, forest, road …</source>
        <translation>lake, forest, road …</translation>
    </message>
    <message>
        <source>lake, forest, solar panels …</source>
        <translation type="vanished">lake, forest, solar panels …</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/index_order.py"/>
        <source>like this</source>
        <translation>비슷한 곳</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/curve.py"/>
        <source>loss {:.2f}</source>
        <translation>손실 {:.2f}</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/styles.py"/>
        <source>lost</source>
        <translation>줄어든 곳</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/ask_answer.py"/>
        <source>low</source>
        <translation>낮음</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/plan_writer.py"/>
        <source>model</source>
        <translation>모델</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/made_by.py"/>
        <source>model {}: {}</source>
        <translation>모델 {}: {}</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/model_picker.py"/>
        <source>needs a download</source>
        <translation>내려받기 필요</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/model_picker.py"/>
        <source>needs a file</source>
        <translation>파일 필요</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/setup_page.py"/>
        <source>needs {} while it is built; {} are free</source>
        <translation>만드는 동안 {} 필요, 여유 공간 {}</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export.py"/>
        <source>no file was named</source>
        <translation>파일을 지정하지 않았습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/index_order.py"/>
        <source>no folder is chosen for the index</source>
        <translation>색인 폴더를 고르지 않았습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_data.py"/>
        <source>no folder of photos is chosen</source>
        <translation>사진 폴더를 선택하지 않았습니다</translation>
    </message>
    <message>
        <source>no known CRS</source>
        <translation type="vanished">알 수 없는 좌표계</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/area.py"/>
        <source>no polygon is selected in the layer “{}”</source>
        <translation>레이어 “{}”에서 선택한 폴리곤이 없습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/index.py"/>
        <source>no raster was named</source>
        <translation>래스터를 적지 않았습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/render.py"/>
        <source>no reason given</source>
        <translation>이유를 알 수 없음</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/area_picker.py"/>
        <source>no rectangle is drawn</source>
        <translation>그린 사각형이 없습니다</translation>
    </message>
    <message>
        <source>none</source>
        <translation type="vanished">없음</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/setup_page.py"/>
        <source>not set up yet</source>
        <translation>아직 설치되지 않음</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_pairs.py"/>
        <source>not used: between the two</source>
        <translation>둘 사이에 있어 쓰지 않음</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/compare.py"/>
        <location filename="graft_plugin/host/algorithms/query.py"/>
        <location filename="graft_plugin/host/algorithms/retrieve.py"/>
        <source>nothing to look for</source>
        <translation>찾을 대상이 없습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/ask.py"/>
        <source>nothing was asked</source>
        <translation>질문이 없습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dialog.py"/>
        <location filename="graft_plugin/host/index_page.py"/>
        <location filename="graft_plugin/host/search_panel.py"/>
        <source>optional, such as: river</source>
        <translation>선택 사항, 예: river</translation>
    </message>
    <message>
        <source>optional, such as: shadow</source>
        <translation type="vanished">선택 사항, 예: shadow</translation>
    </message>
    <message>
        <source>optional: shadow</source>
        <translation type="vanished">선택 사항: shadow</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/made_by.py"/>
        <source>outlines by Segment Anything</source>
        <translation>Segment Anything이 그린 윤곽</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/made_by.py"/>
        <source>outlines of the heatmap's cells</source>
        <translation>히트맵 셀의 윤곽</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/assess_page.py"/>
        <source>points of {}</source>
        <translation>{}의 점</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/copy_button.py"/>
        <source>qgis_process command line</source>
        <translation>qgis_process 명령줄</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/model_picker.py"/>
        <location filename="graft_plugin/host/setup_page.py"/>
        <source>ready</source>
        <translation>준비됨</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/replies.py"/>
        <source>refuses access (HTTP {})</source>
        <translation>접근을 거부합니다 (HTTP {})</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/render_plan.py"/>
        <source>rendering the layer “{}” may take {:,.0f} MB, and {:,.0f} MB are free</source>
        <translation>레이어 “{}”을(를) 렌더링하는 데 {:,.0f} MB가 필요할 수 있는데, 여유 공간은 {:,.0f} MB입니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/chip_view.py"/>
        <source>score {:.3f}</source>
        <translation>점수 {:.3f}</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/made_by.py"/>
        <source>see its source</source>
        <translation>원본 참조</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/dialog.py"/>
        <source>such as: lake</source>
        <translation>예: lake</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_pairs.py"/>
        <source>teaches</source>
        <translation>학습용</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/area.py"/>
        <source>the area does not touch the layer “{}”</source>
        <translation>영역이 레이어 “{}”와(과) 겹치지 않습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/area.py"/>
        <source>the area has no place in the layer's CRS</source>
        <translation>영역을 레이어의 좌표계로 나타낼 수 없습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/render_grid.py"/>
        <source>the area has no place on Earth</source>
        <translation>영역이 지구 위에 있지 않습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/plan_writer.py"/>
        <source>the endpoint that writes plans has no {}</source>
        <translation>계획을 쓰는 엔드포인트에 필요한 값이 없습니다: {}</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export.py"/>
        <source>the export failed, and the file is as it was: {}</source>
        <translation>내보내지 못했으며 파일은 이전 그대로입니다: {}</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export_dialog.py"/>
        <source>the file has a layer “{}” already, and it is not overwritten</source>
        <translation>파일에 레이어 “{}”이(가) 이미 있으며, 덮어쓰지 않습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export.py"/>
        <source>the file's name does not end in .gpkg</source>
        <translation>파일 이름이 .gpkg로 끝나지 않습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export.py"/>
        <source>the folder does not exist</source>
        <translation>폴더가 없습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export.py"/>
        <source>the layer has no name, or one that begins or ends with a space</source>
        <translation>레이어 이름이 없거나 이름의 앞뒤에 공백이 있습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/review.py"/>
        <source>the layer “{}” cannot be changed</source>
        <translation>“{}” 레이어를 고칠 수 없습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/render.py"/>
        <source>the layer “{}” cannot be rendered in {}, {}: its server {}</source>
        <translation>레이어 “{}”을(를) {}, {}(으)로 렌더링할 수 없습니다. 서버가 {}</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export.py"/>
        <source>the layer “{}” cannot take these polygons: it differs in {}</source>
        <translation>레이어 “{}”에 이 폴리곤을 추가할 수 없습니다. 다른 점: {}</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/provider_source.py"/>
        <source>the layer “{}” gives neither a picture nor numbers ({})</source>
        <translation>레이어 “{}”은(는) 그림도 수치도 제공하지 않습니다 ({})</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/area.py"/>
        <location filename="graft_plugin/host/source.py"/>
        <source>the layer “{}” has no coordinate reference system</source>
        <translation>레이어 “{}”에 좌표계가 없습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_order.py"/>
        <source>the layer “{}” has no field called {}</source>
        <translation>레이어 “{}”에 {} 필드가 없습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/review.py"/>
        <source>the layer “{}” holds no points of an assessment</source>
        <translation>“{}” 레이어에는 정확도 확인용 점이 없습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/source.py"/>
        <source>the layer “{}” is broken: QGIS cannot open its source</source>
        <translation>레이어 “{}”이(가) 손상되었습니다. QGIS가 원본을 열 수 없습니다</translation>
    </message>
    <message>
        <source>the layer “{}” is in {}, its file in {}</source>
        <translation type="vanished">레이어 “{}”의 좌표계는 {}이고, 파일의 좌표계는 {}입니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/index_order.py"/>
        <source>the layer “{}” is no file, and an index comes back to its files</source>
        <translation>“{}” 레이어는 파일이 아닌데, 색인은 원본 파일을 다시 찾습니다</translation>
    </message>
    <message>
        <source>the layer “{}” is no raster file ({})</source>
        <translation type="vanished">레이어 “{}”은(는) 래스터 파일이 아닙니다 ({})</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/offline.py"/>
        <source>the layer “{}” is read over the network, and the offline switch is on</source>
        <translation>레이어 “{}”은(는) 네트워크로 읽어야 하는데, 오프라인 스위치가 켜져 있습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/render.py"/>
        <source>the layer “{}” shows nothing in this area: every pixel came back empty in {}, {}</source>
        <translation>레이어 “{}”은(는) 이 영역에 아무것도 없습니다. {}, {}에서 모든 픽셀이 비어 있습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/assess.py"/>
        <source>the points cannot be opened</source>
        <translation>점을 열 수 없습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/review.py"/>
        <source>the points' classes cannot be read: {}</source>
        <translation>점의 클래스를 읽을 수 없습니다: {}</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_data.py"/>
        <source>the project has no such layer</source>
        <translation>프로젝트에 그런 레이어가 없습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/render_files.py"/>
        <source>the rendered layer cannot be kept: {}</source>
        <translation>렌더링한 레이어를 보관할 수 없습니다: {}</translation>
    </message>
    <message>
        <source>the result cannot be cut to the area: {}</source>
        <translation type="vanished">결과를 영역에 맞게 자를 수 없습니다: {}</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/clip.py"/>
        <source>the result cannot be finished: {}</source>
        <translation>결과를 완성할 수 없습니다: {}</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/assess.py"/>
        <source>the result cannot be opened</source>
        <translation>결과를 열 수 없습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_order.py"/>
        <source>there is a model “{}” already</source>
        <translation>모델 “{}”이(가) 이미 있습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/classify.py"/>
        <source>there is no label</source>
        <translation>라벨이 없습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export.py"/>
        <source>there is no layer “{}” to append to</source>
        <translation>추가할 레이어 “{}”이(가) 없습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/area.py"/>
        <source>there is no polygon layer</source>
        <translation>폴리곤 레이어가 없습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export.py"/>
        <source>there is not enough free space to work on a copy</source>
        <translation>사본으로 작업할 여유 공간이 부족합니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/render_plan.py"/>
        <source>this area of the layer “{}” is {} × {} pixels at {:g} m ({:,.0f} million, about {:,.0f} MB)</source>
        <translation>레이어 “{}”의 이 영역은 {} × {}픽셀, 해상도 {:g} m ({:,.0f}백만 픽셀, 약 {:,.0f} MB)입니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/messages.py"/>
        <source>unknown error</source>
        <translation>알 수 없는 오류</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/render.py"/>
        <source>zoom {}</source>
        <translation>줌 {}</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/setup_words.py"/>
        <source>{:.0f} MB</source>
        <translation>{:.0f} MB</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/model_picker.py"/>
        <source>{:.0f} MB to download first.</source>
        <translation>먼저 {:.0f} MB를 내려받아야 합니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/setup_words.py"/>
        <source>{:.0f} kB</source>
        <translation>{:.0f} kB</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/finetune.py"/>
        <source>{:.0f} s: held-out score {:.3f}</source>
        <translation>{:.0f}초: 평가 점수 {:.3f}</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/setup_words.py"/>
        <source>{:.1f} GB</source>
        <translation>{:.1f} GB</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/estimate.py"/>
        <source>{:.1f} h</source>
        <translation>{:.1f}시간</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/estimate.py"/>
        <source>{:.1f} million pixels</source>
        <translation>{:.1f}백만 픽셀</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/sensor_fields.py"/>
        <source>{:.3g} m pixels read at {:.3g} m</source>
        <translation>{:.3g} m 픽셀을 {:.3g} m로 읽음</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/render.py"/>
        <source>{:.3g} map units a pixel</source>
        <translation>픽셀당 지도 단위 {:.3g}</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_page.py"/>
        <source>{train} photos teach, {held} judge, {buffer} lie between the two</source>
        <translation>학습용 사진 {train}장, 평가용 {held}장, 그 사이에 있는 사진 {buffer}장</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/ask_answer.py"/>
        <source>{} (own plan)</source>
        <translation>{} (직접 쓴 계획)</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/query.py"/>
        <location filename="graft_plugin/host/algorithms/retrieve.py"/>
        <source>{} Instead of prompts.</source>
        <translation>{} 프롬프트 대신 사용합니다.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/layers.py"/>
        <source>{} classes · {}</source>
        <translation>{} 분류 · {}</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/estimate.py"/>
        <source>{} disk</source>
        <translation>디스크 {}</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/layers.py"/>
        <source>{} heatmap · {}</source>
        <translation>{} 히트맵 · {}</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/index_order.py"/>
        <source>{} in the index</source>
        <translation>색인에 {}개</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/like_panel.py"/>
        <source>{} like, {} unlike</source>
        <translation>비슷한 곳 {}개, 아닌 곳 {}개</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/estimate.py"/>
        <location filename="graft_plugin/host/index_order.py"/>
        <source>{} memory</source>
        <translation>메모리 {}</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/estimate.py"/>
        <source>{} min</source>
        <translation>{}분</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/fields.py"/>
        <source>{} must be numbers, not “{}”</source>
        <translation>{}에는 “{}”이(가) 아니라 숫자를 적어야 합니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/fields.py"/>
        <source>{} must be pairs of numbers</source>
        <translation>{}에는 숫자 쌍을 적어야 합니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/review_panel.py"/>
        <location filename="graft_plugin/host/setup_words.py"/>
        <source>{} of {}</source>
        <translation>{} / {}</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/setup_words.py"/>
        <source>{} of {} MB</source>
        <translation>{} / {} MB</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/index_order.py"/>
        <source>{} of {} free disk</source>
        <translation>디스크 {} (남은 공간 {})</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/assess_order.py"/>
        <source>{} of {} points judged</source>
        <translation>{1}점 중 {0}점 판정</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/retrieve.py"/>
        <location filename="graft_plugin/host/index_page.py"/>
        <source>{} of {} tiles</source>
        <translation>타일 {1}개 중 {0}개</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/threshold_panel.py"/>
        <source>{} polygon, {}</source>
        <translation>폴리곤 {}개, {}</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export_menu.py"/>
        <source>{} polygons are in the layer “{}” of {}</source>
        <translation>폴리곤 {}개를 레이어 “{}”에 저장했습니다: {}</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/area_picker.py"/>
        <source>{} polygons are selected</source>
        <translation>폴리곤 {}개가 선택됨</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_page.py"/>
        <source>{} polygons of {}; the orange blocks are held out to judge</source>
        <translation>{}개 폴리곤({}); 주황색 블록은 평가용으로 떼어 둡니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/threshold_panel.py"/>
        <source>{} polygons, {}</source>
        <translation>폴리곤 {}개, {}</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/chip_panel.py"/>
        <source>{} right, {} wrong</source>
        <translation>맞음 {}, 틀림 {}</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/estimate.py"/>
        <source>{} s</source>
        <translation>{}초</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/options_search.py"/>
        <source>{} stored</source>
        <translation>{} 저장됨</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/estimate.py"/>
        <location filename="graft_plugin/host/index_order.py"/>
        <source>{} tiles</source>
        <translation>타일 {}개</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/index.py"/>
        <source>{} tiles encoded, {} were there</source>
        <translation>타일 {}개를 인코딩했고, {}개는 이미 있었습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/estimate.py"/>
        <source>{} to render first, at most {}</source>
        <translation>먼저 렌더링: {}, 최대 {}</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export_dialog.py"/>
        <source>{} · 1 polygon</source>
        <translation>{} · 폴리곤 1개</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export_dialog.py"/>
        <source>{} · {:,} polygons</source>
        <translation>{} · 폴리곤 {:,}개</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/finetune_progress.py"/>
        <source>{} … {} of {}</source>
        <translation>{} … {}/{}</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/made_by.py"/>
        <source>{}. Found by GRAFT in {} with the model {} (SHA-256 {}…) at {} m a pixel, {}; made {}.</source>
        <translation>{}. GRAFT가 {}에서 모델 {}(SHA-256 {}…)(으)로 픽셀당 {} m 해상도에서 찾음, {}; 생성 {}.</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export_menu.py"/>
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
        <location filename="graft_plugin/host/algorithms/classify.py"/>
        <source>{}: {} cells, {:.1%}</source>
        <translation>{}: {}칸, {:.1%}</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/compare.py"/>
        <source>{}: {} gained, {} lost</source>
        <translation>{}: {} 늘고 {} 줄었습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/algorithms/assess.py"/>
        <source>{}: {} points, {:.1%}</source>
        <translation>{}: 점 {}개, {:.1%}</translation>
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
        <location filename="graft_plugin/host/finetune_order.py"/>
        <source>“{}” cannot be a model's name</source>
        <translation>“{}”은(는) 모델 이름으로 쓸 수 없습니다</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/runs.py"/>
        <source>“{}” in {}</source>
        <translation>“{}”, 레이어 {}</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/export_menu.py"/>
        <source>“{}” to {}</source>
        <translation>“{}” → {}</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/made_by.py"/>
        <source>“{}”: {} polygons, {:,.0f} m², threshold {}</source>
        <translation>“{}”: 폴리곤 {}개, {:,.0f} m², 임곗값 {}</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/assess_page.py"/>
        <location filename="graft_plugin/host/finetune_page.py"/>
        <location filename="graft_plugin/host/index_page.py"/>
        <source>‹ Back to searching</source>
        <translation>‹ 검색으로 돌아가기</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/chip_panel.py"/>
        <source>✓ Right</source>
        <translation>✓ 맞음</translation>
    </message>
    <message>
        <location filename="graft_plugin/host/chip_panel.py"/>
        <source>✗ Wrong</source>
        <translation>✗ 틀림</translation>
    </message>
</context>
</TS>
