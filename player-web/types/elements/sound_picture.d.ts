export class SoundPicture {
    element: HTMLElement;
    /** What the sound was at its loudest, lately: 0 to 1. */
    level: number;
    /** @param {string} title @param {() => MediaStream | null} capture what is heard */
    show(title: string, capture: () => MediaStream | null): void;
    hide(): void;
    #private;
}
