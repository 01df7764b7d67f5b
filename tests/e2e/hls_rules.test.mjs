/** The rules that playlists are held to in the tests: a good one passes, and each broken one is found out. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePlaylist } from "./lib/hls.mjs";
import { checkLines, checkPlaylist, checkReload } from "./lib/hls_rules.mjs";

const GOOD = `#EXTM3U
#EXT-X-VERSION:9
#EXT-X-TARGETDURATION:4
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=0.801,HOLD-BACK=12,CAN-SKIP-UNTIL=24
#EXT-X-PART-INF:PART-TARGET=0.267
#EXT-X-MEDIA-SEQUENCE:7
#EXT-X-DISCONTINUITY-SEQUENCE:0
#EXT-X-MAP:URI="init-7.m4s?token=a%26b"
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00.000Z
#EXT-X-PART:DURATION=0.24000,URI="part-7-0.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.16000,URI="part-7-1.m4s"
#EXTINF:0.40000,
seg-7.m4s?token=a%26b
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="init-8.m4s"
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:01.000Z
#EXT-X-PART:DURATION=0.24000,URI="part-8-0.m4s",INDEPENDENT=YES
#EXTINF:0.24000,
seg-8.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:01.240Z
#EXT-X-PART:DURATION=0.24000,URI="part-9-0.m4s",INDEPENDENT=YES
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="part-9-1.m4s"
`;
const INDEX = `#EXTM3U
#EXT-X-VERSION:9
#EXT-X-STREAM-INF:BANDWIDTH=9,CODECS="avc1.42C01E,mp4a.40.2",RESOLUTION=320x180,FRAME-RATE=30.000,CLOSED-CAPTIONS=NONE
media.m3u8
`;

/** What stands in the good one, what stands there instead, the rule that says so. @type {[string, string, RegExp][]} */
const BROKEN = [
  ["#EXTM3U\n", "", /4\.4\.1\.1/],
  ["#EXT-X-PRELOAD-HINT", "\r#EXT-X-PRELOAD-HINT", /4\.1/],
  ["#EXT-X-PART-INF:PART-TARGET=0.267\n", "", /part target/],
  ["#EXT-X-TARGETDURATION:4\n", "", /TARGETDURATION is missing/],
  ["#EXT-X-TARGETDURATION:4", "#EXT-X-TARGETDURATION:4.5", /TARGETDURATION/],
  ["#EXT-X-TARGETDURATION:4\n", "#EXT-X-TARGETDURATION:4\n#EXT-X-TARGETDURATION:4\n", /twice/],
  ["#EXT-X-MEDIA-SEQUENCE:7\n", "", /MEDIA-SEQUENCE is missing/],
  ["#EXTINF:0.24000,", "#EXTINF:0.24000", /EXTINF/],
  ["#EXTINF:0.24000,", "#EXTINF:5.00000,", /target duration/],
  ["#EXTINF:0.24000,\n", "", /4\.4\.4\.1/],
  ["#EXTINF:0.40000,", "#EXTINF:0.90000,", /as long as its parts|dates/],
  ["CAN-BLOCK-RELOAD=YES,", "CAN-BLOCK-RELOAD=YES, ", /4\.2/],
  ["CAN-BLOCK-RELOAD=YES", "CAN-BLOCK-RELOAD=NO", /CAN-BLOCK-RELOAD/],
  ["CAN-BLOCK-RELOAD=YES,", "CAN-BLOCK-RELOAD=YES,CAN-BLOCK-RELOAD=YES,", /twice/],
  ["PART-HOLD-BACK=0.801,", "", /PART-HOLD-BACK is missing/],
  ["PART-HOLD-BACK=0.801", "PART-HOLD-BACK=0.7", /PART-HOLD-BACK/],
  ["HOLD-BACK=12", "HOLD-BACK=11", /HOLD-BACK/],
  ["CAN-SKIP-UNTIL=24", "CAN-SKIP-UNTIL=20", /CAN-SKIP-UNTIL/],
  ['#EXT-X-MAP:URI="init-7.m4s?token=a%26b"\n', "", /EXT-X-MAP/],
  ["00:00:00.000Z", "00:00:00.000", /DATE-TIME/],
  ["#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00.000Z\n", "", /date/],
  ['DURATION=0.24000,URI="part-9-0', 'DURATION=0.30000,URI="part-9-0', /part target/],
  ['DURATION=0.24000,URI="part-7-0', 'DURATION=0.20000,URI="part-7-0', /85 %/],
  ["INDEPENDENT=YES\n", "INDEPENDENT=NO\n", /INDEPENDENT/],
  ['URI="part-9-1.m4s"', 'URI="part-9-0.m4s"', /hint/],
  ['URI="part-9-1.m4s"', "URI=part-9-1.m4s", /URI/],
  ['#EXT-X-PRELOAD-HINT:TYPE=PART,URI="part-9-1.m4s"\n', "", /hint/],
  ["seg-8.m4s\n", "seg-7.m4s?token=a%26b\n", /twice/],
  ["seg-8.m4s\n", "seg 8.m4s\n", /4\.1/],
  ["#EXT-X-PRELOAD-HINT", "#EXT-X-ENDLIST\n#EXT-X-PRELOAD-HINT", /behind the end/],
  ["#EXT-X-VERSION:9", "#EXT-X-VERSION:5", /version/],
  ["#EXT-X-VERSION:9\n", "#EXT-X-VERSION:9\n#EXT-X-NEW:1\n", /not served/],
  [
    "#EXT-X-VERSION:9\n",
    '#EXT-X-VERSION:9\n#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="a"\n',
    /STREAM-INF in a media/,
  ],
];

