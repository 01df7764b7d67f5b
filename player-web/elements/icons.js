/** Line icons on a grid of 24, in the colour of the text beside them. */
const PATHS = {
  back: "M15 5l-7 7 7 7",
  ban: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM6 6l12 12",
  camera: "M3 7h11v10H3zM14 11l7-4v10l-7-4",
  chat: "M4 5h16v11H10l-5 4v-4H4z",
  check: "M5 12.5l4.5 4.5L19 7.5",
  close: "M6 6l12 12M18 6L6 18",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  download: "M12 4v11M7 11l5 5 5-5M5 20h14",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z",
  file: "M6 3h8l4 4v14H6zM14 3v4h4M10.5 11.5v5l4-2.5z",
  full: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
  live: "M12 10a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM7.8 16.2a6 6 0 0 1 0-8.4M16.2 7.8a6 6 0 0 1 0 8.4M5 19a10 10 0 0 1 0-14M19 5a10 10 0 0 1 0 14",
  microphone: "M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3zM6 11a6 6 0 0 0 12 0M12 17v4",
  open: "M10 5H5v14h14v-5M14 4h6v6M20 4l-9 9",
  pause: "M8 5v14M16 5v14",
  pip: "M3 5h18v14H3zM12 12h6v4h-6z",
  play: "M7 4.5v15l12-7.5z",
  screen: "M3 4h18v12H3zM8 20h8M12 16v4",
  send: "M4 12L20 5l-5 15-3-6zM12 14l8-9",
  sound: "M4 9.5v5h3.5L12 19V5L7.5 9.5zM15.5 9a4 4 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11",
  soundOff: "M4 9.5v5h3.5L12 19V5L7.5 9.5zM16 9.5l5 5M21 9.5l-5 5",
  stats: "M5 20v-7M12 20V4M19 20v-10",
  test: "M3 5h18v14H3zM9 5v14M15 5v14",
  trash: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
  unfull: "M9 4v5H4M20 9h-5V4M15 20v-5h5M4 15h5v5",
};

/** @typedef {keyof typeof PATHS} IconName */

const SVG = "http://www.w3.org/2000/svg";

/** @param {IconName} name @returns {SVGSVGElement} hidden from screen readers: what it means stands beside it */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  const attributes = {
    class: "icon",
    viewBox: "0 0 24 24",
    width: "20",
    height: "20",
    fill: "none",
    stroke: "currentColor",
    "stroke-width": "1.8",
    "stroke-linecap": "round",
    "stroke-linejoin": "round",
    "aria-hidden": "true",
  };
  for (const [key, value] of Object.entries(attributes)) svg.setAttribute(key, value);
  svg.append(path);
  drawIcon(svg, name);
  return svg;
}

/** Another picture in the same place. @param {Element} svg @param {IconName} name */
export function drawIcon(svg, name) {
  svg.firstElementChild?.setAttribute("d", PATHS[name]);
}
