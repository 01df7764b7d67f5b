export function last<T>(list: readonly T[]): T | undefined;
export function has(object: object, name: PropertyKey): boolean;