test("a good playlist breaks no rule", () => {
  checkPlaylist(parsePlaylist(GOOD));
  checkReload(parsePlaylist(GOOD), parsePlaylist(GOOD));
  checkLines(INDEX, "multivariant");
});

for (const [what, instead, rule] of BROKEN)
  test(`found: ${JSON.stringify(instead)} for ${JSON.stringify(what)}`, () => {
    assert.ok(GOOD.includes(what));
    assert.throws(() => checkPlaylist(parsePlaylist(GOOD.replace(what, instead))), rule);
  });

/** The same for a list and the next one. @type {[string, string, RegExp][]} */
const CHANGED = [
  ["DURATION:4", "DURATION:5", /target duration/],
  ["TARGET=0.267", "TARGET=0.268", /part target/],
  ["SEQUENCE:7", "SEQUENCE:6", /media sequence/],
  ["seg-8.m4s", "seg-88.m4s", /no segment changes/],
  ["init-8.m4s", "init-9.m4s", /its map/],
  ["00:00:01.000Z", "00:00:01.001Z", /its date/],
  ["DISCONTINUITY-SEQUENCE:0", "DISCONTINUITY-SEQUENCE:1", /discontinuity sequence/],
  ["part-9-0.m4s", "part-9-9.m4s", /only added/],
  ["SEQUENCE:7", "SEQUENCE:8", /./],
];
for (const [what, instead, rule] of CHANGED)
  test(`found when it follows: ${instead} for ${what}`, () => {
    const after = parsePlaylist(GOOD.replace(what, instead));
    assert.throws(() => checkReload(parsePlaylist(GOOD), after), rule);
  });

/** @type {[string, string, RegExp][]} */
const BROKEN_INDEX = [
  ["BANDWIDTH=9,", "", /BANDWIDTH is missing/],
  ["320x180", "320", /RESOLUTION/],
  ["=NONE", '="NONE"', /CLOSED-CAPTIONS/],
  ["media.m3u8", "", /empty line/],
  ["#EXT-X-VERSION:9\n", "#EXT-X-VERSION:9\n#EXT-X-TARGETDURATION:4\n", /in a multivariant/],
];
for (const [what, instead, rule] of BROKEN_INDEX)
  test(`found in the first playlist: ${JSON.stringify(instead)} for ${what}`, () => {
    assert.throws(() => checkLines(INDEX.replace(what, instead), "multivariant"), rule);
  });
