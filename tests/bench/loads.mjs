/**
 * The loads W1 to W8: arguments of `framewire bench`. Each is run against every server in turn;
 * `gate` is the highest ratio of CPU seconds per GB to `limit` that passes, `aim` what is wanted.
 */
const video = ["--keyframe", "40KB", "--message", "6KB", "--keyframe-every", "60", "--rate", "30"];
const picture = ["--message", "20KB", "--rate", "30"];

/**
 * @typedef {{about: string, args: string[], tls?: boolean, gate?: number, aim?: number}} Load
 */

/** @type {Record<string, Load>} */
export const loads = {
  W1: {
    about: "100 viewers of video",
    args: ["--viewers", "100", ...video],
    gate: 1.2,
    aim: 1.1,
  },
  W2: {
    about: "1,000 viewers of video",
    args: ["--viewers", "1000", ...video],
    gate: 1.1,
    aim: 0.95,
  },
  W3: {
    about: "50 streams x 20 viewers of video",
    args: ["--streams", "50", "--viewers", "20", ...video],
    gate: 1.2,
    aim: 1.08,
  },
  W4: {
    about: "closed loop, 64 KB, 50 viewers",
    args: ["--viewers", "50", "--message", "64KB", "--closed-loop", "--window", "4"],
    gate: 1.1,
    aim: 1.0,
  },
  // The publisher never waits: a thousand messages are on their way, more than one read takes.
  W5: {
    about: "closed loop, 200 B, 1,000 viewers",
    args: ["--viewers", "1000", "--message", "200", "--closed-loop", "--window", "1024"],
    gate: 1.2,
    aim: 1.05,
  },
  W6: {
    about: "W4 over TLS",
    args: ["--viewers", "50", "--message", "64KB", "--closed-loop", "--window", "4"],
    tls: true,
    gate: 1.1,
    aim: 1.03,
  },
  W6b: {
    about: "W1 over TLS",
    args: ["--viewers", "100", ...video],
    tls: true,
    gate: 1.05,
    aim: 0.95,
  },
  W7: {
    about: "4,000 idle viewers",
    args: ["--viewers", "4000", "--rate", "0"],
  },
  W7t: {
    about: "4,000 idle viewers over TLS",
    args: ["--viewers", "4000", "--rate", "0"],
    tls: true,
  },
  W9: {
    about: "4,000 viewers of 600 kb/s",
    args: ["--viewers", "4000", "--message", "2500", "--rate", "30"],
  },
  W9t: {
    about: "4,000 viewers of 600 kb/s over TLS",
    args: ["--viewers", "4000", "--message", "2500", "--rate", "30"],
    tls: true,
  },
  W8: {
    about: "200 viewers of 1 MB/s, 10 % stalled",
    args: ["--viewers", "200", "--message", "33333", "--rate", "30", "--stalled", "10%"],
  },
  W8n: {
    about: "W8 with nobody stalled",
    args: ["--viewers", "180", "--message", "33333", "--rate", "30"],
  },
  W10: {
    about: "1,000 viewers of 30 messages/s of 20 KB",
    args: ["--viewers", "1000", ...picture],
  },
  W10j: {
    about: "W10, the messages being JPEG pictures",
    args: ["--viewers", "1000", ...picture, "--content", "jpeg"],
  },
  W10s: {
    about: "W10j, 10 % stalled",
    args: ["--viewers", "1000", ...picture, "--content", "jpeg", "--stalled", "10%"],
  },
  W2x10: {
    about: "W2 with ten times the rate",
    args: ["--viewers", "1000", ...video, "--rate", "300"],
  },
  W2x20: {
    about: "W2 with twenty times the rate",
    args: ["--viewers", "1000", ...video, "--rate", "600"],
  },
  W2x40: {
    about: "W2 with forty times the rate: more than can be carried",
    args: ["--viewers", "1000", ...video, "--rate", "1200"],
  },
};
// Not run unless named: they say nothing of cost.
export const byDefault = ["W1", "W2", "W3", "W4", "W5", "W6", "W6b"];
