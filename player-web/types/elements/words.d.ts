/**
 * What a player's state is called, for the person in front of it. `busy`: something goes on by itself.
 *
 * @param {import('../sdk/play.js').PlayState} state
 * @param {string} reason the player's `reason`
 * @param {string} [code] of the error, in state `error`
 * @returns {{title: string, text: string, busy?: boolean}}
 */
export function wordsFor(state: import("../sdk/play.js").PlayState, reason: string, code?: string): {
    title: string;
    text: string;
    busy?: boolean;
};
export namespace STILL {
    let title: string;
    let text: string;
    let busy: boolean;
}
