/** The package, read at the first call. */
export function loadObscenity(): typeof import("obscenity");
