/** What a client may send and may not, by section of RFC 6455, and what must come back of it from /echo. */
import { closePayload, encodeFrame, Opcode } from "./ws_frame.mjs";

/**
 * @typedef {object} Case
 * @property {string} section
 * @property {string} name
 * @property {Buffer[]} frames in this order
 * @property {[number, Buffer][]} [back] opcode and payload of each frame that comes back, but the close
 * @property {boolean} [whole] only in one piece: after the close the connection may be reset
 * @property {number} close what the server closes with; 1000: nothing was wrong, the client closes
 */

const { text, binary, ping, pong, close, continuation } = Opcode;
/** @param {number} size */
const bytes = (size) => Buffer.from(Array.from({ length: size }, (_, i) => (i * 7) & 0xff));
const parts = { fin: false };
const PROTOCOL = 1002;
const BAD_TEXT = 1007;

/** @type {Case[]} */
export const CASES = [];

/** @param {string} section @param {string} name @param {Buffer[]} frames @param {[number, Buffer | string][]} back */
const good = (section, name, frames, back) =>
  CASES.push({
    section,
    name,
    frames,
    back: back.map(([opcode, data]) => [opcode, Buffer.from(/** @type {any} */ (data))]),
    close: 1000,
  });
/** @param {string} section @param {string} name @param {Buffer[]} frames @param {number} [code] @param {[number, string][]} [back] what came before the mistake */
const bad = (section, name, frames, code = PROTOCOL, back = []) =>
  CASES.push({
    section,
    name,
    frames,
    back: back.map(([opcode, data]) => [opcode, Buffer.from(data)]),
    close: code,
  });

// 5.1, 5.3: masks
bad("5.1", "text that is not masked", [encodeFrame(text, "x", { masked: false })]);
bad("5.1", "binary that is not masked", [encodeFrame(binary, "x", { masked: false })]);
bad("5.1", "an empty message that is not masked", [encodeFrame(text, "", { masked: false })]);
bad("5.1", "a ping that is not masked", [encodeFrame(ping, "x", { masked: false })]);
bad("5.1", "a pong that is not masked", [encodeFrame(pong, "x", { masked: false })]);
bad("5.1", "a close that is not masked", [
  encodeFrame(close, closePayload(1000), { masked: false }),
]);
bad("5.1", "a continuation that is not masked", [
  encodeFrame(text, "a", parts),
  encodeFrame(continuation, "b", { masked: false }),
]);
good("5.3", "a key of zeros", [Buffer.from("81850000000048656c6c6f", "hex")], [[text, "Hello"]]);
good("5.3", "a key of ones", [Buffer.from("8185ffffffffb79a939390", "hex")], [[text, "Hello"]]);
good(
  "5.7",
  "the example of a masked text",
  [Buffer.from("818537fa213d7f9f4d5158", "hex")],
  [[text, "Hello"]],
);

// 5.2: lengths
for (const size of [
  0, 1, 2, 3, 4, 5, 7, 8, 9, 124, 125, 126, 127, 128, 255, 256, 65534, 65535, 65536, 65537, 200_000,
])
  good("5.2", `${size} bytes`, [encodeFrame(binary, bytes(size))], [[binary, bytes(size)]]);
for (const size of [0, 1, 124, 125])
  bad("5.2", `${size} bytes, their length in 16 bits`, [
    encodeFrame(binary, bytes(size), { lengthBytes: 2 }),
  ]);
for (const size of [0, 1, 125, 126, 127, 65534, 65535])
  bad("5.2", `${size} bytes, their length in 64 bits`, [
    encodeFrame(binary, bytes(size), { lengthBytes: 8 }),
  ]);
for (const first of ["80", "ff"])
  bad("5.2", `a length whose first byte is ${first}`, [
    Buffer.from(`82ff${first}000000000000010000000078`, "hex"),
  ]);

