/**
 * An EventTarget whose events are CustomEvents, and whose `on()` hands out their `detail` alone.
 *
 * @template {object} Events what each event's `detail` is
 */
export class Emitter<Events extends object> extends EventTarget {
    constructor();
    /**
     * @template {keyof Events & string} Type
     * @param {Type} type
     * @param {(detail: Events[Type]) => void} listener
     * @returns {() => void} ends it
     */
    on<Type extends keyof Events & string>(type: Type, listener: (detail: Events[Type]) => void): () => void;
    /**
     * @protected
     * @template {keyof Events & string} Type
     * @param {Type} type
     * @param {Events[Type]} detail
     */
    protected emit<Type extends keyof Events & string>(type: Type, detail: Events[Type]): void;
}
