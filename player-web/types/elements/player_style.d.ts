/** The look of `<framewire-player>`. A page may set --framewire-accent and style its parts. @type {string} */
export const STYLE: string;