// 5.2: reserved bits and opcodes
for (const rsv of [1, 2, 3, 4, 5, 6, 7]) {
  bad("5.2", `text with the reserved bits ${rsv}`, [encodeFrame(text, "x", { rsv })]);
  bad("5.2", `a ping with the reserved bits ${rsv}`, [encodeFrame(ping, "x", { rsv })]);
  bad("5.2", `a continuation with the reserved bits ${rsv}`, [
    encodeFrame(text, "x", parts),
    encodeFrame(continuation, "y", { rsv }),
  ]);
}
for (const opcode of [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) {
  bad("5.2", `the opcode ${opcode}`, [encodeFrame(opcode, "x")]);
  bad(
    "5.2",
    `the opcode ${opcode}, empty, after a message`,
    [encodeFrame(text, "a"), encodeFrame(opcode)],
    PROTOCOL,
    [[text, "a"]],
  );
}

// 5.4: fragmentation
good(
  "5.4",
  "two fragments",
  [encodeFrame(text, "a", parts), encodeFrame(continuation, "b")],
  [[text, "ab"]],
);
good(
  "5.4",
  "empty fragments: first, in the middle and last",
  [
    encodeFrame(binary, "", parts),
    encodeFrame(continuation, "a", parts),
    encodeFrame(continuation, "", parts),
    encodeFrame(continuation, ""),
  ],
  [[binary, "a"]],
);
good(
  "5.4",
  "nothing but empty fragments",
  [encodeFrame(text, "", parts), encodeFrame(continuation, "")],
  [[text, ""]],
);
good(
  "5.4",
  "a fragment for each byte",
  [
    ...Array.from({ length: 200 }, (_, i) =>
      encodeFrame(i ? continuation : binary, bytes(200).subarray(i, i + 1), parts),
    ),
    encodeFrame(continuation),
  ],
  [[binary, bytes(200)]],
);
good(
  "5.4",
  "a ping and a pong between fragments",
  [
    encodeFrame(text, "a", parts),
    encodeFrame(ping, "p"),
    encodeFrame(pong, "q"),
    encodeFrame(continuation, "b"),
  ],
  [
    [pong, "p"],
    [text, "ab"],
  ],
);
good(
  "5.4",
  "messages one behind the other, whole and in fragments",
  [
    encodeFrame(text, "1"),
    encodeFrame(binary, "2", parts),
    encodeFrame(continuation, "3"),
    encodeFrame(text, "4"),
  ],
  [
    [text, "1"],
    [binary, "23"],
    [text, "4"],
  ],
);
bad("5.4", "a continuation of nothing", [encodeFrame(continuation, "x")]);
bad("5.4", "a continuation of nothing that goes on", [encodeFrame(continuation, "x", parts)]);
bad(
  "5.4",
  "a continuation after the last",
  [encodeFrame(text, "a"), encodeFrame(continuation, "x")],
  PROTOCOL,
  [[text, "a"]],
);
for (const opcode of [text, binary])
  bad("5.4", `a message (${opcode}) within a message`, [
    encodeFrame(text, "a", parts),
    encodeFrame(opcode, "b"),
  ]);

// 5.5: control frames
for (const [opcode, name] of /** @type {[number, string][]} */ ([
  [ping, "a ping"],
  [pong, "a pong"],
  [close, "a close"],
])) {
  bad("5.5", `${name} in fragments`, [encodeFrame(opcode, "", parts), encodeFrame(continuation)]);
  for (const size of [126, 127, 65536])
    bad("5.5", `${name} of ${size} bytes`, [encodeFrame(opcode, bytes(size))]);
  bad("5.5", `${name} of 16 bits of length`, [encodeFrame(opcode, "ab", { lengthBytes: 2 })]);
}
for (const size of [0, 1, 4, 124, 125])
  good("5.5.2", `a ping of ${size} bytes`, [encodeFrame(ping, bytes(size))], [[pong, bytes(size)]]);
good(
  "5.5.2",
  "ten pings at once",
  Array.from({ length: 10 }, (_, i) => encodeFrame(ping, `${i}`)),
  Array.from({ length: 10 }, (_, i) => /** @type {[number, string]} */ ([pong, `${i}`])),
);
for (const size of [0, 125])
  good(
    "5.5.3",
    `a pong of ${size} bytes that nobody asked for`,
    [encodeFrame(pong, bytes(size)), encodeFrame(text, "x")],
    [[text, "x"]],
  );

// 7.1, 7.4: closing
for (const code of [
  1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999,
])
  CASES.push({
    section: "7.4",
    name: `closed with ${code}`,
    frames: [encodeFrame(close, closePayload(code))],
    close: code,
  });
for (const code of [
  0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 1999, 2000, 2999, 5000, 9999, 65535,
])
  bad("7.4", `closed with ${code}`, [encodeFrame(close, closePayload(code))]);
CASES.push({
  section: "7.1",
  name: "closed without a code",
  frames: [encodeFrame(close)],
  close: 1005,
});
CASES.push({
  section: "7.1",
  name: "closed with a reason of 123 bytes",
  frames: [encodeFrame(close, closePayload(1000, "r".repeat(123)))],
  close: 1000,
});
CASES.push({
  section: "7.1",
  name: "closed with a reason beyond ASCII",
  frames: [encodeFrame(close, closePayload(1000, "κόσμε 🎥"))],
  close: 1000,
});
bad("7.1", "closed with half a code", [encodeFrame(close, Buffer.from([3]))]);
for (const reason of ["ff", "c3", "eda080", "e282", "f4908080"])
  bad(
    "7.1",
    `closed with the reason ${reason}`,
    [encodeFrame(close, Buffer.from(`03e8${reason}`, "hex"))],
    BAD_TEXT,
  );
CASES.push({
  section: "7.1",
  name: "a close between fragments",
  frames: [encodeFrame(text, "a", parts), encodeFrame(close, closePayload(1000))],
  back: [],
  close: 1000,
});
for (const [name, after] of /** @type {[string, Buffer][]} */ ([
  ["text", encodeFrame(text, "late")],
  ["a ping", encodeFrame(ping, "late")],
  ["a second close", encodeFrame(close, closePayload(1001))],
  ["nonsense", Buffer.alloc(100, 0xff)],
]))
  CASES.push({
    section: "7.1",
    name: `${name} after a close is not looked at`,
    frames: [encodeFrame(close, closePayload(1000)), after],
    back: [],
    whole: true,
    close: 1000,
  });

// 8.1: text is UTF-8
const WELL_FORMED = [
  "",
  "a\0b",
  "h\u00e9llo",
  "\u20ac",
  "\ud7ff\ue000",
  "\ufffd\uffff",
  "🎥",
  "\u{10ffff}",
  "κόσμε",
];
for (const words of WELL_FORMED)
  good("8.1", `the text ${JSON.stringify(words)}`, [encodeFrame(text, words)], [[text, words]]);
const SPLIT = Buffer.from("a\u00e9\u20ac🎥\u{10ffff}");
for (let at = 0; at <= SPLIT.length; ++at)
  good(
    "8.1",
    `text in two fragments, cut at byte ${at}`,
    [
      encodeFrame(text, SPLIT.subarray(0, at), parts),
      encodeFrame(continuation, SPLIT.subarray(at)),
    ],
    [[text, SPLIT]],
  );
for (const hex of [
  "80",
  "bf",
  "c080",
  "c1bf",
  "c3",
  "c328",
  "e282",
  "e228a1",
  "e09fbf",
  "eda080",
  "edbfbf",
  "f08fbfbf",
  "f09f8e",
  "f4908080",
  "f5808080",
  "fe",
  "ff",
  "6f6be282",
  "e282acac",
]) {
  const broken = Buffer.from(hex, "hex");
  bad("8.1", `the text ${hex}`, [encodeFrame(text, broken)], BAD_TEXT);
  for (let at = 1; at < broken.length; ++at)
    bad(
      "8.1",
      `the text ${hex}, in two fragments, cut at byte ${at}`,
      [
        encodeFrame(text, broken.subarray(0, at), parts),
        encodeFrame(continuation, broken.subarray(at)),
      ],
      BAD_TEXT,
    );
  good("8.1", `the bytes ${hex}, binary`, [encodeFrame(binary, broken)], [[binary, broken]]);
}
