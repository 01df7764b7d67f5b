/** @param {IconName} name @returns {SVGSVGElement} hidden from screen readers: what it means stands beside it */
export function icon(name: IconName): SVGSVGElement;
/** Another picture in the same place. @param {Element} svg @param {IconName} name */
export function drawIcon(svg: Element, name: IconName): void;
export type IconName = keyof typeof PATHS;
declare namespace PATHS {
    let back: string;
    let ban: string;
    let camera: string;
    let chat: string;
    let check: string;
    let close: string;
    let copy: string;
    let download: string;
    let eye: string;
    let file: string;
    let full: string;
    let live: string;
    let microphone: string;
    let open: string;
    let pause: string;
    let pip: string;
    let play: string;
    let screen: string;
    let send: string;
    let sound: string;
    let soundOff: string;
    let stats: string;
    let test: string;
    let trash: string;
    let unfull: string;
}
export {};
