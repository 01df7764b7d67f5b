export namespace HIDDEN {
    let code: string;
    let message: string;
}
export class HiddenWarning {
    standing: boolean;
    /**
     * @param {boolean} hidden the page is
     * @param {number} stillMs how long its pictures have been the same
     * @param {number} now
     * @returns {boolean} it is to be said now
     */
    look(hidden: boolean, stillMs: number, now: number): boolean;
    #private;
}
